"""`neural-preset doctor`: looks at every part of the installation and says what to do."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core import __version__
from core.commands import options
from core.commands.console import Console
from core.errors import NeuralPresetError

if TYPE_CHECKING:
    from core.locations import Locations

_PACKAGES = (
    *("torch", "timm", "numpy", "pillow", "platformdirs", "safetensors"),
    *("opencolorio", "openimageio"),
)
_OLDEST_PYTHON = (3, 10)
_REPAIR = "Run install.py --repair."
_PLUGIN = "neural-preset"


@dataclass(frozen=True)
class Finding:
    """What one check saw; `wrong` makes the exit status 1, `remedy` says what to do."""

    verdict: Literal["ok", "note", "wrong"]
    text: str
    remedy: str = ""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    options.command(commands, "doctor", _run, "check the installation and say what is wrong")


def _run(arguments: argparse.Namespace, console: Console) -> None:
    wrong = 0
    for finding in examine():
        console.say(f"{finding.verdict:5}  {finding.text}")
        if finding.remedy:
            console.say(f"       {finding.remedy}")
        wrong += finding.verdict == "wrong"
    if wrong:
        things = "1 thing is" if wrong == 1 else f"{wrong} things are"
        raise NeuralPresetError(f"{things} wrong: see above for what to do.")
    console.say("Everything works.")


def examine() -> Iterator[Finding]:
    """The findings of all checks, in order; a check that fails itself is a finding too."""
    yield from _guarded(_python)
    yield from _guarded(_packages)
    try:
        from core.paths import locations

        places = locations()
    except (NeuralPresetError, ImportError) as error:
        yield Finding("wrong", f"the locations are unknown: {error}", _REPAIR)
        return
    for check in (_weights, _presets, _runtime, _plugins, _worker):
        yield from _guarded(check, places)


def _guarded(check: Callable[..., Iterator[Finding]], *values: Locations) -> Iterator[Finding]:
    try:
        yield from check(*values)
    except (NeuralPresetError, OSError, ImportError) as error:
        yield Finding("wrong", str(error), _REPAIR)


def _python() -> Iterator[Finding]:
    text = f"neural-preset {__version__}, Python {platform.python_version()} ({sys.executable})"
    if sys.version_info < _OLDEST_PYTHON:
        yield Finding("wrong", text, "Install Python 3.10 or newer, then run its install.py.")
    else:
        yield Finding("ok", text)


def _packages() -> Iterator[Finding]:
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Finding("wrong", f"the package {name} is missing", _REPAIR)
    yield Finding("ok", ", ".join(found))


def _weights(places: Locations) -> Iterator[Finding]:
    folder = places.app / "core" / "weights"
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        yield Finding("wrong", f"the network's weights are missing from {folder}", _REPAIR)
    for file in files:
        yield Finding("ok", f"weights: {file} ({file.stat().st_size / 1e6:.1f} MB)")


def _presets(places: Locations) -> Iterator[Finding]:
    from core.presets import PresetStore

    entries = PresetStore(places.presets, places.builtin).list()
    own = sum(not entry.builtin and entry.problem is None for entry in entries)
    builtin = sum(entry.builtin and entry.problem is None for entry in entries)
    yield Finding("ok", f"presets: {own} of yours in {places.presets}, {builtin} built-in")
    for entry in entries:
        if entry.problem is not None:
            remedy = _REPAIR if entry.builtin else "Move this file away or import a good copy."
            yield Finding("wrong", f"damaged preset {entry.path}: {entry.problem}", remedy)
    if not _writable(places.presets):
        yield Finding(
            "wrong",
            f"no preset can be saved in {places.presets}",
            "Give yourself the right to write there.",
        )


def _runtime(places: Locations) -> Iterator[Finding]:
    from core.locations import private_directory

    folder = private_directory(places.runtime)
    if os.access(folder, os.W_OK | os.X_OK):
        yield Finding("ok", f"runtime folder: {folder}")
    else:
        yield Finding(
            "wrong", f"runtime folder: {folder} cannot be written", "Give yourself that right."
        )


def _plugins(places: Locations) -> Iterator[Finding]:
    from core.locations import RECORD, Locations
    from core.setup.gimps import configurations
    from core.setup.machine import Machine

    installed = 0
    for directory in configurations(Machine.here()):
        plugin = directory / "plug-ins" / _PLUGIN
        script = plugin / f"{_PLUGIN}.py"
        if not script.is_file():
            continue
        installed += 1
        if os.name != "nt" and not os.access(script, os.X_OK):
            yield Finding("wrong", f"GIMP ignores {script}: it is not executable", _REPAIR)
            continue
        record = Locations.load(plugin / RECORD)
        if record.python.exists() and (record.app / "core").is_dir():
            yield Finding("ok", f"GIMP plug-in: {plugin}")
        else:
            text = f"the GIMP plug-in {plugin} belongs to an installation that is gone"
            yield Finding("wrong", text, "Run install.py again.")
    if not installed:
        yield Finding(
            "note",
            "GIMP plug-in: not installed for any GIMP 3 of yours",
            "Run install.py to use Neural Preset in GIMP.",
        )


def _worker(places: Locations) -> Iterator[Finding]:
    from core.client import Session, normalize_source
    from core.protocol import Picture

    gray = Picture(2, 2, 3, bytes([64, 96, 128] * 4))
    try:
        with Session(places) as session:
            status = session.status()
            lut_id = session.look(gray, normalize_source())
            memory = session.pixels(len(gray.data))
            memory[: len(gray.data)] = gray.data
            session.apply(lut_id, 0, gray.width, gray.height, "RGB u8")
    except NeuralPresetError as error:
        yield Finding("wrong", f"worker: {error}", f"Its log: {places.log}")
        return
    yield Finding("ok", f"worker: {status['model']} on {status['device']}, log {places.log}")


def _writable(folder: Path) -> bool:
    """Whether a file can be made in a folder that may not exist yet."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
