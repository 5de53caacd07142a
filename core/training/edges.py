"""Content similarity as a loss can use it: SSIM of edge maps, batched and differentiable.

The same figure as `core.training.similarity.content_similarity`, which judges with scikit-image.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

from core.colorstats import LUMA

STRONG = 0.99  # quantile of edge strength that counts as a full edge
_SCHARR = ((3.0, 10.0, 3.0), (0.0, 0.0, 0.0), (-3.0, -10.0, -3.0))
_WINDOW = 7
# SSIM's constants for values in [0, 1].
_C1, _C2 = 0.01**2, 0.03**2


def luma(pictures: torch.Tensor) -> torch.Tensor:
    """(B, 3, H, W) sRGB-encoded -> (B, 1, H, W)."""
    return (pictures * pictures.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def edge_maps(lumas: torch.Tensor) -> torch.Tensor:
    """Scharr's edges of (B, 1, H, W), divided by each picture's own strong edges, [0, 1]."""
    kernel = lumas.new_tensor(_SCHARR) / 16
    kernels = torch.stack([kernel, kernel.T])[:, None]
    gradients = F.conv2d(F.pad(lumas, (1, 1, 1, 1), mode="reflect"), kernels)
    edges = (gradients.square().mean(1, keepdim=True) + 1e-8).sqrt()
    ordered = edges.flatten(1).sort(1).values
    strong = ordered[:, round(STRONG * (ordered.shape[1] - 1))].clamp(min=1 / 255)
    return (edges / strong.view(-1, 1, 1, 1)).clamp(max=1)


def edge_similarity(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """SSIM of the edge maps of two batches of lumas (B, 1, H, W), windows of 7 x 7: (B,)."""
    a, b = edge_maps(first), edge_maps(second)
    means = F.avg_pool2d(torch.cat([a, b, a * a, b * b, a * b], 1), _WINDOW, stride=1)
    mean_a, mean_b, square_a, square_b, product = means.unbind(1)
    # The sample variance, as scikit-image takes it.
    unbiased = _WINDOW**2 / (_WINDOW**2 - 1)
    var_a = (square_a - mean_a.square()) * unbiased
    var_b = (square_b - mean_b.square()) * unbiased
    covariance = (product - mean_a * mean_b) * unbiased
    similarity = ((2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)) / (
        (mean_a.square() + mean_b.square() + _C1) * (var_a + var_b + _C2)
    )
    return similarity.flatten(1).mean(1)
