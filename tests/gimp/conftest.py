"""A GIMP of each version for the tests in this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.gimp.harness import CHECKOUT, Gimp
from tests.gimp.roots import SUITES, RootUnavailableError, find


@pytest.fixture(scope="session", params=list(SUITES))
def bare_gimp(request: pytest.FixtureRequest) -> Iterator[Gimp]:
    """GIMP 3.0, then GIMP 3.2, without the plug-in."""
    try:
        root = find(request.param)
    except RootUnavailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"GIMP {request.param} is not tested: {error}", pytrace=False)
        pytest.skip(f"GIMP {request.param} IS NOT TESTED: {error}")
    gimp = Gimp(root)
    yield gimp
    gimp.close()


@pytest.fixture(scope="session")
def gimp(bare_gimp: Gimp) -> Gimp:
    """GIMP 3.0, then GIMP 3.2, with the plug-in of the checkout."""
    assert (CHECKOUT / "plugin").is_dir()
    bare_gimp.install()
    return bare_gimp


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs in a GIMP, so that `-m "not gimp"` leaves it out."""
    for item in items:
        if {"gimp", "bare_gimp"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.gimp)
