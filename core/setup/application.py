"""The copy of the package `core` that the virtual environment runs."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from core import atomic
from core.setup import swap

LINK = "neural-preset.pth"
_BYTECODE = "__pycache__"


def digest(directory: Path) -> str:
    """Changes with any file's name or content; compiled Python code does not count."""
    whole = hashlib.sha256()
    for path in sorted(_files(directory)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(directory).as_posix()}\0{content}\n".encode())
    return whole.hexdigest()


def is_current(core: Path, app: Path) -> bool:
    """Whether `app`/core is a faithful copy of `core`."""
    return (app / "core").is_dir() and digest(app / "core") == digest(core)


def copy(core: Path, app: Path) -> None:
    """Makes `app`/core anew beside the old one, and takes its place when it is complete."""
    new = swap.new_place(app)
    shutil.copytree(core, new / "core", ignore=shutil.ignore_patterns(_BYTECODE))
    swap.put_in_place(app)


def link(venv: Path, app: Path) -> None:
    """Lets the environment's Python import from the directory `app`, also in isolated mode."""
    atomic.write_bytes(_link_file(venv), _link_text(app), overwrite=True)


def is_linked(venv: Path, app: Path) -> bool:
    """Whether `link` has been done for this directory."""
    try:
        return _link_file(venv).read_bytes() == _link_text(app)
    except (OSError, StopIteration):
        return False


def _link_file(venv: Path) -> Path:
    return next(venv.glob("[Ll]ib/**/site-packages")) / LINK


def _link_text(app: Path) -> bytes:
    # Code, not the bare path: Python 3.12 and older read .pth files in the locale's encoding, and
    # this is ASCII whatever the path.
    return f"import sys; sys.path.append({str(app)!a})\n".encode("ascii")


def _files(directory: Path) -> Iterator[Path]:
    for path in directory.rglob("*"):
        if path.is_file() and _BYTECODE not in path.parts:
            yield path
