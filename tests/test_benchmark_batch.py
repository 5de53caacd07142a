"""The measurement of batches, on photos too small to tell anything."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.benchmark import batch
from tests.workers import temporary_locations


def test_its_pictures_have_the_size_asked_for_and_differ() -> None:
    first, second = batch.picture(0, 1.2), batch.picture(1, 1.2)
    assert first.shape == second.shape == (949, 1265, 3)
    assert np.array_equal(first, batch.picture(0, 1.2)) and not np.array_equal(first, second)


def test_it_measures_copies_and_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with temporary_locations():
        sizes = ["--photos", "2", "--megapixels", "0.1", "--jobs", "2", "--turns", "1"]
        assert batch.main([*sizes, "--json"]) == 0
    numbers = json.loads(capsys.readouterr().out)
    assert numbers["ratio"] == pytest.approx(numbers["copy_seconds"] / numbers["apply_seconds"])
    assert numbers["photos"] == 2 and numbers["file_bytes"] > 10_000
