"""The installation from its beginning to its proof."""

from __future__ import annotations

import errno
import io
import logging
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import core
from core.errors import NeuralPresetError
from core.process.filelock import FileLock
from core.setup import (
    application,
    checks,
    environment,
    gimps,
    launcher,
    leftovers,
    pip,
    plugin,
    removal,
    sample,
)
from core.setup.journal import Journal
from core.setup.machine import Machine, SetupError
from core.setup.options import Options, parse
from core.setup.places import Places
from core.setup.steps import steps

CHECKOUT = Path(__file__).resolve().parents[2]
_IN_USE = (5, 32)  # Windows' "access denied" and "sharing violation"
_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs install.py; the exit status is 0 only if everything is in place and was tried."""
    options = parse(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Not every terminal has the letters of every path.
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    # Nobody else may change what GIMP will run.
    os.umask(os.umask(0o022) | 0o022)
    try:
        machine = Machine.here()
        checks.check_user(machine)
        _run(options, machine, Places.on(machine))
        return 0
    except NeuralPresetError as error:
        problem = str(error)
    except OSError as error:
        problem = _in_plain_words(error)
    except KeyboardInterrupt:
        problem = "Stopped. Run install.py again to finish the installation."
    sys.stdout.flush()
    print(f"install.py: {problem}", file=sys.stderr)
    return 1


def _run(options: Options, machine: Machine, places: Places) -> None:
    found = gimps.programs(machine)
    directories = list(options.gimp_directories)
    if not directories:
        directories = gimps.with_new_gimps(machine, gimps.configurations(machine), found)
    if options.uninstall:
        checks.check_ours(places)
        checks.check_writable(places.home)
    else:
        checks.check_places(places, directories)
    if options.dry_run:
        _say_what_would_be_done(options, places, directories)
        return
    if not options.uninstall and environment.marker(places.venv) is None:
        environment.check_python()
        checks.check_room(places.home, options.backend)
    places.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(places.lock)
    if not lock.acquire(0):
        raise SetupError(
            "Another install.py is at work, or what is left of one that was stopped: wait until it "
            "has ended and run install.py again."
        )
    lock.share()
    try:
        if options.uninstall:
            removal.uninstall(places, directories, options.purge)
        else:
            changed = _install(options, places, directories)
            if changed or options.repair or not any(places.sample.glob("*.jpg")):
                _prove(places, found, directories)
    finally:
        lock.release()
    if options.uninstall:
        removal.remove_home(places)
    else:
        _last_words(machine, places, directories)


def _say_what_would_be_done(options: Options, places: Places, directories: list[Path]) -> None:
    if options.uninstall:
        for path in removal.installed(places, directories, options.purge):
            _log.info("Would be removed: %s", path)
    else:
        for step in steps(CHECKOUT, options, places, directories):
            _log.info("%s: %s", "In place" if step.is_done() else "Would be made", step.title)
    _log.info("Nothing was changed.")


def _install(options: Options, places: Places, directories: list[Path]) -> bool:
    """Does the steps that are not done yet; says whether there were any."""
    before = Journal.read(places.journal)
    if before is not None and not before.finished:
        _log.info("The last installation was not finished: doing the rest of it now.")
        # It may have been a power cut, which leaves empty what was written last.
        options = replace(options, repair=True)
    plugins = [plugin.place(directory) for directory in directories]
    leftovers.clean(places, plugins)
    if options.repair:
        for path in (places.venv, places.app, *plugins):
            application.forget_bytecode(path)
    journal = (before or Journal()).also_in(directories)
    if options.torch_index:
        journal = replace(journal, torch_index=options.torch_index)
    elif journal.torch_index and options.wheels is None:
        # A repair must not fetch another, much larger torch.
        options = replace(options, torch_index=journal.torch_index)
    todo = steps(CHECKOUT, options, places, directories)
    if CHECKOUT != places.app.resolve():
        journal = replace(journal, checkout=str(CHECKOUT))
    replace(journal, finished=False).write(places.journal)
    changed = False
    for number, step in enumerate(todo, start=1):
        if step.is_done():
            _log.info("[%d/%d] In place: %s", number, len(todo), step.title)
            continue
        if not changed:
            removal.stop_running_worker(places)
        changed = True
        _log.info("[%d/%d] Making %s", number, len(todo), step.title)
        step.do()
    if changed:
        # A GIMP may have started one again meanwhile, half old and half new.
        removal.stop_running_worker(places)
    replace(journal, finished=True, version=core.__version__).write(places.journal)
    return changed


def _prove(places: Places, found: list[gimps.Gimp], directories: list[Path]) -> None:
    """Applies a built-in preset to the sample in the first GIMP that fits, else without one."""
    _log.info("Trying it on a photo")
    fitting = [
        (gimp, directory)
        for gimp in found
        for directory in directories
        if directory.name == gimp.version or not gimps.is_version(directory.name)
    ]
    if fitting:
        proof = sample.through_gimp(places, *fitting[0])
    else:
        proof = sample.through_command_line(places)
    _log.info("It works, through %s. Before and after:", proof.way)
    _log.info("  %s", proof.photo)
    _log.info("  %s", proof.result)


def _last_words(machine: Machine, places: Places, directories: list[Path]) -> None:
    if not directories:
        _log.info("No GIMP 3 was found. Start GIMP 3 once, then run install.py again.")
    sandboxes = gimps.sandboxes(machine)
    for kind, version in sandboxes.items():
        if not any(directory.name == version for directory in directories):
            _log.info(
                "GIMP %s from %s has not run yet: start it once, then run install.py again.",
                version,
                kind,
            )
    if sandboxes or any(map(gimps.is_sandboxed, directories)):
        _log.info(
            "A GIMP from Flatpak or Snap runs in a sandbox, which is untried: if the plug-in "
            "cannot start its worker there, use the GIMP of your distribution."
        )
    if not launcher.is_on_path(places, machine):
        _log.info("To call neural-preset by name, add %s to PATH.", places.launcher.parent)
    if directories:
        _log.info("Ready: start GIMP (again) and look into Filters > Neural Preset.")
    else:
        _log.info("Ready: %s --help", places.launcher)


def _in_plain_words(error: OSError) -> str:
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        # Several, of which one will do.
        source, where, why = error.args[0][0]
        where = source if "Permission denied" in str(why) else where
    else:
        where, why = error.filename or "the disk", error.strerror or error
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or pip.full_disk(str(why)):
        return f"The disk is full ({where}). Make room and run install.py again."
    if getattr(error, "winerror", None) in _IN_USE:
        return f"{where} is in use. Close GIMP and run install.py again."
    if error.errno == errno.EROFS:
        return f"The disk of {where} is read-only. Make it writable and run install.py again."
    if isinstance(error, PermissionError):
        return f"You are not allowed to change {where}: give yourself the right to and try again."
    return f"{where}: {why}. Run install.py again."
