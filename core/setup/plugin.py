"""Putting the plug-in into a GIMP's configuration directory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from core.locations import RECORD
from core.setup import swap

NAME = "neural-preset"
# Folders of the checkout that a plug-in has in its own; of the catalogues, what is read.
_BESIDE = ("icons", "locale")
_FOR_TRANSLATORS = ("*.po", "*.pot")


def place(gimp_directory: Path) -> Path:
    """The plug-in's folder in a GIMP's configuration directory."""
    return gimp_directory / "plug-ins" / NAME


def can_link() -> bool:
    """Whether this system makes links without special rights."""
    return os.name != "nt"


def is_current(checkout: Path, gimp_directory: Path, record: Path, editable: bool) -> bool:
    """Whether the plug-in there has the files of the checkout and the locations of `record`."""
    target = place(gimp_directory)
    try:
        same_record = (target / RECORD).read_bytes() == record.read_bytes()
        if editable and can_link():
            return same_record and target.is_symlink() and _source(checkout).samefile(target)
        return same_record and not target.is_symlink() and _same_files(checkout, target)
    except OSError:
        return False


def install(checkout: Path, gimp_directory: Path, record: Path, editable: bool) -> None:
    """Replaces the plug-in there as a whole; with `editable` by a link to the checkout's folder.

    GIMP looks only for a script named like its folder, so it ignores the half-made one beside.
    """
    source, target = _source(checkout), place(gimp_directory)
    new = swap.new_place(target)
    if editable and can_link():
        # A script behind a link runs with its real folder as its own: the record must lie there.
        shutil.copyfile(record, source / RECORD)
        new.symlink_to(source.resolve(), target_is_directory=True)
    else:
        shutil.copytree(source, new, ignore=shutil.ignore_patterns("__pycache__", RECORD))
        ignored = shutil.ignore_patterns(*_FOR_TRANSLATORS)
        for folder in _BESIDE:
            shutil.copytree(checkout / folder, new / folder, ignore=ignored)
        shutil.copyfile(record, new / RECORD)
    script = new / f"{NAME}.py"
    if not os.access(script, os.X_OK):
        script.chmod(0o755)
    # GIMP asks a plug-in again what it offers only when its script is newer than it knew.
    os.utime(script)
    swap.put_in_place(target)


def forget_record(placed: Path) -> None:
    """Takes the record back out of the checkout that a plug-in's place links to."""
    swap.remove(placed / RECORD)


def _source(checkout: Path) -> Path:
    return checkout / "plugin" / NAME


def _same_files(checkout: Path, target: Path) -> bool:
    wanted = _files(_source(checkout))
    for folder in _BESIDE:
        for name, path in _files(checkout / folder).items():
            if not any(path.match(pattern) for pattern in _FOR_TRANSLATORS):
                wanted[f"{folder}/{name}"] = path
    found = _files(target)
    return (
        wanted.keys() == found.keys()
        and all(found[name].read_bytes() == wanted[name].read_bytes() for name in wanted)
        and os.access(target / f"{NAME}.py", os.X_OK)
    )


def _files(directory: Path) -> dict[str, Path]:
    """All files by their path inside, but for compiled code and the record."""
    found = {}
    for path in directory.rglob("*"):
        name = path.relative_to(directory)
        if path.is_file() and "__pycache__" not in name.parts and name.as_posix() != RECORD:
            found[name.as_posix()] = path
    return found
