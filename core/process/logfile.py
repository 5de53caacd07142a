"""The worker's log: what went wrong, for whoever repairs it (standard library only)."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LARGEST = 1 << 20  # bytes; with two older files beside it


def start(path: Path) -> None:
    """Log to this file, crashes of compiled code included, and to a terminal if there is one."""
    handlers: list[logging.Handler] = []
    # A log that cannot be written is no reason to fail.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(path, maxBytes=_LARGEST, backupCount=2, encoding="utf-8")
        )
        faulthandler.enable(open(path, "a", encoding="utf-8"))
    if sys.stderr is not None and sys.stderr.isatty():
        handlers.append(logging.StreamHandler())
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s",
        handlers=handlers or [logging.NullHandler()],
    )
    logging.captureWarnings(True)
