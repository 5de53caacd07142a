"""Photos that scikit-image ships, (H, W, 3) uint8 sRGB-encoded."""

from __future__ import annotations

import numpy as np
from skimage import data


def astronaut() -> np.ndarray:
    """NASA, public domain."""
    return data.astronaut()


def coffee() -> np.ndarray:
    """Rachel Michetti, CC0."""
    return data.coffee()


def chelsea() -> np.ndarray:
    """Stefan van der Walt, CC0."""
    return data.chelsea()
