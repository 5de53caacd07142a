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
_LONGEST = 0.05

Line = tuple[str, int]
Places = tuple[str, ...]


class Decree:
    """What happens to every plug-in that is called from now on, until it is lifted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._trail = path.with_name(f"{path.name}.trail")

    def die(self, places: Places, line: Line, nth: int = 1, delay: float = 0.0) -> None:
        """It is killed as it begins the line for the nth time, or `delay` seconds later."""
        self._write(places=places, line=line, nth=nth, delay=delay)

    def leave_a_trail(self, places: Places) -> None:
        """It notes the lines that it runs, and lives."""
        self._write(places=places)

    def jump(self, seed: int) -> None:
        """Its clock jumps."""
        self._write(clock=seed)

    def lift(self) -> None:
        self.path.unlink(missing_ok=True)

    def trail(self) -> list[Line]:
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


def _killed(desk: Desk, chance: random.Random, places: Places) -> Callable[[], None]:
    """At one of its lines; as often shortly after, when GIMP may be at work for it."""
    trail = desk.trails[places]
    line = chance.choice(sorted(set(trail)))  # those in a loop are no more likely than others
    delay = chance.choice((0.0, _LONGEST * 10 ** chance.uniform(-2.5, 0)))
    desk.decree.die(places, line, chance.randint(1, trail.count(line)), delay)
    return desk.decree.lift


def clock_jumps(desk: Desk, chance: random.Random) -> Callable[[], None]:
    desk.decree.jump(chance.randrange(10**6))
    return desk.decree.lift


def line_of(file: Path, words: str) -> Line:
    """The only line of a file in which these words are."""
    lines = file.read_text(encoding="utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if words in line)
    return file.name, number
