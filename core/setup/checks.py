"""What can be known to fail before anything is changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from core.setup.machine import Machine, SetupError

_GIB = 1 << 30
_ROOM_GIB = {"auto": 4, "cpu": 4, "cuda": 12}


def check_user(machine: Machine) -> None:
    """Raises SetupError under sudo: GIMP's files belong to the user, not to root."""
    if machine.environ.get("SUDO_USER", "root") != "root" and hasattr(os, "geteuid"):
        if os.geteuid() == 0:
            raise SetupError(
                "Run install.py as yourself, without sudo: everything goes into your own folders."
            )


def check_writable(directory: Path) -> None:
    """Raises SetupError unless `directory`, or the nearest one above it, takes new files."""
    present = _nearest(directory)
    if not present.is_dir():
        raise SetupError(f"{present} is a file: a folder is needed there. Rename it.")
    if not os.access(present, os.W_OK | os.X_OK):
        raise SetupError(
            f"You are not allowed to write into {present}. Give yourself the right to, or choose "
            "another folder with the variable NEURAL_PRESET_HOME."
        )


def check_room(directory: Path, backend: str) -> None:
    """Raises SetupError when the disk has less room than the environment takes while it is made."""
    needed = _ROOM_GIB[backend]
    free = shutil.disk_usage(_nearest(directory)).free / _GIB
    if free < needed:
        raise SetupError(
            f"The disk of {directory} has {free:.1f} GiB free, but installing needs {needed} GiB. "
            "Make room, or choose a folder on another disk with the variable NEURAL_PRESET_HOME."
        )


def _nearest(path: Path) -> Path:
    """The path itself or the first above it that exists."""
    return next(each for each in (path, *path.parents) if each.exists())
