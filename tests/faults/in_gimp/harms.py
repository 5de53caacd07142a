"""The faults: what is done, before a call or while it runs, and how it is made good again.

A harm is a function that gets the desk and returns what takes it back, or None where nothing has
to be. `tells`: what every message to the user must match, if there is one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.process import launch, transport
from tests.faults.in_gimp import fate
from tests.faults.in_gimp.desk import MAPPED, Desk, eventually, kill

Repair = Callable[[], object]
Harm = Callable[[Desk, random.Random], "Repair | None"]
_WHILE = (0.02, 0.8)  # seconds for which a process stands still


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong."""

    name: str
    harm: Harm
    tells: str
    before: bool = False
    """it has happened when the call begins, or lies in wait; else it comes at a random moment"""
    dies: str = ""
    """who is killed and can tell nothing: the "plug-in", or "GIMP" """
    weight: int = 1
    """how often it is chosen"""
    places: tuple[fate.Places, ...] = ()
    """where it has to know the call's way through the code"""


def worker_killed(desk: Desk, chance: random.Random) -> None:
    kill(desk.worker())


def worker_halts(desk: Desk, chance: random.Random) -> Repair:
    return _halt(desk.worker(), chance)


def worker_halts_and_is_killed(desk: Desk, chance: random.Random) -> None:
    worker = desk.worker()
    if kill(worker, signal.SIGSTOP):
        time.sleep(chance.uniform(*_WHILE))
        kill(worker)


def new_worker_killed(desk: Desk, chance: random.Random) -> Repair:
    """There is none, and whoever starts is killed while it loads the network."""
    kill(desk.worker())
    eventually(lambda: desk.worker() is None)

    def lie_in_wait() -> None:
        if eventually(lambda: desk.worker() is not None, 10):
            time.sleep(chance.uniform(0, 1.5))
            kill(desk.worker())

    watcher = threading.Thread(target=lie_in_wait)
    watcher.start()
    return watcher.join


def plugin_killed(desk: Desk, chance: random.Random) -> None:
    for pid in _plugins(desk):
        kill(pid)


def plugin_halts(desk: Desk, chance: random.Random) -> Repair | None:
    return _halt(next(iter(_plugins(desk)), None), chance)


def gimp_killed(desk: Desk, chance: random.Random) -> None:
    kill(desk.pid)


def mapping_cut(desk: Desk, chance: random.Random) -> None:
    """Somebody tries to take the memory from under both programs, as SIGBUS would tell."""
    while pids := desk.plugins():
        for pid in pids:
            with contextlib.suppress(OSError):
                for entry in os.scandir(f"/proc/{pid}/map_files"):
                    if MAPPED.search(os.readlink(entry.path)):
                        with open(entry.path, "r+b") as file:
                            file.truncate(0)


def memory_full(desk: Desk, chance: random.Random) -> Repair:
    """/dev/shm and the folder for temporary files are full."""
    repairs = [_fill(desk.memory), _fill(desk.temporary)]
    return lambda: [repair() for repair in repairs]


