"""One look in one JSON file: what a preset holds, checked wherever it comes from.

A preset comes by mail and from the web, so everything in it is bounded and verified: sizes,
types, lengths, finite numbers, the header of its picture. Keys that this version does not know
are ignored, and are gone once the preset is written again (renamed, imported, exported).
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import re
from collections.abc import Iterable
from dataclasses import field
from pathlib import Path
from typing import Any

from core import atomic, jpeg
from core.errors import PresetError
from core.fields import Fields, parse
from core.phrase import Phrase
from core.presetnames import LONGEST_NAME, clean_name, comparable, slug

__all__ = ["LUT", "NEURAL", "Preset", "clean_name", "comparable", "now", "read", "slug", "write"]

FORMAT = "neural-preset"
VERSION = 1
SUFFIX = ".json"
BUILTIN = "built-in"  # the tag of those that come with the program
NEURAL, LUT = "neural", "lut"
CODE_LENGTH = 272
TONING_LENGTH = 51  # red, green and blue of 17 tones
REFERENCE_SIDE = 256
LARGEST = {NEURAL: 2**20, LUT: 16 * 2**20}
LARGEST_LATTICE = 127  # nodes along an edge: the most that fit into 16 MiB as base64

_MOST_TAGS, _LONGEST_TAG = 50, 80
_LARGEST_REFERENCE = 512 * 1024
_THIS_PRESET = Phrase("This preset")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_PARTS_OF_TIME = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)T(\d\d?):(\d\d?):(\d\d?)Z", re.ASCII)
# In the high byte of a half float, all bits of the exponent set: infinite or not a number.
_NOT_FINITE = bytes(byte for byte in range(256) if byte & 0x7C == 0x7C)


@dataclasses.dataclass(frozen=True)
class Preset:
    """A named look; making one checks it wholly and raises PresetError.

    `neural` holds the two codes (272 numbers each) that the network `model_sha256` read from the
    reference; `lut` holds a lattice of sRGB-encoded colours, unclamped, as little-endian float16
    indexed [r][g][b][3].
    """

    name: str
    kind: str
    model_id: str = ""
    model_sha256: str = ""
    look: tuple[float, ...] = field(default=(), repr=False)
    colors: tuple[float, ...] = field(default=(), repr=False)
    reference: bytes | None = field(default=None, repr=False)
    """the 256 x 256 JPEG that the encoder saw: the preset's picture, unless it was left out"""
    toning: tuple[float, ...] = field(default=(), repr=False)
    """of a monochrome look its colours by lightness (see `core.toning`), else empty"""
    lattice_size: int = 0
    lattice: bytes | None = field(default=None, repr=False)
    created: str = ""
    """UTC, as 2026-11-20T21:00:00Z, or empty: see `now`"""
    author: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_name(self.name))
        held = Fields(
            vars(self), what=Phrase("The preset “{name}”", name=self.name), error=PresetError
        )
        _texts(held)
        object.__setattr__(self, "tags", held.texts("tags", most=_MOST_TAGS, longest=_LONGEST_TAG))
        if held.choice("kind", (NEURAL, LUT)) == NEURAL:
            held.text("model_id")
            if not _SHA256.fullmatch(held.text("model_sha256")):
                raise held.wrong("model_sha256", "64 digits of a SHA-256 sum")
            for code in ("look", "colors"):
                object.__setattr__(self, code, held.floats(code, CODE_LENGTH))
            if self.toning:
                object.__setattr__(self, "toning", held.floats("toning", TONING_LENGTH, largest=1))
            if self.lattice is not None:
                raise held.wrong("lattice", "absent from a neural preset")
        else:
            _check_lattice(held, held.integer("lattice_size", 2, LARGEST_LATTICE), self.lattice)
            if self.look or self.colors or self.toning:
                raise held.wrong("look", "absent from a preset that is a table")
        if self.reference is not None:
            _check_reference(held, self.reference)

    def without_picture(self) -> Preset:
        """The same look without the small copy of the photo it came from."""
        return dataclasses.replace(self, reference=None)

    def renamed(self, name: str) -> Preset:
        """The same look under another name; raises PresetError for an unusable name."""
        return dataclasses.replace(self, name=name)

    def tagged(self, tags: Iterable[str]) -> Preset:
        """The same look with these tags, each once and trimmed; PresetError for unusable ones."""
        return dataclasses.replace(self, tags=clean_tags(tags))

    def to_json(self) -> dict[str, Any]:
        """The document of the preset's file, ready for `json.dumps`."""
        head = {"format": FORMAT, "version": VERSION, "name": self.name, "kind": self.kind}
        look: dict[str, Any]
        if self.lattice is not None:
            encoded = base64.b64encode(self.lattice).decode("ascii")
            look = {"lattice": {"size": self.lattice_size, "float16": encoded}}
        else:
            look = {
                "model": {"id": self.model_id, "sha256": self.model_sha256},
                "style": {"look": list(self.look), "colors": list(self.colors)},
            }
            if self.toning:
                look["toning"] = list(self.toning)
        if self.reference is not None:
            look["reference"] = base64.b64encode(self.reference).decode("ascii")
        about = {
            "created": self.created,
            "author": self.author,
            "tags": list(self.tags),
            "notes": self.notes,
        }
        return {**head, **look, **about}

    @classmethod
    def from_json(cls, document: object, *, what: Phrase | Path = _THIS_PRESET) -> Preset:
        """Check a parsed JSON document and build the preset.

        Raises PresetError; `what` begins the messages.
        """
        found = Fields(document, what=what, error=PresetError)
        _check_version(found)
        kind = found.choice("kind", (NEURAL, LUT))
        look: dict[str, Any]
        if kind == NEURAL:
            model, style = found.fields("model"), found.fields("style")
            look = {
                "model_id": model.text("id"),
                "model_sha256": model.text("sha256"),
                "look": style.floats("look", CODE_LENGTH),
                "colors": style.floats("colors", CODE_LENGTH),
            }
            if found.has("toning"):
                look["toning"] = found.floats("toning", TONING_LENGTH, largest=1)
        else:
            lattice = found.fields("lattice")
            look = {
                "lattice_size": lattice.integer("size", 2, LARGEST_LATTICE),
                "lattice": lattice.base64("float16", LARGEST[LUT]),
            }
        if found.has("reference"):
            look["reference"] = found.base64("reference", _LARGEST_REFERENCE)
        name = found.text("name", longest=4 * LONGEST_NAME)
        tags = found.texts("tags", most=_MOST_TAGS, longest=_LONGEST_TAG)
        about = _texts(found)
        try:
            return cls(name=name, kind=kind, tags=tags, **about, **look)
        except PresetError as problem:
            raise PresetError("{what}: {problem}", what=what, problem=problem) from problem


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags, each once and trimmed; raises PresetError for too many or too long ones."""
    once: dict[str, str] = {}
    for tag in tags:
        if tag.strip():
            once.setdefault(comparable(tag), tag.strip())
    given = Fields(
        {"tags": tuple(once.values())}, what=Phrase("This list of tags"), error=PresetError
    )
    return given.texts("tags", most=_MOST_TAGS, longest=_LONGEST_TAG)


def now() -> str:
    """The present time as `created` states it."""
    return datetime.datetime.now(datetime.timezone.utc).strftime(_TIME)


def read(path: Path) -> Preset:
    """Read and check a preset file; raises PresetError, beginning with the file's path."""
    path = Path(path)
    data = atomic.read_bytes(path, max(LARGEST.values()), error=PresetError)
    found = parse(data, what=path, error=PresetError)
    kind = found.document.get("kind")
    if len(data) > LARGEST[NEURAL] and kind != LUT:
        raise PresetError("{path} is too large for a preset: at most 1 MiB is accepted.", path=path)
    return Preset.from_json(found.document, what=path)


