"""What the numbers of a photo mean as colours, and the way to sRGB-encoded values and back.

file's numbers -> curve of each channel -> linear light -> matrix -> linear sRGB -> sRGB-encoded.
Values outside [0, 1] are kept at every step, so that the way back is the exact inverse.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from core.dither import Thresholds
from core.phrase import Phrase

# IEC 61966-2-1 primaries as an ICC matrix (columns red, green, blue; white D50).
SRGB_TO_XYZ_D50 = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
_SRGB_CHROMATICITIES = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_ROWS = 128


@dataclass(frozen=True)
class Power:
    """(a x + b)^gamma from the knee on and a straight line c x below: most profiles.

    The power goes on above 1; below 0 goes the line or, where there is none, the value itself.
    """

    gamma: float
    a: float = 1.0
    b: float = 0.0
    c: float = 1.0
    knee: float = 0.0

    def __post_init__(self) -> None:
        if min(self.gamma, self.a, self.c) < 0.01 or not 0 <= self.knee < 1 or self._base < 0:
            raise ValueError(Phrase("it does not rise"))

    @property
    def _base(self) -> float:
        return self.a * self.knee + self.b

    def decode(self, encoded: np.ndarray) -> np.ndarray:
        """Encoded -> linear."""
        power = (self.a * np.maximum(encoded, self.knee) + self.b) ** self.gamma
        return np.where(encoded >= self.knee, power, encoded * self.c)

    def encode(self, linear: np.ndarray) -> np.ndarray:
        """Linear -> encoded: the inverse of `decode`."""
        knee = self._base**self.gamma
        power = (np.maximum(linear, knee) ** (1 / self.gamma) - self.b) / self.a
        return np.where(linear >= knee, power, linear / self.c)


class Sampled:
    """A rising curve from encoded to linear values, both 0..1, as equally spaced samples.

    Values outside [0, 1] keep their excess: `curve(clamp(x)) + (x - clamp(x))`.
    Raises ValueError for a curve that falls or is flat.
    """

    def __init__(self, values: np.ndarray) -> None:
        rises = np.all(np.isfinite(values)) and np.all(np.diff(values) >= 0)
        if len(values) < 2 or not rises or values[-1] - values[0] < 0.5:
            raise ValueError(Phrase("it does not rise"))
        self._values = np.asarray(values, np.float64)
        self._grid = np.linspace(0, 1, len(values))

    def decode(self, encoded: np.ndarray) -> np.ndarray:
        """Encoded -> linear."""
        return _with_excess(encoded, self._grid, self._values)

    def encode(self, linear: np.ndarray) -> np.ndarray:
        """Linear -> encoded: the inverse of `decode`."""
        return _with_excess(linear, self._values, self._grid)


Curve = Power | Sampled
SRGB_CURVE = Power(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1


def _with_excess(x: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    inside = np.clip(x, at[0], at[-1])
    return np.interp(inside, at, values) + (x - inside)


@dataclass(frozen=True, eq=False)
class Encoding:
    """How a file encodes colours; without a matrix its numbers are sRGB-encoded already.

    `matrix` leads from the file's linear RGB to linear sRGB (column vectors); without `curves`
    the numbers are linear. `premultiplied`: colours are multiplied by alpha in the file.
    """

    matrix: np.ndarray | None = None
    curves: tuple[Curve, ...] | None = None
    premultiplied: bool = False

    @property
    def is_srgb(self) -> bool:
        """Whether the file's numbers are sRGB-encoded as they are."""
        return self.matrix is None and not self.premultiplied

    @property
    def is_gamma(self) -> bool:
        """Whether equal steps of the file's numbers look about equal, so that 8 bits do."""
        return (self.matrix is None or self.curves is not None) and not self.premultiplied

    @property
    def is_linear_srgb(self) -> bool:
        """Whether the file's numbers are linear light with the primaries of sRGB."""
        if self.matrix is None or self.curves is not None:
            return False
        return bool(np.array_equal(self.matrix, np.eye(3)))

    def to_srgb(self, pixels: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """(H, W, 3|4) u8, u16 or f32 as stored -> new array, sRGB-encoded.

        float32 stays unclamped; integers are rounded and clamped.
        """
        tables: list[np.ndarray] | None = None
        if self.curves and not self.premultiplied and pixels.dtype.kind == "u":
            top = np.iinfo(pixels.dtype).max
            levels = np.arange(top + 1) / top
            tables = [curve.decode(levels).astype(np.float32) for curve in self.curves]
        return _in_strips(lambda strip: self._decoded(strip, tables), pixels, dtype)

    def from_srgb(self, pixels: np.ndarray, dtype: np.dtype, dither: bool = False) -> np.ndarray:
        """(H, W, 3|4) u8, u16 or f32, sRGB-encoded -> as stored; integers are rounded, clamped.

        `dither`: 8 bits share what lies between two levels instead (see core.dither).
        """
        return _in_strips(self._encoded, pixels, dtype, dither)

    def _decoded(self, strip: np.ndarray, tables: list[np.ndarray] | None) -> np.ndarray:
        values = to_float(strip)
        color = values[..., :3]
        if self.premultiplied and values.shape[2] == 4:
            color = color / _divisor(values[..., 3:])
        if tables:
            color = np.stack([table[strip[..., i]] for i, table in enumerate(tables)], axis=-1)
        elif self.curves:
            channels = [curve.decode(color[..., i]) for i, curve in enumerate(self.curves)]
            color = np.stack(channels, axis=-1)
        if self.matrix is not None:
            color = SRGB_CURVE.encode(_times(color, self.matrix))
        values[..., :3] = color
        return values

    def _encoded(self, strip: np.ndarray) -> np.ndarray:
        values = to_float(strip)
        color = values[..., :3]
        if self.matrix is not None:
            color = _times(SRGB_CURVE.decode(color), np.linalg.inv(self.matrix))
        if self.curves:
            channels = [curve.encode(color[..., i]) for i, curve in enumerate(self.curves)]
            color = np.stack(channels, axis=-1)
        if self.premultiplied and values.shape[2] == 4:
            color = color * _divisor(values[..., 3:])
        values[..., :3] = color
        return values


SRGB = Encoding()


def linear(
    chromaticities: tuple[float, ...] | None = None, premultiplied: bool = False
) -> Encoding:
    """Linear light with the given x, y of red, green, blue and white, or those of sRGB."""
    matrix = np.eye(3)
    if chromaticities and np.abs(np.subtract(chromaticities, _SRGB_CHROMATICITIES)).max() > 5e-4:
        matrix = np.linalg.inv(_to_xyz(_SRGB_CHROMATICITIES)) @ _to_xyz(chromaticities)
    return Encoding(matrix=matrix, premultiplied=premultiplied)


def to_float(pixels: np.ndarray) -> np.ndarray:
    """u8, u16 or f32 -> new f32 array where 1.0 is the largest integer."""
    if pixels.dtype.kind == "u":
        return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    return pixels.astype(np.float32)


def to_depth(
    pixels: np.ndarray, dtype: np.dtype, thresholds: np.ndarray | None = None
) -> np.ndarray:
    """f32 -> `dtype`: for integers 1.0 is the largest, clamped, and NaN becomes 0.

    Integers are rounded, or cut to whole levels with `thresholds`, of the same shape, added.
    """
    if dtype.kind != "u":
        return pixels
    finite = np.nan_to_num(pixels, nan=0.0, posinf=1.0, neginf=0.0)
    levels = np.clip(finite, 0, 1) * np.float32(np.iinfo(dtype).max)
    return (np.rint(levels) if thresholds is None else levels + thresholds).astype(dtype)


def resampled_depth(pixels: np.ndarray, dtype: np.dtype, dither: bool = False) -> np.ndarray:
    """(H, W, C) u8, u16 or f32 -> a new array of the same encoding in another depth.

    `dither`: as for `Encoding.from_srgb`.
    """
    return _in_strips(to_float, pixels, dtype, dither)


def _divisor(alpha: np.ndarray) -> np.ndarray:
    # Where alpha is 0 a colour may still glow (OpenEXR): it stays as it is.
    return np.where(alpha > 0, alpha, np.float32(1))


def _times(color: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    if np.array_equal(matrix, np.eye(3)):
        return color
    # Not `@`: an infinite channel must not turn the two others into NaN by 0 * inf.
    rows = [
        sum(weight * color[..., i] for i, weight in enumerate(row) if weight)
        for row in matrix.tolist()
    ]
    return np.stack(rows, axis=-1)


def _to_xyz(chromaticities: tuple[float, ...]) -> np.ndarray:
    """Linear RGB -> XYZ with white D65 (Bradford adaptation), from x, y pairs."""
    xy = np.asarray(chromaticities, np.float64).reshape(4, 2)
    columns = np.stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(1)) / xy[:, 1]])
    primaries, white = columns[:, :3], columns[:, 3]
    to_xyz = primaries * np.linalg.solve(primaries, white)
    x, y = _SRGB_CHROMATICITIES[6:]
    target = np.array([x / y, 1.0, (1 - x - y) / y])
    cone = (_BRADFORD @ target) / (_BRADFORD @ white)
    return np.linalg.inv(_BRADFORD) @ np.diag(cone) @ _BRADFORD @ to_xyz


def _in_strips(
    change: Callable[[np.ndarray], np.ndarray],
    pixels: np.ndarray,
    dtype: np.dtype,
    dither: bool = False,
) -> np.ndarray:
    """`change`, to f32, and then `to_depth` applied to strips of rows on threads.

    No temporary is as large as the photo.
    """
    height, width, channels = pixels.shape
    result = np.empty(pixels.shape, dtype)
    pattern = Thresholds(width, _ROWS, channels) if dither and dtype == np.uint8 else None

    def strip(top: int) -> None:
        part = pixels[top : top + _ROWS]
        thresholds = None
        if pattern is not None:
            thresholds = pattern.of(top, len(part), 0, width).reshape(part.shape)
        with np.errstate(all="ignore"):  # infinite and NaN pixels of a render are no fault of ours
            result[top : top + _ROWS] = to_depth(change(part), dtype, thresholds)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(strip, range(0, height, _ROWS)))
    return result
