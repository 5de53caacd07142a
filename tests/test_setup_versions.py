"""Versions that are there, compared with those that pyproject.toml asks for."""

from __future__ import annotations

from importlib import metadata

import pytest

from core.setup.requirements import Requirements
from core.setup.versions import Package, packages
from tests.conftest import CHECKOUT


@pytest.mark.parametrize(
    ("found", "wanted", "fits"),
    [
        ("2.13.0", "==2.13.0", True),
        ("2.13.0+cpu", "==2.13.0", True),
        ("2.13.0.post1", "==2.13.0", False),
        ("2.12.9", "==2.13.0", False),
        ("2.2", ">=2.2,<3", True),
        ("2.2.0", ">=2.2", True),
        ("2.10.1", ">=2.2,<3", True),
        ("2.1.9", ">=2.2,<3", False),
        ("3.0.0", ">=2.2,<3", False),
        ("3.0rc1", ">=2.2,<3", False),
        ("14", ">=12,<14", False),
        ("unknown", ">=12,<14", False),
        ("1", "", True),
        (None, "", False),
    ],
)
def test_version_is_one_that_was_asked_for(found: str | None, wanted: str, fits: bool) -> None:
    assert Package("name", wanted, found).fits is fits


def test_the_projects_own_requirements_are_read_and_met() -> None:
    needed = Requirements.of(CHECKOUT / "pyproject.toml")
    there = list(packages(needed.all))
    assert [each.name + each.wanted for each in there] == list(needed.all)
    assert [each for each in there if not each.fits] == []
    assert there[0].found == metadata.version("torch")


def test_what_is_not_there_has_no_version() -> None:
    assert list(packages(["no-such-package-anywhere>=1"])) == [
        Package("no-such-package-anywhere", ">=1", None)
    ]


def test_what_is_no_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="is no requirement"):
        list(packages(["a package; maybe"]))
    with pytest.raises(ValueError, match="limits no version"):
        Package("name", "~=2", "2").fits  # noqa: B018
