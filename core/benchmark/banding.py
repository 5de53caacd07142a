"""Bands in an 8-bit gradient after a look: rounded, and dithered.

A gradient is quantised to 8 bits, as it comes from a file, given a look and low-passed, as the eye
does from afar. The truth is the look on the gradient before quantising: what remains is the error
of both roundings, the source's (which no look can take back) and the result's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.benchmark.scene import GENTLE, LOOK
from core.lut import Lut
from core.processor import Processor

_WIDTH, _HEIGHT = 1024, 256
_WINDOW = 9  # pixels


@dataclass(frozen=True)
class Bands:
    """Levels of 255 after low-passing: the error's root mean square, and its largest step."""

    source: str
    look: str
    rounded: float
    dithered: float
    rounded_step: float
    dithered_step: float


def measure() -> Iterator[Bands]:
    """A plain sky and one with the noise of a camera, under a strong and a gentle look."""
    down, across = np.mgrid[:_HEIGHT, :_WIDTH].astype(np.float32)
    shade = across[..., None] / _WIDTH * np.array([0.25, 0.2, 0.12], np.float32)
    sky = np.array([0.35, 0.5, 0.78], np.float32) + shade + (down / _HEIGHT * 0.03)[..., None]
    noise = np.random.default_rng(0).standard_normal(sky.shape, np.float32) * 0.6
    sources = {"8-bit gradient": sky * 255, "with noise of 0.6 levels": sky * 255 + noise}
    for name, levels in sources.items():
        pixels = np.rint(levels).astype(np.uint8)
        for look, lut in (("film", LOOK), ("half the contrast", GENTLE)):
            truth = np.clip(lut(sky.reshape(-1, 3)).reshape(sky.shape), 0, 1) * 255
            rounded, dithered = (_error(pixels, lut, truth, way) for way in (False, True))
            yield Bands(name, look, rounded[0], dithered[0], rounded[1], dithered[1])


def _error(source: np.ndarray, lut: Lut, truth: np.ndarray, dither: bool) -> tuple[float, float]:
    pixels = source.copy()
    Processor(lut).apply(pixels, dither=dither)
    off = low_passed(pixels - truth)
    steps = np.abs(off[:, _WINDOW:] - off[:, :-_WINDOW])
    return float(np.sqrt(np.mean(off**2))), float(steps.max())


def low_passed(values: np.ndarray, side: int = _WINDOW) -> np.ndarray:
    """Means over windows of side x side pixels of (H, W, ...), where a whole window fits."""
    edges = [(1, 0), (1, 0), *[(0, 0)] * (values.ndim - 2)]
    sums = np.pad(values.cumsum(0, dtype=np.float64).cumsum(1), edges)
    area = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(area / side**2)
