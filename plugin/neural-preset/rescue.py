"""What repairs an installation of which nothing can be called: the command, as far as it is known.

`core.doctor` knows better; this is for when it cannot be run. Standard library and GLib only.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import installation
from gi.repository import GLib
from translation import _

_INSTALLER = "install.py"
_NEEDED = (_INSTALLER, "core/setup/main.py")
_JOURNAL = "install-journal.json"


def remedy() -> tuple[str, str]:
    """What to do, and what to type for it."""
    for folder in _candidates():
        if all((folder / part).is_file() for part in _NEEDED):
            return _("Repair the installation:"), _command(str(folder / _INSTALLER))
    words = _("Get Neural Preset again from where you have it from, and type in its folder:")
    return words, _command(_INSTALLER)


def _candidates() -> Iterator[Path]:
    """Where an install.py may be: beside the program, or where it was installed from."""
    homes = []
    named = os.environ.get("NEURAL_PRESET_HOME")
    if named:
        homes.append(Path(named))
    app = _text(installation.FOLDER / installation.RECORD, "app")
    if app:
        homes.append(Path(app).parent)
        yield Path(app)
    homes.append(Path(GLib.get_user_data_dir(), "neural-preset"))
    homes.append(Path.home() / "Library" / "Application Support" / "neural-preset")
    for home in homes:
        yield home / "app"
        checkout = _text(home / _JOURNAL, "checkout")
        if checkout:
            yield Path(checkout)


def _text(file: Path, key: str) -> str:
    """A text in a JSON file that may be missing or damaged."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))[key]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return value if isinstance(value, str) and "\0" not in value else ""


def _command(installer: str) -> str:
    home = os.environ.get("NEURAL_PRESET_HOME")
    if sys.platform == "win32":
        command = f'py "{installer}" --repair'
        return f'set "NEURAL_PRESET_HOME={home}" && {command}' if home else command
    command = shlex.join(["python3", installer, "--repair"])
    return f"NEURAL_PRESET_HOME={shlex.quote(home)} {command}" if home else command
