"""Monochrome references: recognised as such, and exact."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core import model, toning
from core.looks import Looks, Options
from core.previews import Previews
from core.sources import Mix, Reference, Still
from core.training.grades import GRADES, Grade
from core.training.methods import painted
from tests.pictures import astronaut, chelsea, coffee

PHOTOS = (astronaut, coffee, chelsea)
MONOCHROME = [grade for grade in GRADES if grade.monochrome]
COLOURED = [grade for grade in GRADES if not grade.monochrome]


def under(grade: Grade, photo: np.ndarray, subsampling: int = 2) -> np.ndarray:
    """The photo under the look, as a JPEG gives it back; `subsampling` 2 smears its colours."""
    graded = grade(photo.reshape(-1, 3).astype(np.float32) / 255)
    data = io.BytesIO()
    Image.fromarray(np.rint(graded * 255).astype(np.uint8).reshape(photo.shape)).save(
        data, "JPEG", quality=90, subsampling=subsampling
    )
    return np.asarray(Image.open(data))


@pytest.mark.parametrize("grade", MONOCHROME, ids=lambda grade: grade.name)
@pytest.mark.parametrize("photo", PHOTOS)
def test_the_curve_of_a_monochrome_photo(grade: Grade, photo) -> None:
    assert toning.toning(under(grade, photo()[::2, ::2])) is not None
    picture = under(grade, photo()[::2, ::2], subsampling=0)
    curve = toning.toning(picture)
    assert curve is not None
    seen = toning.toned(picture.reshape(-1, 3) / np.float32(255), curve)
    error = np.abs(seen * 255 - picture.reshape(-1, 3))
    assert np.quantile(error, 0.99) <= 8
    assert error.mean() < 2


@pytest.mark.parametrize("grade", COLOURED, ids=lambda grade: grade.name)
def test_a_coloured_photo_has_none(grade: Grade) -> None:
    assert all(toning.toning(under(grade, photo()[::2, ::2])) is None for photo in PHOTOS)


def test_a_flat_or_foggy_picture_says_nothing() -> None:
    """Any curve goes through one colour: such a reference is no order to drop all colour."""
    flat = np.full((64, 64, 3), (200, 120, 40), np.uint8)
    fog = np.clip(np.random.default_rng(0).normal((180, 182, 185), 4, (64, 64, 3)), 0, 255)
    assert toning.toning(flat) is None
    assert toning.toning(fog.astype(np.uint8)) is None


def test_gray_stays_gray_and_lightness_stays() -> None:
    curve = toning.toning(under(MONOCHROME[0], astronaut()))
    assert curve is not None
    colors = np.random.default_rng(1).random((500, 3)).astype(np.float32)
    out = toning.toned(colors, curve)
    assert np.ptp(out, axis=1).max() < 2 / 255
    luma = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(out @ luma, colors @ luma, atol=2 / 255)


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks(model.load())


@pytest.mark.parametrize("intent", [0, 40, 100])
def test_a_monochrome_reference_leaves_no_colour(looks: Looks, intent: float) -> None:
    sepia = next(grade for grade in MONOCHROME if grade.name == "Sepia")
    reference = under(sepia, coffee(), subsampling=0)
    photo = astronaut()[::2, ::2]
    _, lut = looks.lut(photo, Reference(reference), Options(intent=intent))
    picture = painted(lut, photo)
    curve = toning.toning(reference)
    assert curve is not None
    distance = np.abs(picture / 255 - toning.toned(picture / np.float32(255), curve))
    assert distance.max() < 4 / 255
    assert np.ptp(picture @ np.array([0.299, 0.587, 0.114])) > 60, "the photo is still there"

    style = looks.style(reference)
    assert style.toning == pytest.approx(curve, abs=4 / 255)
    shown = Still(photo[::4, ::4])
    draft = Previews(looks).draft(Still(photo), shown, Reference(reference), Options(intent=intent))
    assert np.abs(draft.astype(int) - picture[::4, ::4]).max() <= 3


def test_a_mix_with_a_monochrome_look_has_half_its_colour(looks: Looks) -> None:
    photo, gray = astronaut()[::2, ::2], under(MONOCHROME[0], coffee(), subsampling=0)
    coloured = Reference(chelsea())
    pictures = [
        painted(looks.lut(photo, source)[1], photo).astype(float)
        for source in (coloured, Mix(coloured, Reference(gray), 50), Reference(gray))
    ]
    chroma = [np.ptp(picture, axis=2).mean() for picture in pictures]
    assert chroma[2] < 2
    assert 0.4 * chroma[0] < chroma[1] < 0.65 * chroma[0]
