"""Disturb calls in real GIMPs and print what came of it.

    python -m tests.faults.in_gimp                                  both GIMPs, 100 cases each
    python -m tests.faults.in_gimp --gimp 3.2 --cases 500 --seconds 170 --seed 7
    python -m tests.faults.in_gimp --fault "dies at its output" --cases 50
    python -m tests.faults.in_gimp --two            while a second GIMP uses the same worker

Exit status 1 where something was damaged or left behind.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence

from tests.faults.in_gimp.calls import CALLS
from tests.faults.in_gimp.campaign import Campaign, Tally
from tests.faults.in_gimp.desk import Desk
from tests.faults.in_gimp.harms import FAULTS, Fault
from tests.faults.in_gimp.neighbour import Neighbour
from tests.faults.in_gimp.stage import staged
from tests.gimp.roots import SUITES, find


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaigns, one GIMP after the other."""
    arguments = _arguments(argv)
    faults = [each for each in FAULTS if arguments.fault in each.name]
    if not faults:
        names = "\n".join(each.name for each in FAULTS)
        raise SystemExit(f"no fault is called so; there are\n{names}")
    return int(any([_damaged(version, faults, arguments) for version in arguments.gimp]))


def _damaged(version: str, faults: Sequence[Fault], arguments: argparse.Namespace) -> bool:
    """Run the campaign in one GIMP and print what it came to; whether anything was wrong."""
    found: list[str] = []
    with staged(find(version)) as gimp, Desk(gimp) as desk, contextlib.ExitStack() as beside:
        campaign = Campaign(desk, arguments.seed, faults)
        if arguments.two:
            second = beside.enter_context(Desk(gimp, "second"))
            neighbour = beside.enter_context(Neighbour(second, CALLS[0]))
        try:
            campaign.run(arguments.cases, arguments.seconds)
        finally:
            print(f"\nGIMP {version}\n{table(campaign.tallies)}", flush=True)
        beside.close()
        if arguments.two:
            print(f"the second GIMP: {dict(neighbour.outcomes)}")
            found += neighbour.damages
        found += campaign.idle()
        for each in found:
            print(f"DAMAGE {each}")
    return bool(found) or any(tally.damages for tally in campaign.tallies.values())


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.in_gimp", description="Faults in real GIMPs."
    )
    parser.add_argument("--gimp", nargs="+", choices=SUITES, default=list(SUITES))
    parser.add_argument("--cases", type=int, default=100, help="for each GIMP")
    parser.add_argument("--seconds", type=float, default=170.0, help="at most, for each GIMP")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other cases")
    parser.add_argument("--fault", default="", help="only those with this in their name")
    parser.add_argument("--two", action="store_true", help="a second GIMP works beside the first")
    return parser.parse_args(argv)


def table(tallies: dict[str, Tally]) -> str:
    """A row for each fault, then every damage, then the messages that a user would read."""
    rows = [f"{'fault':<42} cases   done  refused  killed   mean  slowest  damages"]
    everything = Tally()
    for name, tally in [*tallies.items(), ("together", everything)]:
        if not tally.cases:
            continue
        rows.append(
            f"{name:<42} {tally.cases:>5}  {tally.done:>5}  {tally.refused:>7}  {tally.silent:>6}"
            f"  {tally.seconds / tally.cases:>4.1f}s  {tally.slowest:>6.1f}s  "
            f"{len(tally.damages):>7}"
        )
        if tally is everything:
            break
        everything.cases += tally.cases
        everything.done += tally.done
        everything.refused += tally.refused
        everything.silent += tally.silent
        everything.seconds += tally.seconds
        everything.slowest = max(everything.slowest, tally.slowest)
        everything.damages += tally.damages
        everything.messages += tally.messages
    for name, tally in tallies.items():
        rows += [f"DAMAGE {name}: {each}" for each in tally.damages]
    rows += [f"{count:>4} x {words}" for words, count in everything.messages.most_common()]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
