"""The trained network as the product uses it: thumbnails in, codes and colour mappings out.

Weights are one safetensors file with their description in its metadata; nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as deserialize
from safetensors.torch import save

from core import atomic
from core.encoder import INTENTS, Network
from core.errors import InputError, WeightsError
from core.folding import fold
from core.thumbnail import SIDE

WEIGHTS = Path(__file__).parent / "weights" / "neural-preset-b0-k16.safetensors"
MODEL_ID = "np-b0-k16-v1"
_FORMAT = "neural-preset-weights"
_LARGEST_K = 64
_COLORS_AT_ONCE = 1 << 15  # what the layers make of more does not stay in a processor's cache

Mapping = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Codes:
    """What the encoder read off one thumbnail: a code for every intent and stage, (272,) each."""

    normalize: dict[str, torch.Tensor]
    stylize: dict[str, torch.Tensor]

    def style(self, intent: str) -> list[float]:
        """The style code `r` of an intent as plain floats: what a preset keeps."""
        return self.stylize[intent].tolist()


@dataclass(frozen=True)
class Prepared:
    """Colours of one content as far as they are the same for every style of an intent."""

    intent: str
    colors: torch.Tensor
    hidden: torch.Tensor


class Model:
    """A loaded network. Safe to call from several threads; one of them computes at a time.

    The encoder runs on `device`; the colour mappings, which make the lattices, on `lattices` where
    that is another.
    """

    def __init__(
        self, network: Network, model_id: str, sha256: str, device: str, lattices: str = ""
    ) -> None:
        self.id, self.sha256 = model_id, sha256
        self.device, self.lattices = device, lattices or device
        # A GPU would round the factors of convolutions to 10 bits.
        torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
        torch.backends.cuda.matmul.fp32_precision = "ieee"
        self.network = network.to(device).eval().requires_grad_(False)
        self.network.mappings.to(self.lattices)
        self._lock = threading.Lock()

    @property
    def intents(self) -> tuple[str, ...]:
        """What the network was trained for: *look* and *colors*; an ablation has one of them."""
        return self.network.intents

    def codes(self, thumbnail: np.ndarray) -> Codes:
        """The codes of one thumbnail: (256, 256, 3) uint8, sRGB-encoded."""
        return self.codes_of(thumbnail[None])[0]

    @torch.inference_mode()
    def codes_of(self, thumbnails: np.ndarray) -> list[Codes]:
        """The codes of a batch of thumbnails: (B, H, W, 3) uint8, sRGB-encoded."""
        if thumbnails.ndim != 4 or thumbnails.shape[3] != 3 or thumbnails.dtype != np.uint8:
            raise InputError(
                "A thumbnail has 8-bit RGB pixels, not {shape}.", shape=thumbnails.shape
            )
        pixels = torch.tensor(thumbnails, device=self.device).permute(0, 3, 1, 2).float() / 255
        with self._lock:
            codes = {name: code.cpu() for name, code in self.network(pixels).items()}
        return [
            Codes(
                {intent: codes[f"{intent}_normalize"][row] for intent in self.network.intents},
                {intent: codes[f"{intent}_stylize"][row] for intent in self.network.intents},
            )
            for row in range(len(thumbnails))
        ]

    def normalizing(self, intent: str, content: Codes) -> Mapping:
        """nDNCM of a content: colours (N, 3) sRGB-encoded to its look-free colours, unclamped."""
        return self._mapping([("normalize", intent, content.normalize[intent])])

    def styling(self, intent: str, content: Codes, style: torch.Tensor | list[float]) -> Mapping:
        """sDNCM after nDNCM: the content's colours (N, 3) in the style of `style`, unclamped."""
        code = torch.as_tensor(style, dtype=torch.float32)
        return self._mapping(
            [("normalize", intent, content.normalize[intent]), ("stylize", intent, code)]
        )

    @torch.inference_mode()
    def prepared(self, intent: str, content: Codes, colors: np.ndarray) -> Prepared:
        """What all styles of an intent have in common for colours (N, 3) of a content."""
        values = torch.tensor(colors, dtype=torch.float32, device=self.lattices)[None]
        code = content.normalize[intent][None].to(self.lattices)
        values = self.network.normalize(intent, values, code)
        return Prepared(intent, values, self.network.stylizing(intent).shared(values))

    @torch.inference_mode()
    def styled(self, prepared: Prepared, style: torch.Tensor | list[float]) -> np.ndarray:
        """The prepared colours in a style: (N, 3) float32 as of `styling`, in half the time."""
        code = torch.as_tensor(style, dtype=torch.float32)[None].to(self.lattices)
        mapping = self.network.stylizing(prepared.intent)
        return mapping.finish(prepared.colors, prepared.hidden, code)[0].cpu().numpy()

    def _mapping(self, stages: list[tuple[str, str, torch.Tensor]]) -> Mapping:
        @torch.inference_mode()
        def mapping(colors: np.ndarray) -> np.ndarray:
            values = torch.tensor(colors, dtype=torch.float32, device=self.lattices)
            at_once = _COLORS_AT_ONCE if self.lattices == "cpu" else max(len(colors), 1)
            parts = [self._mapped(part[None], stages)[0] for part in values.split(at_once)]
            return torch.cat(parts).cpu().numpy()

        return mapping

    def _mapped(
        self, values: torch.Tensor, stages: list[tuple[str, str, torch.Tensor]]
    ) -> torch.Tensor:
        for stage, intent, code in stages:
            apply = getattr(self.network, stage)
            values = apply(intent, values, code[None].to(self.lattices))
        return values


