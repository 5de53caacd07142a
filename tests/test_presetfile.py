"""A preset file reads back as it was written, and nothing hostile in one does harm."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import jpeg, presetfile
from core.errors import PresetError
from core.presetfile import LUT, Preset, read, write
from core.presetnames import clean_name, proposed_name, slug, split_tags
from tests import preset_samples
from tests.preset_samples import neural, table

TONED = dataclasses.replace(neural(), toning=tuple(n / 50 for n in range(51)))
WRONG: list[Any] = [None, True, -1, 0.5, 10**400, "", "x" * 9999, "\ud800", [], [[]], {}, {"a": 1}]


def stored(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def places(document: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document; of long lists only to the ends."""
    if way:
        yield way
    if isinstance(document, dict):
        for key in document:
            yield from places(document[key], (*way, key))
    elif isinstance(document, list):
        for index in sorted({0, len(document) - 1} & set(range(len(document)))):
            yield from places(document[index], (*way, index))


def changed(document: Any, way: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    result = copy.deepcopy(document)
    holder = result
    for step in way[:-1]:
        holder = holder[step]
    change(holder, way[-1])
    return result


@pytest.mark.parametrize(
    "preset",
    [neural(), neural().without_picture(), TONED, table(), table(size=2)],
    ids=lambda p: p.kind,
)
def test_preset_reads_back_as_it_was_written(tmp_path: Path, preset: Preset) -> None:
    write(tmp_path / "a.json", preset)
    assert read(tmp_path / "a.json") == preset


def test_file_has_the_documented_format(tmp_path: Path) -> None:
    write(tmp_path / "a.json", neural("Évening"))
    document = json.loads((tmp_path / "a.json").read_bytes())
    assert set(document) == {
        *("format", "version", "name", "kind", "model", "style", "reference"),
        *("created", "author", "tags", "notes"),
    }
    assert document["format"] == "neural-preset"
    assert document["version"] == 1
    assert document["name"] == "Évening"
    assert set(document["model"]) == {"id", "sha256"}
    assert [len(document["style"][key]) for key in ("look", "colors")] == [272, 272]
    assert table().to_json()["lattice"]["size"] == 5


def test_picture_left_out_is_nowhere_in_the_file(tmp_path: Path) -> None:
    write(tmp_path / "a.json", neural().without_picture())
    assert b"reference" not in (tmp_path / "a.json").read_bytes()


def test_existing_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write(path, neural("One"))
    with pytest.raises(PresetError, match="exists already"):
        write(path, neural("Two"))
    assert read(path).name == "One"
    write(path, neural("Two"), overwrite=True)
    assert read(path).name == "Two"


def test_other_versions_are_refused_with_advice(tmp_path: Path) -> None:
    newer = stored(tmp_path / "a.json", {**neural().to_json(), "version": 2})
    with pytest.raises(PresetError, match=r"version 2.*update Neural Preset"):
        read(newer)
    foreign = stored(tmp_path / "b.json", {"name": "Something else"})
    with pytest.raises(PresetError, match="is not a preset of Neural Preset"):
        read(foreign)


def test_unknown_keys_are_ignored(tmp_path: Path) -> None:
    document = {**neural().to_json(), "rating": 5, "extra": {"deep": [1]}}
    assert read(stored(tmp_path / "a.json", document)) == neural()


def test_optional_fields_may_be_absent(tmp_path: Path) -> None:
    document = neural().to_json()
    for key in ("reference", "created", "author", "tags", "notes"):
        del document[key]
    found = read(stored(tmp_path / "a.json", document))
    assert (found.reference, found.created, found.tags) == (None, "", ())


@pytest.mark.parametrize("preset", [neural(), TONED, table()], ids=["neural", "toned", "lut"])
def test_no_wrong_value_anywhere_gets_through_but_as_preset_error(preset: Preset) -> None:
    document = json.loads(json.dumps(preset.to_json()))
    required = {"format", "version", "name", "kind", "model", "style", "lattice"}
    for way in places(document):
        for value in WRONG:

            def put(holder: Any, key: Any, value: Any = value) -> None:
                holder[key] = value

            try:
                found = Preset.from_json(changed(document, way, put))
            except PresetError:
                continue
            # What passed is usable: it can be written and read again.
            assert Preset.from_json(json.loads(json.dumps(found.to_json()))) == found
        if way[0] in required and isinstance(way[-1], str):
            with pytest.raises(PresetError):
                Preset.from_json(changed(document, way, lambda holder, key: holder.pop(key)))


def test_no_damage_to_the_bytes_gets_through_but_as_preset_error(tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = json.dumps(neural().to_json()).encode()
    path = tmp_path / "a.json"
    refused = 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3, 20))):
            place = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[place] ^= 1 << chance.randrange(8)
                case 1:
                    del data[place : place + chance.randrange(1, 500)]
                case 2:
                    data[place:place] = chance.choice((b"NaN", b'"', b"[", b"}", b"\\u0000", b"9"))
                case _:
                    data[place:place] = data[: chance.randrange(200)]
        path.write_bytes(data)
        try:
            read(path)
        except PresetError as problem:
            assert str(path) in str(problem)
            refused += 1
    assert refused > 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "damaged"),
        (b"[1]", "must be a JSON object"),
        (b"\xff\xfe", "not a text file"),
        (b"[" * 500_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"version": NaN}', "NaN is no number"),
        (b'{"version": -Infinity}', "-Infinity is no number"),
        (b'{"version": 1' + b"0" * 5000 + b"}", "damaged|not a preset"),
        (b'{"name": "a", "name": "b"}', "twice"),
    ],
)
def test_hostile_json_is_refused(tmp_path: Path, text: bytes, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text)
    with pytest.raises(PresetError, match=message):
        read(path)


