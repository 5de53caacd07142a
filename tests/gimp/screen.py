"""A virtual screen and the programs on it, driven by keys and clicks of xdotool."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.gimp.errands import Errands
from tests.gimp.harness import Gimp
from tests.gimp.roots import CHECKOUT

PATIENCE = 120.0
ARTIFACTS = CHECKOUT / ".artifacts"


class WindowError(Exception):
    """What should be seen at the screen is not there in time; a screenshot tells more."""


class Screen:
    """A screen in the root of a GIMP. What the programs on it say goes into `log`."""

    def __init__(self, gimp: Gimp, settings: Mapping[str, str]) -> None:
        """`settings`: more variables of the programs' environment."""
        self.gimp = gimp
        self.log = gimp.folder / "window.log"
        self._settings = settings
        self._processes: list[subprocess.Popen[bytes]] = []
        self._display = ""
        self._errands: Errands | None = None

    def start(self) -> None:
        """Let there be a screen with a window manager."""
        self.log.write_bytes(b"")
        self._start_server()
        self._errands = Errands(self.gimp.root, self._environment())
        self.beside(["openbox"])

    def stop(self) -> None:
        """End all that runs on the screen, and the screen."""
        if self._errands is not None:
            self._errands.close()
        for process in reversed(self._processes):
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
            if process.stdout is not None:
                process.stdout.close()
        self._processes.clear()

    def check_alive(self) -> None:
        """Raises WindowError if one of the programs has ended."""
        for process in self._processes:
            if process.poll() is not None:
                tail = self.log.read_text(errors="replace")[-3000:]
                raise WindowError(f"{process.args!r} ended ({process.returncode})\n{tail}")

    def find(self, title: str) -> str | None:
        """The id of a visible window whose title matches the regular expression, or None."""
        found = ["X Error"]
        while found and not found[-1].isdecimal():  # a window went while it was looked at
            found = self._xdotool("search", "--onlyvisible", "--name", title).splitlines()
        return found[-1] if found else None

    def key(self, *keys: str, window: str | None = None) -> None:
        """Press keys, in the window given or in the active one."""
        before = ["windowactivate", "--sync", window] if window else []
        self._xdotool(*before, "key", "--delay", "80", *keys)

    def type(self, text: str) -> None:
        """Type text into what has the focus."""
        self._xdotool("type", "--delay", "50", text)

    def click(self, x: int, y: int, window: str | None = None) -> None:
        """Click at a place of the screen, or of a window."""
        place = ["--window", window] if window else []
        self._xdotool("mousemove", "--sync", *place, str(x), str(y), "click", "1")

    def drag(self, start: tuple[int, int], end: tuple[int, int], window: str) -> None:
        """Move the mouse with its button held, from one place of a window to another."""
        places = [("mousemove", "--sync", "--window", window, *map(str, at)) for at in (start, end)]
        self._xdotool(*places[0], "mousedown", "1")
        self._xdotool(*places[1], "mouseup", "1")

    def draw(self, places: Sequence[tuple[int, int]], window: str) -> None:
        """Move the mouse with its button held, slowly, from place to place of a window."""
        (x, y), *others = places
        steps = ["mousemove", "--window", window, str(x), str(y), "mousedown", "1"]
        for x, y in others:
            steps += ["sleep", "0.1", "mousemove", "--window", window, str(x), str(y)]
        self._xdotool(*steps, "sleep", "0.1", "mouseup", "1")

    def beside(self, command: Sequence[str]) -> None:
        """Start another program on the same screen; it ends with the screen."""
        self._start(command)

    def drop(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag and drop from one place of the screen to another, step by step as a hand does."""
        steps: list[str] = []
        for part in (0.1, 0.3, 0.6, 0.9, 1.0, 1.01):
            place = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
            steps += ["mousemove", *map(str, place), "sleep", "0.3"]
        press = ["mousemove", *map(str, start), "sleep", "0.3", "mousedown", "1", "sleep", "0.3"]
        self._xdotool(*press, *steps, "mouseup", "1")

    def middle(self, window: str) -> tuple[int, int]:
        """The middle of a window, as a place of the screen."""
        text = self._xdotool("getwindowgeometry", "--shell", window)
        found = dict(line.split("=") for line in text.split())
        x, y, width, height = (int(found[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        return x + width // 2, y + height // 2

    def move(self, window: str, x: int, y: int) -> None:
        """Move a window to a place of the screen."""
        self._xdotool("windowmove", "--sync", window, str(x), str(y))

    def screenshot(self, name: str) -> Path:
        """Save the screen as .artifacts/gimp-VERSION-NAME.png."""
        ARTIFACTS.mkdir(exist_ok=True)
        inside = self.gimp.folder / f"{name}.png"
        if self._errands is not None:
            self._errands.run(["import", "-window", "root", "-quality", "10", str(inside)])
        target = ARTIFACTS / f"gimp-{self.gimp.version}-{name}.png"
        if inside.exists():
            shutil.move(inside, target)
        return target

    def _environment(self) -> dict[str, str]:
        extra = {"DISPLAY": self._display, "NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11"}
        return {**self.gimp.environment, **extra, **self._settings}

    def _xdotool(self, *arguments: str) -> str:
        assert self._errands is not None
        return self._errands.run(["xdotool", *arguments])

    def _start_server(self) -> None:
        options = ("-displayfd 1 -screen 0 1600x1000x24 -nolisten tcp -noreset").split()
        screen = self._start(["Xvfb", *options], stdout=subprocess.PIPE)
        assert screen.stdout is not None
        ready, _, _ = select.select([screen.stdout], [], [], PATIENCE)
        number = screen.stdout.readline().decode().strip() if ready else ""
        if not number.isdigit():
            raise WindowError(f"no virtual screen: {self.log.read_text(errors='replace')}")
        self._display = f":{number}"

    def _start(self, command: Sequence[str], stdout: int | None = None) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.gimp.root.enter(command, self._environment()),
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process
