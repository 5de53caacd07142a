"""What a photo file holds: its numbers as stored, and the metadata blocks to carry unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.errors import PhotoError

Container = Literal["jpeg", "webp", "png", "tiff", "exr"]
Depth = Literal["uint8", "uint16", "uint32", "half", "float"]

MOST_PIXELS = 400_000_000
LONGEST_SIDE = 200_000
# A hundred bytes can announce a picture that fills the memory. One in which everything is of one
# colour takes no less than this in PNG and TIFF, and a photo a thousand times as much.
_ALWAYS_POSSIBLE, _MOST_IN_A_BYTE = 4 << 20, 1100


@dataclass(frozen=True)
class Metadata:
    """Blocks that travel from file to file as they are: nothing is decoded, so nothing is lost.

    `exif` is a TIFF structure without the "Exif\\0\\0" prefix; `iptc` is an IIM record;
    `density` is in pixels per inch. `own` holds the pieces (tag, body) that only another file of
    the same `container` can hold, and `header` the OpenEXR header.
    """

    exif: bytes = b""
    icc: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    density: tuple[float, float] | None = None
    container: Container | None = None
    own: tuple[tuple[bytes, bytes], ...] = ()
    header: Any = None


@dataclass(frozen=True, eq=False)
class Stored:
    """The content of a file: (H, W, 1..4) samples in the file's own encoding.

    `premultiplied` says that colours are already multiplied by alpha; `chromaticities` are the
    x, y of red, green, blue and white where an OpenEXR file names them.
    """

    pixels: np.ndarray
    depth: Depth
    metadata: Metadata = field(default_factory=Metadata)
    premultiplied: bool = False
    chromaticities: tuple[float, ...] | None = None


def check_size(width: int, height: int, path: Path) -> None:
    """Raise PhotoError for a size that no photo in this file has, before memory is asked for."""
    if width < 1 or height < 1:
        raise PhotoError("The photo is empty.")
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise PhotoError(
            "The photo is too large ({width} x {height}): at most {most} megapixels "
            "can be processed.",
            width=width,
            height=height,
            most=MOST_PIXELS // 1_000_000,
        )
    size = path.stat().st_size
    if width * height > _ALWAYS_POSSIBLE + _MOST_IN_A_BYTE * size:
        raise PhotoError(
            "The photo is damaged: {width} x {height} pixels cannot lie in {size} bytes.",
            width=width,
            height=height,
            size=size,
        )
