"""Starting the worker so that nothing of it depends on who started it (standard library only)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.errors import WorkerError
from core.locations import Locations

IDLE_MINUTES = 10.0
NO_PLACE = 4  # exit status: the worker's folder took neither lock nor socket
# What a program sets for itself and its own Python would break ours (GIMP 2.10 sets PYTHONPATH
# to Python 2 modules, packaged programs LD_LIBRARY_PATH to their own libraries).
_UNWANTED = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "GI_TYPELIB_PATH")
# `-I` keeps the current directory and PYTHON* out; the package is then found by its path.
_BOOT = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('core.worker', run_name='__main__', alter_sys=True)"
)

# Kept, so that the children of a long-lived client are reaped and never reported as forgotten.
_children: list[subprocess.Popen[bytes]] = []


def command(locations: Locations, idle_minutes: float = IDLE_MINUTES) -> list[str]:
    """The worker's command line: `python -I -m core.worker ...`, with `app` put on its path."""
    return [
        *(str(locations.python), "-I", "-c", _BOOT, str(locations.app)),
        *("--runtime", str(locations.runtime), "--log", str(locations.log)),
        *("--idle-minutes", str(idle_minutes)),
    ]


def environment() -> dict[str, str]:
    """Our environment without what would mislead the worker.

    OMP_WAIT_POLICY: threads of OpenMP that spin while they wait made the encoder 5 to 15 times
    slower on a busy machine.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    kept["OMP_WAIT_POLICY"] = "PASSIVE"
    return kept


def launch(locations: Locations, idle_minutes: float = IDLE_MINUTES) -> subprocess.Popen[bytes]:
    """Start a worker, detached: own session, no inherited files, /dev/null as stdio.

    Raises WorkerError where the installation is incomplete.
    """
    _children[:] = [child for child in _children if child.poll() is None]
    if not os.path.isfile(locations.app / "core" / "worker.py"):
        raise WorkerError(
            "Neural Preset is not completely installed: {folder} has no worker. Run "
            "install.py --repair.",
            folder=locations.app,
        )
    try:
        child = subprocess.Popen(
            command(locations, idle_minutes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            # A working directory of its own: the worker must not keep a disk from being removed.
            cwd=Path(locations.app.anchor or os.sep),
            env=environment(),
            start_new_session=True,
            creationflags=_windows_flags(),
        )
    except OSError as error:
        raise WorkerError(
            "The background worker cannot be started with {python} ({reason}). Run "
            "install.py --repair.",
            python=locations.python,
            reason=error.strerror or error,
        ) from error
    _children.append(child)
    return child


def _windows_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
