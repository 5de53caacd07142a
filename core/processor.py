"""A LUT applied to the pixels of a picture in place, tile by tile, by all cores."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.colortable import DEPTHS, ROUNDING, ColorTable
from core.cores import cores
from core.dither import Thresholds
from core.errors import InputError
from core.lut import Lut

_THREADS = ThreadPoolExecutor(cores(), thread_name_prefix="lut")  # started when first used
# Pixels of a tile. With small ones the threads wait for Python's lock; large ones cost memory, up
# to 36 bytes a pixel in every thread.
_LARGEST = min(1 << 18, (1 << 20) // cores())
_LEAST = 1 << 15  # fewer pixels are sooner done than handed to a thread
_LONGEST_ROW = 1 << 15  # OpenColorIO's buffers of one row stay in the CPU's cache
_MOST_ROWS = 1 << 12


class Processor:
    """Applies one LUT to any number of pixel arrays; built once per LUT, usable by many threads.

    The tables for each bit depth are built when that depth is first asked for.
    """

    def __init__(self, lut: Lut) -> None:
        self._lut = lut
        self._identity = lut.is_identity
        self._lock = threading.Lock()
        self._tables: dict[str, ColorTable] = {}

    @property
    def nbytes(self) -> int:
        """The memory of the LUT and of what OpenColorIO made of it, four floats a node."""
        lattice = self._lut.lattice.nbytes
        return lattice + len(self._tables) * lattice * 4 // 3

    def apply(self, pixels: np.ndarray, x: int = 0, y: int = 0, dither: bool = True) -> None:
        """Map the colours of a picture in place; alpha never changes, not by a bit.

        pixels: C-contiguous, writable (H, W, 3 or 4) uint8, uint16 or float32, sRGB-encoded.
        Integers are rounded and clamped, 8-bit ones dithered unless told otherwise: (x, y) is
        the place of the first of these pixels in the layer that the pattern belongs to. Floats
        become lut(clamp(x)) + (x - clamp(x)), so values outside [0, 1] keep their excess, and a
        pixel with a NaN or infinite colour stays as it is. The identity leaves every bit alone.
        Raises InputError for any other array.
        """
        _check(pixels)
        if self._identity or pixels.size == 0:
            return
        table = self._table(pixels.dtype.name)
        height, width, channels = pixels.shape
        tiles = _tiles(height, width)
        thresholds = None
        if dither and pixels.dtype == np.uint8:
            most = max(tile.rows for tile in tiles)
            thresholds = Thresholds(width, most, channels, x, y)

        def work(tile: _Tile) -> None:
            added = (
                thresholds.of(tile.top, tile.rows, tile.left, tile.columns)
                if thresholds
                else ROUNDING
            )
            table.apply(tile.of(pixels), added)

        if len(tiles) == 1:
            work(tiles[0])
            return
        jobs = [_THREADS.submit(work, tile) for tile in tiles]
        wait(jobs)  # all of them, so that no thread writes to the pixels after an error
        for job in jobs:
            job.result()

    def _table(self, depth: str) -> ColorTable:
        with self._lock:
            if depth not in self._tables:
                self._tables[depth] = ColorTable(self._lut, depth)
            return self._tables[depth]


@dataclass(frozen=True)
class _Tile:
    """Pixels that lie one after the other: whole rows of a picture, or a part of one."""

    top: int
    rows: int
    left: int
    columns: int

    def of(self, pixels: np.ndarray) -> np.ndarray:
        return pixels[self.top : self.top + self.rows, self.left : self.left + self.columns]


def _tiles(height: int, width: int) -> list[_Tile]:
    if width > _LONGEST_ROW:
        return [
            _Tile(row, 1, left, right - left)
            for row in range(height)
            for left, right in _pieces(width, -(-width // _LONGEST_ROW))
        ]
    count = max(
        -(-height * width // _LARGEST),
        -(-height // _MOST_ROWS),
        min(cores(), height * width // _LEAST),
        1,
    )
    return [
        _Tile(top, bottom - top, 0, width) for top, bottom in _pieces(height, min(count, height))
    ]


def _pieces(length: int, count: int) -> list[tuple[int, int]]:
    """`count` stretches of about the same length."""
    return list(pairwise(length * cut // count for cut in range(count + 1)))


def _check(pixels: np.ndarray) -> None:
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise InputError(
            "Pixels need rows, columns and 3 (RGB) or 4 (RGBA) channels, but these have the "
            "shape {shape}.",
            shape=pixels.shape,
        )
    if pixels.dtype.name not in DEPTHS or not pixels.dtype.isnative:
        raise InputError(
            "Pixels need 8-bit, 16-bit or 32-bit float values in this computer's byte order, but "
            "these are {type}.",
            type=pixels.dtype.str,
        )
    # OpenColorIO would write through a read-only array without a word.
    if not pixels.flags.c_contiguous or not pixels.flags.writeable or not pixels.flags.aligned:
        raise InputError("Pixels need to lie in one writable piece of memory, row after row.")
