"""Every look, whatever made it, becomes a `Lut`: thumbnail -> codes -> LUT.

The sources: a preset, a reference picture (by the network or by statistics), or no look at all
(*normalize*). Thumbnails' codes and LUTs are kept, so that a second call costs nothing.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np

from core.errors import InputError, UnknownLutError
from core.lut import Lut, bake, bake_accurately
from core.memory import Cache, digest
from core.model import Codes, Mapping, Model
from core.presetfile import LUT, Preset
from core.sanity import softened
from core.sources import (
    METHODS,
    Mix,
    Normalize,
    PresetSource,
    Reference,
    Source,
    Statistical,
)
from core.thumbnail import from_jpeg, thumbnail, to_jpeg
from core.toning import Curve, toned, toning

_LUTS, _THUMBNAILS = 64, 256
_MOST_BYTES = 128 << 20  # 64 tables of 129 nodes would be 1.6 GB


@dataclass(frozen=True)
class Options:
    """How much of a look, in percent; `intent` goes from 0 (*look*) to 100 (*colors*)."""

    strength: float = 100
    intent: float = 0
    keep_luminance: bool = False

    def __post_init__(self) -> None:
        for name in ("strength", "intent"):
            value = getattr(self, name)
            if not math.isfinite(value) or not 0 <= value <= 100:
                raise InputError(
                    "The {name} must be between 0 and 100, not {value}.",
                    name=name,
                    value=f"{value:g}",
                )


@dataclass(frozen=True)
class Style:
    """What a preset keeps of a picture: both style codes and the thumbnail (JPEG) behind them."""

    look: list[float]
    colors: list[float]
    reference: bytes
    toning: Curve | None


class Looks:
    """Makes LUTs of looks; safe to call from several threads."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._codes: Cache[Codes] = Cache(_THUMBNAILS)
        self._luts: Cache[Lut] = Cache(_LUTS, _MOST_BYTES, lambda lut: lut.lattice.nbytes)

    def lut(
        self, content: np.ndarray | None, source: Source, options: Options | None = None
    ) -> tuple[str, Lut]:
        """The look of `source` for one content picture as a LUT, and the name to `get` it by.

        content: (H, W, 3 or 4), sRGB-encoded; only an imported LUT can do without it (None).
        Raises InputError if the content is missing or unfit, PresetError for an unfit preset.
        """
        options = options or Options()
        seen = None if content is None else thumbnail(content)
        key = digest(seen, source.identity, astuple(options))
        return key, self._luts.get_or_make(key, lambda: self._make(seen, source, options))

    def get(self, key: str) -> Lut:
        """The LUT that `lut` named; UnknownLutError once it has been dropped."""
        lut = self._luts.get(key)
        if lut is None:
            raise UnknownLutError("This look is no longer kept by the worker: ask for it again.")
        return lut

    def style(self, picture: np.ndarray) -> Style:
        """What a preset keeps of a reference picture, (H, W, 3 or 4) sRGB-encoded."""
        # The codes of what a preset keeps, so that recomputing them later gives the same.
        reference = to_jpeg(thumbnail(picture))
        seen = from_jpeg(reference)
        codes = self.codes(seen)
        return Style(codes.style("look"), codes.style("colors"), reference, toning(seen))

    def counts(self) -> dict[str, int]:
        """How many LUTs and encoded thumbnails are kept."""
        return {"luts": len(self._luts), "thumbnails": len(self._codes)}

    def codes(self, seen: np.ndarray) -> Codes:
        """The codes of a thumbnail."""
        return self._codes.get_or_make(digest(seen), lambda: self.model.codes(seen))

    def styles(self, source: Source) -> dict[str, list[float]] | None:
        """The style codes of a neural look for each intent; of any other there are none.

        Where both looks of a mix have codes and colours, the mix has the codes between. Raises
        InputError for a preset of other weights that keeps no picture.
        """
        if isinstance(source, Mix):
            first, second = self.styles(source.first), self.styles(source.second)
            if first is None or second is None or tones(source.first) or tones(source.second):
                return None
            return {name: _between(first[name], second[name], source.share) for name in first}
        if isinstance(source, Reference):
            return _styles(self.codes(source.thumbnail))
        if not isinstance(source, PresetSource) or source.preset.kind == LUT:
            return None
        preset = source.preset
        if preset.model_sha256 == self.model.sha256:
            return {"look": list(preset.look), "colors": list(preset.colors)}
        if preset.reference is None:
            raise InputError(
                "The preset “{name}” was made for other weights ({model}) and keeps no picture "
                "to make it anew. Create it again from its photo.",
                name=preset.name,
                model=preset.model_id,
            )
        # A style code means nothing to other weights, but the picture it came from does.
        return _styles(self.codes(from_jpeg(preset.reference)))

    def plain(self, seen: np.ndarray | None, source: Source, intent: float = 0) -> Lut:
        """The whole look, without the options, as far as it is sane.

        `intent` is 0 to 1, `seen` the thumbnail.
        """
        if isinstance(source, PresetSource) and source.preset.kind == LUT:
            return _imported(source.preset)
        styles = self.styles(source)
        if styles is None and isinstance(source, Mix):
            second = self.plain(seen, source.second, intent)
            return self.plain(seen, source.first, intent).blend(second, source.share / 100)
        if seen is None:
            raise InputError("This look depends on the photo it is for: name the photo too.")
        if isinstance(source, Normalize):
            return softened(bake_accurately(self.model.normalizing("look", self.codes(seen))))
        if isinstance(source, Statistical):
            if source.method not in METHODS:
                known = ", ".join(METHODS)
                raise InputError(
                    "There is no method “{method}”; there are: {known}.",
                    method=source.method,
                    known=known,
                )
            return softened(bake(METHODS[source.method](seen, source.thumbnail)))
        assert styles is not None
        return self._neural(seen, styles, intent, tones(source))

    def _make(self, seen: np.ndarray | None, source: Source, options: Options) -> Lut:
        if options.strength == 0:
            return Lut.identity()
        lut = self.plain(seen, source, options.intent / 100)
        if options.keep_luminance:
            lut = lut.keeping_luminance()
        return lut.with_strength(options.strength / 100)

    def _neural(
        self, seen: np.ndarray, styles: dict[str, list[float]], intent: float, curve: Curve | None
    ) -> Lut:
        content = self.codes(seen)

        def mapping(name: str) -> Mapping:
            return self.model.styling(name, content, styles[name])

        if intent in (0, 1):
            mapped = mapping("colors" if intent else "look")
        else:
            look, colors = mapping("look"), mapping("colors")

            def mapped(x: np.ndarray) -> np.ndarray:
                return (1 - intent) * look(x) + intent * colors(x)

        whole = mapped if curve is None else lambda x: toned(mapped(x), curve)
        return softened(bake_accurately(whole))


def tones(source: Source) -> Curve | None:
    """The curve of a monochrome look of the network; None for any other look."""
    return source.toning if isinstance(source, Reference | PresetSource) else None


def _styles(codes: Codes) -> dict[str, list[float]]:
    return {"look": codes.style("look"), "colors": codes.style("colors")}


def _between(first: list[float], second: list[float], share: float) -> list[float]:
    part = share / 100
    return [(1 - part) * a + part * b for a, b in zip(first, second, strict=True)]


def _imported(preset: Preset) -> Lut:
    size = preset.lattice_size
    if preset.lattice is None or size is None:
        raise InputError("The preset “{name}” holds no table.", name=preset.name)
    values = np.frombuffer(preset.lattice, dtype="<f2").astype(np.float32)
    return Lut(values.reshape(size, size, size, 3))
