"""`python -m tests.benchmark_gimp`: tables of times inside real GIMPs, and JSON if wanted."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from tests.benchmark_gimp import dialog, filters
from tests.gimp.harness import Gimp
from tests.gimp.roots import SUITES, find
from tests.pictures import astronaut

PARTS = ("dialog", "filters")
_SIZE = (6000, 4000)


def main() -> None:
    """Measure in one GIMP after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark_gimp", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}: all")
    parser.add_argument("--gimp", nargs="+", choices=SUITES, default=list(SUITES))
    parser.add_argument("--runs", type=int, default=5, help="of which the median is told")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    arguments = parser.parse_args()
    if wrong := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(wrong)}")
    results: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for version in arguments.gimp:
        gimp = Gimp(find(version))
        try:
            gimp.install()
            results[version] = _measure(gimp, arguments.parts or PARTS, arguments.runs)
        finally:
            gimp.close()
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


def _measure(gimp: Gimp, parts: Sequence[str], runs: int) -> dict[str, list[dict[str, Any]]]:
    photo, large = gimp.scratch / "photo.png", gimp.scratch / "large.png"
    Image.fromarray(astronaut()).save(photo)
    Image.fromarray(astronaut()).resize(_SIZE, Image.Resampling.BICUBIC).save(large)
    results = {}
    if "dialog" in parts:
        title = "Apply Preset on 24 megapixels, milliseconds after the menu's key"
        results["dialog"] = _told(gimp, title, dialog.measure(gimp, large, runs))
    if "filters" in parts:
        title = "a call without a window, milliseconds"
        results["filters"] = _told(gimp, title, filters.measure(gimp, photo, runs))
    return results


def _told(gimp: Gimp, title: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Print the rows as a table."""
    print(f"\nGIMP {gimp.version}: {title}")
    cells = [list(rows[0])] + [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *others in cells:
        numbers = (text.rjust(width) for text, width in zip(others, widths[1:], strict=True))
        print(first.ljust(widths[0]), *numbers, sep="  ", flush=True)
    return rows


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
