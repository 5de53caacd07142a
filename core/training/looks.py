"""Looks for training: LUT files and generated colour filters, composed into lattices.

A look is one lattice (n, n, n, 3), indexed [r, g, b], sRGB-encoded in and out; a batch of looks is
one tensor, whatever it was made of, and is applied by one call.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from core.colorstats import LUMA
from core.errors import InputError
from core.lutfile import read_lut

NODES = 17


def load(sources: list[Path]) -> torch.Tensor:
    """Looks of .npz files (array `luts`), .cube and HaldCLUT files, or folders of the two.

    Returns (N, 17, 17, 17, 3) float32. InputError if a source holds no look.
    """
    found: list[np.ndarray] = []
    for source in sources:
        if source.suffix == ".npz":
            with np.load(source, allow_pickle=False) as archive:
                lattices = np.asarray(archive["luts"], dtype=np.float32)
            if lattices.shape[1:] != (NODES, NODES, NODES, 3) or not np.isfinite(lattices).all():
                raise InputError(f"{source} holds no looks of {NODES} nodes.")
            found.append(lattices)
            continue
        files = [source]
        if source.is_dir():
            files = sorted(p for p in source.rglob("*") if p.suffix.lower() in {".cube", ".png"})
        found.extend(read_lut(file).resampled(NODES).lattice[None] for file in files)
    if not found:
        raise InputError("There are no looks to train with: name .npz, .cube or HaldCLUT files.")
    return torch.from_numpy(np.concatenate(found))


def identity_lattice(device: torch.device | str = "cpu") -> torch.Tensor:
    """(17, 17, 17, 3): the look that changes nothing."""
    axis = torch.linspace(0, 1, NODES, device=device)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1)


def apply(lattices: torch.Tensor, colors: torch.Tensor) -> torch.Tensor:
    """Looks on colours, trilinear: lattices (B, n, n, n, 3), colors (B, ..., 3) in [0, 1]."""
    flat = colors.reshape(len(colors), 1, 1, -1, 3)
    grid = (flat * 2 - 1).flip(-1)  # grid_sample counts x, y, z from the last axis: b, g, r
    volume = lattices.permute(0, 4, 1, 2, 3)
    out = F.grid_sample(volume, grid, padding_mode="border", align_corners=True)
    return out.flatten(2).transpose(1, 2).reshape(colors.shape)


class LookPool:
    """Draws batches of random looks: filters, film LUTs, blends and stacks of both."""

    def __init__(self, luts: torch.Tensor, device: torch.device) -> None:
        self.luts = luts.to(device)
        self.identity = identity_lattice(device)
        self.device = device

    def draw(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """(count, 17, 17, 17, 3): one in eight leaves the photo as shot."""
        kind = torch.rand(count, generator=generator).to(self.device).view(-1, 1, 1, 1, 1)
        identity = self.identity.expand(count, -1, -1, -1, -1)
        filtered = RandomFilter(count, generator, self.device)(identity)
        film = self._film(count, generator)
        both = apply(film, filtered.clamp(0, 1))
        looks = torch.where(kind < 0.32, filtered, torch.where(kind < 0.80, film, both))
        return torch.where(kind < 1 / 8, identity, looks)

    def _film(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """LUTs at a random strength, up to 1.1; every third one blended with another."""
        index = torch.randint(len(self.luts), (2, count), generator=generator).to(self.device)
        draw = torch.rand(3, count, generator=generator).to(self.device).view(3, count, 1, 1, 1, 1)
        share = torch.where(draw[0] < 1 / 3, draw[1] * 0.5, torch.zeros_like(draw[1]))
        film = torch.lerp(self.luts[index[0]], self.luts[index[1]], share)
        return torch.lerp(self.identity, film, 0.6 + 0.5 * draw[2]).clamp(0, 1)


class RandomFilter:
    """One random photographer's filter per picture of a batch.

    Tone curve, exposure, contrast, white balance, saturation, a channel mix, split toning, faded
    blacks: the kinds of arXiv 2303.13511 (section 4, after Harmonizer), with wider tone curves.
    """

    def __init__(self, count: int, generator: torch.Generator, device: torch.device) -> None:
        def normal(*shape: int) -> torch.Tensor:
            return torch.randn(count, *shape, generator=generator).to(device)

        def chance(probability: float) -> torch.Tensor:
            return (torch.rand(count, 1, 1, generator=generator) < probability).float().to(device)

        self.curve = _random_curves(count, generator).to(device)
        self.gain = torch.exp(normal(1, 3) * 0.10 + normal(1, 1) * 0.25)
        self.contrast = torch.exp(normal(1, 1) * 0.25)
        self.saturation = torch.exp(normal(1, 1) * 0.35) * (1 - chance(0.03))
        self.mix = torch.eye(3, device=device) + normal(3, 3) * 0.06 * chance(0.7)
        self.shadows = normal(1, 3) * 0.06 * chance(0.6)
        self.highlights = normal(1, 3) * 0.06 * chance(0.6)
        self.curve_first = chance(0.5)
        self.luma = torch.tensor(LUMA, device=device)

    def __call__(self, colors: torch.Tensor) -> torch.Tensor:
        """(B, ..., 3) sRGB-encoded [0, 1] in and out."""
        flat = colors.reshape(len(colors), -1, 3)
        first = self._grade(self._tone(flat))
        last = self._tone(self._grade(flat).clamp(0, 1))
        out = torch.where(self.curve_first > 0, first, last)
        return out.clamp(0, 1).reshape(colors.shape)

    def _tone(self, colors: torch.Tensor) -> torch.Tensor:
        segments = self.curve.shape[1] - 1
        position = colors * segments
        below = position.floor().clamp(0, segments - 1).long()
        low = self.curve.gather(1, below)
        return torch.lerp(low, self.curve.gather(1, below + 1), position - below)

    def _grade(self, colors: torch.Tensor) -> torch.Tensor:
        colors = (colors * self.gain - 0.5) * self.contrast + 0.5
        luma = (colors @ self.luma)[..., None]
        colors = (luma + (colors - luma) * self.saturation) @ self.mix
        luma = (colors @ self.luma)[..., None].clamp(0, 1)
        return colors + self.shadows * (1 - luma) ** 2 + self.highlights * luma**2


def _random_curves(count: int, generator: torch.Generator, segments: int = 8) -> torch.Tensor:
    """Monotone tone curves (B, segments + 1, 3), some with lifted blacks or lowered whites."""

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(count, *shape, generator=generator)

    steps = torch.exp(
        torch.randn(count, segments, 3, generator=generator) * 0.3
        + torch.randn(count, segments, 1, generator=generator) * 0.6
    )
    curve = torch.cat([torch.zeros(count, 1, 3), steps.cumsum(1)], 1)
    curve = curve / curve[:, -1:]
    straight = torch.linspace(0, 1, segments + 1).view(1, -1, 1)
    curve = torch.lerp(straight.expand_as(curve), curve, uniform(1, 1))
    black = uniform(1, 1) * 0.15 * (uniform(1, 1) < 0.3)
    white = 1 - uniform(1, 1) * 0.12 * (uniform(1, 1) < 0.3)
    return black + curve * (white - black)
