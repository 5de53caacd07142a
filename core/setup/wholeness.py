"""Whether the packages of the running Python are whole: pip notes the sum of every file."""

from __future__ import annotations

import base64
import csv
import hashlib
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_BLOCK = 1 << 20


def notes(packages: Path) -> str:
    """The sum of all of pip's notes, which changes when a package or a note goes missing."""
    whole = hashlib.sha256()
    for note in sorted(packages.glob("*.dist-info/RECORD")):
        whole.update(f"{note.parent.name}\0".encode() + note.read_bytes())
    return whole.hexdigest()


@dataclass(frozen=True)
class Recorded:
    """A file in pip's notes: "sha256=..." in URL-safe base64, and bytes; either may be missing."""

    path: Path
    hash: str
    size: int | None


def recorded(packages: Path) -> Iterator[Recorded]:
    """All files of all packages, there or not: `importlib.metadata` leaves missing ones out.

    Files beyond the folder of packages are left out: the installer itself changes them.
    """
    for note in sorted(packages.glob("*.dist-info/RECORD")):
        with note.open(encoding="utf-8", newline="") as lines:
            for name, hashed, size, *_ in (line for line in csv.reader(lines) if len(line) > 2):
                if ".." not in PurePosixPath(name).parts:
                    yield Recorded(packages / name, hashed, int(size) if size.isdigit() else None)


def damaged(packages: Path) -> Iterator[Path]:
    """The files that are missing or do not hold what pip has put into them."""
    for file in recorded(packages):
        if file.hash and not _is_whole(file):
            yield file.path


def installed_here() -> Path:
    """The folder of packages of the running Python."""
    return Path(sysconfig.get_path("purelib"))


def _is_whole(file: Recorded) -> bool:
    method, _, noted = file.hash.partition("=")
    try:
        found = hashlib.new(method)
        with file.path.open("rb") as content:
            while block := content.read(_BLOCK):
                found.update(block)
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(found.digest()).decode().rstrip("=") == noted
