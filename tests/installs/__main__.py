"""Run install.py on Debians made for it and print what happened.

    python -m tests.installs                       every scenario, some minutes
    python -m tests.installs --list
    python -m tests.installs --only kill --trials 50 --seed 7 --reuse

Needs root on Linux, mmdebstrap, and the network the first time. Exit status 1 where one failed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.gimp.roots import cache_dir, obstacle
from tests.installs.everyday import everyday
from tests.installs.inside_gimp import inside_gimp
from tests.installs.oddities import oddities
from tests.installs.refusals import refusals
from tests.installs.scenario import Outcome
from tests.installs.systems import ALL
from tests.installs.trials import trials
from tests.installs.workshop import Workshop

SCENARIOS = [
    scenario
    for collection in (everyday, oddities, refusals, trials, inside_gimp)
    for scenario in collection.scenarios
]


def main(argv: Sequence[str] | None = None) -> int:
    """Play the scenarios, each in a scene of its own."""
    arguments = _arguments(argv)
    chosen = [each for each in SCENARIOS if arguments.only in each.name]
    if arguments.list:
        print("\n".join(scenario.name for scenario in chosen))
        return 0
    if (problem := obstacle()) is not None:
        print(f"Nothing was tried: {problem}")
        return 1
    for system in ALL:
        system.prepare()
    folder = Path(tempfile.mkdtemp(prefix=".workshop-", dir=cache_dir() / "installs"))
    folder.chmod(0o755)
    workshop = Workshop(folder, arguments.reuse, arguments.trials, arguments.seed)
    outcomes = []
    try:
        for scenario in chosen:
            outcomes.append(scenario.run(workshop))
            print(_line(outcomes[-1]), flush=True)
    finally:
        shutil.rmtree(folder)
    words = [outcome.word for outcome in outcomes]
    print(", ".join(f"{words.count(word)} {word}" for word in ("passed", "skipped", "FAILED")))
    return "FAILED" in words


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.installs", description="install.py on real systems."
    )
    parser.add_argument("--only", default="", metavar="WORDS", help="scenarios with these words")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--trials", type=int, default=10, help="of each random scenario")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other moments")
    parser.add_argument(
        "--reuse", action="store_true", help="take the environments that an earlier run has made"
    )
    return parser.parse_args(argv)


def _line(outcome: Outcome) -> str:
    return f"{outcome.word:<8} {outcome.seconds:>5.0f} s  {outcome.name}: {outcome.remark}"


if __name__ == "__main__":
    sys.exit(main())
