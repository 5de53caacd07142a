"""Loaded by every Python that a campaign's GIMP starts: carries out what is decreed for a plug-in.

The decree is a file (see `tests.faults.in_gimp.fate`); without one nothing happens. A trail is left
beside it: a file name and a number in each line.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

_JUMPS = (1, 3600, 25 * 3600, 400 * 86400, 15 * 365 * 86400)


def _trace(places: list[str], reached: Callable[[str, int], None]) -> None:
    """Tell of every line of functions in these places as it begins: its file and number."""

    def step(frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            reached(os.path.basename(frame.f_code.co_filename), frame.f_lineno)
        return step

    def begin(frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        here = any(place in code.co_filename for place in places)
        return step if here and code.co_name != "<module>" else None

    threading.settrace(begin)
    sys.settrace(begin)


def _leave_a_trail(path: str) -> Callable[[str, int], None]:
    trail = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC)

    def reached(name: str, number: int) -> None:
        os.write(trail, f"{name} {number}\n".encode())

    return reached


def _die(line: list[Any], nth: int, delay: float) -> Callable[[str, int], None]:
    """As a line begins for the nth time, or `delay` seconds later."""
    left = nth

    def reached(*at: Any) -> None:
        nonlocal left
        left -= list(at) == line
        if not left:
            left = -1
            # A timer ends the process also while it waits for GIMP.
            signal.setitimer(signal.ITIMER_REAL, delay) if delay else _end()

    return reached


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _jump(seed: int) -> None:
    """Let the clock jump now and then, by a second up to fifteen years, in both directions."""
    chance, right, offset = random.Random(seed), time.time, 0

    def wrong() -> float:
        nonlocal offset
        if chance.random() < 0.3:
            offset = chance.choice(_JUMPS) * chance.choice((-1, 1))
        return right() + offset

    time.time = wrong
    time.time_ns = lambda: int(wrong() * 1e9)


def _main() -> None:
    path = os.environ.get("NEURAL_PRESET_DECREE", "")
    is_call = "-run" in sys.orig_argv and "neural-preset.py" in " ".join(sys.orig_argv)
    if not is_call or not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        decree = json.load(file)
    if "clock" in decree:
        _jump(decree["clock"])
    elif "line" in decree:
        _trace(decree["places"], _die(decree["line"], decree["nth"], decree["delay"]))
    else:
        _trace(decree["places"], _leave_a_trail(f"{path}.trail"))


_main()
