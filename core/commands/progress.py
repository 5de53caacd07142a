"""How far a batch is: photos done, photos a second, time left."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from core.commands.console import Console

_LATEST = 64  # photos that the rate is of: what follows resembles them more than the first ones


class Progress:
    """The bar of a batch of `total` photos; `step` may come from any thread."""

    def __init__(
        self, console: Console, total: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._total, self._now = console, total, now
        self._lock = threading.Lock()
        self._done = 0
        self._times = deque([now()], maxlen=_LATEST + 1)
        console.progress(0, total, "")

    def step(self) -> None:
        """One photo more is done, well or not."""
        with self._lock:
            self._done += 1
            self._times.append(self._now())
            self._console.progress(self._done, self._total, self._pace())

    def _pace(self) -> str:
        seconds = self._times[-1] - self._times[0]
        if seconds <= 0:
            return ""
        rate = (len(self._times) - 1) / seconds
        return f"{rate:.3g} photos/s, {_clock((self._total - self._done) / rate)} left"


def _clock(seconds: float) -> str:
    """65 -> 1:05, 3665 -> 1:01:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
