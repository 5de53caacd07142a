"""What training asks of the network: the two intents, and the paper's own losses.

Everything works on colours (B, N, 3) drawn from the pictures, not on pictures: a DNCM is
pixel-wise, so a few hundred pixels a picture tell all. The truth is known for every pair of a
batch: picture e under the look of picture f is ``look_f(photo_e)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from core.encoder import Network
from core.training.edges import edge_similarity, luma
from core.training.looks import apply

Losses = dict[str, torch.Tensor]
_PATCH = 64  # side of the piece of a picture whose edges are compared


@dataclass(frozen=True)
class Batch:
    """A batch as the losses see it. Pictures i and i + B/2 show the same photo.

    pictures: (B, 3, S, S), what the encoder sees: photos under their looks. shot: (B, N, 3), pixels
    of the photos as shot. looks: (B, n, n, n, 3) lattices. All sRGB-encoded.
    """

    pictures: torch.Tensor
    shot: torch.Tensor
    looks: torch.Tensor

    def pixels(self, shift: int = 0) -> torch.Tensor:
        """The pixels under the look of the picture `shift` places before: (B, N, 3)."""
        looks = self.looks.roll(shift, 0) if shift else self.looks
        return apply(looks, self.shot)


def fidelity(output: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """L1 and the log of each picture's squared error, of equal pull at 20 dB.

    The log is PSNR (arXiv 2204.04676 trains with it): a picture that is nearly right is still worth
    improving, and one that cannot be guessed does not outweigh the rest.
    """
    error = output - truth
    return 0.5 * error.abs().mean() + 0.02 * (error.square().mean((1, 2)) / 1e-3).log1p().mean()


def sliced_wasserstein(a: torch.Tensor, b: torch.Tensor, directions: int = 16) -> torch.Tensor:
    """Sliced Wasserstein-1 distance of two sets of colours (B, N, 3): (B,), in colour units."""
    axes = F.normalize(torch.randn(3, directions, device=a.device), dim=0)
    return ((a @ axes).sort(1).values - (b @ axes).sort(1).values).abs().mean((1, 2))


def two_intents(network: Network, batch: Batch, shifts: list[int]) -> Losses:
    """The losses of *look* and *colors*; `shifts` pair each picture with styles of other photos."""
    codes = network(batch.pictures)
    seen = batch.pixels()
    return {
        **look_losses(network, batch, codes, seen, shifts),
        **color_losses(network, batch, codes, seen, shifts),
    }


def look_losses(
    network: Network, batch: Batch, codes: Losses, seen: torch.Tensor, shifts: list[int]
) -> Losses:
    """*look*: another photo's style, truth known; the anchor asks Z to be the photo as shot."""
    neutral = network.normalize("look", seen, codes["look_normalize"])
    pairs = [len(seen) // 2, *shifts]
    errors = []
    for shift in pairs:
        restyled = network.stylize("look", neutral, codes["look_stylize"].roll(shift, 0))
        errors.append(fidelity(restyled, batch.pixels(shift)))
    return {
        "look": torch.stack(errors).mean(),
        "anchor": 1.2 * fidelity(neutral, batch.shot),
    }


def color_losses(
    network: Network, batch: Batch, codes: Losses, seen: torch.Tensor, shifts: list[int]
) -> Losses:
    """*colors*: L_rec and L_con within a photo, the style's colour distribution across photos."""
    half = len(seen) // 2
    normalize, stylize = codes["colors_normalize"], codes["colors_stylize"]
    partner = batch.pixels(half)
    z = network.normalize("colors", seen, normalize)
    z_partner = network.normalize("colors", partner, normalize.roll(half, 0))
    same = network.stylize("colors", z, stylize.roll(half, 0))
    # Divided by the variance of Z, so that shrinking Z to gray does not pay.
    spread = z.var(1).mean() + z_partner.var(1).mean() + 1e-3
    consistency = (z - z_partner).square().mean() / spread
    distances = [
        sliced_wasserstein(
            network.stylize("colors", z, stylize.roll(shift, 0)), seen.roll(shift, 0)
        ).mean()
        for shift in shifts
    ]
    return {
        "colors": 0.7 * (same - partner).abs().mean(),
        "distance": torch.stack(distances).mean(),
        "content": 0.045 * (1 - kept_edges(network, batch, codes, shifts[0])),
        "consistency": 0.05 * consistency,
    }


def kept_edges(network: Network, batch: Batch, codes: Losses, shift: int) -> torch.Tensor:
    """Content similarity of pictures and what *colors* makes of them: a colour map may not tear
    apart what was one surface, however well the colours' distribution then fits."""
    pictures = batch.pictures[:, :, :_PATCH, :_PATCH]
    colors = pictures.flatten(2).transpose(1, 2)
    z = network.normalize("colors", colors, codes["colors_normalize"])
    out = network.stylize("colors", z, codes["colors_stylize"].roll(shift, 0))
    out = out.transpose(1, 2).view_as(pictures)
    return edge_similarity(luma(out), luma(pictures)).mean()


def single_intent(network: Network, batch: Batch, shifts: list[int]) -> Losses:
    """The paper's own training (section 3.3): ``L = L_rec + 10 L_con``, one intent, one photo."""
    del shifts  # the paper pairs only pictures of one photo
    (intent,) = network.intents
    codes = network(batch.pictures)
    normalize, stylize = codes[f"{intent}_normalize"], codes[f"{intent}_stylize"]
    half = len(batch.shot) // 2
    z = network.normalize(intent, batch.pixels(), normalize)
    z_partner = network.normalize(intent, batch.pixels(half), normalize.roll(half, 0))
    out = network.stylize(intent, z, stylize.roll(half, 0))
    return {
        "reconstruction": (out - batch.pixels(half)).abs().mean(),
        "consistency": 10 * (z - z_partner).square().mean(),
    }


def without_consistency(network: Network, batch: Batch, shifts: list[int]) -> Losses:
    """Both intents without L_con, for the ablation."""
    losses = two_intents(network, batch, shifts)
    del losses["consistency"]
    return losses


RECIPES: dict[str, Callable[[Network, Batch, list[int]], Losses]] = {
    "two-intents": two_intents,
    "no-consistency": without_consistency,
    "paper": single_intent,
}
