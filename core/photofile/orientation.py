"""Which way up a photo is seen: the orientation tag of EXIF 2.32, section 4.6.4."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.errors import PhotoError
from core.photofile import exif

TAG = 0x0112
_TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}


def upright(pixels: np.ndarray, block: bytes) -> np.ndarray:
    """Pixels (H, W, C) as they are to be seen by the EXIF block of their file.

    An empty or damaged block leaves them as they are.
    """
    try:
        field = exif.parse_block(block).get(TAG) if block else None
        turn = _TURNS.get(field.numbers()[0]) if field and field.data else None
    except PhotoError:
        turn = None
    return np.ascontiguousarray(turn(pixels) if turn else pixels)
