"""Fixtures for every test."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.processes import stop_worker

if TYPE_CHECKING:
    from core.locations import Locations

CHECKOUT = Path(__file__).resolve().parents[1]

# Two test processes on two cores: spinning OpenMP threads would only steal from each other.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A NEURAL_PRESET_HOME of the test's own; a worker that was started under it is ended.

    Its path is short, for a Unix socket's path must be.
    """
    folder = Path(tempfile.mkdtemp(prefix="np-")).resolve()
    monkeypatch.setenv("NEURAL_PRESET_HOME", str(folder))
    yield folder
    stop_worker(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def locations(home: Path) -> Locations:
    """Where everything is under `home`, with this interpreter and this checkout."""
    from core.locations import Locations

    return Locations.under(home, python=Path(sys.executable), app=CHECKOUT)


@pytest.fixture(scope="session")
def photo() -> Callable[[str], Path]:
    """The file of a photo that scikit-image ships: photo("astronaut"), "coffee" or "chelsea"."""
    package = importlib.util.find_spec("skimage")
    assert package is not None and package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0]) / "data"

    def path(name: str) -> Path:
        file = folder / f"{name}.png"
        assert file.is_file(), f"scikit-image ships no {name}.png"
        return file

    return path
