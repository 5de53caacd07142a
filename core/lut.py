"""The look-up table that every look becomes, and what can be done with it on its lattice."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.errors import InputError

DEFAULT_SIZE = 33
SMALLEST_SIZE = 2
LARGEST_SIZE = 129  # the largest lattice that OpenColorIO and .cube readers take
LUMA = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709, on sRGB-encoded values
_ROWS_AT_ONCE = 1 << 16
_LARGEST_KEPT = 65  # 3 MB
# What 8,192 colours show is a little less than the largest error of all.
_TOLERANCE = 0.33 / 255
_PROBES = np.random.default_rng(0).random((8192, 3), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Lut:
    """A function from colours to colours, sampled on a regular lattice over [0, 1] RGB.

    lattice: (n, n, n, 3) float32, indexed [r, g, b], n = 2..129, sRGB-encoded in and out, not
    clamped: a clamp's kink between two nodes would cost several levels of 255. Kept as a
    read-only copy. Raises InputError for another shape or for values that are not finite.
    """

    lattice: np.ndarray

    def __post_init__(self) -> None:
        lattice = np.array(self.lattice, dtype=np.float32, order="C")
        if lattice.ndim != 4 or lattice.shape != (*lattice.shape[:1] * 3, 3):
            raise InputError(
                "A look-up table needs the same number of nodes for red, green and blue, but "
                "this one has the shape {shape}.",
                shape=lattice.shape,
            )
        check_size(lattice.shape[0])
        if not np.isfinite(lattice).all():
            raise InputError("The look gives colours that are not numbers (NaN or infinite).")
        lattice.setflags(write=False)
        object.__setattr__(self, "lattice", lattice)

    @classmethod
    def identity(cls, size: int = DEFAULT_SIZE) -> Lut:
        """The table of `size` nodes that changes no colour."""
        return cls(nodes(size).reshape(size, size, size, 3))

    @property
    def size(self) -> int:
        """Nodes along each side of the lattice."""
        return int(self.lattice.shape[0])

    @property
    def is_identity(self) -> bool:
        """Whether every node maps to itself, to the last bit."""
        own = nodes(self.size).reshape(self.lattice.shape)
        return bool(np.array_equal(self.lattice, own))

    def blend(self, other: Lut, amount: float) -> Lut:
        """Mix two looks: amount 0 is exactly this one, 1 exactly the other.

        Tables of different sizes meet on the larger lattice. Raises InputError for an amount
        outside 0..1.
        """
        if not 0.0 <= amount <= 1.0:
            raise InputError(
                "The amount of a mix goes from 0 to 1, but it is {amount}.", amount=amount
            )
        if amount == 0.0:
            return self
        if amount == 1.0:
            return other
        size = max(self.size, other.size)
        mine, theirs = self.resampled(size).lattice, other.resampled(size).lattice
        return Lut(mine + np.float32(amount) * (theirs - mine))

    def with_strength(self, strength: float) -> Lut:
        """Weaken the look: strength 1 leaves it, 0 is exactly the identity."""
        if not 0.0 <= strength <= 1.0:
            raise InputError(
                "The strength of a look goes from 0 to 1, but it is {strength}.", strength=strength
            )
        return Lut.identity(self.size).blend(self, strength)

    def keeping_luminance(self) -> Lut:
        """Give every output the luma of its input by one offset to R, G and B; not clamped.

        Luma is ITU-R BT.709 on sRGB-encoded values: it is linear in them, so it is kept between
        the nodes exactly as at the nodes, and it is the luma of GIMP's own layer modes.
        """
        own = nodes(self.size).reshape(self.lattice.shape).astype(np.float64)
        change = (own - self.lattice) @ LUMA
        return Lut(self.lattice + change[..., np.newaxis])

    def then(self, after: Lut) -> Lut:
        """Compose: the look that applies this one and then `after`, on the larger lattice."""
        if after.is_identity:
            return self.resampled(max(self.size, after.size))
        size = max(self.size, after.size)
        first = self.resampled(size)
        return Lut(after(first.lattice.reshape(-1, 3)).reshape(first.lattice.shape))

    def resampled(self, size: int) -> Lut:
        """The same look on a lattice of `size` nodes; an identity stays exact."""
        if size == self.size:
            return self
        if self.is_identity:
            return Lut.identity(size)
        return bake(self, size)

    def __call__(self, colors: np.ndarray) -> np.ndarray:
        """Map colours by tetrahedral interpolation; values outside [0, 1] keep their excess.

        colors: (N, 3), sRGB-encoded; returns (N, 3) float32 = lut(clamp(x)) + (x - clamp(x)).
        A colour with a NaN or an infinite part comes back as it went in.
        """
        colors = np.asarray(colors, dtype=np.float32)
        if colors.ndim != 2 or colors.shape[1] != 3:
            raise InputError(
                "Colours need the shape (N, 3), but these have {shape}.", shape=colors.shape
            )
        if self.is_identity:
            return colors.copy()
        finite = np.isfinite(colors).all(axis=1)
        inside = np.where(finite[:, np.newaxis], np.clip(colors, 0.0, 1.0), np.float32(0))
        with np.errstate(invalid="ignore"):
            mapped = interpolate(self.lattice, inside) + (colors - inside)
        return np.where(finite[:, np.newaxis], mapped, colors)


def bake(mapping: Callable[[np.ndarray], np.ndarray], size: int = DEFAULT_SIZE) -> Lut:
    """Sample a mapping of colours, (N, 3) float32 in [0, 1] -> (N, 3), on a lattice.

    Raises InputError when the mapping returns another shape or values that are not finite.
    """
    colors = nodes(size)
    mapped = np.asarray(mapping(colors))
    if mapped.shape != colors.shape:
        raise InputError(
            "A mapping of {shape} colours must return as many, not {found}.",
            shape=colors.shape,
            found=mapped.shape,
        )
    return Lut(mapped.reshape(size, size, size, 3))


def bake_accurately(
    mapping: Callable[[np.ndarray], np.ndarray],
    tolerance: float = _TOLERANCE,
    most: int = LARGEST_SIZE,
) -> Lut:
    """Bake a mapping with the usual 33 nodes, or with as many more as it bends.

    After clamping, no colour is then off by half a level of 255 (a mean of 0.05), except for
    mappings so steep that even `most` nodes are too few; another `tolerance` gives another error,
    half as large again. mapping: as for `bake`; as many colours as before are the same colours.
    """
    lut = bake(mapping)
    baked = _weighted(lut.lattice, *_probed())
    off = np.abs(np.clip(baked, 0, 1) - np.clip(mapping(_PROBES), 0, 1)).max()
    # Between nodes the error falls with the square of their distance.
    steps = math.ceil(2 * math.sqrt(off / tolerance))
    return lut if steps <= 2 else bake(mapping, min(16 * steps + 1, most))


def nodes(size: int) -> np.ndarray:
    """The colours of a lattice's nodes: (size**3, 3) float32 in [0, 1], blue fastest; read-only."""
    check_size(size)
    return _kept_nodes(size) if size <= _LARGEST_KEPT else _nodes(size)


