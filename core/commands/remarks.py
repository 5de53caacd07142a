"""What is logged about a photo, kept with it: several photos are worked on at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_here = threading.local()


class _Keeper(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if being_kept():
            _here.lines.append(record.getMessage())


_KEEPER = _Keeper(logging.WARNING)


@contextmanager
def kept() -> Iterator[list[str]]:
    """Yields the list to which the warnings of `core` in this thread go within the block."""
    logging.getLogger("core").addHandler(_KEEPER)  # no second time
    _here.lines = []
    try:
        yield _here.lines
    finally:
        del _here.lines


def being_kept() -> bool:
    """Whether this thread is within `kept`."""
    return hasattr(_here, "lines")
