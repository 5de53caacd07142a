"""The copy of the program that the virtual environment runs, and that can repair itself.

It holds the package `core`, and all that install.py needs: a user who has thrown the checkout away
can still repair and remove what was installed, by the install.py of the copy.
"""

from __future__ import annotations

import fnmatch
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from core import atomic
from core.locations import RECORD
from core.setup import swap

LINK = "neural-preset.pth"
INSTALLER = "install.py"
SUMS = "files.sha256"
_PARTS = ("core", "plugin/neural-preset", "icons", "locale", INSTALLER, "pyproject.toml")
# Compiled code, a developer's record, and what only translators need.
_IGNORED = ("__pycache__", RECORD, "*.po", "*.pot")


def sums(directory: Path) -> dict[str, str]:
    """The SHA-256 sums of the program's files in a checkout or a copy, by their paths within."""
    return {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(_files(directory))
    }


def noted_sums(app: Path) -> dict[str, str] | None:
    """The sums that `copy` has noted, in the format of sha256sum; None where there are none."""
    try:
        lines = (app / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def is_current(checkout: Path, app: Path) -> bool:
    """Whether `app` is a faithful copy of the checkout."""
    wanted = sums(checkout)
    try:
        return noted_sums(app) == wanted == sums(app)
    except OSError:
        return False


def copy(checkout: Path, app: Path) -> None:
    """Makes `app` anew beside the old one, and takes its place when it is complete."""
    with swap.replacing(app) as new:
        for part in _PARTS:
            source, target = checkout / part, new / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                swap.copy_tree(source, target, shutil.ignore_patterns(*_IGNORED))
            else:
                shutil.copyfile(source, target)
        lines = (f"{digest}  {name}\n" for name, digest in sums(checkout).items())
        (new / SUMS).write_text("".join(lines), encoding="utf-8")


def forget_bytecode(directory: Path) -> None:
    """Removes compiled code, of which nobody can say whether it is whole; Python makes it anew."""
    for folder in list(directory.rglob("__pycache__")):
        swap.remove(folder)


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
    for part in _PARTS:
        place = directory / part
        for path in [place, *place.rglob("*")]:
            names = path.relative_to(directory).parts
            if path.is_file() and not any(map(_is_ignored, names)):
                yield path


def _is_ignored(name: str) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in _IGNORED)
