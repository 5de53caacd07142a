"""How large the user has made the windows, kept from one use to the next.

A small file beside the folder of presets; what it holds is a convenience, so a damaged one counts
as none, and one that cannot be written is nobody's trouble.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from core import atomic
from core.errors import InputError
from core.locations import WINDOWS, Locations

_FORMAT = {"format": "neural-preset-ui", "version": 1}
_LARGEST_FILE = 64 * 1024
_LARGEST_NUMBER = 20_000


class Sizes:
    """Numbers by window and name: `sizes.of("apply")["width"]`."""

    def __init__(self, locations: Locations) -> None:
        self._path = locations.presets.parent / WINDOWS

    @property
    def path(self) -> Path:
        return self._path

    def of(self, window: str) -> dict[str, int]:
        """The numbers kept for a window; none if it is new or the file cannot be used."""
        return self._all().get(window, {})

    def keep(self, window: str, numbers: Mapping[str, int]) -> None:
        """Keep a window's numbers for the next time."""
        windows = {**self._all(), window: dict(numbers)}
        text = json.dumps({**_FORMAT, "windows": windows}, indent=1)
        with contextlib.suppress(InputError, OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(self._path, text.encode() + b"\n", overwrite=True)

    def _all(self) -> dict[str, dict[str, int]]:
        try:
            document = json.loads(atomic.read_bytes(self._path, _LARGEST_FILE))
        except (InputError, ValueError):
            return {}
        windows = document.get("windows") if isinstance(document, dict) else None
        if not isinstance(windows, dict) or document.get("version") != _FORMAT["version"]:
            return {}
        return {name: _numbers(found) for name, found in windows.items()}


def _numbers(found: object) -> dict[str, int]:
    if not isinstance(found, dict):
        return {}
    return {
        name: value
        for name, value in found.items()
        if type(value) is int and 0 < value <= _LARGEST_NUMBER
    }
