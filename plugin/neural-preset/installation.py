"""Where install.py put the parts that the plug-in works with, and the way to import them.

The record `installation.json` lies beside this file. A plug-in folder inside a checkout works
without one when NEURAL_PRESET_PYTHON names an interpreter that has the packages of the project.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gi.repository import GLib
from translation import _, translated

if TYPE_CHECKING:
    from core.locations import Locations

FOLDER = Path(__file__).resolve().parent
RECORD = "installation.json"


class NotInstalledError(Exception):
    """The parts beside the plug-in are missing; the message says how to get them."""


def locate() -> Locations:
    """Where everything is; makes the package `core` importable.

    NotInstalledError when the record or what it points to is missing or damaged.
    """
    record = _record()
    app = _app(record) if record else _checkout()
    sys.path.insert(0, str(app))
    try:
        # `core` can only be found from here on.
        from core.errors import NeuralPresetError
        from core.locations import Locations
    except ImportError as error:
        words = _("it does not find its parts in {folder}").format(folder=app)
        raise NotInstalledError(_advice(words)) from error
    if record is None:
        home = os.environ.get("NEURAL_PRESET_HOME") or Path(
            GLib.get_user_data_dir(), "neural-preset"
        )
        return Locations.under(Path(home), Path(os.environ["NEURAL_PRESET_PYTHON"]), app)
    try:
        return Locations.load(record).at_home()
    except NeuralPresetError as error:
        raise NotInstalledError(translated(error)) from error


def _record() -> Path | None:
    """The record of the home that NEURAL_PRESET_HOME names, else the one beside this file."""
    home = os.environ.get("NEURAL_PRESET_HOME")
    candidates = [Path(home, RECORD)] if home else []
    try:
        return next((each for each in [*candidates, FOLDER / RECORD] if each.is_file()), None)
    except PermissionError as error:
        words = _("the folder {folder} may not be entered").format(folder=home)
        raise NotInstalledError(_advice(words)) from error


def _app(record: Path) -> Path:
    try:
        return Path(json.loads(record.read_text(encoding="utf-8"))["app"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = _("the record {file} is damaged").format(file=record)
        raise NotInstalledError(_advice(words)) from error


def _checkout() -> Path:
    app = FOLDER.parent.parent
    if not (app / "core").is_dir() or "NEURAL_PRESET_PYTHON" not in os.environ:
        words = _("the record {file} is missing").format(file=FOLDER / RECORD)
        raise NotInstalledError(_advice(words))
    return app


def _advice(problem: str) -> str:
    words = _("Neural Preset is not completely installed: {problem}. Run install.py again.")
    return words.format(problem=problem)
