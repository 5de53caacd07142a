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
            return same_record and is_linked(checkout, gimp_directory)
        return same_record and not target.is_symlink() and is_whole(checkout, gimp_directory)
    except OSError:
        return False


def is_linked(checkout: Path, gimp_directory: Path) -> bool:
    """Whether the plug-in there is the checkout's own folder."""
    target = place(gimp_directory)
    return target.is_symlink() and target.exists() and _source(checkout).samefile(target)


def is_whole(checkout: Path, gimp_directory: Path) -> bool:
    """Whether the plug-in there has the files of the checkout, and GIMP may run it."""
    script = place(gimp_directory) / f"{NAME}.py"
    return not differences(checkout, gimp_directory) and os.access(script, os.X_OK)


def differences(checkout: Path, gimp_directory: Path) -> list[str]:
    """The files of the plug-in there that are missing, changed, or not of the checkout's."""
    wanted = _files(_source(checkout))
    for folder in _BESIDE:
        for name, path in _files(checkout / folder).items():
            if not any(path.match(pattern) for pattern in _FOR_TRANSLATORS):
                wanted[f"{folder}/{name}"] = path
    found = _files(place(gimp_directory))
    return sorted(
        name
        for name in wanted.keys() | found.keys()
        if name not in wanted
        or name not in found
        or found[name].read_bytes() != wanted[name].read_bytes()
    )


def install(checkout: Path, gimp_directory: Path, record: Path, editable: bool) -> None:
    """Replaces the plug-in there as a whole; with `editable` by a link to the checkout's folder.

    GIMP looks only for a script named like its folder, so it ignores the half-made one beside.
    """
    with swap.replacing(place(gimp_directory)) as new:
        _build(checkout, new, record, editable)


def _build(checkout: Path, new: Path, record: Path, editable: bool) -> None:
    source = _source(checkout)
    if editable and can_link():
        # A script behind a link runs with its real folder as its own: the record must lie there.
        shutil.copyfile(record, source / RECORD)
        new.symlink_to(source.resolve(), target_is_directory=True)
    else:
        swap.copy_tree(source, new, shutil.ignore_patterns("__pycache__", RECORD))
        ignored = shutil.ignore_patterns(*_FOR_TRANSLATORS)
        for folder in _BESIDE:
            swap.copy_tree(checkout / folder, new / folder, ignored)
        shutil.copyfile(record, new / RECORD)
    script = new / f"{NAME}.py"
    if not os.access(script, os.X_OK):
        script.chmod(0o755)
    # GIMP asks a plug-in again what it offers only when its script is newer than it knew.
    os.utime(script)


def forget_record(placed: Path) -> None:
    """Takes the record back out of the checkout that a plug-in's place links to."""
    swap.remove(placed / RECORD)


def _source(checkout: Path) -> Path:
    return checkout / "plugin" / NAME


def _files(directory: Path) -> dict[str, Path]:
    """All files by their path inside, but for compiled code and the record."""
    found = {}
    for path in directory.rglob("*"):
        name = path.relative_to(directory)
        if path.is_file() and "__pycache__" not in name.parts and name.as_posix() != RECORD:
            found[name.as_posix()] = path
    return found
