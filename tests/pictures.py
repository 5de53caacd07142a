"""Photos that scikit-image ships, (H, W, 3) uint8 sRGB-encoded, and folders to train with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from core.lut import Lut
from core.lutfile import write_lut


def astronaut() -> np.ndarray:
    """NASA, public domain."""
    return data.astronaut()


def coffee() -> np.ndarray:
    """Rachel Michetti, CC0."""
    return data.coffee()


def chelsea() -> np.ndarray:
    """Stefan van der Walt, CC0."""
    return data.chelsea()


def photo_folder(path: Path) -> Path:
    """Writes twelve crops of the three photos."""
    for name, photo in (("a", astronaut()), ("b", coffee()), ("c", chelsea())):
        for part in range(4):
            crop = photo[part * 20 : part * 20 + 220, part * 60 : part * 60 + 220]
            Image.fromarray(crop).save(path / f"{name}{part}.png")
    return path


def look_folder(path: Path) -> Path:
    """Writes two looks, warm.cube and dark.cube."""
    nodes = Lut.identity(17).lattice
    write_lut(path / "warm.cube", Lut(nodes * np.array([1, 0.9, 0.6], "f4")))
    write_lut(path / "dark.cube", Lut(nodes**2))
    return path
