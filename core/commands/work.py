"""What a batch does to its photos, in plain values that can travel to another machine."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import WeightsError, WorkerError

_HOPELESS = (WorkerError, WeightsError)  # the next photo will hardly fare better
_MOST_HOPELESS = 2


@dataclass(frozen=True)
class Look:
    """A look: the protocol's source of it, strength and intent in percent."""

    source: dict[str, Any]
    strength: float = 100.0
    intent: float = 0.0
    keep_luminance: bool = False


@dataclass(frozen=True)
class Work:
    """The same for every photo: its look, and how its result is written.

    `quality` (1..100) is for JPEG and lossy WebP, `dither` for 8 bits.
    """

    look: Look
    overwrite: bool = False
    quality: int = 95
    dither: bool = True


@dataclass(frozen=True)
class Job:
    """One photo and the file that its result goes to."""

    photo: Path
    result: Path


@dataclass(frozen=True)
class Outcome:
    """What became of a job: its error, if it failed, and what was logged about it."""

    error: BaseException | None = None
    remarks: list[str] = field(default_factory=list)


class Patience:
    """With failures that have nothing to do with the photo; from several threads."""

    def __init__(self) -> None:
        self._failures = 0
        self._lock = threading.Lock()

    def ends_with(self, outcome: Outcome) -> bool:
        """Whether nothing more should be tried after this outcome."""
        with self._lock:
            self._failures += isinstance(outcome.error, _HOPELESS)
            return self._failures >= _MOST_HOPELESS
