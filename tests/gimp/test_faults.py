"""The most telling faults in every GIMP; the campaign is `python -m tests.faults.in_gimp`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.in_gimp.calls import CALLS
from tests.faults.in_gimp.campaign import Campaign
from tests.faults.in_gimp.desk import Desk
from tests.faults.in_gimp.harms import FAULTS
from tests.faults.in_gimp.stage import staged
from tests.gimp.harness import Gimp

TELLING = (
    "the worker is killed",
    "the plug-in is killed",
    "the plug-in is killed",
    "GIMP is killed",
    "the home is revoked",
    "there is no room for the pixels",
    "the program is gone",
    "a worker of another version runs",
)


@pytest.fixture(scope="module")
def campaign(bare_gimp: Gimp) -> Iterator[Campaign]:
    with staged(bare_gimp.root) as gimp, Desk(gimp) as desk:
        yield Campaign(desk, seed=1)


@pytest.mark.parametrize("name", TELLING)
def test_nothing_is_damaged_or_left_behind(campaign: Campaign, name: str) -> None:
    """A layer is as it was or changed whole, the message tells the cause, the next call works."""
    fault = next(each for each in FAULTS if each.name == name)
    campaign.one(fault, next(each for each in CALLS if "three layers" in each.name))
    tally = campaign.tallies[name]
    assert tally.cases and tally.damages == []
