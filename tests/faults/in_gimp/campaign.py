"""Cases: a call, a fault, and what has to be true afterwards."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.process.holder import holder
from tests.faults.in_gimp.calls import CALLS, Call
from tests.faults.in_gimp.desk import Desk, GoneError, described, eventually
from tests.faults.in_gimp.fate import Line, Places
from tests.faults.in_gimp.harms import FAULTS, Fault
from tests.processes import processes_of

_MINUTE = 60.0
_SETTLED = 5.0


@dataclass
class Tally:
    """What became of the cases of one fault."""

    cases: int = 0
    done: int = 0
    """calls that succeeded all the same"""
    refused: int = 0
    """calls that failed with a message"""
    silent: int = 0
    """calls whose plug-in or GIMP was killed"""
    seconds: float = 0.0
    slowest: float = 0.0
    damages: list[str] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)


class Campaign:
    """Cases in one GIMP after another; what they came to is in `tallies`, by the fault's name."""

    def __init__(self, desk: Desk, seed: int, faults: Sequence[Fault] = FAULTS) -> None:
        self._desk = desk
        self._chance = random.Random(seed)
        self._faults = faults
        self._known: dict[str, dict[str, Any]] = {}
        self._trails: dict[tuple[str, Places], list[Line]] = {}
        self.tallies = {fault.name: Tally() for fault in faults}

    def run(self, cases: int, seconds: float) -> None:
        """So many cases, or as many as the time allows."""
        began = time.monotonic()
        self._called(CALLS[0])  # which starts the worker
        weights = [fault.weight for fault in self._faults]
        for _ in range(cases):
            fault = self._chance.choices(self._faults, weights)[0]
            call = self._chance.choice(CALLS)
            try:
                self.one(fault, call)
            except GoneError:
                end = self._desk.log.read_text(errors="replace")[-300:]
                self.tallies[fault.name].damages.append(f"{call.name}: GIMP ended later: {end}")
                self._desk.close()
                self._desk.start()
            if time.monotonic() - began > seconds:
                break

    def one(self, fault: Fault, call: Call) -> None:
        """One case; damages are noted, not raised."""
        fresh = self._undisturbed(call)
        self._desk.trails = {places: self._trail(call, places) for places in fault.places}
        before = self._desk.ask("scene", **call.scene)
        old = call.put_old_file(self._desk, self._chance.random() < 0.5) if call.writes else None
        began = time.monotonic()
        answer = self._disturbed(fault, call, fresh["seconds"])
        tally = self.tallies[fault.name]
        took = time.monotonic() - began
        tally.cases += 1
        tally.seconds += took
        tally.slowest = max(tally.slowest, took)
        if answer is None:
            found = self._after_gimp()
        else:
            found = self._layers(fault, call, answer, before, fresh)
        if call.writes and (damage := call.damage(self._desk, old, fresh["content"])):
            found.append(damage)
        self._note(tally, fault, answer, found)
        if not eventually(lambda: not self._desk.remains(), _SETTLED):
            found.append(f"left behind: {', '.join(self._desk.remains())}")
            self._clear()
        again = self._called(call)
        if again["status"] != "SUCCESS":
            found.append(f"the next call: {again['status']} {again['message']}")
        elif again["layers"] != fresh["layers"]:
            found.append(f"the next call gives other pixels: {self._differences(call)}")
        tally.damages += [f"{call.name}: {each}" for each in found]

    def _undisturbed(self, call: Call) -> dict[str, Any]:
        """What the call comes to when nothing happens, with a worker that runs."""
        if call.name not in self._known:
            found = self._called(call)
            assert found["status"] == "SUCCESS", found
            self._known[call.name] = found
            self._desk.ask("keep", path=self._kept(call))
        return self._known[call.name]

    def _trail(self, call: Call, places: Places) -> list[Line]:
        """The lines of code in these places that the call runs."""
        if (call.name, places) not in self._trails:
            self._desk.decree.leave_a_trail(places)
            self._called(call)
            self._desk.decree.lift()
            self._trails[call.name, places] = self._desk.decree.trail()
        return self._trails[call.name, places]

    def _called(self, call: Call) -> dict[str, Any]:
        self._desk.ask("scene", **call.scene)
        call.begin(self._desk)
        answer = self._desk.answer() | self._desk.ask("state")
        return answer | {"content": call.content(self._desk) if call.writes else None}

    def _disturbed(self, fault: Fault, call: Call, usual: float) -> dict[str, Any] | None:
        """The answer to a call that something happens to; None where GIMP has ended."""
        repair = fault.harm(self._desk, self._chance) if fault.before else None
        try:
            call.begin(self._desk)
            if not fault.before:
                self._wait(call, usual)
                repair = fault.harm(self._desk, self._chance)
            answer = self._desk.answer()
            return None if fault.dies == "GIMP" else answer
        except GoneError:
            return None
        finally:
            if repair is not None:
                repair()

    def _wait(self, call: Call, usual: float) -> None:
        """Until a random moment of the call, or one at which pixels are on their way."""
        begin = time.monotonic()
        if call.writes or self._chance.random() < 0.3:
            time.sleep(usual * self._chance.uniform(0, 1.05))
        elif eventually(self._desk.mapped, usual):
            time.sleep(max(time.monotonic() - begin, 0.01) * self._chance.uniform(0, 0.4))

    def _layers(
        self,
        fault: Fault,
        call: Call,
        answer: dict[str, Any],
        before: dict[str, Any],
        fresh: dict[str, Any],
    ) -> list[str]:
        """What is wrong with the image."""
        now = self._desk.ask("state")
        found = []
        if answer["status"] == "SUCCESS":
            if now["layers"] != fresh["layers"]:
                found.append(f"it succeeded with other pixels: {self._differences(call)}")
            if now["images"] != before["images"]:
                found.append("an image is left behind")
        elif fault.dies == "plug-in":
            if not between(now["layers"], before["layers"], fresh["layers"]):
                found.append(f"half done: {now['layers']} of {fresh['layers']}")
            # GIMP keeps until its end the image in which new layers are made.
            if now["images"] > before["images"] + 1:
                found.append(f"{now['images']} images are left behind")
        elif now != before:
            found.append(f"it failed and left a change: {now}")
        if self._chance.random() < 0.2:
            saved = self._desk.ask("saved", path=self._desk.gimp.scratch / "saved.xcf")
            if saved["layers"] != now["layers"]:
                found.append(f"it is not saved as it is: {saved['layers']}")
        return found

    def _differences(self, call: Call) -> str:
        """How the image differs from what the call usually makes: layer, bytes, levels, where."""
        return str(self._desk.ask("compare", path=self._kept(call))["differences"])

    def _kept(self, call: Call) -> Path:
        return self._desk.gimp.scratch / f"{call.name} kept"

    def _after_gimp(self) -> list[str]:
        """GIMP is gone: what of it is left after a minute? Starts another one."""
        found = []
        self._desk.hang_up()
        if not eventually(lambda: not self._desk.family(), _MINUTE):
            family = ", ".join(map(described, self._desk.family()))
            found.append(f"processes that outlive GIMP: {family}")
        remains = [each for each in self._desk.remains() if not each.startswith("plug-in")]
        if remains:
            found.append(f"left behind by GIMP: {', '.join(remains)}")
        self._desk.close()
        self._desk.start()
        return found

    def _note(
        self, tally: Tally, fault: Fault, answer: dict[str, Any] | None, found: list[str]
    ) -> None:
        if answer is None:
            tally.silent += 1
            if fault.dies != "GIMP":
                found.append("GIMP has ended")
        elif answer["status"] == "SUCCESS":
            tally.done += 1
        else:
            words = self._plain(answer["message"])
            if fault.dies:
                tally.silent += 1
            else:
                tally.refused += 1
                if not re.search(fault.tells, words):
                    found.append(f"it does not tell the cause: {words}")
            tally.messages[words] += 1

    def _plain(self, message: str) -> str:
        """A message without what differs from case to case."""
        words = message.replace(str(self._desk.gimp.folder), "~")
        words = re.sub(r"/neural-preset-\w{8}\b", "/neural-preset-...", words)
        return re.sub(r"process \d+", "process ...", words)

    def _clear(self) -> None:
        """Let not one case's remains count for the next."""
        for folder in (self._desk.memory, self._desk.locations.presets, self._desk.gimp.scratch):
            for path in [*folder.glob("neural-preset-*"), *folder.glob(".np-*")]:
                path.unlink(missing_ok=True)

    def idle(self) -> list[str]:
        """What is wrong when all is over: the worker ends when idle and takes its socket along."""
        runtime = self._desk.locations.runtime
        self._desk.close()
        if not eventually(lambda: not processes_of(self._desk.gimp.home), 2 * _MINUTE):
            family = ", ".join(map(described, processes_of(self._desk.gimp.home)))
            return [f"processes that do not end: {family}"]
        found = [] if holder(runtime) is None else ["the worker's lock is held"]
        return found + (["the socket is left"] if (runtime / "worker.sock").exists() else [])


def between(now: Sequence[Any], before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether some layers are changed and others not, or some of the new ones are there."""
    if len(before) == len(after):
        return len(now) == len(before) and all(map(_either, now, before, after))
    return _within(before, now) and _within(now, after)


def _either(now: Any, before: Any, after: Any) -> bool:
    return now in (before, after)


def _within(part: Sequence[Any], whole: Sequence[Any]) -> bool:
    """Whether `part` is `whole` without some of its members."""
    rest = iter(whole)
    return all(each in rest for each in part)
