"""Cases of a fault, one after the other or by several processes, and what became of them.

A case is a function of a Scene that returns what the user is told: "completed", or the text of our
own error. Whatever it raises is damage: `Damage` where something is lost or left behind, and any
other exception, which a user would have seen as it is.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from core.errors import NeuralPresetError
from tests.faults.scene import Damage, Scene

LONGEST = 180
"""seconds after which a case counts as hanging"""
COMPLETED = "completed"
END = "nothing left at the end"


@dataclass(frozen=True)
class Kind:
    """One kind of fault. `share`: how many of all cases are of it; `mounts`: needs the right to."""

    name: str
    run: Callable[[Scene], str]
    share: float = 1.0
    mounts: bool = False


@dataclass
class Summary:
    """What became of the cases of one kind; times in seconds."""

    kind: str
    cases: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)


def outcome(error: NeuralPresetError, scene: Scene) -> str:
    """The text that a user reads, without what differs from case to case."""
    text = str(error).replace(str(scene.home), "~").replace(str(scene.checkout), "APP")
    text = re.sub(r"\.np-[0-9a-f]{16}", ".np-#", text)
    return re.sub(r"\d+", "#", text)


def told(action: Callable[[], object], scene: Scene) -> str:
    """What the user is told of an action."""
    try:
        action()
    except NeuralPresetError as error:
        return outcome(error, scene)
    return COMPLETED


def plan(kinds: Sequence[Kind], cases: int) -> list[tuple[Kind, int]]:
    """So many cases, by the kinds' shares, all kinds mixed: (kind, number within it)."""
    shares = sum(kind.share for kind in kinds)
    counts = {kind: max(1, round(cases * kind.share / shares)) for kind in kinds}
    numbered = [
        ((number + 0.5) / count, kind, number)
        for kind, count in counts.items()
        for number in range(count)
    ]
    numbered.sort(key=lambda each: each[0])
    return [(kind, number) for _, kind, number in numbered]


def run(
    cases: Iterable[tuple[Kind, int]], seed: int, scene: Scene, until: float
) -> Iterator[dict[str, object]]:
    """Run cases in this process until that time.monotonic(); what became of each."""
    for kind, number in cases:
        if time.monotonic() > until:
            return
        scene.chance = random.Random(f"{kind.name} {seed} {number}")
        begin = time.monotonic()
        text, damage = _judged(kind, scene)
        if damage:
            damage = f"{kind.name} {seed} {number}: {damage}"
        yield {
            "kind": kind.name,
            "seconds": time.monotonic() - begin,
            "outcome": text,
            "damage": damage,
        }


def _judged(kind: Kind, scene: Scene) -> tuple[str, str]:
    def hangs(*_: object) -> None:
        raise Damage("it hangs")

    previous = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(LONGEST)
    try:
        scene.begin()
        return kind.run(scene), ""
    except Damage as damage:
        return "DAMAGED", f"{damage}\n{_where(damage)}"
    except Exception as error:
        return "DAMAGED", f"{type(error).__name__}: {error}\n{_where(error)}"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
        scene.end()


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"    {os.path.relpath(f.filename)}:{f.lineno} {f.line}" for f in frames)


def in_processes(
    jobs: int,
    cases: Sequence[tuple[Kind, int]],
    seed: int,
    scene_of: Callable[[int], Scene],
    until: float,
) -> Iterator[dict[str, object]]:
    """The same by `jobs` forked processes, each with a scene of its own; last, what is left."""
    reader, writer = os.pipe()
    children = []
    for job in range(jobs):
        child = os.fork()
        if child:
            children.append(child)
            continue
        status = 1
        try:
            os.close(reader)
            scene = scene_of(job)
            with open(writer, "w", encoding="utf-8") as pipe:
                for record in run(cases[job::jobs], seed, scene, until):
                    # Short enough to be written at once, so that lines of two do not mix.
                    pipe.write(_line(record))
                    pipe.flush()
                pipe.write(_line(_end(scene)))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        for line in pipe:
            yield json.loads(line)
    failed = [child for child in children if os.waitpid(child, 0)[1]]
    if failed:
        raise RuntimeError(f"{len(failed)} of the campaign's processes failed")


def _line(record: dict[str, object]) -> str:
    return json.dumps({**record, "damage": str(record["damage"])[-3000:]}) + "\n"


def _end(scene: Scene) -> dict[str, object]:
    begin, damage = time.monotonic(), ""
    try:
        scene.close()
    except Exception as error:
        damage = f"{END}: {type(error).__name__}: {error}\n{_where(error)}"
    text = "DAMAGED" if damage else COMPLETED
    seconds = time.monotonic() - begin
    return {"kind": END, "seconds": seconds, "outcome": text, "damage": damage}


def summed(records: Iterable[dict[str, object]], kinds: Sequence[Kind]) -> list[Summary]:
    """One summary for each kind, and one for what is left at the end."""
    summaries = {name: Summary(name) for name in (*(kind.name for kind in kinds), END)}
    for record in records:
        summary = summaries[str(record["kind"])]
        seconds = float(str(record["seconds"]))
        summary.cases += 1
        summary.seconds += seconds
        summary.slowest = max(summary.slowest, seconds)
        summary.outcomes[str(record["outcome"])] += 1
        if record["damage"]:
            summary.damaged.append(str(record["damage"]))
    return list(summaries.values())
