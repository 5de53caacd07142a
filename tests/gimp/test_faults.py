"""The most telling faults in every GIMP; the campaign is `python -m tests.faults.in_gimp`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from tests.faults.in_gimp import fate
from tests.faults.in_gimp.calls import CALLS
from tests.faults.in_gimp.campaign import Campaign, Tally
from tests.faults.in_gimp.desk import Desk
from tests.faults.in_gimp.harms import FAULTS, Fault
from tests.faults.in_gimp.stage import staged
from tests.gimp.harness import Gimp

TELLING = (
    "the worker is killed",
    "the plug-in is killed",
    "the plug-in dies at a line",
    "GIMP is killed",
    "the home is revoked",
    "there is no room",
    "the program is gone",
    "a worker of another version runs",
    "the clock jumps",
)
# While it makes new layers the plug-in is killed here, the n-th time that it comes to the line.
STAGES = {
    "the image that nobody sees is made": ("other.undo_disable()", 1, 0),
    "a copy is in it": ("_copy(target.layer.get_shadow_buffer()", 2, 0),
    "its pixels are merged": ("if not layer.merge_shadow(True)", 2, 0.002),
    "between the two": ("if not image.insert_layer(layer, original", 2, 0),
    "both are there": ("image.set_selected_layers(added)", 1, 0),
}


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


@pytest.mark.parametrize("stage", STAGES)
def test_new_layers_are_complete_or_not_there(campaign: Campaign, stage: str) -> None:
    words, nth, delay = STAGES[stage]

    def harm(desk: Desk, chance: random.Random) -> Callable[[], None]:
        line = fate.line_of(desk.gimp.plugin / "output.py", words)
        desk.decree.die(fate.OUTPUT, line, nth, delay)
        return desk.decree.lift

    fault = Fault(stage, harm, "", before=True, dies="plug-in")
    tally = campaign.tallies.setdefault(stage, Tally())
    campaign.one(fault, next(each for each in CALLS if "two new layers" in each.name))
    assert tally.silent == 1 and tally.damages == []
