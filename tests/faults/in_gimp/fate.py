"""What is decreed for the plug-in's process: death at one of its lines, or a clock that jumps.

GIMP starts every Python of a campaign with `doom` on its path, which carries the decree out.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.in_gimp.desk import Desk

DOOM = Path(__file__).with_name("doom")
VARIABLE = "NEURAL_PRESET_DECREE"
_PLUGIN = "/plug-ins/neural-preset/"
ANYWHERE = (_PLUGIN, "/core/")
OUTPUT = (f"{_PLUGIN}output.py",)
"""where layers are changed and added"""
PLACES = (ANYWHERE, OUTPUT)
_NEVER = 0
_LONGEST = 0.05

Trail = list[tuple[str, int]]


class Decree:
    """What happens to every plug-in that is called from now on, until it is lifted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._trail = path.with_name(f"{path.name}.trail")

    def die(self, places: tuple[str, ...], fatal: int, delay: float = 0.0) -> None:
        """It is killed as it begins the `fatal`-th line in these places, or `delay` s later."""
        self._write(places=places, fatal=fatal, delay=delay)

    def leave_a_trail(self, places: tuple[str, ...]) -> None:
        """It notes the lines that it runs, and lives."""
        self.die(places, _NEVER)

    def jump(self, seed: int) -> None:
        """Its clock jumps."""
        self._write(clock=seed)

    def lift(self) -> None:
        self.path.unlink(missing_ok=True)

    def trail(self) -> Trail:
        """The lines in those places that the last one has begun: file names and numbers."""
        if not self._trail.exists():
            return []
        pairs = map(str.split, self._trail.read_text().splitlines())
        return [(name, int(number)) for name, number in pairs]

    def _write(self, **decree: object) -> None:
        self._trail.unlink(missing_ok=True)
        self.path.write_text(json.dumps(decree))


def killed_at_a_line(desk: Desk, chance: random.Random) -> Callable[[], None]:
    """Anywhere in the plug-in, or in what it uses of `core`."""
    return _killed(desk, chance, ANYWHERE)


def killed_at_its_output(desk: Desk, chance: random.Random) -> Callable[[], None]:
    """While it changes or adds layers, if it does."""
    return _killed(desk, chance, OUTPUT if desk.trails[OUTPUT] else ANYWHERE)


def _killed(desk: Desk, chance: random.Random, places: tuple[str, ...]) -> Callable[[], None]:
    """At one of its lines; as often shortly after, when GIMP may be at work for it."""
    trail = desk.trails[places]
    line = chance.choice(sorted(set(trail)))  # those in a loop are no more likely than others
    fatal = chance.choice([number for number, each in enumerate(trail, 1) if each == line])
    delay = chance.choice((0.0, _LONGEST * 10 ** chance.uniform(-2.5, 0)))
    desk.decree.die(places, fatal, delay)
    return desk.decree.lift


def clock_jumps(desk: Desk, chance: random.Random) -> Callable[[], None]:
    desk.decree.jump(chance.randrange(10**6))
    return desk.decree.lift
