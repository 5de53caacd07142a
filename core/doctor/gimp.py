"""Every GIMP 3 of the user, and the plug-in in each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.doctor.finding import Finding, Remedy
from core.doctor.installation import Installation
from core.doctor.program import some
from core.doctor.remedies import repair
from core.errors import InputError
from core.locations import RECORD, Locations
from core.phrase import Phrase
from core.setup import gimps, plugin
from core.setup.gimps import Gimp


def check(installation: Installation) -> Iterator[Finding]:
    """Programs, then the plug-in in every configuration directory."""
    found = gimps.programs(installation.machine)
    yield from programs(installation, found)
    usual = of_the_installer(installation, found)
    for directory in directories(installation, found):
        # Those that it finds itself need not be named to install.py.
        options = () if directory in usual else ("--gimp-dir", str(directory))
        yield in_directory(installation, directory, repair(installation, *options))


def programs(installation: Installation, found: Sequence[Gimp]) -> Iterator[Finding]:
    """What can be started here; of a GIMP in a sandbox only its configuration is seen."""
    once = {(gimp.version, gimp.program.parent): gimp for gimp in reversed(found)}
    for gimp in reversed(once.values()):
        text = Phrase("GIMP {version}: {file}", version=gimp.version, file=gimp.program)
        yield Finding("ok", text)
    if not found and not directories(installation, found):
        remedy = repair(installation)
        text = Phrase("No GIMP 3 was found: there is the command line alone.")
        words = Phrase("Install GIMP 3, start it once, and then type:")
        yield Finding("note", text, Remedy(words, remedy.command))


def of_the_installer(installation: Installation, found: Sequence[Gimp]) -> list[Path]:
    """The configurations that install.py would choose today."""
    machine = installation.machine
    return gimps.with_new_gimps(machine, gimps.configurations(machine), list(found))


def directories(installation: Installation, found: Sequence[Gimp]) -> list[Path]:
    """Those, and where the plug-in was once put and still is."""
    journal = installation.journal
    noted = [Path(name) for name in journal.gimp_directories] if journal else []
    left = [directory for directory in noted if os.path.lexists(plugin.place(directory))]
    usual = of_the_installer(installation, found)
    once = {directory.resolve(): directory for directory in (*left, *usual)}
    return list(once.values())


def in_directory(installation: Installation, directory: Path, remedy: Remedy) -> Finding:
    """What can be said of the plug-in in one configuration; `remedy` puts it there anew."""
    place = plugin.place(directory)
    script = place / f"{plugin.NAME}.py"
    if not os.path.lexists(place):
        text = Phrase("The plug-in is not in {folder}.", folder=directory)
        return Finding("note", text, Remedy(Phrase("Put it there:"), remedy.command))
    if not script.is_file():
        text = Phrase("The plug-in in {folder} has no {file}.", folder=place, file=script.name)
        return Finding("wrong", text, remedy)
    if os.name != "nt" and not os.access(script, os.X_OK):
        text = Phrase("GIMP ignores {file}: it is not executable.", file=script)
        command = installation.shell("chmod", "+x", script)
        return Finding("wrong", text, Remedy(Phrase("Let it be run:"), command))
    return _belonging(installation, directory, remedy)


def _belonging(installation: Installation, directory: Path, remedy: Remedy) -> Finding:
    """Whether the plug-in belongs to this installation, and is as old."""
    place, ours = plugin.place(directory), installation.locations
    try:
        record = Locations.load(place / RECORD)
    except InputError as problem:
        return Finding("wrong", problem.phrase, remedy)
    if not record.python.exists() or not (record.app / "core").is_dir():
        text = Phrase(
            "The plug-in in {folder} belongs to an installation that is gone: {app}",
            folder=place,
            app=record.app,
        )
        return Finding("wrong", text, remedy)
    if record.app.resolve() != ours.app.resolve():
        text = Phrase(
            "The plug-in in {folder} belongs to another installation: {app}",
            folder=place,
            app=record.app,
        )
        return Finding("note", text, Remedy(Phrase("Let it use this one:"), remedy.command))
    linked = plugin.is_linked(ours.app, directory)
    if not linked and (different := plugin.differences(ours.app, directory)):
        text = Phrase(
            "The plug-in in {folder} is not the one of this installation. What differs: {names}.",
            folder=place,
            names=some(different),
        )
        return Finding("wrong", text, remedy)
    return Finding("ok", Phrase("GIMP plug-in: {folder}", folder=place))
