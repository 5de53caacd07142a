"""GIMP with its windows, on a virtual screen, driven by keys and clicks.

Nothing here sleeps for a fixed time and hopes: every wait polls for a window until a deadline.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests.gimp.harness import Gimp
from tests.gimp.roots import CHECKOUT

PATIENCE = 120.0
SEARCH = "^Search Actions$"
EMPTY = "^GNU Image Manipulation Program$"
COMPLAINT = "^GIMP Message$"
ARTIFACTS = CHECKOUT / ".artifacts"


class WindowError(Exception):
    """A window did not appear, or did not go, in time; a screenshot tells more."""


class Window:
    """GIMP showing one image, or none; use as a context manager."""

    def __init__(
        self, gimp: Gimp, image: Path | None, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings`: more variables of GIMP's environment."""
        self.gimp = gimp
        self._settings = settings or {}
        self._images = [] if image is None else [str(image)]
        self.title = f"{re.escape(image.stem)}.*GIMP" if image else EMPTY
        self.log = gimp.folder / "window.log"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._display = ""

    def __enter__(self) -> Window:
        try:
            self._spare_welcome()
            self._start_screen()
            self._start(["openbox"])
            self._start(["dbus-run-session", "--", "gimp", "-n", "-s", *self._images])
            self.wait_for(self.title)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            with contextlib.suppress(Exception):
                self.screenshot("failed")
        self._stop()

    def find(self, title: str) -> str | None:
        """The id of a visible window whose title matches the regular expression, or None."""
        done = self._xdotool("search", "--onlyvisible", "--name", title)
        found = done.stdout.split()
        return found[-1] if found else None

    def wait_for(self, title: str, patience: float = PATIENCE) -> str:
        """The id of the window with this title, once it is there."""
        deadline = time.monotonic() + patience
        while (window := self.find(title)) is None:
            self._check_alive()
            if time.monotonic() > deadline:
                raise WindowError(f"no window {title!r}; see {self.screenshot('missing')}")
            time.sleep(0.2)
        return window

    def wait_until_gone(self, title: str, patience: float = PATIENCE) -> None:
        """Return once no window has this title any more."""
        deadline = time.monotonic() + patience
        while self.find(title) is not None:
            self._check_alive()
            if time.monotonic() > deadline:
                raise WindowError(f"{title!r} stays open; see {self.screenshot('staying')}")
            time.sleep(0.2)

    def open_dialog(self, label: str, title: str) -> str:
        """Start a filter by GIMP's action search, as its menu `label` (without "...") names it.

        Returns the id of its dialog, whose title must match `title`. GIMP shows its window before
        it listens to keys, so the key that opens the search is pressed until it does.
        """
        deadline = time.monotonic() + PATIENCE
        while self.find(SEARCH) is None:
            if time.monotonic() > deadline:
                raise WindowError(f"no action search; see {self.screenshot('missing')}")
            self.key("slash", window=self.wait_for(self.title))
            with contextlib.suppress(WindowError):
                self.wait_for(SEARCH, 5)
        self.type(label)
        self.key("Return")
        self.wait_for(f"{title}|{COMPLAINT}")
        if self.find(COMPLAINT) is not None:
            raise WindowError(f"GIMP complains; see {self.screenshot('complaint')}")
        return self.wait_for(title)

    def key(self, *keys: str, window: str | None = None) -> None:
        """Press keys, in the window given or in the active one."""
        if window is not None:
            self._xdotool("windowactivate", "--sync", window)
        self._xdotool("key", "--delay", "80", *keys)

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
        """Start another program on the same screen; it ends with GIMP."""
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
        text = self._xdotool("getwindowgeometry", "--shell", window).stdout
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
        self._run(["import", "-window", "root", str(inside)])
        target = ARTIFACTS / f"gimp-{self.gimp.version}-{name}.png"
        if inside.exists():
            shutil.move(inside, target)
        return target

    def _spare_welcome(self) -> None:
        """A configuration of another version, or of none, makes GIMP open a welcome window."""
        version = self.gimp.run(["gimp-console", "--version"]).stdout.split()[-1]
        settings = self.gimp.config / "gimprc"
        if "(config-version" not in settings.read_text():
            settings.write_text(f'{settings.read_text()}(config-version "{version}")\n')

    def _environment(self) -> dict[str, str]:
        extra = {"DISPLAY": self._display, "NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11"}
        return {**self.gimp.environment, **extra, **self._settings}

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return self.gimp.run(command, timeout=60, environment=self._environment())

    def _xdotool(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(["xdotool", *arguments])

    def _start_screen(self) -> None:
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

    def _check_alive(self) -> None:
        for process in self._processes:
            if process.poll() is not None:
                tail = self.log.read_text(errors="replace")[-3000:]
                raise WindowError(f"{process.args!r} ended ({process.returncode})\n{tail}")

    def _stop(self) -> None:
        for process in reversed(self._processes):
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
            if process.stdout is not None:
                process.stdout.close()
        self._processes.clear()


def press_until(window: Window, keys: str, before: str, after: str) -> None:
    """Press keys, again if they were lost, until the title of the image's window has changed."""
    deadline = time.monotonic() + PATIENCE
    while window.find(after) is None:
        if time.monotonic() > deadline:
            raise WindowError(f"{keys} does not help; see {window.screenshot('keys')}")
        image = window.find(before)
        if image is not None:
            window.key(keys, window=image)
        with contextlib.suppress(WindowError):
            window.wait_for(after, 15)
