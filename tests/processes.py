"""Ends the worker that a test started, however it was started and whatever state it is in."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

PATIENCE = 30.0


def processes_of(home: Path) -> list[int]:
    """Ids of the processes that were started with this NEURAL_PRESET_HOME (Linux)."""
    mark = os.fsencode(f"NEURAL_PRESET_HOME={home}")
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in environment and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def stop_worker(home: Path) -> None:
    """End every process that runs under this home: SIGTERM, then SIGKILL, until none is left."""
    if sys.platform != "linux":
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(processes_of(home), number)
        deadline = time.monotonic() + PATIENCE
        while processes_of(home):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"processes of {home} cannot be ended: {processes_of(home)}")


def _signal(ids: list[int], number: signal.Signals) -> None:
    for process in ids:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass
