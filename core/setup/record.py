"""The record of where everything lies, written by the environment that knows it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from core.locations import HOME_VARIABLE
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
    """Whether the record names this environment and the directory `app`."""
    try:
        record = json.loads(places.record.read_text(encoding="utf-8"))
        return record["python"] == str(places.python) and os.path.samefile(record["app"], app)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write(places: Places) -> None:
    """Lets the environment's Python write the record; SetupError if it does not find `core`."""
    swap.remove(places.record)
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
