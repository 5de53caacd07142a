"""Ordered dithering to 8 bits: where a colour falls between two levels, neighbours share it.

Rounding turns a gradient that a look makes gentler into bands, and the eye finds their edges. Here
each pixel has its own threshold instead of one half, by its place in the picture alone: the mean of
any few pixels is right, and every run, strip by strip or at once, gives the same bytes. All
channels of a pixel share the threshold, so grays stay gray.

The thresholds are the R2 sequence in whole numbers (M. Roberts, "The unreasonable effectiveness of
quasirandom sequences", 2018): every row is the first one from another place on, and a low-passed
gradient comes nearer to the truth than with a 64 x 64 tile of blue noise.
"""

from __future__ import annotations

import numpy as np

_PERIOD = 256
_ACROSS, _DOWN = 193, 146  # 0.7549 and 0.5698 of the period, from a pixel to the next
# Row y is row 0 from here on: _ACROSS * _SHIFT = _DOWN, modulo the period.
_SHIFT = _DOWN * pow(_ACROSS, -1, _PERIOD) % _PERIOD
# As near as this to a whole level a colour takes it: what a look keeps must not get grain, not
# even where the look is a table of 16-bit floats.
_CALM = 1 / 16


class Thresholds:
    """What to add to the levels of a picture's pixels before they are cut to whole ones.

    Made for tiles of at most `rows` rows of a picture of `width` columns, whose first pixel lies
    at (x, y). The values lie between 1/16 and 15/16.
    """

    def __init__(self, width: int, rows: int, channels: int, x: int = 0, y: int = 0) -> None:
        steps = (x + np.arange(width + _PERIOD + rows * _SHIFT)) * _ACROSS % _PERIOD
        row = _CALM + (1 - 2 * _CALM) * (steps + 0.5) / _PERIOD
        self._values = np.repeat(row.astype(np.float32), channels)
        self._channels, self._y = channels, y

    def of(self, top: int, rows: int, left: int, columns: int) -> np.ndarray:
        """Those of one tile, counted from the picture's first pixel: (rows, columns * channels)."""
        start = (self._y + top) * _SHIFT % _PERIOD + left
        windows = np.lib.stride_tricks.sliding_window_view(self._values, columns * self._channels)
        step = self._channels * _SHIFT
        first = self._channels * start
        return windows[first : first + rows * step : step]
