"""The evaluation's figures. Pictures are (H, W, 3) uint8, sRGB-encoded, of the same shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

from core.training.losses import sliced_wasserstein

DIRECTIONS = 64
# CIEDE2000 and the distance look at every n-th row and column: colours, not places.
STRIDE = 2


@dataclass(frozen=True)
class Figure:
    """How a figure is called and printed; `bad` is the percentile of its bad cases."""

    title: str
    bad: int = 10
    digits: int = 2
    width: int = 6  # of a column


FIGURES = {
    "psnr": Figure("PSNR, dB"),
    "ciede2000": Figure("CIEDE2000", bad=90),
    "ssim": Figure("SSIM", digits=3),
    "style": Figure("style sim.", digits=3, width=7),
    "content": Figure("content sim.", digits=3, width=7),
    "distance": Figure("W x 1000", bad=90, digits=1),
}


def psnr(output: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal to noise ratio over all pixels and channels, in dB, 80 at most."""
    error = np.square((output.astype(np.float32) - truth) / 255).mean()
    return float(-10 * np.log10(error + 1e-8))


def ciede2000(output: np.ndarray, truth: np.ndarray) -> float:
    """Mean CIEDE2000 colour difference; one is just noticeable."""
    return float(deltaE_ciede2000(_lab(output), _lab(truth)).mean())


def ssim(output: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity, mean of the three channels, windows of 7 x 7 pixels."""
    return float(structural_similarity(output, truth, channel_axis=-1))


def color_distance(output: np.ndarray, style: np.ndarray) -> float:
    """Sliced Wasserstein-1 distance of the two pictures' sRGB-encoded colours, x 1000."""
    # The same directions for every method and case, and the caller's random numbers untouched.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        measured = sliced_wasserstein(_colors(output), _colors(style), DIRECTIONS)
    return 1000 * measured.item()


def _lab(picture: np.ndarray) -> np.ndarray:
    return np.asarray(rgb2lab(picture[::STRIDE, ::STRIDE]))


def _colors(picture: np.ndarray) -> torch.Tensor:
    step = 2 * STRIDE
    return torch.from_numpy(picture[::step, ::step].reshape(1, -1, 3).astype(np.float32) / 255)
