"""What the command line says: results on stdout, errors and a progress bar on stderr.

Every error of every command ends in `Console.attempt`, which names it and keeps the exit status.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from core.commands import remarks
from core.errors import NeuralPresetError

FAILED = 1
USAGE = 2
_BAR = 24


class UsageError(Exception):
    """Arguments that contradict each other: exit status 2, nothing was done."""


@dataclass
class Attempt:
    """The error that ended an attempt, if one did."""

    error: BaseException | None = None


class Console:
    """The two streams and the exit status of one run.

    `status` is 0, 1 once anything failed, or 2 after a usage error. Lines and the bar may come
    from several threads.
    """

    def __init__(self) -> None:
        self.status = 0
        self._bar = ""
        self._lock = threading.RLock()
        logging.getLogger("core").handlers = [_Warnings(self)]
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # any file name can be printed

    def say(self, text: str) -> None:
        """One line on stdout."""
        self._line(text, sys.stdout)

    def warn(self, text: str) -> None:
        """One line on stderr."""
        self._line(text, sys.stderr)

    def progress(self, done: int, total: int, label: str) -> None:
        """Draws the bar `done` of `total`, on a terminal and for more than one file only."""
        if total < 2 or not sys.stderr.isatty():
            return
        filled = _BAR * done // total
        line = f"[{'#' * filled}{'-' * (_BAR - filled)}] {done}/{total} {label}"
        with self._lock:
            self._draw(line[: shutil.get_terminal_size().columns - 1])

    def end_progress(self) -> None:
        """Removes the bar."""
        with self._lock:
            self._draw("")

    @contextmanager
    def attempt(self, subject: object = None) -> Iterator[Attempt]:
        """Runs a block whose errors are named on stderr (after `subject`) and end here."""
        attempt = Attempt()
        try:
            yield attempt
            return
        except BrokenPipeError:
            raise
        except UsageError as error:
            attempt.error, text = error, str(error)
        except NeuralPresetError as error:
            attempt.error, text = error, str(error)
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            attempt.error, text = error, f"{error.strerror or error}{where}"
        except MemoryError as error:
            text = "There is not enough memory. Close other programs or use a smaller photo."
            attempt.error = error
        except Exception as error:
            self.end_progress()
            traceback.print_exc()
            text = f"An error in Neural Preset itself ({error!r}). Please report the lines above."
            attempt.error = error
        self.status = max(self.status, USAGE if isinstance(attempt.error, UsageError) else FAILED)
        # "There is no file a.jpg" needs no "a.jpg: " before it.
        named = subject is None or ("." in str(subject) and str(subject) in text)
        self.warn(f"neural-preset: {text if named else f'{subject}: {text}'}")

    def _line(self, text: str, stream: TextIO) -> None:
        with self._lock:
            bar = self._bar
            self._draw("")
            print(text, file=stream, flush=True)
            self._draw(bar)

    def _draw(self, bar: str) -> None:
        if bar or self._bar:
            print(f"\r\x1b[K{bar}", end="", file=sys.stderr, flush=True)
        self._bar = bar


class _Warnings(logging.Handler):
    """What libraries log is said like everything else."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        if not remarks.being_kept():
            self._console.warn(f"neural-preset: {record.getMessage()}")
