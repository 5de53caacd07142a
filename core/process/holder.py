"""Who the running worker is: it holds `worker.lock` for life and writes its pid into it.

The lock, not the pid, says that a worker lives: a pid may by now belong to another program.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from core.process.filelock import FileLock, read_if_held

_PAUSE = 0.02


@dataclass(frozen=True)
class Holder:
    """One worker; `instance` differs between any two of them, also of the same pid."""

    pid: int
    instance: str


def lock_path(runtime: Path) -> Path:
    """Where the lock of the worker of this runtime directory lies."""
    return runtime / "worker.lock"


def claim(runtime: Path, timeout: float) -> FileLock | None:
    """Become the worker of this directory: the lock to keep, None if another one holds it."""
    lock = FileLock(lock_path(runtime))
    if not lock.acquire(timeout):
        return None
    lock.write(json.dumps({"pid": os.getpid(), "instance": os.urandom(8).hex()}).encode())
    return lock


def holder(runtime: Path) -> Holder | None:
    """The worker that lives now, None if there is none (or it has only just begun)."""
    record = read_if_held(lock_path(runtime))
    if record is None:
        return None
    try:
        document = json.loads(record)
        pid, instance = document["pid"], document["instance"]
    except (ValueError, KeyError, TypeError):
        return None
    if isinstance(pid, int) and pid > 1 and isinstance(instance, str):
        return Holder(pid, instance)
    return None


def gone(runtime: Path, who: Holder, timeout: float) -> bool:
    """Wait until that worker has ended; False if it still lives after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while holder(runtime) == who:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE)
    return True


def end(runtime: Path, who: Holder, patience: float = 3) -> bool:
    """Terminate that worker, after `patience` seconds by force; False if it cannot be done.

    Only a process that is verified to hold our lock is signalled.
    """
    force = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
    for sort, seconds in ((signal.SIGTERM, patience), (force, 10.0)):
        if holder(runtime) != who:
            return True
        if not _has_open(who.pid, lock_path(runtime)):
            return gone(runtime, who, patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(who.pid, sort)
        if gone(runtime, who, seconds):
            return True
    return False


def _has_open(pid: int, path: Path) -> bool:
    """On Linux the kernel knows; elsewhere the record in the held lock has to do."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        wanted = os.stat(path)
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.path.samestat(os.stat(entry.path), wanted):
                    return True
    except OSError:
        return False
    return False
