"""Where a look comes from, as the worker holds it and as a request names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core import statistical
from core.errors import ForgottenError, InputError
from core.fields import Fields
from core.memory import digest
from core.phrase import Phrase
from core.presetfile import Preset
from core.protocol import PLACES, Picture
from core.thumbnail import thumbnail
from core.toning import Curve, toning

METHODS = {"mkl": statistical.mkl}


@dataclass(frozen=True, eq=False)
class Still:
    """A small picture, (H, W, 3 or 4) uint8 sRGB-encoded, and what is worked out of it once."""

    pixels: np.ndarray

    @cached_property
    def thumbnail(self) -> np.ndarray:
        """What the encoder sees of it. Raises InputError where nothing is visible."""
        return thumbnail(self.pixels)

    @cached_property
    def colors(self) -> np.ndarray:
        """Its colours from 0 to 1: (N, 3) float32."""
        return self.pixels[..., :3].reshape(-1, 3).astype(np.float32) / 255

    @cached_property
    def identity(self) -> str:
        """The same for the same pixels."""
        return digest(self.pixels.shape, self.pixels)


@dataclass(frozen=True, eq=False)
class Reference:
    """The look of a picture, (H, W, 3 or 4) sRGB-encoded, by the network."""

    picture: np.ndarray

    @cached_property
    def thumbnail(self) -> np.ndarray:
        """What the encoder sees of it."""
        return thumbnail(self.picture)

    @cached_property
    def identity(self) -> str:
        """The same for the same look."""
        return digest("reference", self.thumbnail)

    @cached_property
    def toning(self) -> Curve | None:
        """The tones of a monochrome picture."""
        return toning(self.thumbnail)


@dataclass(frozen=True, eq=False)
class Statistical:
    """The colour statistics of a picture, (H, W, 3 or 4) sRGB-encoded; `method` of METHODS."""

    picture: np.ndarray
    method: str = "mkl"

    @cached_property
    def thumbnail(self) -> np.ndarray:
        """What the statistics are taken of."""
        return thumbnail(self.picture)

    @cached_property
    def identity(self) -> str:
        """The same for the same look."""
        return digest("statistical", self.method, self.thumbnail)


@dataclass(frozen=True)
class Normalize:
    """No look: the photo as shot, as far as the network can undo what was done to it."""

    identity = "normalize"


@dataclass(frozen=True)
class PresetSource:
    """A look that was kept."""

    preset: Preset

    @cached_property
    def identity(self) -> str:
        """The same for the same look, whatever it is called."""
        kept = self.preset
        codes = np.array([kept.look, kept.colors])
        neural = kept.model_sha256, codes, kept.toning, kept.reference
        return digest(kept.kind, *neural, kept.lattice_size, kept.lattice)

    @property
    def toning(self) -> Curve | None:
        """The tones of a monochrome look."""
        return self.preset.toning or None


@dataclass(frozen=True)
class Mix:
    """Something between two looks: share 0 is the first alone, 100 (percent) the second.

    Raises InputError for a mix of mixes or of no look at all.
    """

    first: Source
    second: Source
    share: float

    def __post_init__(self) -> None:
        for part in (self.first, self.second):
            if isinstance(part, Mix | Normalize):
                raise InputError("A mix is made of two presets or references.")
        if not 0 <= self.share <= 100:
            raise InputError(
                "The share of a mix goes from 0 to 100, but it is {share}.", share=f"{self.share:g}"
            )

    @cached_property
    def identity(self) -> str:
        """The same for the same look."""
        return digest("mix", self.first.identity, self.second.identity, float(self.share))


Source = Reference | Statistical | Normalize | PresetSource | Mix


def weight(thing: Still | Source) -> int:
    """About the bytes that it takes to keep it."""
    match thing:
        case Still():
            return thing.pixels.nbytes
        case Reference() | Statistical():
            return thing.picture.nbytes
        case PresetSource():
            return len(thing.preset.lattice or b"") + len(thing.preset.reference or b"")
        case Mix():
            return weight(thing.first) + weight(thing.second)
    return 0


def read_source(fields: Fields, kept: Mapping[int, object]) -> Source:
    """The source that a request names; {"kept": PLACE} is one that was sent before.

    Raises InputError, PresetError, and ForgottenError where that place is empty.
    """
    if fields.has("kept"):
        source = _kept(fields, kept)
        if not isinstance(source, Source):
            raise fields.wrong("kept", "the place of a look")
        return source
    kind = fields.choice("kind", ("preset", "reference", "normalize", "mix"))
    if kind == "preset":
        return PresetSource(Preset.from_json(fields.document.get("preset")))
    if kind == "normalize":
        return Normalize()
    if kind == "mix":
        first, second = (read_source(fields.fields(name), kept) for name in ("first", "second"))
        return Mix(first, second, fields.number("share", 0, 100))
    picture = read_still(fields.document.get("picture"), kept).pixels
    method = fields.choice("method", ("neural", *METHODS), default="neural")
    return Reference(picture) if method == "neural" else Statistical(picture, method)


def read_still(document: object, kept: Mapping[int, object]) -> Still:
    """The picture in a request; {"kept": PLACE} is one that was sent before. Raises as above."""
    if isinstance(document, dict) and "kept" in document:
        fields = Fields(document, what=Phrase("A picture in the request"))
        still = _kept(fields, kept)
        if not isinstance(still, Still):
            raise fields.wrong("kept", "the place of a picture")
        return still
    picture = Picture.from_json(document)
    flat = np.frombuffer(picture.data, np.uint8)
    return Still(flat.reshape(picture.height, picture.width, picture.channels))


def _kept(fields: Fields, kept: Mapping[int, object]) -> object:
    place = fields.integer("kept", 0, PLACES - 1)
    if place not in kept:
        raise ForgottenError("The worker no longer keeps what was sent to it: send it again.")
    return kept[place]
