"""A GIMP without windows that waits for orders, and what runs and lies around because of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from core.locations import Locations
from core.process.holder import holder
from tests.faults.in_gimp.fate import DOOM, VARIABLE, Decree, Line, Places
from tests.faults.in_gimp.stage import Stage
from tests.gimp.harness import Gimp
from tests.gimp.roots import CHECKOUT
from tests.processes import processes_of

PATIENCE = 150.0
IDLE_MINUTES = 0.2
# How pixels are called among the files that a process maps, and where they lie as a file.
MAPPED = re.compile(r"/memfd:neural-preset \(|/neural-preset-\w{8}( \(|$)", re.MULTILINE)
_FILES = ("neural-preset-", ".np-")
# babl takes the conversion that it finds to be quickest at that moment; on a busy computer a few
# hundred pixels at the edge of a selection then differ by one level from GIMP to GIMP.
EXACT = {"BABL_TOLERANCE": "0.0000000001"}
_PLUGIN = b"neural-preset.py"
_SERVE = "from tests.gimp.inside.np_server import Server; Server().serve({path!r})"


class GoneError(Exception):
    """GIMP ended while an answer was due."""


class Desk:
    """One GIMP on a stage, with an installation of its own that may be damaged."""

    def __init__(self, gimp: Gimp, name: str = "desk") -> None:
        self.gimp = gimp
        self.config = gimp.folder / name
        self.log = gimp.folder / f"{name}.log"
        self.decree = Decree(gimp.folder / f"{name}.decree")
        self.trails: dict[Places, list[Line]] = {}
        """the lines that the call at hand runs in some places when nothing happens"""
        self.locations = Locations.under(gimp.home, gimp.folder / "python", gimp.folder / "app")
        self._process: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._answers = b""

    def install(self) -> None:
        """The plug-in, and a copy of `core` whose worker does not live long without work."""
        if not self.locations.app.exists():
            ignored = shutil.ignore_patterns("__pycache__", "training", "benchmark")
            shutil.copytree(CHECKOUT / "core", self.locations.app / "core", ignore=ignored)
            interpreter = f'#!/bin/sh\nexec {sys.executable} "$@" --idle-minutes {IDLE_MINUTES}\n'
            self.locations.python.write_text(interpreter)
            self.locations.python.chmod(0o755)
            self.gimp.install()
            self.locations.save(self.gimp.plugin / "installation.json")
        if self.config != self.gimp.config:
            shutil.copytree(self.gimp.config, self.config, dirs_exist_ok=True)

    def __enter__(self) -> Desk:
        self.install()
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start GIMP and wait until it takes orders."""
        path = self.config / "orders"
        path.unlink(missing_ok=True)
        code = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); "
        code += _SERVE.format(path=str(path))
        command = ["gimp-console", "-idf", "--quit", "--batch-interpreter", "python-fu-eval"]
        settings = {**self.gimp.environment, "GIMP3_DIRECTORY": str(self.config), **EXACT}
        settings |= {"PYTHONPATH": str(DOOM), VARIABLE: str(self.decree.path)}
        with socket.socket(socket.AF_UNIX) as listener, self.log.open("ab") as log:
            listener.bind(str(path))
            listener.listen(1)
            listener.settimeout(PATIENCE)
            self._process = subprocess.Popen(
                self.gimp.root.enter([*command, "-b", code], settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self._sock = listener.accept()[0]
        self._sock.settimeout(PATIENCE)
        self._answers = b""

    def close(self) -> None:
        """End GIMP and all that it started but the worker."""
        self.hang_up()
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def hang_up(self) -> None:
        """Let what takes the orders end."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def ask(self, order: str, **values: Any) -> dict[str, Any]:
        """Give an order and wait for its answer."""
        self.begin(order, **values)
        return self.answer()

    def begin(self, order: str, **values: Any) -> None:
        """Give an order; `answer` has to follow."""
        assert self._sock is not None
        text = json.dumps({"order": order, **values}, default=os.fspath)
        self._sock.sendall(text.encode() + b"\n")

    def answer(self) -> dict[str, Any]:
        """The answer to the last order. Raises GoneError, or AssertionError with a traceback."""
        assert self._sock is not None
        while not self._answers.endswith(b"\n"):
            try:
                part = self._sock.recv(1 << 16)
            except ConnectionResetError:
                part = b""
            if not part:
                raise GoneError
            self._answers += part
        answer: dict[str, Any] = json.loads(self._answers)
        self._answers = b""
        assert "error" not in answer, answer["error"]
        return answer

    @property
    def pid(self) -> int:
        """GIMP itself."""
        assert self._process is not None
        return self._process.pid

    def plugins(self) -> list[int]:
        """The processes of our plug-in that carry out a call in this GIMP."""
        return plugins(self.gimp.home, self.config)

    def family(self) -> list[int]:
        """All processes of this GIMP but the worker, which may be of another one's making."""
        found = processes_of(self.gimp.home)
        return [pid for pid in found if _has(pid, self.config) and not _is_worker(pid)]

    def mapped(self) -> bool:
        """Whether a call has pixels in shared memory just now."""
        return any(map(maps_pixels, self.plugins()))

    def worker(self) -> int | None:
        """The worker, once it has begun."""
        who = holder(self.locations.runtime)
        return None if who is None else who.pid

    def workers(self) -> list[int]:
        """All processes that are workers, or want to be."""
        return [pid for pid in processes_of(self.gimp.home) if _is_worker(pid)]

    @property
    def memory(self) -> Path:
        """/dev/shm as the processes on the stage see it."""
        return self._inside("/dev/shm")

    @property
    def temporary(self) -> Path:
        """Their folder for temporary files."""
        return self._inside(self.gimp.temporary)

    def _inside(self, path: str | Path) -> Path:
        assert isinstance(self.gimp.root, Stage)
        return self.gimp.root.path_of(path)

    def remains(self) -> list[str]:
        """What should not be there when nothing is going on."""
        found = [f"plug-in process {pid}" for pid in self.plugins()]
        for folder in (self.memory, self.temporary, self.locations.presets, self.gimp.scratch):
            names = os.listdir(folder) if folder.is_dir() else []
            found += [f"{folder.name}/{name}" for name in names if name.startswith(_FILES)]
        known = {"start.lock", "worker.lock", "worker.sock"}
        runtime = self.locations.runtime
        names = os.listdir(runtime) if runtime.is_dir() else []
        return found + [f"runtime/{name}" for name in names if name not in known]


def plugins(home: Path, config: Path) -> list[int]:
    """The processes of our plug-in that carry out a call in the GIMP of this configuration."""
    return [pid for pid in processes_of(home) if _has(pid, config) and _is_plugin(pid)]


def maps_pixels(pid: int) -> bool:
    """Whether a process has pixels in shared memory just now."""
    with contextlib.suppress(OSError):
        return bool(MAPPED.search(Path(f"/proc/{pid}/maps").read_text()))
    return False


def eventually(condition: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Whether the condition holds before patience ends."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def kill(pid: int | None, number: signal.Signals = signal.SIGKILL) -> bool:
    """Signal a process; False if it was gone."""
    if pid is None:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def described(pid: int) -> str:
    """A process by its number, its state and its command line."""
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return f"{pid} {state} {command[:200]}"
    return f"{pid}"


def _has(pid: int, config: Path) -> bool:
    with contextlib.suppress(OSError):
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        return os.fsencode(f"GIMP3_DIRECTORY={config}") in environment
    return False


def _command(pid: int) -> list[bytes]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def _is_plugin(pid: int) -> bool:
    command = _command(pid)
    return b"-run" in command and any(part.endswith(_PLUGIN) for part in command)


def _is_worker(pid: int) -> bool:
    return b"--runtime" in _command(pid)
