"""Monochrome looks: black and white, sepia, toned prints.

A monochrome picture has one colour for every lightness: a curve from luma to colour. A network
comes near to it and leaves a breath of colour in saturated places. So the curve is read off the
reference, kept beside the style code, and has the last word.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.colorstats import LUMA

NODES = 17
# How near the pixels of a toned photo come to its curve, by share of pixels: JPEG smears colours
# at edges. Of coloured ones, the most muted grade we have puts a hundredth beyond the second bound.
_NEAR = ((0.9, 6 / 255), (0.99, 12 / 255))
# Below this spread of luma any picture is near a curve: fog, a wall, a flat ground.
_LEAST_SPREAD = 0.2

Curve = tuple[float, ...]
Mapping = Callable[[np.ndarray], np.ndarray]


def toning(thumbnail: np.ndarray) -> Curve | None:
    """The curve of a monochrome picture, (H, W, 3) uint8 sRGB-encoded; None for a coloured one.

    The curve holds NODES colours, flattened, sRGB-encoded, for lumas evenly spaced from 0 to 1.
    """
    colors = thumbnail.reshape(-1, 3).astype(np.float64) / 255
    luma = colors @ np.array(LUMA)
    low, high = np.quantile(luma, (0.02, 0.98))
    if high - low < _LEAST_SPREAD:
        return None
    curve = _fitted(luma, colors)
    distance = np.abs(colors - _on(curve, luma)).max(1)
    if any(np.quantile(distance, share) > bound for share, bound in _NEAR):
        return None
    return tuple(round(float(value), 5) for value in curve.flat)


def toned(mapping: Mapping, curve: Curve) -> Mapping:
    """The mapping with its lightness, and the curve's colours: (N, 3) sRGB-encoded in and out."""
    nodes = np.array(curve, np.float64).reshape(NODES, 3)

    def toned_mapping(colors: np.ndarray) -> np.ndarray:
        luma = mapping(colors).astype(np.float64) @ np.array(LUMA)
        return _on(nodes, luma).astype(np.float32)

    return toned_mapping


def _on(curve: np.ndarray, luma: np.ndarray) -> np.ndarray:
    """The curve's colours (N, 3) of lumas (N,), clamped to [0, 1] first."""
    axis = np.linspace(0, 1, NODES)
    return np.stack([np.interp(luma, axis, curve[:, channel]) for channel in range(3)], 1)


def _fitted(luma: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Least squares of a piecewise linear curve (NODES, 3) whose own luma is the luma.

    What is fitted is the tint, colour less luma. It is smooth where the picture has no pixels.
    """
    position = luma * (NODES - 1)
    below = np.clip(position.astype(int), 0, NODES - 2)
    share = position - below
    weights = np.zeros((len(luma), NODES))
    rows = np.arange(len(luma))
    weights[rows, below], weights[rows, below + 1] = 1 - share, share
    bend = np.diff(np.eye(NODES), 2, axis=0) * 0.05 * np.sqrt(len(luma))
    tint = colors - luma[:, None]
    normal = weights.T @ weights + bend.T @ bend + 1e-6 * np.eye(NODES)
    fitted = np.linalg.solve(normal, weights.T @ tint)
    return np.clip(np.linspace(0, 1, NODES)[:, None] + fitted, 0, 1)