def _nodes(size: int) -> np.ndarray:
    axis = (np.arange(size) / (size - 1)).astype(np.float32)
    colors = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    colors.setflags(write=False)
    return colors


_kept_nodes = lru_cache(maxsize=8)(_nodes)


def interpolate(lattice: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Tetrahedral interpolation of (N, 3) colours in [0, 1] on an (n, n, n, 3) lattice.

    Each cell is cut into six tetrahedra along its gray diagonal (Kasson et al. 1995), so a gray
    ramp between two gray nodes stays gray. Returns (N, 3) float32.
    """
    result = np.empty(colors.shape, np.float32)
    for start in range(0, len(colors), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        result[rows] = _weighted(lattice, *_stencil(lattice.shape[0], colors[rows]))
    return result


def _stencil(size: int, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The four nodes that each of (N, 3) colours lies between, and their weights: both (4, N)."""
    position = colors.astype(np.float64) * (size - 1)
    corner = np.minimum(position.astype(np.intp), size - 2)
    fraction = position - corner
    # Walk from the cell's low corner to its high one, along the largest fraction first.
    order = np.argsort(-fraction, axis=1, kind="stable")
    largest, middle, least = np.take_along_axis(fraction, order, axis=1).T
    steps = np.array([size * size, size, 1], dtype=np.intp)
    start = corner @ steps
    path = np.cumsum(steps[order], axis=1).T + start
    weights = np.stack([1.0 - largest, largest - middle, middle - least, least])
    return np.concatenate([start[np.newaxis], path]), weights


def _weighted(lattice: np.ndarray, places: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("cnk,cn->nk", lattice.reshape(-1, 3)[places], weights)


@lru_cache(maxsize=1)
def _probed() -> tuple[np.ndarray, np.ndarray]:
    return _stencil(DEFAULT_SIZE, _PROBES)


def check_size(size: int) -> None:
    """Raise InputError unless a look-up table may have so many nodes a side."""
    if not SMALLEST_SIZE <= size <= LARGEST_SIZE:
        raise InputError(
            "A look-up table has {smallest} to {largest} nodes a side, not {size}.",
            smallest=SMALLEST_SIZE,
            largest=LARGEST_SIZE,
            size=size,
        )
