"""What a colourist does, as functions of colour: the steps that `grades` are made of.

Each step takes and returns colours (N, 3) float32, sRGB-encoded [0, 1]. They are smooth and global,
and ours: no LUT of anybody else is in them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Colors = np.ndarray
Step = Callable[[Colors], Colors]
_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def luma(colors: Colors) -> Colors:
    """(N, 1): ITU-R BT.709 luma of the encoded values."""
    return (colors @ _LUMA)[:, None]


def exposure(stops: float) -> Step:
    """Light, more or less of it; highlights are compressed, not clipped."""
    gamma = 2.0 ** (-stops * 0.55)
    return lambda colors: 1 - (1 - colors**gamma) ** (1 / (0.5 + 0.5 * gamma))


def contrast(amount: float) -> Step:
    """An S-curve for amounts above 0, its opposite below."""

    def apply(colors: Colors) -> Colors:
        steep = colors * colors * (3 - 2 * colors)
        flat = 0.5 + (colors - 0.5) * 0.6
        return colors + abs(amount) * ((steep if amount > 0 else flat) - colors)

    return apply


def white_balance(warm: float, magenta: float = 0.0) -> Step:
    """Gains on the channels; positive is warmer, and more magenta."""
    power = np.array([1 - 0.30 * warm, 1 + 0.30 * magenta, 1 + 0.45 * warm], dtype=np.float32)
    return lambda colors: colors**power


def saturation(factor: float) -> Step:
    """Distance from gray; 0 is gray."""
    return lambda colors: luma(colors) + (colors - luma(colors)) * factor


def fade(black: float, white: float = 1.0) -> Step:
    """Lifted blacks and lowered whites, as of an old print."""
    return lambda colors: black + colors * (white - black)


def split_tone(shadows: tuple[float, float, float], highlights: tuple[float, float, float]) -> Step:
    """Adds a tint to the shadows and another to the highlights."""
    low, high = np.array(shadows, "f4"), np.array(highlights, "f4")

    def apply(colors: Colors) -> Colors:
        level = luma(colors)
        return colors + low * (1 - level) ** 2 * 1.2 + high * level**2

    return apply


def curves(red: float, green: float, blue: float) -> Step:
    """A gamma of its own for every channel; below 1 brightens."""
    power = np.array([red, green, blue], dtype=np.float32)
    return lambda colors: colors**power


def channel_contrast(red: float, green: float, blue: float) -> Step:
    """An S-curve of its own for every channel: colour crossover."""
    amount = np.array([red, green, blue], dtype=np.float32)

    def apply(colors: Colors) -> Colors:
        steep = colors * colors * (3 - 2 * colors)
        return colors + amount * (steep - colors)

    return apply


def mix(*rows: tuple[float, float, float]) -> Step:
    """A channel mixer: each row makes one output channel of red, green and blue."""
    matrix = np.array(rows, dtype=np.float32).T
    return lambda colors: colors @ matrix


def overlay_gray(amount: float) -> Step:
    """The silver that bleach bypass leaves in the film: the picture's gray laid over it."""

    def apply(colors: Colors) -> Colors:
        gray = luma(colors)
        dark, light = 2 * colors * gray, 1 - 2 * (1 - colors) * (1 - gray)
        weight = gray * gray * (3 - 2 * gray)
        return colors + amount * (dark + weight * (light - dark) - colors)

    return apply


def monochrome(
    filtered: tuple[float, float, float],
    paper: tuple[float, float, float] = (1, 1, 1),
    ink: tuple[float, float, float] = (0, 0, 0),
    middle: float = 1.0,
) -> Step:
    """Black and white through a coloured filter, printed with an ink on a paper."""
    weights = np.array(filtered, "f4") / sum(filtered)
    white, black = np.array(paper, "f4"), np.array(ink, "f4")
    return lambda colors: black + ((colors @ weights)[:, None] ** middle) * (white - black)
