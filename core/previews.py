"""Looks on a small picture, for somebody who is choosing: fast, and true to the final result.

Many small pictures (`gallery`) are computed colour by colour. A large one (`draft`) goes through
lattices that are remembered, so that a change of the options costs no network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import InputError
from core.looks import Looks, Options, tones
from core.lut import LUMA, Lut, bake_accurately, nodes
from core.memory import Cache, digest
from core.model import Prepared
from core.processor import Processor
from core.sanity import GRAYS, share, softened
from core.sources import Mix, PresetSource, Source, Still
from core.toning import toned

_MOST_NODES = 65
_TOLERANCE = 1 / 255
_MOST_COLORS = 33**3  # a lattice is quicker for more
_BASES, _PREPARED = 24, 8


class Previews:
    """Recolours small pictures; for one thread at a time.

    `content` is what the encoder sees of the photo; only an imported LUT can do without (None).
    """

    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self._bases: Cache[Lut] = Cache(_BASES)
        self._prepared: Cache[Prepared] = Cache(_PREPARED)

    def gallery(
        self,
        content: Still | None,
        shown: Still,
        sources: Sequence[Source | InputError],
        options: Options,
    ) -> list[np.ndarray | InputError]:
        """The picture `shown` with every look, or why it cannot have that one.

        Arrays of (H, W, 3 or 4) uint8, as `shown` is; alpha stays. An error stays what it is.
        """
        many = shown.pixels[..., 0].size > _MOST_COLORS
        recolored: list[np.ndarray | InputError] = []
        for source in sources:
            try:
                if isinstance(source, InputError):
                    raise source
                if many:
                    recolored.append(self.draft(content, shown, source, options))
                else:
                    mapped = self._mapped(content, shown, source, options.intent / 100)
                    recolored.append(_finished(shown, mapped, options))
            except InputError as error:
                recolored.append(error)
        return recolored

    def draft(
        self, content: Still | None, shown: Still, source: Source, options: Options
    ) -> np.ndarray:
        """The picture `shown` with a look: (H, W, 3 or 4) uint8, as `shown` is; alpha stays.

        At most 3 of 255 from the final result. Raises InputError.
        """
        pixels = shown.pixels.copy()
        if options.strength > 0:
            lut = self._base(content, source, options.intent / 100)
            if options.keep_luminance:
                lut = lut.keeping_luminance()
            Processor(lut.with_strength(options.strength / 100)).apply(pixels)
        return pixels

    def _mapped(
        self, content: Still | None, shown: Still, source: Source, intent: float
    ) -> np.ndarray:
        """The colours of `shown` in the whole look: (N, 3) float32, not clamped."""
        styles = self.looks.styles(source)
        if styles is not None:

            def neural(colors: np.ndarray, name: str) -> np.ndarray:
                known = _photo(content)
                ends = [
                    self._styled(known, intended, colors, name, styles[intended])
                    for intended in _intents(intent)
                ]
                mapped = ends[0] if len(ends) == 1 else _between(ends[0], ends[1], intent)
                curve = tones(source)
                return mapped if curve is None else toned(mapped, curve)

            mapped = neural(shown.colors, shown.identity)
            part = share(neural(GRAYS, "grays"))
            return mapped if part == 1 else _between(shown.colors, mapped, part)
        if isinstance(source, Mix):
            first = self._mapped(content, shown, source.first, intent)
            second = self._mapped(content, shown, source.second, intent)
            return _between(first, second, source.share / 100)
        mapped = shown.colors[np.newaxis].copy()
        Processor(self._base(content, source, intent)).apply(mapped)
        return mapped[0]

    def _base(self, content: Still | None, source: Source, intent: float) -> Lut:
        """The whole look as a lattice, put together from those that are remembered."""
        styles = self.looks.styles(source)
        if styles is not None:
            known = _photo(content)
            ends = [self._lattice(known, name, styles[name]) for name in _intents(intent)]
            lut = ends[0] if len(ends) == 1 else _blend(ends[0], ends[1], intent)
            curve = tones(source)
            return softened(lut if curve is None else Lut(toned(lut.lattice, curve)))
        if isinstance(source, Mix):
            second = self._base(content, source.second, intent)
            return _blend(self._base(content, source.first, intent), second, source.share / 100)
        if isinstance(source, PresetSource):
            seen, key = None, source.identity
        else:
            known = _photo(content)
            seen, key = known.thumbnail, digest(known.identity, source.identity)

        def make() -> Lut:
            lut = self.looks.plain(seen, source)
            return _sized(lut, min(lut.size, _MOST_NODES))

        return self._bases.get_or_make(key, make)

    def _lattice(self, content: Still, intent: str, style: list[float]) -> Lut:
        def mapping(colors: np.ndarray) -> np.ndarray:
            # Baking asks for the same colours whenever it asks for as many.
            return self._styled(content, intent, colors, str(len(colors)), style)

        key = digest(content.identity, intent, np.array(style))
        return self._bases.get_or_make(
            key, lambda: bake_accurately(mapping, _TOLERANCE, _MOST_NODES)
        )

    def _styled(
        self, content: Still, intent: str, colors: np.ndarray, name: str, style: list[float]
    ) -> np.ndarray:
        """Colours of a content, (N, 3) and known by a name, in a style of the network."""

        def prepare() -> Prepared:
            codes = self.looks.codes(content.thumbnail)
            return self.looks.model.prepared(intent, codes, colors)

        prepared = self._prepared.get_or_make(digest(content.identity, intent, name), prepare)
        return self.looks.model.styled(prepared, style)


def _photo(content: Still | None) -> Still:
    if content is None:
        raise InputError("This look depends on the photo it is for: name the photo too.")
    return content


def _intents(intent: float) -> tuple[str, ...]:
    """The mappings that an intent from 0 to 1 lies between."""
    if intent in (0, 1):
        return ("colors" if intent else "look",)
    return ("look", "colors")


def _between(first: np.ndarray, second: np.ndarray, part: float) -> np.ndarray:
    return first + np.float32(part) * (second - first)


def _blend(first: Lut, second: Lut, part: float) -> Lut:
    size = max(first.size, second.size)
    return _sized(first, size).blend(_sized(second, size), part)


def _sized(lut: Lut, size: int) -> Lut:
    """As `Lut.resampled`, ten times faster."""
    if lut.size == size:
        return lut
    colors = nodes(size)[np.newaxis].copy()
    Processor(lut).apply(colors)
    return Lut(colors.reshape(size, size, size, 3))


def _finished(shown: Still, mapped: np.ndarray, options: Options) -> np.ndarray:
    change = mapped - shown.colors
    if options.keep_luminance:
        change -= (change @ LUMA.astype(np.float32))[:, np.newaxis]
    colors = shown.colors + np.float32(options.strength / 100) * change
    pixels = shown.pixels.copy()
    levels = np.rint(np.clip(colors, 0, 1) * 255).astype(np.uint8)
    pixels[..., :3] = levels.reshape(*pixels.shape[:2], 3)
    return pixels
