"""What a scenario is, and what came of it."""

from __future__ import annotations

import subprocess
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from tests.gimp.roots import RootUnavailableError
from tests.installs.scene import SceneError
from tests.installs.wheels import NoWheelsError
from tests.installs.workshop import UnavailableError, Workshop

Play = Callable[[Workshop], str]
_UNAVAILABLE = (RootUnavailableError, SceneError, NoWheelsError, UnavailableError)


@dataclass(frozen=True)
class Scenario:
    """A name, and the function that plays it: it returns a remark, or raises AssertionError."""

    name: str
    play: Play

    def run(self, workshop: Workshop) -> Outcome:
        start = time.monotonic()
        try:
            word, remark = "passed", self.play(workshop)
        except _UNAVAILABLE as reason:
            word, remark = "skipped", str(reason)
        except (AssertionError, subprocess.SubprocessError):
            word, remark = "FAILED", traceback.format_exc()
        return Outcome(self.name, word, remark, time.monotonic() - start)


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario: "passed", "skipped" or "FAILED", and why."""

    name: str
    word: str
    remark: str
    seconds: float


class Collection:
    """Scenarios in the order of their definition; use as a decorator."""

    def __init__(self) -> None:
        self.scenarios: list[Scenario] = []

    def __call__(self, name: str) -> Callable[[Play], Play]:
        def add(play: Play) -> Play:
            self.scenarios.append(Scenario(name, play))
            return play

        return add
