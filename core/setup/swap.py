"""Directories that change from the old to the new in one step, or not at all.

The new one is built beside its place as NAME.new and then renamed; the old one waits as NAME.old
until that is done, so that `recover` can put it back after a power cut in between.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


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
    new, old = target.with_name(target.name + ".new"), _old(target)
    interrupted = os.path.lexists(new) or os.path.lexists(old)
    if os.path.lexists(old) and not os.path.lexists(target):
        os.rename(old, target)
    remove(new)
    remove(old)
    return interrupted


def remove(path: Path) -> bool:
    """Deletes a file, a link (never what it points at) or a whole directory, if it is there."""
    if not os.path.lexists(path):
        return False
    if path.is_dir() and not path.is_symlink():
        if sys.version_info >= (3, 12):
            shutil.rmtree(path, onexc=_writable_first)
        else:
            shutil.rmtree(path, onerror=_writable_first)
    else:
        path.unlink()
    return True


def _old(target: Path) -> Path:
    return target.with_name(target.name + ".old")


def _writable_first(function: Callable[[str], Any], path: str, _: object) -> None:
    """Deletes files that are marked read-only, which stops Windows."""
    os.chmod(path, stat.S_IRWXU)
    function(path)
