"""The paper's own metrics (arXiv 2303.13511, section 4): similarity of style and of content.

*Style similarity* is the opinion of a small network that was trained to tell whether two photos of
different things carry the same look (`core.training.discriminator` trains it). *Content similarity*
is the SSIM of edge maps. The paper takes its edges from LDC, whose weights are not available; ours
are Scharr's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from skimage.filters import scharr
from skimage.metrics import structural_similarity
from torch import nn
from torch.nn import functional as F

from core import atomic
from core.colorstats import LENGTH, LUMA, color_statistics
from core.errors import WeightsError

WEIGHTS = Path(__file__).parents[1] / "weights" / "style-discriminator.safetensors"
SIDE = 64
_FORMAT = "neural-preset-style-discriminator"
_CHANNELS = (32, 64, 128, 192)
_STRONG = 99  # percentile of edge strength that counts as a full edge


class Discriminator(nn.Module):
    """Photos in, the log-odds that two of them carry the same look out."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((3, *_CHANNELS), _CHANNELS, strict=False):
            layers += [
                nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.GELU(),
            ]
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.statistics = nn.Sequential(nn.Linear(LENGTH, 192), nn.GELU())
        self.mix = nn.Sequential(
            nn.Linear(_CHANNELS[-1] + 192, 256), nn.GELU(), nn.Linear(256, 128)
        )
        self.compare = nn.Sequential(nn.Linear(256, 128), nn.GELU(), nn.Linear(128, 1))

    def describe(self, photos: torch.Tensor) -> torch.Tensor:
        """(B, 3, 64, 64) sRGB-encoded [0, 1] -> what is known of their looks (B, 128)."""
        seen = self.features((photos - 0.5) / 0.25)
        return self.mix(torch.cat([seen, self.statistics(color_statistics(photos))], 1))

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Descriptions (B, 128) of one and of the other photo -> log-odds (B,), symmetric."""
        pair = torch.cat([(first - second).abs(), first * second], 1)
        return self.compare(pair)[:, 0]


class StyleJudge:
    """A trained discriminator that judges pictures."""

    def __init__(self, network: Discriminator, metadata: dict[str, str]) -> None:
        self.network, self.metadata = network.eval().requires_grad_(False), metadata

    @torch.inference_mode()
    def similarity(self, output: np.ndarray, style: np.ndarray) -> float:
        """How sure it is, 0 to 1, that two pictures (H, W, 3) uint8 carry the same look."""
        descriptions = self.network.describe(torch.cat([_small(output), _small(style)]))
        return float(self.network(descriptions[:1], descriptions[1:]).sigmoid())


def content_similarity(output: np.ndarray, content: np.ndarray) -> float:
    """SSIM of the edge maps of two pictures (H, W, 3) uint8, sRGB-encoded.

    The edges are Scharr's of the luma, divided by the picture's own strong edges (the 99th
    percentile): as with LDC's, an edge counts by its place among the others, not by contrast.
    """
    return float(structural_similarity(_edges(output), _edges(content), data_range=1.0))


def load(path: Path = WEIGHTS) -> StyleJudge:
    """Reads a trained discriminator; WeightsError if there is none in the file."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}
        if metadata.get("format") != _FORMAT:
            raise WeightsError(f"{path} holds no style discriminator.")
        network = Discriminator()
        counters = [name for name in network.state_dict() if name.endswith("num_batches_tracked")]
        network.load_state_dict({**tensors, **{name: torch.tensor(0) for name in counters}})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise WeightsError(
            f"The style discriminator in {path} cannot be loaded ({error}). "
            "Train one with python -m core.training.discriminator."
        ) from error
    return StyleJudge(network, metadata)


def write(path: Path, network: Discriminator, metadata: dict[str, str]) -> None:
    """Writes a discriminator as float16 safetensors."""
    tensors = {
        name: tensor.half().contiguous()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    data = save(tensors, metadata={"format": _FORMAT, **metadata})
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, data, overwrite=True)


def _small(picture: np.ndarray) -> torch.Tensor:
    pixels = torch.tensor(picture).permute(2, 0, 1)[None].float() / 255
    return F.interpolate(pixels, size=(SIDE, SIDE), mode="area")


def _edges(picture: np.ndarray) -> np.ndarray:
    edges = scharr(picture.astype(np.float64) / 255 @ np.array(LUMA))
    strong = max(float(np.percentile(edges, _STRONG)), 1 / 255)
    return np.asarray(np.clip(edges / strong, 0, 1))
