"""8-bit pixels without bands: what dithering promises, and what it must not touch."""

from __future__ import annotations

import numpy as np
import pytest

from core.lut import Lut, bake
from core.processor import Processor


def flat(level: int, rows: int = 64, columns: int = 64) -> np.ndarray:
    return np.full((rows, columns, 3), level, np.uint8)


def smooth(values: np.ndarray, side: int = 16) -> np.ndarray:
    """Means over a window of (H, W): what the eye makes of single levels from afar."""
    sums = np.pad(values.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return (
        sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    ) / side**2


@pytest.mark.parametrize("level", [100.1, 100.25, 100.5, 100.75, 100.9])
def test_small_windows_have_the_mean_that_no_level_has(level: float) -> None:
    pixels = flat(255)
    Processor(bake(lambda x: np.full_like(x, level / 255), 2)).apply(pixels)
    assert np.unique(pixels).tolist() == [100, 101]
    # A sixteenth on both sides of a level is rounded to it.
    assert np.abs(smooth(pixels[..., 0], 8) - level).max() < 1 / 16 + 1 / 32


def test_no_pixel_is_off_by_a_whole_level() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    before = pixels.copy()
    look = bake(lambda x: (x - 0.5) * 1.7 + 0.45)
    Processor(look).apply(pixels)
    exact = np.clip((before / 255 - 0.5) * 1.7 + 0.45, 0, 1) * 255
    assert np.abs(pixels - exact).max() < 15 / 16 + 1e-3


def test_a_gentle_gradient_loses_its_bands() -> None:
    """A quarter of the contrast: rounded, four levels become a band, and edges appear."""
    across = np.linspace(60, 120, 480)
    grain = np.random.default_rng(4).random((96, 480))
    source = np.floor(across + grain).astype(np.uint8)  # as a camera's noise leaves it
    look = bake(lambda x: 0.25 * x + 0.4)
    wanted = smooth(source * 0.25 + 0.4 * 255)
    off = {}
    for dither in (False, True):
        pixels = np.repeat(source[..., None], 3, 2)
        Processor(look).apply(pixels, dither=dither)
        off[dither] = np.abs(smooth(pixels[..., 0]) - wanted).max()
    assert off[False] > 0.3
    assert off[True] < 0.12


def test_grays_stay_gray() -> None:
    pixels = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3).repeat(64, 0)
    Processor(bake(lambda x: 0.81 * x.mean(1, keepdims=True).repeat(3, 1) + 0.07)).apply(pixels)
    assert (pixels == pixels[..., :1]).all()


def test_what_the_look_keeps_gets_no_grain() -> None:
    half = Lut(Lut.identity(37).lattice.astype(np.float16))  # as presets keep a table
    assert not half.is_identity
    pixels = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3).repeat(256, 0)
    before = pixels.copy()
    Processor(half).apply(pixels)
    np.testing.assert_array_equal(pixels, before)


def test_black_and_white_are_clean_where_the_look_clips() -> None:
    pixels = np.concatenate([flat(0), flat(255)])
    Processor(bake(lambda x: (x - 0.5) * 3.01 + 0.5)).apply(pixels)
    assert np.unique(pixels[:64]).tolist() == [0]
    assert np.unique(pixels[64:]).tolist() == [255]
