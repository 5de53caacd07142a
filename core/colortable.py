"""A LUT as OpenColorIO's table for one bit depth, applied to a piece of a picture at a time."""

from __future__ import annotations

import numpy as np
import PyOpenColorIO as ocio

from core.lut import Lut

_DEPTHS = {
    "uint8": ocio.BIT_DEPTH_UINT8,
    "uint16": ocio.BIT_DEPTH_UINT16,
    "float32": ocio.BIT_DEPTH_F32,
}
DEPTHS = tuple(_DEPTHS)
ROUNDING = 0.5  # the threshold between two levels, without dithering


class ColorTable:
    """Tetrahedral interpolation of a LUT; usable by many threads at once."""

    def __init__(self, lut: Lut, depth: str) -> None:
        transform = ocio.Lut3DTransform()
        transform.setGridSize(lut.size)
        transform.setData(lut.lattice.reshape(-1))
        transform.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        # 8 bits come out as floats to be dithered, no slower than OpenColorIO rounds them.
        result = "float32" if depth == "uint8" else depth
        self._table = (
            ocio.Config.CreateRaw()
            .getProcessor(transform)
            .getOptimizedCPUProcessor(_DEPTHS[depth], _DEPTHS[result], ocio.OPTIMIZATION_DEFAULT)
        )
        self._work = {"uint8": self._bytes, "uint16": self._words, "float32": self._floats}[depth]

    def apply(self, pixels: np.ndarray, thresholds: np.ndarray | float = ROUNDING) -> None:
        """Map colours in place: C-contiguous (H, W, 3 or 4) of the table's depth.

        thresholds: what to add to levels of 8 bits before cutting them to whole ones, (H, W *
        channels) float32 within (0, 1); nothing to other depths.
        """
        self._work(pixels, thresholds)

    def _bytes(self, pixels: np.ndarray, thresholds: np.ndarray | float) -> None:
        levels = np.empty(pixels.shape, np.float32)
        self._run(pixels, levels)
        levels *= 255
        rows = levels.reshape(len(levels), -1)
        rows += thresholds  # alpha stays: it is as good as whole
        np.clip(levels, 0, 255, out=levels)
        np.copyto(pixels, levels, casting="unsafe")

    def _words(self, pixels: np.ndarray, _: object) -> None:
        self._run(pixels, pixels)

    def _floats(self, pixels: np.ndarray, _: object) -> None:
        least, largest = pixels.min(), pixels.max()  # NaN, where there is one
        if least >= 0.0 and largest <= 1.0:
            self._run(pixels, pixels)
            return
        mapped = np.clip(pixels, np.float32(0), np.float32(1))
        with np.errstate(invalid="ignore"):  # a signalling NaN
            excess = pixels - mapped
        broken = None
        if not (np.isfinite(least) and np.isfinite(largest)):
            broken = ~np.isfinite(excess[..., :3]).all(axis=2)
            mapped[broken] = 0
        self._run(mapped, mapped)
        with np.errstate(invalid="ignore"):
            mapped += excess
        if pixels.shape[2] == 4:
            mapped[..., 3] = pixels[..., 3]
        if broken is not None:
            mapped[broken] = pixels[broken]
        np.copyto(pixels, mapped)

    def _run(self, source: np.ndarray, target: np.ndarray) -> None:
        self._table.apply(_described(source), _described(target))


def _described(pixels: np.ndarray) -> ocio.PackedImageDesc:
    rows, columns, channels = pixels.shape
    if columns == 1:
        # OpenColorIO computes a row of one pixel in another way, other in the last bit.
        rows, columns = 1, rows
    item = pixels.itemsize
    return ocio.PackedImageDesc(
        pixels,
        columns,
        rows,
        channels,
        _DEPTHS[pixels.dtype.name],
        item,
        item * channels,
        item * channels * columns,
    )
