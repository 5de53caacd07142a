"""Taking everything away again that the installer made."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from core.client import stop_worker
from core.errors import NeuralPresetError
from core.locations import Locations
from core.setup import launcher, plugin, swap
from core.setup.journal import Journal
from core.setup.places import Places

_log = logging.getLogger(__name__)


def stop_running_worker(places: Places) -> None:
    """Ends the worker of this installation, which would go on with what it has loaded."""
    with contextlib.suppress(NeuralPresetError, OSError):
        if stop_worker(Locations.load(places.record)):
            _log.info("Stopped the background worker")


def uninstall(places: Places, gimp_directories: list[Path], *, purge: bool, dry_run: bool) -> None:
    """Removes plug-ins, launcher, environment and application; presets only with `purge`."""
    journal = Journal.read(places.journal) or Journal()
    directories = map(Path, journal.also_in(gimp_directories).gimp_directories)
    plugins = [each for each in directories if os.path.lexists(plugin.place(each))]
    paths = _paths(places, purge)
    if dry_run:
        for path in [*map(plugin.place, plugins), places.launcher, *paths]:
            if os.path.lexists(path):
                _log.info("Would remove %s", path)
        return
    stop_running_worker(places)
    for directory in plugins:
        plugin.uninstall(directory)
        _log.info("Removed %s", plugin.place(directory))
    if launcher.uninstall(places):
        _log.info("Removed %s", places.launcher)
    for path in paths:
        swap.recover(path)
        if swap.remove(path):
            _log.info("Removed %s", path)
    _remove_empty(places)
    if places.presets.is_dir():
        _log.info("Your presets stay in %s", places.presets)


def _paths(places: Places, purge: bool) -> list[Path]:
    """What there is to remove, the record and the journal last: they tell where the rest is."""
    paths = [places.venv, places.app, places.sample, places.log, places.temporary]
    with contextlib.suppress(NeuralPresetError):
        locations = Locations.load(places.record)
        paths += [*locations.log.parent.glob(locations.log.name + "*"), locations.runtime]
    if purge:
        paths.append(places.presets)
    return [*paths, places.record, places.journal]


def _remove_empty(places: Places) -> None:
    """Directories that hold nothing any more; those with something in them stay."""
    with contextlib.suppress(OSError):
        places.lock.unlink()
    empty = [places.presets.parent, places.home / "log"]
    if places.moved or places.windows:
        empty.append(places.launcher.parent)
    for directory in [*empty, places.home]:
        with contextlib.suppress(OSError):
            directory.rmdir()