def no_room(desk: Desk, chance: random.Random) -> Repair:
    """No file, in memory or on the disk, may become as large as a strip of pixels."""
    limits = resource.prlimit(desk.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    return lambda: resource.prlimit(desk.pid, resource.RLIMIT_FSIZE, limits)


def runtime_revoked(desk: Desk, chance: random.Random) -> Repair:
    runtime = desk.locations.runtime
    os.chmod(runtime, 0)
    return lambda: os.chmod(runtime, 0o700)


def home_revoked(desk: Desk, chance: random.Random) -> Repair:
    """The folder that holds presets, log and runtime folder cannot even be entered."""
    os.chmod(desk.gimp.home, 0)
    return lambda: os.chmod(desk.gimp.home, 0o700)


def runtime_removed(desk: Desk, chance: random.Random) -> Repair:
    worker = desk.worker()
    shutil.rmtree(desk.locations.runtime)
    # It serves nobody any more and would end when it has been idle.
    return lambda: kill(worker, signal.SIGTERM)


def runtime_replaced(desk: Desk, chance: random.Random) -> Repair:
    """A file stands where the folder was."""
    runtime = desk.locations.runtime
    aside = runtime.with_name("aside")
    runtime.rename(aside)
    runtime.write_text("no folder")

    def repair() -> None:
        runtime.unlink()
        aside.rename(runtime)

    return repair


def python_gone(desk: Desk, chance: random.Random) -> Repair:
    return _moved(desk.locations.python)


def python_gone_no_worker(desk: Desk, chance: random.Random) -> Repair:
    kill(desk.worker())
    return _moved(desk.locations.python)


def app_gone(desk: Desk, chance: random.Random) -> Repair:
    return _moved(desk.locations.app)


def worker_gone(desk: Desk, chance: random.Random) -> Repair:
    kill(desk.worker())
    return _moved(desk.locations.app / "core" / "worker.py")


def service_gone(desk: Desk, chance: random.Random) -> Repair:
    """A part of the worker's own is missing: it starts, and cannot work."""
    repair = _moved(desk.locations.app / "core" / "service.py")
    kill(desk.worker())
    return _repaired(desk, repair)


def weights_cut(desk: Desk, chance: random.Random) -> Repair:
    weights = next((desk.locations.app / "core" / "weights").glob("neural-preset-*.safetensors"))
    repair = _moved(weights)
    weights.write_bytes(weights.with_name("aside").read_bytes()[:100_000])
    kill(desk.worker())
    return _repaired(desk, repair)


def other_version(desk: Desk, chance: random.Random) -> Repair:
    """The worker that runs is of another version: an upgrade came while it was at work."""
    return _start_other(desk, listening=True)


def other_version_starts(desk: Desk, chance: random.Random) -> Repair:
    """One of another version is just starting."""
    return _start_other(desk, listening=False)


def presets_gone(desk: Desk, chance: random.Random) -> Repair | None:
    """The folder of the user's presets is removed."""
    shutil.rmtree(desk.locations.presets, ignore_errors=True)
    return None


_LOST = "background worker"
FAULTS = (
    Fault("the worker is killed", worker_killed, _LOST, weight=6),
    Fault("the worker halts for a while", worker_halts, "^$", weight=8),
    Fault("the worker halts and is killed", worker_halts_and_is_killed, _LOST, weight=2),
    Fault("a new worker is killed", new_worker_killed, _LOST, before=True, weight=2),
    Fault("the plug-in is killed", plugin_killed, "", dies="plug-in", weight=4),
    Fault(
        "the plug-in dies at a line",
        fate.killed_at_a_line,
        *("", True, "plug-in", 8),
        places=(fate.ANYWHERE,),
    ),
    Fault(
        "the plug-in dies at its output",
        fate.killed_at_its_output,
        *("", True, "plug-in", 10),
        places=(fate.ANYWHERE, fate.OUTPUT),
    ),
    Fault("the plug-in halts for a while", plugin_halts, "^$", weight=5),
    Fault("GIMP is killed", gimp_killed, "", dies="GIMP", weight=6),
    Fault("the mapped pixels are cut", mapping_cut, "^$", weight=2),
    Fault("/dev/shm and /tmp are full", memory_full, "^$", True),
    Fault("/dev/shm and /tmp fill up", memory_full, "^$"),
    Fault("there is no room", no_room, "no room for .* of pixels|File too large", True, weight=2),
    Fault("the runtime folder is revoked", runtime_revoked, "runtime", True),
    Fault("the runtime folder is revoked meanwhile", runtime_revoked, "runtime"),
    Fault("the home is revoked", home_revoked, "home", True),
    Fault("the home is revoked meanwhile", home_revoked, "home"),
    Fault("the runtime folder is removed", runtime_removed, "^$", True),
    Fault("the runtime folder is removed meanwhile", runtime_removed, "^$"),
    Fault("a file is in the runtime folder's place", runtime_replaced, "runtime", True),
    Fault("the interpreter is gone", python_gone, "^$", True),
    Fault("the interpreter is gone, no worker", python_gone_no_worker, "install.py", True),
    Fault("the program is gone", app_gone, "install.py", True),
    Fault("the program goes", app_gone, "install.py"),
    Fault("the worker's program is gone", worker_gone, "install.py", True),
    Fault("the worker cannot work", service_gone, "install.py", True),
    Fault("the weights are cut", weights_cut, "weights|install.py", True),
    Fault("a worker of another version runs", other_version, "^$", True, weight=2),
    Fault("a worker of another version starts", other_version_starts, "^$", True),
    Fault("the presets' folder goes", presets_gone, "folder|written", weight=1),
    Fault("the clock jumps", fate.clock_jumps, "^$", True, weight=2),
)


def _halt(pid: int | None, chance: random.Random) -> Repair:
    kill(pid, signal.SIGSTOP)
    timer = threading.Timer(chance.uniform(*_WHILE), kill, (pid, signal.SIGCONT))
    timer.start()
    return timer.join


def _plugins(desk: Desk) -> list[int]:
    """The plug-in's process of the call that has begun; GIMP takes a moment to start it."""
    found: list[int] = []

    def there() -> bool:
        found[:] = desk.plugins()
        return bool(found)

    eventually(there, 2)
    return found


def _fill(folder: Path) -> Repair:
    path = folder / "filler"
    size = 64 << 20
    with path.open("wb") as file:
        while size >= 4096:
            try:
                os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2
    return path.unlink


def _moved(path: Path) -> Repair:
    aside = path.with_name("aside")
    path.rename(aside)
    return lambda: aside.replace(path)


def _repaired(desk: Desk, repair: Repair) -> Repair:
    """A worker that cannot work ends soon, to make room for one that can."""

    def complete() -> None:
        unable = desk.workers()
        repair()
        assert eventually(lambda: not set(unable) & set(desk.workers()), 30)

    return complete


def _start_other(desk: Desk, listening: bool) -> Repair:
    other = replace(desk.locations, app=desk.gimp.folder / "other")
    if not other.app.exists():
        shutil.copytree(desk.locations.app, other.app)
        init = other.app / "core" / "__init__.py"
        init.write_text(re.sub(r'(__version__ = )".*"', r'\1"0.0.1"', init.read_text()))
    kill(desk.worker())
    eventually(lambda: desk.worker() is None)
    process = subprocess.Popen(
        desk.gimp.root.enter(launch.command(other), desk.gimp.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def listens() -> bool:
        try:
            transport.connect(desk.locations.runtime, 5).close()
        except OSError:
            return False
        return desk.worker() == process.pid

    if listening:
        assert eventually(listens)

    def repair() -> None:
        """Nothing but reaping it; the call has ended it."""
        if process.poll() is None and desk.worker() != process.pid:
            process.wait(30)
        elif process.poll() is None:
            process.kill()
            process.wait()

    return repair
