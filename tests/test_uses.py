"""The uses without fine-tuning: degradations of known values, what is remedied, the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import model
from core.looks import Looks
from core.training import degradation, uses
from core.training.degradation import to_encoded, to_linear
from tests.pictures import astronaut, chelsea, coffee

RAMP = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (4, 1, 3))


def random() -> np.random.Generator:
    return np.random.default_rng(3)


def case(use: str) -> uses.Case:
    return uses.USES[use](chelsea()[:200, :240], coffee()[:200, :240], random())


def test_srgb_encoding_has_the_standard_values() -> None:
    """IEC 61966-2-1: the middle gray of 18 % is 0.4614 encoded; both ends and the knee stay."""
    values = np.array([0, 0.0031308, 0.18, 1])
    assert to_encoded(values) == pytest.approx([0, 0.04045, 0.4614, 1], abs=1e-4)
    levels = np.arange(256) / 255
    assert to_encoded(to_linear(levels)) == pytest.approx(levels, abs=1e-6)


def test_a_stop_is_half_the_light() -> None:
    """188 is half the light of 255 in sRGB, 137 a quarter."""
    assert degradation.low_light(RAMP, 1)[0, 255, 0] == 188
    assert degradation.low_light(RAMP, 2)[0, 255, 0] == 137
    assert np.array_equal(degradation.low_light(RAMP, 0), RAMP)


def test_haze_goes_from_the_photo_to_the_airlight() -> None:
    air = np.array([0.5, 0.6, 0.7], dtype=np.float32)
    assert np.array_equal(degradation.haze(RAMP, 1.0, air), RAMP)
    thick = degradation.haze(RAMP, 0.0, air)
    assert np.array_equal(np.unique(thick.reshape(-1, 3), axis=0), [np.rint(to_encoded(air) * 255)])
    half = degradation.haze(RAMP, 0.5, np.ones(3, np.float32))
    assert half[0, 0].tolist() == [188] * 3 and half[0, 255].tolist() == [255] * 3


def test_haze_with_depth_is_thickest_on_top() -> None:
    transmission = degradation.transmission_with_depth(50, 20, 1.2)
    assert transmission.shape == (50, 20, 1)
    assert transmission[0, 0, 0] == pytest.approx(np.exp(-1.2))
    assert transmission[-1, -1, 0] == pytest.approx(np.exp(-0.12))
    assert (np.diff(transmission[:, 0, 0]) > 0).all()


def test_water_takes_red_first() -> None:
    assert np.array_equal(degradation.underwater(RAMP, 0), RAMP)
    white = [degradation.underwater(RAMP, metres)[0, 255].astype(int) for metres in (2, 5)]
    for red, green, blue in white:
        assert red < green < blue
    assert (white[1] < white[0]).all()
    # Far enough there is nothing but water.
    assert np.ptp(degradation.underwater(RAMP, 500), axis=1).max() == 0


def test_an_ellipse_is_where_it_says() -> None:
    mask = degradation.Ellipse(0.5, 0.25, 0.2, 0.1).mask(100, 200)
    rows, columns = np.nonzero(mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (15, 34, 60, 139)
    assert mask.mean() == pytest.approx(np.pi * 0.2 * 0.1, rel=0.02)
    for _ in range(20):
        drawn = degradation.Ellipse.random(random()).mask(64, 96)
        assert 0.08 < drawn.mean() < 0.28
        assert not (drawn[0].any() or drawn[-1].any() or drawn[:, 0].any() or drawn[:, -1].any())


@pytest.mark.parametrize("use", uses.USES)
def test_every_use_damages_the_masked_pixels_only(use: str) -> None:
    made = case(use)
    assert made.degraded.dtype == np.uint8 and made.degraded.shape == made.truth.shape
    assert np.array_equal(made.degraded[~made.mask], made.truth[~made.mask])
    psnr, difference = uses.figures(made, made.degraded)
    assert 5 < psnr < 35 and difference > 2
    assert uses.figures(made, made.truth) == pytest.approx((80, 0), abs=1e-3)


def test_a_pasted_object_and_its_surroundings_are_told_apart() -> None:
    """The object's layer ends with the object; no pixel counts in both pictures."""
    made = case("harmonise")
    rows, columns = np.nonzero(made.mask)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert made.content.shape == (height, width, 4)
    object_alpha, surroundings_alpha = made.content[..., 3] > 0, made.reference[..., 3] > 0
    assert np.array_equal(surroundings_alpha, ~made.mask)
    assert object_alpha.sum() == made.mask.sum()
    assert np.array_equal(made.content[object_alpha][:, :3], made.degraded[made.mask])
    assert np.array_equal(made.reference[surroundings_alpha][:, :3], made.truth[~made.mask])


def test_a_remedy_changes_the_masked_pixels_only() -> None:
    made = case("harmonise")
    assert np.array_equal(uses.remedied(made, lambda colors: colors), made.degraded)
    white = uses.remedied(made, lambda colors: colors + 2)
    assert (white[made.mask] == 255).all()
    assert np.array_equal(white[~made.mask], made.truth[~made.mask])


def test_mkl_sees_visible_pixels_only() -> None:
    """It gives the object the mean colour of its surroundings, whatever lies under the mask."""
    made = case("harmonise")
    mkl = uses.remedies(Looks(model.load()), made)["MKL"]
    moved = mkl(made.degraded[made.mask].astype(np.float32) / 255)
    surroundings = made.truth[~made.mask].mean(0) / 255
    assert moved.mean(0) == pytest.approx(surroundings, abs=1e-3)


def test_the_command_prints_every_use_and_writes_strips(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shot, out = tmp_path / "shot", tmp_path / "out"
    shot.mkdir()
    for name, photo in (("a", astronaut()), ("b", coffee())):
        Image.fromarray(photo).reduce(2).save(shot / f"{name}.png")
    uses.main(["--photos", str(shot), "--cases", "1", "--out", str(out)])
    lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert [row[0] for row in rows[2::6]] == list(uses.USES)
    remedies = ["nothing", "normalise", "look", "50:50", "colors", "MKL"]
    assert [row[1] for row in rows[2:]] == remedies * len(uses.USES)
    assert all(float(row[2]) > 3 and 0 < float(row[4]) < 60 for row in rows[2:])
    strips = sorted(out.iterdir())
    assert len(strips) == len(uses.USES)
    for path in strips:
        assert path.stat().st_size < 80_000
        with Image.open(path) as strip:
            assert strip.width == 4 * 272 + 3 * 6
