"""Time of a job over several runs; the first one, which warms caches and threads, is left out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ENOUGH = 1.5  # seconds


@dataclass(frozen=True)
class Timing:
    """Seconds: the median of the runs, and the best of them."""

    median: float
    best: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Timing:
        """The summary of single runs."""
        return cls(statistics.median(seconds), min(seconds))

    def less(self, other: Timing) -> Timing:
        """What is left without the time of something else; never quite nothing."""
        return Timing(max(self.median - other.median, 1e-6), max(self.best - other.best, 1e-6))

    def shared(self, count: int) -> Timing:
        """The time of one of `count` jobs that were done together."""
        return Timing(self.median / count, self.best / count)


def timed(
    job: Callable[[], object], runs: int, before: Callable[[], object] = lambda: None
) -> Timing:
    """How long `job` takes; `before` puts things right for each run and is not counted.

    A slow job is run less often, a very slow one only once.
    """
    seconds: list[float] = []
    while len(seconds) <= runs and sum(seconds) < _ENOUGH:
        before()
        began = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - began)
    return Timing.of(seconds[1:] or seconds)