def load(path: Path | None = None, device: str = "cpu") -> Model:
    """Loads weights from a file, the shipped ones by default.

    Raises WeightsError if the file is missing, damaged or of another architecture.
    """
    path = path or WEIGHTS
    try:
        # Read whole, not mapped: a file that is replaced meanwhile must not change under us.
        data = path.read_bytes()
        metadata = _metadata(data)
        tensors = {name: tensor.float() for name, tensor in deserialize(data).items()}
        if metadata.get("format") != _FORMAT:
            raise WeightsError("{file} holds no weights of Neural Preset.", file=path.name)
        network = Network(**_architecture(metadata))
        counters = [name for name in network.state_dict() if name.endswith("num_batches_tracked")]
        network.load_state_dict({**tensors, **{name: torch.tensor(0) for name in counters}})
        fold(network.backbone)
        digest = hashlib.sha256(data).hexdigest()
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise WeightsError(
            "The network's weights in {path} cannot be loaded ({error}). "
            "Run install.py --repair to fetch them again.",
            path=path,
            error=error,
        ) from error
    return Model(network, metadata["id"], digest, device)


def _metadata(data: bytes) -> dict[str, str]:
    """The description in the head of a safetensors file: its length, then as much JSON."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]).get("__metadata__", {})


def _architecture(metadata: dict[str, str]) -> dict:
    described = json.loads(metadata["architecture"])
    k, intents = int(described["k"]), tuple(str(intent) for intent in described["intents"])
    # Before a network of any other size is made: it could take all memory.
    if not 1 <= k <= _LARGEST_K or not set(intents) <= set(INTENTS) or len(intents) > len(INTENTS):
        raise ValueError("another architecture")
    return {
        "k": k,
        "linear": bool(described["linear"]),
        "statistics": bool(described["statistics"]),
        "intents": intents,
        "one_stage": bool(described.get("one_stage", False)),
    }


def write_weights(path: Path, network: Network, metadata: dict[str, str]) -> None:
    """Writes a network as float16 safetensors with the description that `load` reads."""
    first = next(iter(network.mappings.values()))
    described = {
        "backbone": "efficientnet_b0",
        "k": first.k,
        "linear": first.linear,
        "statistics": network.statistics is not None,
        "intents": list(network.intents),
        "one_stage": network.one_stage,
    }
    tensors = {
        name: tensor.half().contiguous()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    data = save(
        tensors,
        metadata={
            "format": _FORMAT,
            "id": MODEL_ID,
            "architecture": json.dumps(described),
            "thumbnail": str(SIDE),
            "normalization": "mean 0.5, std 0.25, sRGB-encoded",
            "licence": "GPL-3.0-or-later",
            **metadata,
        },
    )
    atomic.write_bytes(path, data, overwrite=True)
