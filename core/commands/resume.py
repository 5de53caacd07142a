"""Which results an earlier run has made already, for --resume.

Before a run begins, what it is about to do is written down beside the worker's log, one file for
each folder of results. A result appears whole or not at all: one that is there, and is not what
stood there before, is done.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core import __version__, atomic
from core.commands.work import Job, Work
from core.errors import NeuralPresetError
from core.process.filelock import FileLock

FOLDER = "batches"
_LARGEST = 1 << 28
_PATIENCE = 10.0
_log = logging.getLogger(__name__)

_Entries = dict[str, Any]


class Notes:
    """What was done to the results of some folders; `place` is where the notes are kept."""

    def __init__(self, place: Path, work: Work) -> None:
        self._place = place
        self._overwrite = work.overwrite
        made = asdict(replace(work, overwrite=False))
        text = json.dumps([__version__, made], sort_keys=True)
        self._look = hashlib.sha256(text.encode()).hexdigest()

    def made(self, jobs: Iterable[Job]) -> set[Job]:
        """The jobs whose result is there, of the photo as it is now and with the same look."""
        found: set[Job] = set()
        for folder, within in _by_folder(jobs).items():
            entries = self._read(folder)
            found |= {job for job in within if self._is_made(job, entries.get(job.result.name))}
        return found

    def begin(self, jobs: Iterable[Job]) -> None:
        """Note what the results of these jobs are going to be."""
        try:
            self._place.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._place / "lock")
            if not lock.acquire(_PATIENCE):
                return
            try:
                for folder, within in _by_folder(jobs).items():
                    self._add(folder, within)
            finally:
                lock.release()
        except (OSError, NeuralPresetError) as error:  # a batch can do without
            _log.warning("--resume will not know what this run does: %s", error)

    def _add(self, folder: Path, jobs: Iterable[Job]) -> None:
        kept = {
            name: entry for name, entry in self._read(folder).items() if (folder / name).exists()
        }
        new = {
            job.result.name: {
                "look": self._look,
                "photo": str(job.photo.resolve()),
                "of": state(job.photo),
                "before": state(job.result),
            }
            for job in jobs
            if self._overwrite or state(job.result) is None  # the others will be refused
        }
        text = json.dumps({"folder": str(folder), "results": kept | new})
        atomic.write_bytes(self._file(folder), text.encode(), overwrite=True)

    def _is_made(self, job: Job, entry: object) -> bool:
        present = state(job.result)
        return (
            isinstance(entry, dict)
            and present is not None
            and present != entry.get("before")
            and entry.get("look") == self._look
            and entry.get("photo") == str(job.photo.resolve())
            and entry.get("of") == state(job.photo)
        )

    def _read(self, folder: Path) -> _Entries:
        try:
            results = json.loads(atomic.read_bytes(self._file(folder), _LARGEST)).get("results")
        except (NeuralPresetError, ValueError, AttributeError):
            return {}
        return results if isinstance(results, dict) else {}

    def _file(self, folder: Path) -> Path:
        return self._place / f"{hashlib.sha256(str(folder).encode()).hexdigest()[:32]}.json"


def _by_folder(jobs: Iterable[Job]) -> dict[Path, list[Job]]:
    folders: dict[Path, list[Job]] = defaultdict(list)
    for job in jobs:
        folders[job.result.parent.resolve()].append(job)
    return folders


def state(path: Path) -> list[int] | None:
    """What changes when a file is replaced: its time and size; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size]
