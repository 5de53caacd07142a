"""Feed the readers with hostile input and print what happened.

    python -m tests.fuzz                            every target, 1,000 inputs each
    python -m tests.fuzz cube png --executions 100000 --seconds 100 --seed 7

Exit status 1 where something failed; the input lies in the folder that --keep names. On Linux.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import campaign
from tests.fuzz.campaign import RUNNING, Campaign, Summary, keep
from tests.fuzz.targets import NAMES, target

CHECKOUT = Path(__file__).resolve().parents[2]
_MOST_RESTARTS = 50
_ADDRESS_SPACE = 8 << 30


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign, or with --inside the part of it that may die."""
    arguments = _arguments(argv)
    if arguments.inside:
        _inside(arguments)
        return 0
    summaries = [_contained(arguments, name) for name in arguments.target or NAMES]
    print(_table(summaries))
    failures = [(s.target, kind, path) for s in summaries for kind, path in s.failures.items()]
    for name, kind, path in failures:
        print(f"FAILED {name}: {kind}\n       {path}")
    return bool(failures)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Hostile input for every reader."
    )
    names = ", ".join(NAMES)
    parser.add_argument(
        "target", nargs="*", choices=[[], *NAMES], help=f"of {names} (default: all)"
    )
    parser.add_argument("--executions", type=int, default=1000, help="inputs for each target")
    parser.add_argument("--seconds", type=float, default=100.0, help="at most, for each target")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other inputs")
    findings = Path(tempfile.gettempdir()) / "neural-preset-fuzz"
    parser.add_argument("--keep", type=Path, default=findings, metavar="DIR")
    parser.add_argument("--inside", type=Path, default=None, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _contained(arguments: argparse.Namespace, name: str) -> Summary:
    """One target in a process of its own, started again where an input ends it."""
    total = Summary(name)
    for attempt in range(_MOST_RESTARTS):
        left = arguments.executions - total.executions
        seconds = arguments.seconds - total.seconds
        if left <= 0 or seconds <= 0:
            break
        with tempfile.TemporaryDirectory(prefix="np-fuzz-", dir=_quick_folder()) as folder:
            seed = arguments.seed + 1000 * attempt
            command = [sys.executable, "-m", "tests.fuzz", name, "--inside", folder]
            command += ["--executions", str(left), "--seconds", str(seconds)]
            command += ["--seed", str(seed), "--keep", str(arguments.keep.absolute())]
            done = subprocess.run(
                command, cwd=CHECKOUT, capture_output=True, text=True, errors="replace", check=False
            )
            lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
            if lines:
                _add(total, Summary(**json.loads(lines[-1])))
            if not done.returncode:
                break
            running = Path(folder) / RUNNING
            if not running.exists():
                raise SystemExit(f"{name} could not begin:\n{done.stderr}")
            total.executions += 1
            kind = f"the process ended with status {done.returncode}"
            path = keep(arguments.keep, name, kind, f": {done.stderr}", running.read_bytes())
            total.failures[kind] = path
    return total


def _add(total: Summary, part: Summary) -> None:
    total.executions += part.executions
    total.accepted += part.accepted
    total.seconds += part.seconds
    total.slowest = max(total.slowest, part.slowest)
    total.memory = max(total.memory, part.memory)
    total.growth = max(total.growth, part.growth)
    total.answers = max(total.answers, part.answers)
    total.failures |= part.failures


def _inside(arguments: argparse.Namespace) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder: Path = arguments.inside
    findings: Path = arguments.keep
    findings.mkdir(parents=True, exist_ok=True)
    os.environ["HOME"] = os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = str(folder)

    def told(summary: Summary) -> None:
        print(json.dumps(dataclasses.asdict(summary)), flush=True)

    running = Campaign(target(arguments.target[0]), folder, findings, arguments.seed)
    campaign.forbid_other_places(folder, findings)
    running.run(arguments.executions, arguments.seconds, told)


def _quick_folder() -> str | None:
    return "/dev/shm" if os.path.isdir("/dev/shm") else None


def _table(summaries: Sequence[Summary]) -> str:
    rows = [
        "target       executions   per s  accepted  answers  slowest    memory    growth  failures"
    ]
    for each in [*summaries, _sum(summaries)]:
        rate = each.executions / each.seconds if each.seconds else 0
        rows.append(
            f"{each.target:<12} {each.executions:>10,} {rate:>7,.0f}  {each.accepted:>8,}"
            f"  {each.answers:>7}  {each.slowest:>5.2f} s  {each.memory / 2**20:>4.0f} MB"
            f"  {each.growth / 2**20:>4.0f} MB  {len(each.failures):>8}"
        )
    return "\n".join(rows)


def _sum(summaries: Sequence[Summary]) -> Summary:
    total = Summary("together")
    for each in summaries:
        _add(total, each)
        total.answers = 0
    total.answers = sum(each.answers for each in summaries)
    total.failures = {
        f"{s.target} {kind}": path for s in summaries for kind, path in s.failures.items()
    }
    return total


if __name__ == "__main__":
    sys.exit(main())
