"""Previews and drafts: what is shown while choosing is what the final result will be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core import model
from core.errors import ForgottenError, InputError, PresetError
from core.fields import Fields
from core.looks import Looks, Options
from core.lut import Lut
from core.presetfile import LUT, NEURAL, Preset
from core.previews import Previews
from core.processor import Processor
from core.sources import (
    Mix,
    Normalize,
    PresetSource,
    Reference,
    Source,
    Statistical,
    Still,
    read_source,
    read_still,
)
from tests.pictures import astronaut, chelsea, coffee

NEAR = 3  # of 255
OPTIONS = (
    Options(),
    Options(intent=100),
    Options(strength=60, intent=35, keep_luminance=True),
)
TABLE = PresetSource(
    Preset(
        "Swap",
        LUT,
        lattice_size=9,
        lattice=Lut.identity(9).lattice[..., ::-1].astype("<f2").tobytes(),
    )
)


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks(model.load())


@pytest.fixture(scope="module")
def previews(looks: Looks) -> Previews:
    return Previews(looks)


def kept(looks: Looks, picture: np.ndarray, **changed: Any) -> PresetSource:
    """A neural preset of a picture."""
    style = looks.style(picture)
    values: dict[str, Any] = {
        "name": "Kept",
        "kind": NEURAL,
        "model_id": looks.model.id,
        "model_sha256": looks.model.sha256,
        "look": tuple(style.look),
        "colors": tuple(style.colors),
        "reference": style.reference,
    }
    return PresetSource(Preset(**{**values, **changed}))


def every(looks: Looks) -> dict[str, Source]:
    preset = kept(looks, coffee())
    return {
        "preset": preset,
        "reference": Reference(chelsea()),
        "monochrome": Reference(coffee()[..., 1:2].repeat(3, axis=2)),
        "mkl": Statistical(coffee()),
        "normalize": Normalize(),
        "table": TABLE,
        "codes mixed": Mix(preset, Reference(chelsea()), 30),
        "tables mixed": Mix(preset, TABLE, 70),
        "statistics mixed": Mix(Statistical(coffee()), preset, 50),
    }


def small(channels: int = 3, step: int = 5) -> Still:
    """The content itself, smaller; with alpha if it has four channels."""
    rgb = astronaut()[::step, ::step]
    if channels == 3:
        return Still(np.ascontiguousarray(rgb))
    alpha = np.arange(rgb.shape[0] * rgb.shape[1]) % 256
    return Still(np.dstack([rgb, alpha.reshape(rgb.shape[:2])]).astype(np.uint8))


def final(looks: Looks, shown: Still, source: Source, options: Options) -> np.ndarray:
    """The picture after the LUT that `look` and `apply` use."""
    pixels = shown.pixels.copy()
    Processor(looks.lut(astronaut(), source, options)[1]).apply(pixels)
    return pixels


def off(one: np.ndarray, other: np.ndarray) -> int:
    assert one.shape == other.shape and one.dtype == other.dtype == np.uint8
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_previews_are_the_final_result_in_small(looks, previews, options):
    sources = every(looks)
    content, shown = Still(astronaut()), small()
    made = previews.gallery(content, shown, list(sources.values()), options)
    for (name, source), preview in zip(sources.items(), made, strict=True):
        assert off(preview, final(looks, shown, source, options)) <= NEAR, name


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_drafts_are_the_final_result(looks, previews, options):
    content, shown = Still(astronaut()), small(step=2)
    for name, source in every(looks).items():
        draft = previews.draft(content, shown, source, options)
        assert off(draft, final(looks, shown, source, options)) <= NEAR, name


def test_a_large_picture_in_the_gallery_is_its_draft(previews):
    content, shown = Still(astronaut()), small(step=2)
    made = previews.gallery(content, shown, [Statistical(coffee())], Options())
    assert off(made[0], previews.draft(content, shown, Statistical(coffee()), Options())) == 0


def test_alpha_and_the_pictures_themselves_stay(previews):
    content, shown = Still(astronaut()), small(channels=4)
    before = shown.pixels.copy()
    (preview,) = previews.gallery(content, shown, [Statistical(coffee())], Options())
    draft = previews.draft(content, shown, Statistical(coffee()), Options())
    for made in (preview, draft):
        np.testing.assert_array_equal(made[..., 3], before[..., 3])
        assert off(made, before) > 10
    np.testing.assert_array_equal(shown.pixels, before)


def test_strength_zero_leaves_every_bit(looks, previews):
    content, shown = Still(astronaut()), small()
    for preview in previews.gallery(content, shown, [*every(looks).values()], Options(strength=0)):
        assert off(preview, shown.pixels) == 0
    assert off(previews.draft(content, shown, TABLE, Options(strength=0)), shown.pixels) == 0


def test_a_look_that_cannot_be_used_spoils_no_other(looks, previews):
    stale = kept(looks, coffee(), name="Old", model_sha256="0" * 64, reference=None)
    damaged = PresetError("It is damaged.")
    sources = [TABLE, stale, damaged, Mix(TABLE, stale, 50), TABLE]
    made = previews.gallery(Still(astronaut()), small(), sources, Options())
    assert "“Old” was made for other weights" in str(made[1])
    assert made[2] is damaged
    assert isinstance(made[3], InputError)
    assert off(made[0], made[4]) == 0
    with pytest.raises(InputError, match="other weights"):
        previews.draft(Still(astronaut()), small(), stale, Options())


def test_tables_need_no_content_and_others_say_so(previews):
    table, neural = previews.gallery(None, small(), [TABLE, Reference(coffee())], Options())
    assert off(table, small().pixels[..., ::-1]) <= 1
    assert "depends on the photo" in str(neural)
    invisible = Still(np.zeros((8, 8, 4), np.uint8))
    table, neural = previews.gallery(invisible, small(), [TABLE, Reference(coffee())], Options())
    assert off(table, small().pixels[..., ::-1]) <= 1
    assert "transparent" in str(neural)


def test_the_content_is_encoded_once_and_options_need_no_network(monkeypatch):
    looks = Looks(model.load())
    previews = Previews(looks)
    calls = {"codes": 0, "styled": 0}

    def counted(name: str) -> None:
        real = getattr(looks.model, name)

        def count(*arguments: object) -> object:
            calls[name] += 1
            return real(*arguments)

        monkeypatch.setattr(looks.model, name, count)

    source, other = kept(looks, coffee()), kept(looks, chelsea())
    counted("codes")
    counted("styled")
    for _ in range(2):
        # A new object for the same pixels, as every request brings one.
        previews.gallery(Still(astronaut()), small(), [source, other], Options())
    previews.draft(Still(astronaut()), small(step=2), source, Options(intent=50))
    assert calls["codes"] == 1
    calls["styled"] = 0
    for strength in range(10, 100, 30):
        options = Options(strength, 100 - strength, strength > 50)
        previews.draft(Still(astronaut()), small(step=2), source, options)
    assert calls == {"codes": 1, "styled": 0}


def test_a_mix_begins_with_one_look_and_ends_with_the_other(looks):
    first, second = kept(looks, coffee()), kept(looks, chelsea())
    for one, other in ((first, second), (first, TABLE), (TABLE, Statistical(coffee()))):
        lattices = [
            looks.lut(astronaut(), source, Options())[1]
            for source in (one, Mix(one, other, 0), other, Mix(one, other, 100))
        ]
        size = max(lut.size for lut in lattices)
        ends = [lut.resampled(size).lattice for lut in lattices]
        np.testing.assert_allclose(ends[0], ends[1], atol=1e-5)
        np.testing.assert_allclose(ends[2], ends[3], atol=1e-5)


def test_style_codes_are_mixed_and_tables_are_blended(looks):
    first, second = kept(looks, coffee()), kept(looks, chelsea())
    between = {
        name: tuple(
            0.75 * a + 0.25 * b
            for a, b in zip(
                getattr(first.preset, name), getattr(second.preset, name), strict=True
            )
        )
        for name in ("look", "colors")
    }
    expected = looks.lut(astronaut(), kept(looks, coffee(), **between), Options(intent=20))[1]
    mixed = looks.lut(astronaut(), Mix(first, second, 25), Options(intent=20))[1]
    np.testing.assert_allclose(mixed.lattice, expected.lattice, atol=1e-4)

    _, one = looks.lut(astronaut(), Statistical(coffee()), Options())
    _, other = looks.lut(None, TABLE, Options())
    _, blended = looks.lut(astronaut(), Mix(Statistical(coffee()), TABLE, 25), Options())
    colors = np.random.default_rng(2).random((500, 3), dtype=np.float32)
    np.testing.assert_allclose(
        blended(colors), 0.75 * one(colors) + 0.25 * other(colors), atol=1e-4
    )


def test_the_same_mix_is_known_again_and_another_share_is_another_look(looks):
    def key(share: float) -> str:
        return looks.lut(None, Mix(TABLE, TABLE, share), Options())[0]

    assert key(30) == key(30.0) != key(31)


@pytest.mark.parametrize(
    "change",
    [
        {"share": 101},
        {"share": None},
        {"second": {"kind": "normalize"}},
        {"first": None},
        {"first": {"kind": "mix", "share": 1}},
    ],
    ids=str,
)
def test_a_mix_that_makes_no_sense_is_refused(change):
    part = {"kind": "preset", "preset": TABLE.preset.to_json()}
    document = {"kind": "mix", "first": part, "second": part, "share": 50, **change}
    with pytest.raises(InputError):
        read_source(Fields(document), {})


def test_a_mix_of_mixes_is_refused():
    with pytest.raises(InputError, match="two presets or references"):
        Mix(Mix(TABLE, TABLE, 50), TABLE, 50)


@pytest.fixture
def places() -> Iterator[dict[int, object]]:
    yield {0: small(), 3: TABLE}


def test_a_request_may_name_what_was_sent_before(places):
    assert read_still({"kept": 0}, places) is places[0]
    assert read_source(Fields({"kept": 3}), places) is TABLE
    mixed = {"kind": "mix", "first": {"kept": 3}, "second": {"kept": 3}, "share": 5}
    assert read_source(Fields(mixed), places) == Mix(TABLE, TABLE, 5)


@pytest.mark.parametrize("place", [-1, 8, "0", None, True])
def test_a_place_that_is_none_is_refused(place, places):
    with pytest.raises(InputError):
        read_still({"kept": place}, places)


def test_an_empty_place_is_forgotten_and_the_wrong_thing_is_refused(places):
    with pytest.raises(ForgottenError):
        read_still({"kept": 5}, places)
    with pytest.raises(ForgottenError):
        read_source(Fields({"kept": 5}), places)
    with pytest.raises(InputError, match="place of a picture"):
        read_still({"kept": 3}, places)
    with pytest.raises(InputError, match="place of a look"):
        read_source(Fields({"kept": 0}), places)
