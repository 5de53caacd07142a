"""One photo through the worker: the whole photo stays here, strips of it go there and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core import atomic, images
from core.client import Picture, Session
from core.errors import PhotoError

if TYPE_CHECKING:
    from core.commands.batch import Look

STRIP_BYTES = 32 << 20
_LARGEST_FILE = 1 << 34
_TYPES = {"uint8": "u8", "uint16": "u16", "float32": "f32"}


def read_picture(path: Path) -> Picture:
    """The small sRGB copy of a photo file by which its look is judged. Raises PhotoError."""
    return picture_of(images.read(path).picture())


def suffix_for(photo: Path) -> str:
    """The ending of the photo's result: its own where photos are written so, else `.tif`."""
    return photo.suffix if photo.suffix.lower() in images.SUFFIXES else ".tif"


def process(
    session: Session, source: Path, result: Path, look: Look, overwrite: bool, quality: int
) -> None:
    """Writes the photo `source` with a look to the file `result`, whole or not at all.

    `quality` (1..100) is for JPEG and lossy WebP. Raises PhotoError, InputError, WorkerError.
    """
    photo = images.read(source)
    if look.strength == 0 and result.suffix.lower() == source.suffix.lower():
        # A copy: a JPEG that is encoded once more is no longer the same.
        data = atomic.read_bytes(source, _LARGEST_FILE, error=PhotoError)
        atomic.write_bytes(result, data, overwrite=overwrite, error=PhotoError)
        return
    if look.strength > 0:
        content = picture_of(photo.picture())
        lut_id = session.look(
            content, look.source, look.strength, look.intent, look.keep_luminance
        )
        pixels = photo.to_srgb()
        recolor(session, pixels, lut_id)
        photo = photo.with_srgb(pixels)
    images.write(result, photo, overwrite=overwrite, quality=quality)


def recolor(session: Session, pixels: np.ndarray, lut_id: str) -> None:
    """Applies a LUT in place to (H, W, 3|4) uint8, uint16 or float32, C-contiguous, sRGB-encoded.

    After an error (WorkerError) the pixels are of no use.
    """
    height, width, channels = pixels.shape
    form = f"{'RGB' if channels == 3 else 'RGBA'} {_TYPES[pixels.dtype.name]}"
    row = pixels.strides[0]
    most = max(1, min(height, STRIP_BYTES // row))
    shared = session.pixels(most * row)
    own = pixels.data.cast("B")
    for top in range(0, height, most):
        rows = min(most, height - top)
        strip = slice(top * row, (top + rows) * row)
        shared[: rows * row] = own[strip]
        session.apply(lut_id, 0, width, rows, form)
        own[strip] = shared[: rows * row]


def picture_of(small: np.ndarray) -> Picture:
    """A small picture, (H, W, 3|4) uint8, as the worker takes it."""
    height, width, channels = small.shape
    return Picture(width, height, channels, small.tobytes())
