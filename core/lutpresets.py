"""A LUT file of another program as a preset: the look of a .cube or HaldCLUT, kept by name."""

from __future__ import annotations

from pathlib import Path

from core.lutfile import read_lut
from core.presetfile import LUT, Preset, now

LARGEST_SIZE = 65  # nodes: 2 MiB as a preset, and finer than any eye


def preset_of_lut(path: Path, name: str) -> Preset:
    """A `lut` preset of a .cube or HaldCLUT .png file; LutFileError where it cannot be read."""
    lut = read_lut(path)
    if lut.size > LARGEST_SIZE:
        lut = lut.resampled(LARGEST_SIZE)
    return Preset(
        name=name,
        kind=LUT,
        lattice_size=lut.size,
        lattice=lut.lattice.astype("<f2").tobytes(),
        created=now(),
    )
