"""Room: on the disks where something is kept, and for the pixels on their way to the worker."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.doctor.finding import Finding, Remedy
from core.doctor.installation import Installation
from core.errors import NeuralPresetError
from core.phrase import Phrase, listed
from core.process.pixelmemory import PREFIX, PixelMemory

_MIB = 1 << 20
_DISK = 100 * _MIB  # presets, logs, LUTs
_PIXELS = 64 * _MIB  # two strips of 8K in the finest precision
_LEFT_BEHIND = 600.0  # seconds; a file of pixels has its name for a moment only


def check(installation: Installation) -> Iterator[Finding]:
    """Disks, memory for pixels, what dead programs have left there."""
    locations = installation.locations
    yield from disks((locations.presets, locations.log.parent, locations.app))
    yield pixels()
    yield from leftovers(installation)


def disks(places: Sequence[Path]) -> Iterator[Finding]:
    """Every disk once, by the first of the folders that is on it."""
    seen: dict[int, Path] = {}
    for place in places:
        there = next(path for path in (place, *place.parents) if path.exists())
        seen.setdefault(os.stat(there).st_dev, there)
    for there in seen.values():
        free = shutil.disk_usage(there).free
        if free < _DISK:
            text = Phrase(
                "The disk of {folder} is nearly full: {free} MiB are free.",
                folder=there,
                free=free // _MIB,
            )
            yield Finding("wrong", text, _tidy())
        else:
            text = Phrase(
                "Room on the disk of {folder}: {free} GiB", folder=there, free=f"{free / 2**30:.1f}"
            )
            yield Finding("ok", text)


def pixels() -> Finding:
    """Whether as much can be had as two strips of a large layer take: it is had, and given back."""
    try:
        PixelMemory(_PIXELS).close()
    except NeuralPresetError as problem:
        return Finding("wrong", problem.phrase, _tidy())
    size = _PIXELS // _MIB
    return Finding("ok", Phrase("Room for the pixels of large layers: {size} MiB", size=size))


def leftovers(installation: Installation) -> Iterator[Finding]:
    """Pixels of programs that were ended in the moment in which such a file has a name."""
    now, left, size = time.time(), [], 0
    places = dict.fromkeys((Path("/dev/shm"), Path(tempfile.gettempdir())))
    for path in (path for place in places for path in place.glob(f"{PREFIX}*")):
        status = path.lstat()
        ours = os.name == "nt" or status.st_uid == os.geteuid()
        if ours and path.is_file() and now - status.st_mtime > _LEFT_BEHIND:
            left.append(path)
            size += status.st_size
    if left:
        text = Phrase(
            "Pixels of a program that was ended take up {size} MiB: {files}",
            size=max(size // _MIB, 1),
            files=listed(*left[:8]),
        )
        verb = "del" if installation.machine.is_windows else "rm"
        remedy = Remedy(Phrase("Remove them:"), installation.shell(verb, *left))
        yield Finding("note", text, remedy)


def _tidy() -> Remedy:
    return Remedy(Phrase("Delete what you do not need there."))
