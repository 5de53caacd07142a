"""Directories that change from the old to the new in one step, or not at all.

The new one is built beside its place as NAME.new and then renamed; the old one waits as NAME.old
until that is done, so that `recover` can put it back after a power cut in between.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yields an empty name beside `target`; what the block makes there takes its place.

    After any exception `target` is as it was, and nothing half-made fills the disk.
    """
    try:
        yield new_place(target)
        put_in_place(target)
    except BaseException:
        with suppress(OSError):
            recover(target)
        raise


def copy_tree(
    source: Path, new: Path, ignore: Callable[[str, list[str]], set[str]] | None = None
) -> None:
    """Copies what the files hold, not that they are write-protected, as on a disc they all are."""
    shutil.copytree(source, new, ignore=ignore, copy_function=shutil.copyfile)
    for folder in (new, *new.rglob("*")):
        if folder.is_dir():
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IRWXU)


def new_place(target: Path) -> Path:
    """An empty name beside `target` to build its successor in."""
    new = target.with_name(target.name + ".new")
    remove(new)
    target.parent.mkdir(parents=True, exist_ok=True)
    return new


def put_in_place(target: Path) -> None:
    """Renames what was built in `new_place(target)` to `target`; its predecessor goes."""
    old = _old(target)
    remove(old)
    if os.path.lexists(target):
        os.rename(target, old)
    os.rename(target.with_name(target.name + ".new"), target)
    remove(old)


def recover(target: Path) -> bool:
    """Cleans up after an interrupted change of `target`; says whether there was one."""
    old = _old(target)
    interrupted = len(traces(target)) > os.path.lexists(target)
    if os.path.lexists(old) and not os.path.lexists(target):
        os.rename(old, target)
    remove(target.with_name(target.name + ".new"))
    remove(old)
    return interrupted


def traces(target: Path) -> list[Path]:
    """What there is of `target`: itself, its successor, its predecessor."""
    names = (target, target.with_name(target.name + ".new"), _old(target))
    return [path for path in names if os.path.lexists(path)]


def remove(path: Path) -> bool:
    """Deletes a file, a link (never what it points at) or a whole directory, if it is there."""
    if not os.path.lexists(path):
        return False
    if path.is_dir() and not path.is_symlink():
        try:
            shutil.rmtree(path)
        except PermissionError:
            _make_writable(path)
            shutil.rmtree(path)
    else:
        path.unlink()
    return True


def remove_protected(file: Path) -> None:
    """Deletes a file of ours that somebody has write-protected, which nothing would replace."""
    if file.exists() and not os.access(file, os.W_OK):
        remove(file)


def _old(target: Path) -> Path:
    return target.with_name(target.name + ".old")


def _make_writable(folder: Path) -> None:
    """Read-only folders stop Linux from deleting what is in them, read-only files Windows."""
    folder.chmod(stat.S_IRWXU)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _make_writable(path)
        elif os.name == "nt":
            path.chmod(stat.S_IRWXU)
