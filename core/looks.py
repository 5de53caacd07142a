"""Every look, whatever made it, becomes a `Lut`: thumbnail -> codes -> LUT.

The sources: a preset, a reference picture (by the network or by statistics), or no look at all
(*normalize*). Thumbnails' codes and LUTs are kept, so that a second call costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Generic, TypeVar

import numpy as np

from core import statistical
from core.errors import InputError, UnknownLutError
from core.lut import Lut, bake, bake_accurately
from core.model import CODE_LENGTH, Codes, Mapping, Model
from core.presetfile import Preset
from core.thumbnail import from_jpeg, thumbnail, to_jpeg

METHODS = {"mkl": statistical.mkl}
_LUTS, _THUMBNAILS = 64, 256

T = TypeVar("T")


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
                raise InputError(f"The {name} must be between 0 and 100, not {value:g}.")


@dataclass(frozen=True, eq=False)
class Reference:
    """The look of a picture, (H, W, 3 or 4) sRGB-encoded, by the network."""

    picture: np.ndarray


@dataclass(frozen=True, eq=False)
class Statistical:
    """The colour statistics of a picture, (H, W, 3 or 4) sRGB-encoded; `method` of METHODS."""

    picture: np.ndarray
    method: str = "mkl"


@dataclass(frozen=True)
class Normalize:
    """No look: the photo as shot, as far as the network can undo what was done to it."""


@dataclass(frozen=True)
class PresetSource:
    """A look that was kept."""

    preset: Preset


Source = Reference | Statistical | Normalize | PresetSource


@dataclass(frozen=True)
class Style:
    """What a preset keeps of a picture: both style codes and the thumbnail (JPEG) behind them."""

    look: list[float]
    colors: list[float]
    reference: bytes


class Looks:
    """Makes LUTs of looks; safe to call from several threads."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._codes: _Cache[Codes] = _Cache(_THUMBNAILS)
        self._luts: _Cache[Lut] = _Cache(_LUTS)

    def lut(
        self, content: np.ndarray | None, source: Source, options: Options | None = None
    ) -> tuple[str, Lut]:
        """The look of `source` for one content picture as a LUT, and the name to `get` it by.

        content: (H, W, 3 or 4), sRGB-encoded; only an imported LUT can do without it (None).
        Raises InputError if the content is missing or unfit, PresetError for an unfit preset.
        """
        options = options or Options()
        seen = None if content is None else thumbnail(content)
        key = _digest(seen, _identity(source), astuple(options))
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
        codes = self._encode(from_jpeg(reference))
        return Style(codes.style("look"), codes.style("colors"), reference)

    def counts(self) -> dict[str, int]:
        """How many LUTs and encoded thumbnails are kept."""
        return {"luts": len(self._luts), "thumbnails": len(self._codes)}

    def _encode(self, seen: np.ndarray) -> Codes:
        return self._codes.get_or_make(_digest(seen), lambda: self.model.codes(seen))

    def _make(self, seen: np.ndarray | None, source: Source, options: Options) -> Lut:
        if options.strength == 0:
            return Lut.identity()
        if isinstance(source, PresetSource) and source.preset.kind == "lut":
            lut = _imported(source.preset)
        elif seen is None:
            raise InputError("This look depends on the photo it is for: name the photo too.")
        elif isinstance(source, Normalize):
            lut = bake_accurately(self.model.normalizing("look", self._encode(seen)))
        elif isinstance(source, Statistical):
            if source.method not in METHODS:
                known = ", ".join(METHODS)
                raise InputError(f"There is no method “{source.method}”; there are: {known}.")
            lut = bake(METHODS[source.method](seen, thumbnail(source.picture)))
        else:
            lut = self._neural(seen, self._styles(source), options.intent / 100)
        if options.keep_luminance:
            lut = lut.keeping_luminance()
        return lut.with_strength(options.strength / 100)

    def _neural(self, seen: np.ndarray, styles: dict[str, list[float]], intent: float) -> Lut:
        content = self._encode(seen)

        def mapping(name: str) -> Mapping:
            return self.model.styling(name, content, styles[name])

        if intent in (0, 1):
            return bake_accurately(mapping("colors" if intent else "look"))
        look, colors = mapping("look"), mapping("colors")
        return bake_accurately(lambda x: (1 - intent) * look(x) + intent * colors(x))

    def _styles(self, source: Reference | PresetSource) -> dict[str, list[float]]:
        if isinstance(source, Reference):
            codes = self._encode(thumbnail(source.picture))
            return {"look": codes.style("look"), "colors": codes.style("colors")}
        preset = source.preset
        if preset.model_sha256 == self.model.sha256 and len(preset.look) == CODE_LENGTH:
            return {"look": list(preset.look), "colors": list(preset.colors)}
        if preset.reference is None:
            raise InputError(
                f"The preset “{preset.name}” was made for other weights ({preset.model_id}) "
                "and keeps no picture to make it anew. Create it again from its photo."
            )
        # A style code means nothing to other weights, but the picture it came from does.
        codes = self._encode(from_jpeg(preset.reference))
        return {"look": codes.style("look"), "colors": codes.style("colors")}


def _imported(preset: Preset) -> Lut:
    size = preset.lattice_size
    if preset.lattice is None or size is None:
        raise InputError(f"The preset “{preset.name}” holds no table.")
    values = np.frombuffer(preset.lattice, dtype="<f2").astype(np.float32)
    return Lut(values.reshape(size, size, size, 3))


def _identity(source: Source) -> tuple:
    if isinstance(source, PresetSource):
        described = json.dumps(source.preset.to_json(), sort_keys=True)
        return ("preset", hashlib.sha256(described.encode()).hexdigest())
    if isinstance(source, Reference):
        return ("reference", _digest(thumbnail(source.picture)))
    if isinstance(source, Statistical):
        return ("statistical", source.method, _digest(thumbnail(source.picture)))
    return ("normalize",)


def _digest(*parts: object) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        data = part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode()
        hashed.update(len(data).to_bytes(8, "big") + data)
    return hashed.hexdigest()[:32]


class _Cache(Generic[T]):
    """The last `size` values asked for; two threads may make the same one, both get one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> T | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def get_or_make(self, key: str, make: Callable[[], T]) -> T:
        kept = self.get(key)
        if kept is not None:
            return kept
        made = make()
        with self._lock:
            made = self._values.setdefault(key, made)
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return made
