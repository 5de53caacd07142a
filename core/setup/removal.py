"""Taking everything away again that the installer made."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from core.client import stop_worker
from core.commands import resume
from core.errors import NeuralPresetError
from core.locations import RECORD, WINDOWS, Locations
from core.setup import launcher, leftovers, plugin, swap
from core.setup.journal import Journal
from core.setup.places import APP_NAME, Places

_OUR_DIRECTORIES = (APP_NAME, "log")
_log = logging.getLogger(__name__)


def stop_running_worker(places: Places, gimp_directories: Sequence[Path] = ()) -> None:
    """Ends the worker of this installation, which would go on with what it has loaded."""
    locations = _known(places, gimp_directories)
    with contextlib.suppress(NeuralPresetError, OSError):
        if locations is not None and stop_worker(locations):
            _log.info("Stopped the background worker")


def installed(places: Places, gimp_directories: list[Path], purge: bool) -> list[Path]:
    """What there is to remove, in order: the record and the journal tell where the rest is."""
    journal = Journal.read(places.journal) or Journal()
    directories = [Path(each) for each in journal.also_in(gimp_directories).gimp_directories]
    replaced = [*map(plugin.place, directories), places.venv, places.app]
    paths = [trace for path in replaced for trace in swap.traces(path)]
    if launcher.is_ours(places.launcher):
        paths.append(places.launcher)
    paths += [places.sample, places.log, places.temporary, places.presets.parent / WINDOWS]
    if (locations := _known(places, directories)) is not None:
        logs = locations.log.parent
        paths += [*logs.glob(locations.log.name + "*"), logs / resume.FOLDER, locations.runtime]
    if purge:
        paths.append(places.presets)
    paths += [*leftovers.temporary_files(places), places.record, places.journal]
    return list(filter(os.path.lexists, paths))


def _known(places: Places, gimp_directories: Sequence[Path]) -> Locations | None:
    """What the record says or, should it be damaged, a plug-in's copy of it."""
    copies = [plugin.place(directory) / RECORD for directory in gimp_directories]
    for record in (places.record, *copies):
        with contextlib.suppress(NeuralPresetError):
            locations = Locations.load(record)
            if locations.python == places.python:
                return locations
    return None


def uninstall(places: Places, gimp_directories: list[Path], purge: bool) -> None:
    """Removes plug-ins, launcher, environment and application; presets only with `purge`."""
    stop_running_worker(places, gimp_directories)
    paths = installed(places, gimp_directories, purge)
    for path in paths:
        if path.is_symlink():
            plugin.forget_record(path)
        swap.remove(path)
        _log.info("Removed %s", path)
        if path.parent.name in _OUR_DIRECTORIES:
            _remove_if_empty(path.parent)
    if not paths:
        _log.info("Nothing of Neural Preset is installed.")
    if places.presets.is_dir():
        _log.info("Your presets stay in %s", places.presets)


def remove_home(places: Places) -> None:
    """Removes the home after the lock in it was let go, unless something of the user's is there."""
    with contextlib.suppress(OSError):
        places.lock.unlink()
    if places.home in places.launcher.parents:
        _remove_if_empty(places.launcher.parent)
    _remove_if_empty(places.home)


def _remove_if_empty(directory: Path) -> None:
    with contextlib.suppress(OSError):
        directory.rmdir()
