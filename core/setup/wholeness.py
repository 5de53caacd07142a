"""Whether the packages of the running Python are whole: pip notes the sum of every file."""

from __future__ import annotations

import base64
import hashlib
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

_BLOCK = 1 << 20


def notes(packages: Path) -> str:
    """The sum of all of pip's notes, which changes when a package or a note goes missing."""
    whole = hashlib.sha256()
    for note in sorted(packages.glob("*.dist-info/RECORD")):
        whole.update(f"{note.parent.name}\0".encode() + note.read_bytes())
    return whole.hexdigest()


def damaged(packages: Path) -> Iterator[Path]:
    """The files that are missing or do not hold what pip has put into them.

    Files beyond the folder of packages are left out: the installer itself changes them.
    """
    for distribution in metadata.distributions(path=[str(packages)]):
        for file in distribution.files or ():
            if file.hash is not None and ".." not in file.parts:
                path = Path(str(distribution.locate_file(file)))
                if not _is_whole(path, file.hash):
                    yield path


def installed_here() -> Path:
    """The folder of packages of the running Python."""
    return Path(sysconfig.get_path("purelib"))


def _is_whole(path: Path, noted: metadata.FileHash) -> bool:
    found = hashlib.new(noted.mode)
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
    except OSError:
        return False
    return base64.urlsafe_b64encode(found.digest()).decode().rstrip("=") == noted.value