def write(path: Path, preset: Preset, overwrite: bool = False) -> None:
    """Write a preset file whole or not at all; raises PresetError (see `atomic.replacing`)."""
    text = json.dumps(preset.to_json(), ensure_ascii=False, allow_nan=False)
    data = text.encode("utf-8") + b"\n"
    if len(data) > LARGEST[preset.kind]:
        raise PresetError(
            "The preset “{name}” is too large to be kept: leave out its picture or notes.",
            name=preset.name,
        )
    atomic.write_bytes(path, data, overwrite=overwrite, error=PresetError)


def _check_version(found: Fields) -> None:
    if found.document.get("format") != FORMAT:
        raise PresetError(
            "{what} is not a preset of Neural Preset. Choose a file that was exported as a preset.",
            what=found.what,
        )
    version = found.integer("version", 1, 10**6)
    if version != VERSION:
        raise PresetError(
            "{what} was made by a newer Neural Preset (version {version} of the format, "
            "this program reads {known}): update Neural Preset to use it.",
            what=found.what,
            version=version,
            known=VERSION,
        )


def _texts(found: Fields) -> dict[str, Any]:
    created = found.text("created", default="")
    if created and not _is_time(created):
        raise found.wrong("created", "a time such as {time}", time="2026-11-20T21:00:00Z")
    author = found.text("author", default="")
    return {
        "created": created,
        "author": author,
        "notes": found.text("notes", longest=4000, default=""),
    }


def _is_time(text: str) -> bool:
    # Not strptime: the plug-in would wait for its modules at every call.
    parts = _PARTS_OF_TIME.fullmatch(text)
    if parts is None:
        return False
    year, month, day, hour, minute, second = map(int, parts.groups())
    try:
        datetime.datetime(year, month, day, hour, minute, second)
    except ValueError:  # the 30th of February
        return False
    return True


def _check_lattice(held: Fields, size: int, lattice: bytes | None) -> None:
    expected = size**3 * 3 * 2
    if not isinstance(lattice, bytes) or len(lattice) != expected:
        raise held.wrong(
            "lattice", "{bytes} bytes, for {size} nodes along each edge", bytes=expected, size=size
        )
    exponents = lattice[1::2]
    if len(exponents.translate(None, _NOT_FINITE)) != len(exponents):
        raise held.wrong("lattice", "made of finite numbers")


def _check_reference(held: Fields, reference: bytes) -> None:
    side = REFERENCE_SIDE
    expected = Phrase("a JPEG picture of {side} x {side} pixels and at most 512 KiB", side=side)
    if not isinstance(reference, bytes) or len(reference) > _LARGEST_REFERENCE:
        raise held.wrong("reference", expected)
    try:
        size = jpeg.dimensions(reference)
    except ValueError as problem:
        raise held.wrong("reference", expected) from problem
    if size != (side, side):
        found = f"{size[0]} x {size[1]}"
        raise held.wrong("reference", "{expected}, not {found}", expected=expected, found=found)
