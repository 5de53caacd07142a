"""The encoder: a thumbnail becomes the codes of both stages, for both intents.

EfficientNet-B0 of timm (arXiv 2303.13511, section 3.2), joined by explicit colour statistics. The
intents *look* and *colors* share it and have heads and mappings of their own: trained as one they
fight (the same treatment, or the same colours?).
"""

from __future__ import annotations

import torch
from torch import nn

from core.colorstats import LENGTH, color_statistics
from core.dncm import DNCM
from core.timm_alone import timm_alone

with timm_alone():
    import timm

INTENTS = ("look", "colors")
STAGES = ("normalize", "stylize")
MEAN, STD = 0.5, 0.25


class Network(nn.Module):
    """Encoder, heads and the colour mappings nDNCM and sDNCM of each intent."""

    def __init__(
        self,
        k: int = 16,
        linear: bool = False,
        statistics: bool = True,
        intents: tuple[str, ...] = INTENTS,
        one_stage: bool = False,
        backbone: str = "efficientnet_b0",
    ) -> None:
        super().__init__()
        self.backbone = timm.create_model(backbone, pretrained=False, num_classes=0)
        features: int = self.backbone.num_features  # type: ignore[assignment]
        self.statistics = (
            nn.Sequential(nn.Linear(LENGTH, 256), nn.GELU(), nn.Linear(256, 256), nn.GELU())
            if statistics
            else None
        )
        self.mix = nn.Sequential(
            nn.Linear(features + (256 if statistics else 0), 512), nn.GELU()
        )
        self.intents, self.one_stage = intents, one_stage
        self.mappings = nn.ModuleDict()
        self.heads = nn.ModuleDict()
        for name in (f"{intent}_{stage}" for intent in intents for stage in STAGES):
            mapping = DNCM(k, linear)
            head = nn.Linear(512, mapping.code_length)
            # Small weights: training starts at one mapping for all pictures, near the identity.
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
            if linear:
                head.bias.data.copy_(torch.eye(k).flatten())
            self.mappings[name], self.heads[name] = mapping, head

    def forward(self, thumbnails: torch.Tensor) -> dict[str, torch.Tensor]:
        """(B, 3, H, W) sRGB-encoded [0, 1] -> code (B, code_length) of every intent and stage."""
        seen = ((thumbnails - MEAN) / STD).contiguous(memory_format=torch.channels_last)
        features = self.backbone(seen)
        if self.statistics is not None:
            features = torch.cat(
                [features, self.statistics(color_statistics(thumbnails)).to(features.dtype)], 1
            )
        mixed = self.mix(features).float()
        return {name: head(mixed) for name, head in self.heads.items()}

    def normalize(self, intent: str, colors: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """nDNCM: (B, N, 3) colours of the content to its look-free colours Z.

        With one stage (an ablation) there is no such space: the colours stay as they are.
        """
        if self.one_stage:
            return colors
        return self.mappings[f"{intent}_normalize"](colors, code)

    def stylizing(self, intent: str) -> DNCM:
        """The sDNCM of an intent."""
        mapping = self.mappings[f"{intent}_stylize"]
        assert isinstance(mapping, DNCM)
        return mapping

    def stylize(self, intent: str, colors: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """sDNCM: look-free colours Z (B, N, 3) to the style that the code describes."""
        return self.mappings[f"{intent}_stylize"](colors, code)

