"""What an installation that was killed leaves behind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from core.setup import swap
from core.setup.places import Places

# The names that core.atomic gives to a file until it is complete.
_TEMPORARY = re.compile(r"\.np-[0-9a-f]{16}(\.\w+)?")


def clean(places: Places, plugins: Iterable[Path]) -> None:
    """Puts back what was being replaced and removes what was never finished."""
    for path in (places.venv, places.app, *plugins):
        swap.recover(path)
    swap.remove(places.temporary)
    for path in temporary_files(places):
        path.unlink(missing_ok=True)


def temporary_files(places: Places) -> list[Path]:
    """Half-written files beside the launcher, the record and the journal."""
    folders = {places.home, places.launcher.parent, *places.venv.glob("[Ll]ib/**/site-packages")}
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if _TEMPORARY.fullmatch(path.name)
    ]
