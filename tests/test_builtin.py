"""The built-in presets: complete, of the shipped weights, and looking like their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core import model, presetfile, toning
from core.locations import Locations
from core.looks import Looks, Normalize, Options, PresetSource
from core.presets import PresetStore
from core.training.grades import GRADES, Grade
from core.training.methods import painted
from tests.conftest import CHECKOUT
from tests.pictures import astronaut, chelsea, coffee

FOLDER = CHECKOUT / "core" / "presets_builtin"


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks(model.load())


def test_the_store_lists_every_grade(tmp_path: Path, locations: Locations) -> None:
    entries = PresetStore(tmp_path, FOLDER).list()
    assert {entry.name for entry in entries} == {grade.name for grade in GRADES}
    assert all(entry.builtin and entry.problem is None for entry in entries)
    assert locations.builtin == FOLDER


def test_codes_are_those_of_the_shipped_weights(looks: Looks) -> None:
    """They keep no picture to be made anew from: run `python -m core.training.builtin`."""
    for path in FOLDER.glob("*.json"):
        preset = presetfile.read(path)
        assert preset.kind == "neural", path.name
        assert preset.model_sha256 == looks.model.sha256, path.name
        assert preset.reference is None


@pytest.mark.parametrize("grade", GRADES, ids=lambda grade: grade.name)
def test_looks_like_its_name(looks: Looks, grade: Grade) -> None:
    """The grade of the normalised photo, on photos that it was not fitted to."""
    preset = presetfile.read(FOLDER / f"{presetfile.slug(grade.name)}.json")
    for photo in (astronaut(), coffee(), chelsea()):
        colors = photo.reshape(-1, 3)[::101].astype(np.float32) / 255
        _, lut = looks.lut(photo, PresetSource(preset), Options())
        # A preset goes onto what the network takes for the photo as shot.
        _, neutral = looks.lut(photo, Normalize(), Options())
        shot = np.clip(neutral(colors), 0, 1)
        wanted = grade(shot)
        error, change = (np.abs(c - wanted).mean() for c in (np.clip(lut(colors), 0, 1), shot))
        assert error < 0.03
        assert error < 0.75 * change
        if grade.monochrome:
            assert toning.toning(painted(lut, photo[::4, ::4])) is not None
