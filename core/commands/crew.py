"""A batch on the threads of this computer: each takes one photo from reading to writing.

Decoding, OpenColorIO and encoding run outside Python's lock, so the photos overlap.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

from core.commands import remarks
from core.commands.work import Job, Outcome, Patience
from core.photofile import lossy

_TICK = 0.5  # seconds; on Windows Ctrl-C is not noticed within one wait


class Crew:
    """Does `do(job, pause)` for every job, at most `threads` at a time.

    `pause` raises once the crew is stopped: the photos at hand are given up at their next step.
    It stops by itself when the worker fails again and again.
    `finished` is called after each photo, in its thread.
    """

    def __init__(
        self,
        do: Callable[[Job, Callable[[], None]], None],
        jobs: Sequence[Job],
        threads: int,
        finished: Callable[[], None],
    ) -> None:
        lossy.keep_buffers(threads)
        self._stopped = threading.Event()
        self._patience = Patience()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="photo")
        self._futures = [self._pool.submit(self._try, partial(do, job), finished) for job in jobs]

    def outcomes(self) -> Iterator[Outcome | None]:
        """One for each job, in the order of the jobs; None if it was not tried to its end."""
        for future in self._futures:
            yield _patiently(future)

    def stop(self) -> None:
        """Begin no photo more."""
        self._stopped.set()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._pool.shutdown()

    def _try(
        self, work: Callable[[Callable[[], None]], None], finished: Callable[[], None]
    ) -> Outcome | None:
        with remarks.kept() as lines:
            try:
                self._pause()
                work(self._pause)
                outcome = Outcome(None, lines)
            except _Stopped:
                return None
            except Exception as error:
                for each in filter(None, (error, error.__cause__)):
                    traceback.clear_frames(each.__traceback__)  # they hold the photo's pixels
                outcome = Outcome(error, lines)
        if self._patience.ends_with(outcome):
            self.stop()
        finished()
        return outcome

    def _pause(self) -> None:
        if self._stopped.is_set():
            raise _Stopped


def _patiently(future: Future[Outcome | None]) -> Outcome | None:
    while not future.done():
        wait([future], _TICK)
    return future.result()


class _Stopped(Exception):
    """The crew was told to stop."""
