"""Full disks, made of memory and seen by the doctor alone; and what a dead program has left."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from tests.doctor.cases import DELETE, causes
from tests.doctor.patients import Patient, in_namespace

SMALL = "mount -t tmpfs -o size=1m tmpfs"
SHARED = Path("/dev/shm")


def _small_presets(patient: Patient) -> list[str]:
    patient.places.presets.mkdir()
    return in_namespace(f'{SMALL} "$1"', patient.places.presets)


def _small_files(_patient: Patient) -> list[str]:
    return ["sh", "-c", 'ulimit -f 1000 && exec "$@"', "sh"]


@causes(
    "room",
    "The disk of {folder} is nearly full: {free} MiB are free.",
    DELETE,
    by=_small_presets,
)
def the_disk_is_full(_patient: Patient) -> None:
    """Seen so by the doctor alone."""


@causes(
    "room",
    "There is no room for {size} MiB of pixels in {where}: free some space there and try again.",
    DELETE,
    by=_small_files,
)
def there_is_no_room_for_pixels(_patient: Patient) -> None:
    """No file may be larger than a megabyte."""


@causes(
    "room",
    "Pixels of a program that was ended take up {size} MiB: {files}",
    "Remove them:",
    cured=True,
)
@contextlib.contextmanager
def pixels_were_left(_patient: Patient) -> Iterator[None]:
    left = SHARED / f"neural-preset-left by {os.getpid()}"
    left.write_bytes(bytes(100))
    yesterday = time.time() - 86400
    os.utime(left, (yesterday, yesterday))
    try:
        yield
    finally:
        left.unlink(missing_ok=True)
