"""What the command line says: results on stdout, errors and a progress bar on stderr.

Every error of every command ends in `Console.attempt`, which names it and keeps the exit status.
"""

from __future__ import annotations

import logging
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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

    `status` is 0, 1 once anything failed, or 2 after a usage error.
    """

    def __init__(self) -> None:
        self.status = 0
        self._bar_drawn = False
        logging.getLogger("core").handlers = [_Warnings(self)]
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # any file name can be printed

    def say(self, text: str) -> None:
        """One line on stdout."""
        self._clear_bar()
        print(text, flush=True)

    def warn(self, text: str) -> None:
        """One line on stderr."""
        self._clear_bar()
        print(text, file=sys.stderr, flush=True)

    def progress(self, done: int, total: int, label: str) -> None:
        """Draws the bar `done` of `total`, on a terminal and for more than one file only."""
        if total < 2 or not sys.stderr.isatty():
            return
        filled = _BAR * done // total
        line = f"[{'#' * filled}{'-' * (_BAR - filled)}] {done}/{total} {label}"
        columns = shutil.get_terminal_size().columns
        print(f"\r\x1b[K{line[: columns - 1]}", end="", file=sys.stderr, flush=True)
        self._bar_drawn = True

    def end_progress(self) -> None:
        """Removes the bar."""
        self._clear_bar()

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
            self._clear_bar()
            traceback.print_exc()
            text = f"An error in Neural Preset itself ({error!r}). Please report the lines above."
            attempt.error = error
        self.status = max(self.status, USAGE if isinstance(attempt.error, UsageError) else FAILED)
        # "There is no file a.jpg" needs no "a.jpg: " before it.
        named = subject is None or ("." in str(subject) and str(subject) in text)
        self.warn(f"neural-preset: {text if named else f'{subject}: {text}'}")

    def _clear_bar(self) -> None:
        if self._bar_drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._bar_drawn = False


class _Warnings(logging.Handler):
    """What libraries log is said like everything else."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.warn(f"neural-preset: {record.getMessage()}")
