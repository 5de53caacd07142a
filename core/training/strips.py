"""Strips of pictures with a line below each, for documentation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

TILE, GAP, CAPTION = (272, 204), 6, 24
INSET = (80, 60)
QUALITY = 86


def fit(picture: np.ndarray, size: tuple[int, int] = TILE) -> np.ndarray:
    """The middle of a picture, (H, W, 3) uint8 sRGB-encoded, at a size (width, height)."""
    return np.array(ImageOps.fit(Image.fromarray(picture), size, Image.Resampling.LANCZOS))


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture that `fit` made, what stands below it, and a picture of any size in its corner."""

    picture: np.ndarray
    text: str
    inset: np.ndarray | None = None

    def draw(self) -> Image.Image:
        """The tile as it is printed."""
        tile = Image.new("RGB", (TILE[0], TILE[1] + CAPTION), "white")
        tile.paste(Image.fromarray(self.picture))
        if self.inset is not None:
            small = ImageOps.expand(Image.fromarray(fit(self.inset, INSET)), 2, "white")
            tile.paste(small, (TILE[0] - small.width, 0))
        middle = TILE[0] / 2, TILE[1] + CAPTION / 2
        font = ImageFont.load_default(size=14)
        ImageDraw.Draw(tile).text(middle, self.text, "black", font, anchor="mm")
        return tile


def write(path: Path, tiles: list[Tile]) -> None:
    """Writes tiles side by side as a JPEG."""
    step = TILE[0] + GAP
    strip = Image.new("RGB", (step * len(tiles) - GAP, TILE[1] + CAPTION), "white")
    for number, tile in enumerate(tiles):
        strip.paste(tile.draw(), (number * step, 0))
    strip.save(path, "JPEG", quality=QUALITY)
