"""Whatever the reference, a picture stays a picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import model
from core.looks import Looks, Options
from core.lut import Lut, bake
from core.presetfile import LUT, Preset
from core.previews import Previews
from core.sanity import GRAYS, LEAST_RISE, MOST_FALL, is_sane, share, softened
from core.sources import Mix, Normalize, PresetSource, Reference, Source, Statistical, Still
from core.thumbnail import thumbnail
from tests.pictures import astronaut, chelsea, coffee

STEEPEST = 32  # what neighbouring colours may be parted by, in their own distance


def flat(*color: int) -> np.ndarray:
    return np.full((32, 32, 3), color, np.uint8)


def halves(first: tuple[int, int, int], second: tuple[int, int, int]) -> np.ndarray:
    return np.concatenate([flat(*first), flat(*second)])


def writing() -> np.ndarray:
    page = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(page).multiline_text((8, 8), "\n".join(["The quick brown fox"] * 14), "black")
    return np.array(page)


def noise(channels: int) -> np.ndarray:
    values = np.random.default_rng(0).integers(0, 256, (96, 96, channels), dtype=np.uint8)
    return np.repeat(values, 3 // channels, axis=2)


EXTREME: dict[str, Callable[[], np.ndarray]] = {
    "black": lambda: flat(0, 0, 0),
    "white": lambda: flat(255, 255, 255),
    "gray": lambda: flat(128, 128, 128),
    "red": lambda: flat(255, 0, 0),
    "green": lambda: flat(0, 255, 0),
    "blue": lambda: flat(0, 0, 255),
    "one pixel": lambda: np.array([[[200, 80, 30]]], np.uint8),
    "noise": lambda: noise(3),
    "gray noise": lambda: noise(1),
    "black and white": lambda: halves((0, 0, 0), (255, 255, 255)),
    "red and cyan": lambda: halves((255, 0, 0), (0, 255, 255)),
    "blue and green": lambda: halves((0, 0, 255), (0, 255, 0)),
    "writing": writing,
    "very dark": lambda: (astronaut() // 24).astype(np.uint8),
    "very bright": lambda: (255 - (255 - astronaut()) // 24).astype(np.uint8),
    "monochrome": lambda: np.repeat(coffee()[..., 1:2], 3, axis=2),
    "negative": lambda: 255 - astronaut(),
}
CONTENTS: dict[str, Callable[[], np.ndarray]] = {
    "photo": astronaut,
    "dark photo": lambda: (coffee() // 16).astype(np.uint8),
    "black": lambda: flat(0, 0, 0),
    "red": lambda: flat(255, 0, 0),
    "noise": lambda: noise(3),
}


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks(model.load())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lattices of nine nodes: what is asked is no question of tenths."""
    monkeypatch.setattr("core.looks.bake_accurately", lambda mapping: bake(mapping, 9))


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("reference", EXTREME)
def test_an_extreme_reference_gives_a_sane_look(looks, quick, content, reference) -> None:
    photo, style = CONTENTS[content](), EXTREME[reference]()
    sources: list[tuple[Source, float]] = [(Reference(style), intent) for intent in (0, 50, 100)]
    for source, intent in [*sources, (Statistical(style), 0), (Normalize(), 0)]:
        _, lut = looks.lut(photo, source, Options(100, intent))
        made = lut(GRAYS)
        assert np.isfinite(made).all() and is_sane(made)
        steps = [np.abs(np.diff(np.clip(lut.lattice, 0, 1), axis=axis)).max() for axis in range(3)]
        assert max(steps) * (lut.size - 1) <= STEEPEST


def test_looks_of_photos_are_left_alone(looks, quick, monkeypatch) -> None:
    shares = []

    def softened(lut: Lut) -> Lut:
        shares.append(share(lut(GRAYS)))
        return lut

    monkeypatch.setattr("core.looks.softened", softened)
    photos = (astronaut(), coffee(), chelsea())
    for content, style in itertools.product(photos, repeat=2):
        for intent in (0, 1):
            looks.plain(thumbnail(content), Reference(style), intent)
        looks.plain(thumbnail(content), Statistical(style))
    assert shares == [1] * 27


def test_a_look_that_is_sane_is_the_same_object() -> None:
    for lut in (Lut.identity(5), Lut(Lut.identity(5).lattice ** 1.4)):
        assert softened(lut) is lut


@pytest.mark.parametrize(
    "mapping",
    [
        lambda x: 1 - x,
        lambda x: np.full_like(x, 0.5),
        lambda x: 0 * x - 3,
        lambda x: np.abs(x - 0.5),
        lambda x: 1 + x,
    ],
    ids=["negative", "flat", "far below black", "folded", "all white"],
)
def test_what_is_not_sane_keeps_as_much_as_it_can(mapping) -> None:
    lut = bake(mapping, 17)
    assert not is_sane(lut(GRAYS))
    soft = softened(lut)
    assert is_sane(soft(GRAYS))
    more = lut.with_strength(min(share(lut(GRAYS)) + 0.01, 1))
    assert not is_sane(more(GRAYS))


def test_sane_is_what_the_bounds_say() -> None:
    rising = np.linspace(0.4, 0.4 + LEAST_RISE + 0.001, 256)[:, None].repeat(3, 1)
    assert is_sane(rising) and not is_sane(rising[::-1]) and not is_sane(0.9 * rising)
    folded = GRAYS.copy()
    folded[100:] -= MOST_FALL - 0.01
    assert is_sane(folded)
    folded[100:] -= 0.02
    assert not is_sane(folded)
    assert share(np.full((256, 3), np.nan)) == 0


def test_a_table_is_taken_as_its_maker_wants_it(looks) -> None:
    negative = bake(lambda x: 1 - x, 5)
    preset = Preset(
        "Negative", LUT, lattice_size=5, lattice=negative.lattice.astype("<f2").tobytes()
    )
    lut = looks.plain(None, PresetSource(preset))
    np.testing.assert_allclose(lut.lattice, negative.lattice, atol=1e-3)


@pytest.mark.parametrize("intent", [50, 100])
def test_previews_are_as_sane_as_the_result(looks, intent) -> None:
    small = np.array(Image.fromarray(astronaut()).resize((64, 64), Image.Resampling.BOX))
    content, shown = Still(astronaut()), Still(small)
    options = Options(100, intent)
    white, photo = Reference(flat(255, 255, 255)), Reference(coffee())
    for source in (white, Mix(white, photo, 20)):
        _, lut = looks.lut(content.pixels, source, options)
        wanted = np.clip(lut(shown.colors), 0, 1) * 255
        previews = Previews(looks)
        for made in (
            previews.draft(content, shown, source, options),
            previews.gallery(content, shown, [source], options)[0],
        ):
            assert isinstance(made, np.ndarray)
            assert np.abs(made.reshape(-1, 3) - wanted).max() <= 3.5
