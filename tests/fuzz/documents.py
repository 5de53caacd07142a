"""Preset files, and the record of the installation."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core import presetfile
from core.locations import Locations
from core.thumbnail import from_jpeg
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.mutation import changed_json
from tests.preset_samples import neural, table


def _presets() -> list[bytes]:
    samples = (neural(), neural("Ohne Bild").without_picture(), table(), table(size=2))
    return [json.dumps(sample.to_json()).encode() for sample in samples]


def _read_preset(path: Path) -> None:
    preset = presetfile.read(path)
    # What was accepted must be writable, and read back as it is.
    assert presetfile.Preset.from_json(preset.to_json()) == preset
    preset.renamed(preset.name).tagged(preset.tags)
    if preset.reference is not None:
        from_jpeg(preset.reference)


def _records() -> list[bytes]:
    home = Path("/opt/neural-preset")
    locations = Locations.under(home, Path(sys.executable), home / "app")
    paths = {name: str(path) for name, path in vars(locations).items()}
    record = {"format": "neural-preset-installation", "version": 1, **paths}
    return [json.dumps(record).encode()]


def _from_file(name: str, read: Callable[[Path], object]) -> Callable[..., Iterator[Execute]]:
    def opened(folder: Path) -> Iterator[Execute]:
        path = folder / name
        path.touch()

        def execute(data: bytes) -> None:
            path.write_bytes(data)
            read(path)

        yield execute

    return opened


TARGETS = {
    "preset": Target(
        "preset", _presets, contextmanager(_from_file("a.json", _read_preset)), changed_json
    ),
    "record": Target(
        "record", _records, contextmanager(_from_file("a.json", Locations.load)), changed_json
    ),
}
