"""The evaluation's cases: contents, styles and truths of photos under looks.

- *same photo*: content look_i(A), style look_j(A), truth look_j(A). Judges the intent *colors*.
- *cross photo*: content A, style look_j(B), truth look_j(A). Judges the intent *look*.
- *re-grade*: as cross photo, but the content already carries a look: look_i(A).
- *normalise*: content look_i(A), no style, truth A.
- *distance*: content A and an unrelated style look_j(B), no truth: how near the output's colours
  come to the style's, and what is left of the content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from core.training import looks

SIDE = 256


@dataclass(frozen=True)
class Case:
    """One question to every method; pictures are (256, 256, 3) uint8, sRGB-encoded."""

    protocol: str
    content: np.ndarray
    style: np.ndarray | None
    truth: np.ndarray | None


def draw(
    shot: np.ndarray, lattices: torch.Tensor, count: int, seed: int = 5
) -> Iterator[tuple[Case, ...]]:
    """`count` times a case of every protocol, the same ones for the same seed.

    shot: photos (N, 256, 256, 3) uint8, sRGB-encoded. lattices: looks (M, n, n, n, 3). N, M >= 2.
    """
    random = np.random.default_rng(seed)
    for _ in range(count):
        a, b = shot[random.choice(len(shot), 2, replace=False)]
        first, second = lattices[torch.from_numpy(random.choice(len(lattices), 2, replace=False))]
        under_i, under_j, other = under(a, first), under(a, second), under(b, second)
        yield (
            Case("same photo", under_i, under_j, under_j),
            Case("cross photo", a, other, under_j),
            Case("re-grade", under_i, other, under_j),
            Case("normalise", under_i, None, a),
            Case("distance", a, other, None),
        )


def under(photo: np.ndarray, look: torch.Tensor) -> np.ndarray:
    """A photo (H, W, 3) uint8 under a look (n, n, n, 3), as uint8."""
    colors = torch.from_numpy(photo.reshape(1, -1, 3).astype(np.float32) / 255)
    graded = looks.apply(look[None], colors).clamp(0, 1) * 255
    return graded.round().to(torch.uint8).numpy().reshape(photo.shape)
