"""What is measured: a photo of any size and depth, and a look that bends and clips colours."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from core.lut import bake

FULL = {"uint8": 255, "uint16": 65535, "float32": 1}
SHORT = {"uint8": "u8", "uint16": "u16", "float32": "f32"}
SIZES = {
    "FHD": (1920, 1080),
    "2K": (2560, 1440),
    "4K": (3840, 2160),
    "8K": (7680, 4320),
    "200 MP": (16384, 12208),
}

_PHOTO = Path(__file__).parents[1] / "sample" / "coffee.jpg"
_TILE = (2048, 1365)
_GRAIN = 1.5  # levels of 255, as of a camera at a low ISO: single colours, not flat areas


def _film(colors: np.ndarray) -> np.ndarray:
    mix = np.array([[1.25, -0.2, 0.1], [0.1, 0.9, -0.15], [-0.2, 0.2, 1.1]])
    return np.tanh(1.6 * (colors @ mix) - 0.7) * 0.75 + 0.5


LOOK = bake(_film)
GENTLE = bake(lambda colors: 0.5 * colors + 0.25)


def photo(width: int, height: int, depth: str = "uint8", channels: int = 3) -> np.ndarray:
    """A photo, (height, width, 3 or 4) of a depth of FULL, sRGB-encoded, opaque."""
    tile = _tile(depth)
    pixels = np.empty((height, width, channels), depth)
    pixels[..., 3:] = FULL[depth]
    for top in range(0, height, len(tile)):
        for left in range(0, width, tile.shape[1]):
            part = pixels[top : top + len(tile), left : left + tile.shape[1], :3]
            part[:] = tile[: part.shape[0], : part.shape[1]]
    return pixels


@lru_cache(maxsize=3)
def _tile(depth: str) -> np.ndarray:
    with Image.open(_PHOTO) as small:
        enlarged = np.asarray(small.convert("RGB").resize(_TILE, Image.Resampling.BICUBIC))
    grain = np.random.default_rng(0).standard_normal(enlarged.shape, np.float32) * _GRAIN
    values = np.clip((enlarged + grain) / 255, 0, 1) * np.float32(FULL[depth])
    return values.astype(np.float32) if depth == "float32" else np.rint(values).astype(depth)
