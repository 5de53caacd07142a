"""The command `neural-preset` on the user's PATH."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from core import atomic
from core.locations import HOME_VARIABLE
from core.setup.machine import Machine, SetupError
from core.setup.places import Places

_OURS = "Made by Neural Preset's install.py"


def text(places: Places) -> str:
    """The script; a moved installation also finds its presets and worker without the variable."""
    if places.windows:
        home, python = (str(path).replace("%", "%%") for path in (places.home, places.python))
        home = f'if not defined {HOME_VARIABLE} set "{HOME_VARIABLE}={home}"\n'
        lines = f"@echo off\nrem {_OURS}\nsetlocal\nchcp 65001 >nul\n"
        lines += home if places.moved else ""
        lines += f'"{python}" -I -m core %*\n'
        return lines.replace("\n", "\r\n")
    home = f'[ -n "${HOME_VARIABLE}" ] || {HOME_VARIABLE}={_quoted(places.home)}\n'
    home += f"export {HOME_VARIABLE}\n"
    lines = f"#!/bin/sh\n# {_OURS}\n"
    lines += home if places.moved else ""
    return lines + f'exec {_quoted(places.python)} -I -m core "$@"\n'


def is_current(places: Places) -> bool:
    """Whether the launcher is there as it should be."""
    try:
        return places.launcher.read_bytes() == text(places).encode()
    except OSError:
        return False


def install(places: Places) -> None:
    """Writes the launcher; a file of that name that is not ours stays, with a SetupError."""
    launcher = places.launcher
    check_ours(launcher)
    launcher.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(launcher, text(places).encode(), overwrite=True)
    launcher.chmod(0o755)


def check_ours(launcher: Path) -> None:
    """Raises SetupError when a file of that name is there that is not ours."""
    if os.path.lexists(launcher) and not is_ours(launcher):
        raise SetupError(
            f"{launcher} is there already and is not ours: rename it and run install.py again."
        )


def is_on_path(places: Places, machine: Machine) -> bool:
    """Whether the shell finds the launcher's directory."""
    directories = machine.environ.get("PATH", "").split(os.pathsep)
    return str(places.launcher.parent) in [directory.rstrip("/\\") for directory in directories]


def is_ours(launcher: Path) -> bool:
    """Whether this file was written by `install`."""
    try:
        content = launcher.read_bytes()[:1000]
    except OSError:
        return False
    # What a full disk or a power cut has left of it is ours, too.
    return _OURS.encode() in content or b"-I -m core" in content or not content.strip()


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