@pytest.mark.parametrize("number", ["1e999", "1e300", "-1e7", "true", "null", '"1"'])
def test_numbers_of_a_style_are_finite_and_of_use(tmp_path: Path, number: str) -> None:
    document = json.dumps({**neural().to_json(), "style": {"look": ["HERE"] * 272, "colors": []}})
    (tmp_path / "a.json").write_text(document.replace('"HERE"', number))
    with pytest.raises(PresetError, match=r'"style\.look" must be a list of 272 numbers'):
        read(tmp_path / "a.json")


def test_sizes_are_checked_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: reading it would exhaust the memory
    with pytest.raises(PresetError, match="too large"):
        read(path)
    padded = json.dumps({**neural().to_json(), "padding": "x" * 2**20})
    path.write_text(padded)
    with pytest.raises(PresetError, match="at most 1 MiB"):
        read(path)


def test_pipe_does_not_block_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(PresetError, match="not an ordinary file"):
        read(tmp_path / "a.json")


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_lattice_must_be_whole_and_finite(value: float) -> None:
    good = table(size=2)
    assert good.lattice is not None
    with pytest.raises(PresetError, match="48 bytes, for 2 nodes"):
        dataclasses.replace(good, lattice=good.lattice[:-2])
    with pytest.raises(PresetError, match="finite"):
        dataclasses.replace(good, lattice=good.lattice[:-2] + struct.pack("<e", value))
    largest = struct.pack("<e", 65504.0)
    assert dataclasses.replace(good, lattice=largest + good.lattice[2:]).kind == LUT


def test_largest_lattice_fits_into_a_file(tmp_path: Path) -> None:
    size = presetfile.LARGEST_LATTICE
    preset = Preset("Big", LUT, lattice_size=size, lattice=bytes(size**3 * 6))
    write(tmp_path / "a.json", preset)
    assert read(tmp_path / "a.json") == preset


@pytest.mark.parametrize(
    "picture",
    [
        preset_samples.jpeg(256, 255),
        preset_samples.jpeg(mode="CMYK"),
        preset_samples.jpeg()[:-1000],
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"",
        bytes(600 * 1024),
    ],
    ids=["size", "CMYK", "cut", "PNG", "empty", "large"],
)
def test_picture_must_be_a_jpeg_of_the_encoders_size(picture: bytes) -> None:
    with pytest.raises(PresetError, match="JPEG picture of 256 x 256"):
        dataclasses.replace(neural(), reference=picture)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("progressive", [False, True])
