"""Run cases of faults and print what became of them.

    python -m tests.faults                                     1,000 cases of all kinds
    python -m tests.faults --cases 5000 --seconds 300 --seed 7 --kinds disk worker

Exit status 1 where anything was damaged. On Linux; some kinds need small disks, which only root
may mount, and are named where they are left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.faults import (
    access,
    campaign,
    clients,
    clocks,
    disk,
    pixels,
    saving,
    versions,
    worker_lost,
)
from tests.faults.campaign import Kind, Summary
from tests.faults.requests import truth
from tests.faults.scene import Scene, new_home
from tests.faults.zygote import ONE_THREAD, Zygote

ALL: tuple[Kind, ...] = (
    *worker_lost.KINDS,
    *clients.KINDS,
    *saving.KINDS,
    *pixels.KINDS,
    *disk.KINDS,
    *access.KINDS,
    *clocks.KINDS,
    *versions.KINDS,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a campaign; 0, or 1 where something was damaged."""
    arguments = _arguments(argv)
    kinds = [kind for kind in ALL if not arguments.kinds or _meant(kind, arguments.kinds)]
    # Workers that are started in the usual way compute as the forked ones do, to the last bit.
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    folder = new_home()
    if not disk.can_mount(folder):
        for kind in kinds:
            if kind.mounts:
                print(f"LEFT OUT, for no disk can be mounted here: {kind.name}")
        kinds = [kind for kind in kinds if not kind.mounts]
    try:
        zygote = Zygote(folder)
        try:
            summaries = _run(arguments, kinds, folder, zygote)
        finally:
            zygote.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report(summaries))
    return any(summary.damaged for summary in summaries)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description="Faults for everything that lives on."
    )
    parser.add_argument("--cases", type=int, default=1000, help="of all kinds together")
    parser.add_argument("--seconds", type=float, default=3600.0, help="at most")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other cases")
    parser.add_argument("--jobs", type=int, default=3, help="processes that run cases")
    parser.add_argument("--kinds", nargs="*", default=[], help="words of their names")
    return parser.parse_args(argv)


def _meant(kind: Kind, words: Sequence[str]) -> bool:
    return any(word in kind.name for word in words)


def _run(
    arguments: argparse.Namespace, kinds: Sequence[Kind], folder: Path, zygote: Zygote
) -> list[Summary]:
    until = time.monotonic() + arguments.seconds
    first = Scene(folder / "truth", zygote, {})
    with first.really_launched(), first.session() as session:
        known = truth(session, first.home)
    first.close()
    scene_of = partial(_scene, folder, zygote, known)
    cases = campaign.plan(kinds, arguments.cases)
    records = campaign.in_processes(arguments.jobs, cases, arguments.seed, scene_of, until)
    return campaign.summed(records, kinds)


def _scene(folder: Path, zygote: Zygote, known: dict[str, str], job: int) -> Scene:
    return Scene(folder / str(job), zygote, known)


def report(summaries: Sequence[Summary]) -> str:
    """A table of the kinds, then what users were told in each, then all damage."""
    rows = [f"{'kind':<31} {'cases':>6} {'mean':>8} {'slowest':>9}  completed  refused  damaged"]
    for each in summaries:
        completed, damaged = each.outcomes[campaign.COMPLETED], len(each.damaged)
        mean = each.seconds / max(each.cases, 1)
        rows.append(
            f"{each.kind:<31} {each.cases:>6,} {mean:>6.2f} s {each.slowest:>7.2f} s"
            f"  {completed:>9,}  {each.cases - completed - damaged:>7,}  {damaged:>7,}"
        )
    cases = sum(each.cases for each in summaries)
    damage = [text for each in summaries for text in each.damaged]
    rows += [f"{'together':<31} {cases:>6,}{'':<39} {len(damage):>10,}", ""]
    for each in summaries:
        rows.append(f"{each.kind}:")
        rows += [f"  {count:>6,}  {text}" for text, count in each.outcomes.most_common()]
    return "\n".join([*rows, *(f"DAMAGED {text}" for text in damage)])


if __name__ == "__main__":
    sys.exit(main())
