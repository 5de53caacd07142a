"""Monochrome looks: black and white, sepia, toned prints.

A monochrome picture has one colour for every lightness: a curve from luma to colour. A network
comes near to it and leaves a breath of colour in saturated places. So the curve is read off the
reference, kept beside the style code, and has the last word.
"""

from __future__ import annotations

import numpy as np

from core.colorstats import LUMA

NODES = 17
# How near the pixels of a toned photo come to its curve, by share of pixels: JPEG smears colours
# at edges. Of coloured ones, the most muted grade we have puts a hundredth beyond the second bound.
_NEAR = ((0.9, 6 / 255), (0.99, 12 / 255))
# Below this spread of luma any picture is near a curve: fog, a wall, a flat ground.
_LEAST_SPREAD = 0.2

Curve = tuple[float, ...]


def toning(thumbnail: np.ndarray) -> Curve | None:
    """The curve of a monochrome picture, (H, W, 3) uint8 sRGB-encoded; None for a coloured one.

    The curve holds NODES colours, flattened, sRGB-encoded, for lumas evenly spaced from 0 to 1.
    """
    colors = thumbnail.reshape(-1, 3).astype(np.float32) / 255
    luma = colors @ np.array(LUMA)
    low, high = np.quantile(luma, (0.02, 0.98))
    if high - low < _LEAST_SPREAD:
        return None
    curve = fitted(colors)
    distance = np.abs(colors - toned(colors, curve)).max(1)
    if any(np.quantile(distance, share) > bound for share, bound in _NEAR):
        return None
    return curve


def toned(colors: np.ndarray, curve: Curve) -> np.ndarray:
    """The curve's colours of the same luma: (..., 3) sRGB-encoded, float32 within [0, 1] out."""
    luma = colors @ np.array(LUMA)
    axis, tones = np.linspace(0, 1, NODES), np.array(curve).reshape(NODES, 3).T
    return np.stack([np.interp(luma, axis, tone) for tone in tones], -1).astype(np.float32)


def fitted(colors: np.ndarray) -> Curve:
    """The curve nearest to colours (N, 3), sRGB-encoded [0, 1]: least squares of their tint.

    The tint is colour less luma; where there are no colours it goes on smoothly.
    """
    luma = colors @ np.array(LUMA)
    position = luma * (NODES - 1)
    below = np.clip(position.astype(int), 0, NODES - 2)
    share = position - below
    weights = np.zeros((len(luma), NODES))
    rows = np.arange(len(luma))
    weights[rows, below], weights[rows, below + 1] = 1 - share, share
    bend = np.diff(np.eye(NODES), 2, axis=0) * 0.05 * np.sqrt(len(luma))
    tint = colors - luma[:, None]
    normal = weights.T @ weights + bend.T @ bend + 1e-6 * np.eye(NODES)
    nodes = np.linspace(0, 1, NODES)[:, None] + np.linalg.solve(normal, weights.T @ tint)
    return tuple(round(float(value), 5) for value in np.clip(nodes, 0, 1).flat)
