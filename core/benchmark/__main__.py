"""`python -m core.benchmark`: how fast a look is, beside a copy of the pixels and other programs.

Prints tables; `--json FILE` and `--plot FILE` keep them. Takes three minutes and, for 200
megapixels, seven gigabytes of memory; sizes for which there is no room are left out. Nothing else
should run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.benchmark import apply, banding, curve, memory, method, peers
from core.benchmark.plot import draw
from core.benchmark.report import Report
from core.benchmark.scene import FULL, SHORT, SIZES

SECTIONS = ("apply", "memory", "banding", "method", "curve")


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    sizes: dict[str, tuple[int, int]]
    memory: tuple[int, int]
    method: dict[str, tuple[int, int]]
    curve: tuple[float, ...]
    runs: int


FULL_PLAN = Plan(
    sizes=SIZES,
    memory=SIZES["200 MP"],
    method={size: SIZES[size] for size in method.PUBLISHED},
    curve=(1, 2, 5, 10, 20, 50, 100, 200),
    runs=5,
)
_TINY = {"tiny": (320, 240)}
QUICK_PLAN = Plan(_TINY, (640, 480), _TINY, (0.05, 0.1, 0.2), 1)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and keep what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m core.benchmark", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all numbers")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them (.png, .svg, .pdf)")
    parser.add_argument("--quick", action="store_true", help="tiny pictures: whether it runs")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, metavar="SECTION")
    options = parser.parse_args(argv)
    report = measure(QUICK_PLAN if options.quick else FULL_PLAN, options.only, options.quick)
    if options.plot:
        failed = draw(report, options.plot)
        if failed:
            report.notes.append(failed)
    if options.json:
        options.json.write_text(json.dumps(report.document(), indent=1) + "\n", encoding="utf-8")
    print(report.tables())
    return 0


def measure(plan: Plan, sections: Sequence[str], quick: bool) -> Report:
    """What the plan and the names of sections ask for."""
    report = Report(quick)
    if "apply" in sections:
        others, report.notes = peers.installed()
        rows = apply.measure(plan.sizes, tuple(FULL), (3, 4), others, plan.runs)
        report.apply = list(rows)
    if "memory" in sections:
        width, height = plan.memory
        for depth in FULL:
            what = f"{width} x {height}, RGBA {SHORT[depth]}"
            report.memory[what] = memory.extra(width, height, depth, 4)
    if "banding" in sections:
        report.banding = list(banding.measure())
    if "method" in sections:
        report.method = list(method.measure(plan.method, method.devices(), plan.runs))
    if "curve" in sections:
        report.curve, report.line = curve.measure(plan.curve, plan.runs)
    return report


if __name__ == "__main__":
    sys.exit(main())
