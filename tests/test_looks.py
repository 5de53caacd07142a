"""Looks: what every source becomes, how intent and strength blend, what is kept."""

from __future__ import annotations

import numpy as np
import pytest

from core import model
from core.errors import InputError, UnknownLutError
from core.looks import Looks, Normalize, Options, PresetSource, Reference, Statistical
from core.lut import Lut
from core.presetfile import Preset
from tests.pictures import astronaut, chelsea, coffee


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks(model.load())


def preset_of(looks: Looks, picture: np.ndarray, **changed: object) -> Preset:
    style = looks.style(picture)
    values = {
        "name": "Coffee", "kind": "neural", "model_id": looks.model.id,
        "model_sha256": looks.model.sha256, "look": tuple(style.look),
        "colors": tuple(style.colors), "reference": style.reference,
    }
    return Preset(**{**values, **changed})  # type: ignore[arg-type]


def difference(a: Lut, b: Lut) -> float:
    return float(np.abs(a.lattice - b.lattice).max())


def test_a_preset_gives_the_look_of_its_reference(looks: Looks) -> None:
    options = Options(intent=30)
    _, direct = looks.lut(astronaut(), Reference(coffee()), options)
    _, kept = looks.lut(astronaut(), PresetSource(preset_of(looks, coffee())), options)
    # The preset's codes are those of its JPEG thumbnail.
    assert np.abs(direct.lattice - kept.lattice).mean() < 2 / 255


def test_intent_blends_two_luts(looks: Looks) -> None:
    look, colors, between = (
        looks.lut(astronaut(), Reference(coffee()), Options(intent=i))[1] for i in (0, 100, 25)
    )
    assert difference(look, colors.resampled(look.size)) > 0.05
    blended = look.blend(colors, 0.25).resampled(between.size)
    assert difference(between, blended) < 2 / 255


def test_strength_zero_is_the_identity(looks: Looks) -> None:
    for source in (Reference(coffee()), Normalize(), Statistical(coffee())):
        assert looks.lut(astronaut(), source, Options(strength=0))[1].is_identity


def test_strength_goes_evenly(looks: Looks) -> None:
    full, half = (looks.lut(astronaut(), Normalize(), Options(strength=s))[1] for s in (100, 50))
    middle = (full.lattice + Lut.identity(full.size).lattice) / 2
    np.testing.assert_allclose(half.lattice, middle, atol=1e-6)


def test_keeping_luminance(looks: Looks) -> None:
    _, lut = looks.lut(astronaut(), Reference(coffee()), Options(keep_luminance=True))
    weights = np.array([0.2126, 0.7152, 0.0722])
    identity = Lut.identity(lut.size)
    np.testing.assert_allclose(lut.lattice @ weights, identity.lattice @ weights, atol=1e-5)


def test_statistical_method_needs_no_network(looks: Looks) -> None:
    _, mkl = looks.lut(astronaut(), Statistical(coffee()), Options())
    colors = astronaut().reshape(-1, 3)[::97].astype(np.float32) / 255
    target = coffee().reshape(-1, 3).mean(0) / 255
    np.testing.assert_allclose(mkl(colors).mean(0), target, atol=0.03)
    with pytest.raises(InputError, match=r"no method “best”; there are: mkl"):
        looks.lut(astronaut(), Statistical(coffee(), "best"), Options())


def test_presets_of_other_weights_are_made_anew_from_their_picture(looks: Looks) -> None:
    right = preset_of(looks, coffee())
    stale = preset_of(looks, coffee(), model_sha256="0" * 64, look=(9.0,) * 272)
    expected = looks.lut(astronaut(), PresetSource(right), Options())[1]
    assert difference(looks.lut(astronaut(), PresetSource(stale), Options())[1], expected) < 1e-5


def test_stale_preset_without_picture_is_refused(looks: Looks) -> None:
    stale = preset_of(looks, coffee(), model_sha256="0" * 64, reference=None)
    with pytest.raises(InputError, match="made for other weights"):
        looks.lut(astronaut(), PresetSource(stale), Options())


def test_imported_table_needs_no_photo(looks: Looks) -> None:
    lattice = Lut.identity(9).lattice[..., ::-1]
    preset = Preset(
        name="Swap", kind="lut", lattice_size=9, lattice=lattice.astype("<f2").tobytes()
    )
    _, lut = looks.lut(None, PresetSource(preset), Options())
    orange = np.array([[1, 0.5, 0]], dtype=np.float32)
    np.testing.assert_allclose(lut(orange), orange[:, ::-1], atol=1e-3)
    with pytest.raises(InputError, match="name the photo"):
        looks.lut(None, PresetSource(preset_of(looks, coffee())), Options())


def test_the_same_look_is_made_once(looks: Looks) -> None:
    first, made = looks.lut(chelsea(), Reference(coffee()), Options())
    again, kept = looks.lut(chelsea(), Reference(coffee()), Options())
    assert (again, kept) == (first, made)
    assert looks.get(first) is made
    assert looks.lut(chelsea(), Reference(coffee()), Options(strength=99))[0] != first


def test_a_dropped_look_is_asked_for_again(looks: Looks) -> None:
    with pytest.raises(UnknownLutError, match="again"):
        looks.get("0" * 32)


@pytest.mark.parametrize(
    ("name", "value"), [("strength", -1), ("strength", 101), ("intent", float("nan"))]
)
def test_options_out_of_range(name: str, value: float) -> None:
    with pytest.raises(InputError, match=f"{name} must be between 0 and 100"):
        Options(**{name: value})  # type: ignore[arg-type]
