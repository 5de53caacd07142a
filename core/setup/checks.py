"""What can be known to fail before anything is changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from core.setup import launcher, plugin
from core.setup.machine import Machine, SetupError
from core.setup.places import Places

_GIB = 1 << 30
_NO_ROOM = 64 << 20
_ELSEWHERE = "choose another folder with the variable NEURAL_PRESET_HOME"
_ROOM_GIB = {"auto": 4, "cpu": 4, "cuda": 12}


def check_user(machine: Machine) -> None:
    """Raises SetupError under sudo: GIMP's files belong to the user, not to root."""
    callers = {machine.environ.get(name, "root") for name in ("SUDO_USER", "DOAS_USER")}
    callers.add(machine.environ.get("PKEXEC_UID", "0"))
    if callers - {"root", "0"} and hasattr(os, "geteuid") and os.geteuid() == 0:
        raise SetupError(
            "Run install.py as yourself, without sudo: everything goes into your own folders."
        )


def check_places(places: Places, gimp_directories: list[Path]) -> None:
    """Raises SetupError where something of the user's, or of another's, stands in the way."""
    check_ours(places)
    if os.pathsep in str(places.venv):
        raise SetupError(
            f"The path {places.home} has a “{os.pathsep}” in it, which Python's environments do "
            "not take: choose another folder with the variable NEURAL_PRESET_HOME."
        )
    check_writable(places.home)
    check_writable(places.launcher.parent)
    launcher.check_ours(places.launcher)
    for directory in gimp_directories:
        otherwise = "leave this GIMP out: --gimp-dir DIR names another"
        check_writable(plugin.place(directory).parent, otherwise)


def check_ours(places: Places) -> None:
    """Raises SetupError when $NEURAL_PRESET_HOME is a folder with an `app` of somebody else's."""
    if any(os.path.lexists(path) for path in (places.journal, places.record, places.lock)):
        return
    for path in (places.venv, places.app, places.sample):
        if os.path.lexists(path):
            raise SetupError(
                f"{path} is there already and is not ours: choose another folder with the variable "
                "NEURAL_PRESET_HOME, or rename it."
            )


def check_writable(directory: Path, otherwise: str = _ELSEWHERE) -> None:
    """Raises SetupError unless `directory`, or the nearest one above it, takes new files."""
    present = _nearest(directory)
    if not present.is_dir():
        raise SetupError(f"{present} is a file: a folder is needed there. Rename it.")
    if not os.access(present, os.W_OK | os.X_OK):
        raise SetupError(
            f"You are not allowed to write into {present}. Give yourself the right to, or "
            f"{otherwise}."
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


def is_full(directory: Path) -> bool:
    """Whether the disk has no room worth speaking of, which explains many a failure."""
    return shutil.disk_usage(_nearest(directory)).free < _NO_ROOM


def _nearest(path: Path) -> Path:
    """The path itself or the first above it that exists."""
    return next(each for each in (path, *path.parents) if each.exists())
