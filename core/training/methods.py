"""What is compared: our network's intents, other weights, and the methods of others.

A method takes content and style, pictures (H, W, 3) uint8, and returns the content in the style,
uint8 too: what a user of it would see. A normaliser takes a picture alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from skimage.exposure import match_histograms

from core import statistical
from core.model import Codes, Model
from core.toning import toned, toning
from core.training import gmic

Mapping = Callable[[np.ndarray], np.ndarray]
Method = Callable[[np.ndarray, np.ndarray], np.ndarray]
Normaliser = Callable[[np.ndarray], np.ndarray]
_KEPT = 8  # pictures of one round of cases


@dataclass
class Panel:
    """The methods by the names they have in the table; `slow` ones see only the first cases."""

    methods: dict[str, Method] = field(default_factory=dict)
    normalisers: dict[str, Normaliser] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)

    def add_model(self, model: Model, name: str = "") -> None:
        """Adds a network's intents as `name` + intent, and its normalisation."""
        neural = Neural(model)
        for intent in model.intents:
            self.methods[f"{name} {intent}".strip()] = neural.method(intent)
        # The intent that is trained to undo looks, where the network has it.
        undoing = "look" if "look" in model.intents else model.intents[0]
        self.normalisers[name or "ours"] = neural.normaliser(undoing)

    def add_gmic(self) -> bool:
        """Adds G'MIC's three transfers as slow methods; False if it is not installed."""
        program = gmic.executable()
        for command in gmic.COMMANDS if program else ():
            self.methods[command] = gmic.Transfer(str(program), command)
            self.slow.add(command)
        return program is not None


def reference() -> Panel:
    """Doing nothing, and MKL: what every table needs beside it."""
    panel = Panel({"nothing": nothing, "MKL": closed_form(statistical.mkl)})
    panel.normalisers["nothing"] = lambda content: content
    return panel


def statistical_peers() -> Panel:
    """The reference methods, Reinhard and histogram matching."""
    panel = reference()
    panel.methods["Reinhard"] = closed_form(statistical.reinhard)
    panel.methods["histogram"] = histogram_matching
    return panel


def nothing(content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """The content as it is."""
    return content


def histogram_matching(content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Every channel gets the style's histogram (scikit-image's `match_histograms`)."""
    matched = match_histograms(content, style, channel_axis=-1)
    return np.clip(np.round(matched), 0, 255).astype(np.uint8)


def closed_form(fit: Callable[[np.ndarray, np.ndarray], Mapping]) -> Method:
    """A method that is a colour mapping, fitted to content and style."""
    return lambda content, style: painted(fit(content, style), content)


def painted(mapping: Mapping, picture: np.ndarray) -> np.ndarray:
    """A picture (H, W, 3) uint8 under a mapping of sRGB-encoded colours, clamped and rounded."""
    colors = mapping(picture.reshape(-1, 3).astype(np.float32) / 255)
    return np.round(np.clip(colors, 0, 1) * 255).astype(np.uint8).reshape(picture.shape)


class Neural:
    """A network that remembers the codes of the last pictures it saw."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._codes: dict[bytes, Codes] = {}

    def method(self, intent: str) -> Method:
        """The transfer with one intent."""

        def transfer(content: np.ndarray, style: np.ndarray) -> np.ndarray:
            target, curve = self._seen(style).stylize[intent], toning(style)
            mapping = self.model.styling(intent, self._seen(content), target)
            if curve is None:
                return painted(mapping, content)
            return painted(lambda colors: toned(mapping(colors), curve), content)

        return transfer

    def normaliser(self, intent: str) -> Normaliser:
        """The first stage alone: the picture without its look."""
        return lambda content: painted(
            self.model.normalizing(intent, self._seen(content)), content
        )

    def _seen(self, picture: np.ndarray) -> Codes:
        key = picture.tobytes()
        if key not in self._codes:
            while len(self._codes) >= _KEPT:
                del self._codes[next(iter(self._codes))]
            self._codes[key] = self.model.codes(picture)
        return self._codes[key]