def test_dimensions_of_a_jpeg_come_from_its_header(mode: str, progressive: bool) -> None:
    data = preset_samples.jpeg(300, 17, mode, progressive)
    assert jpeg.dimensions(data) == (300, 17)
    for cut in (2, 3, 10, 60, len(data) // 2):
        with pytest.raises(ValueError, match="JPEG"):
            jpeg.dimensions(data[:cut])
    for cut in (2, 3, 10, 60):
        with pytest.raises(ValueError, match="JPEG"):
            jpeg.dimensions(data[:cut] + b"\xff\xd9")
        with pytest.raises(ValueError, match="JPEG"):
            jpeg.dimensions(data[: min(cut, 150)] + b"\xff\xd9")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "film"}, '"kind" must be one of "neural", "lut"'),
        ({"model_sha256": "abc"}, "64 digits"),
        ({"look": (0.0,) * 271}, "272 numbers"),
        ({"colors": (float("nan"),) * 272}, "272 numbers"),
        ({"toning": (0.5,) * 50}, "51 numbers"),
        ({"toning": (1.5,) * 51}, "51 numbers of at most 1"),
        ({"created": "yesterday"}, "a time such as"),
        ({"tags": ("x" * 81,)}, "tags"),
        ({"notes": "x" * 4001}, "notes"),
        ({"lattice": b""}, "absent from a neural preset"),
    ],
)
def test_preset_cannot_be_made_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PresetError, match=message):
        dataclasses.replace(neural(), **change)


def test_present_time_is_a_valid_time_of_creation() -> None:
    assert dataclasses.replace(neural(), created=presetfile.now()).created.endswith("Z")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("  Golden hour ", "Golden hour"),
        ("e\u0301te\u0301", "été"),
        ("夕焼け", "夕焼け"),
        ("👩\u200d🎨", "👩\u200d🎨"),
        ("हिन्\u200dदी", "हिन्\u200dदी"),
        ("x" * 80, "x" * 80),
        ("../..", "../.."),
    ],
)
def test_names_may_be_any_text(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@pytest.mark.parametrize(
    "name",
    ["", "  ", "\u200d", "a\nb", "a\0", "a\x7f", "a\u2028b", "x\u202egpj", "x" * 81, "\ud800a"],
)
def test_unusable_names_are_refused(name: str) -> None:
    with pytest.raises(PresetError, match="name"):
        neural(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("IMG_0042.JPG", "IMG_0042"),
        ("Scan.v2.tiff", "Scan.v2"),
        (".png", ".png"),
        ("No. 5", "No. 5"),
        ("a" * 79 + " b", "a" * 79),
    ],
)
def test_name_after_a_layer_is_proposed(text: str, name: str) -> None:
    assert proposed_name(text) == name == clean_name(name)


def test_tags_have_commas_between() -> None:
    assert split_tags(" sea,, blue hour ,") == ("sea", "blue hour")
    assert split_tags("") == ()


def test_slugs_are_safe_file_names_and_tell_names_apart() -> None:
    names = [
        *("Golden hour", "golden-hour", "Golden  hour", "Été", "Ete", "Ète", "夕", "夕焼け", "👩"),
        *(".", "..", "../etc/passwd", "C:\\Windows", "con", "CON ", "lpt1", "com1.txt", "nul"),
        *("a.", "a"),
        *("x" * 80, "x" * 79, "-", "*?<>|", "a/b", "a\\b", "preset", "ﬁlm", "film", "١٢"),
    ]
    slugs = {name: slug(name) for name in names}
    assert slugs["Golden hour"] == "golden-hour"
    for found in slugs.values():
        assert set(found) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert 0 < len(found) <= 57
        assert found not in ("con", "nul", "lpt1", "com1")
        assert not found.startswith("-")
    assert len({name.strip().casefold() for name in names}) == len(set(slugs.values()))
    assert slug("ÉTÉ") == slug("e\u0301te\u0301") == slugs["Été"]
