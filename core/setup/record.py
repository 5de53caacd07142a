"""The record of where everything lies, written by the environment that knows it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from core.errors import NeuralPresetError
from core.locations import HOME_VARIABLE, Locations
from core.setup import swap
from core.setup.machine import SetupError
from core.setup.places import Places

_SECONDS = 120
_WRITE = """
import sys, pathlib
from core.paths import locations
locations().save(pathlib.Path(sys.argv[1]))
"""


def is_current(places: Places, app: Path) -> bool:
    """Whether the record is whole and names these places and the directory `app`."""
    try:
        found = Locations.load(places.record)
        here = found.python == places.python and found.presets == places.presets
        return here and os.path.samefile(found.app, app)
    except (OSError, NeuralPresetError):
        return False


def write(places: Places) -> None:
    """Lets the environment's Python write the record; SetupError if it does not find `core`."""
    swap.remove_protected(places.record)
    environment = dict(os.environ)
    if places.moved:
        environment[HOME_VARIABLE] = str(places.home)
    done = subprocess.run(
        [str(places.python), "-I", "-c", _WRITE, str(places.record)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"The installed program does not start: {done.stderr.strip()[-1000:]}")
