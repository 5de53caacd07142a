"""What was measured, as tables for people and as a document for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import PyOpenColorIO as ocio

from core.benchmark import apply, banding, method
from core.benchmark.curve import Line, Point
from core.benchmark.timing import Timing


@dataclass
class Report:
    """The sections that were measured; an empty one was not asked for."""

    quick: bool
    apply: list[apply.Row] = field(default_factory=list)
    memory: dict[str, int] = field(default_factory=dict)
    banding: list[banding.Bands] = field(default_factory=list)
    method: list[method.Row] = field(default_factory=list)
    curve: list[Point] = field(default_factory=list)
    line: Line | None = None
    notes: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Seconds, bytes and ratios, for JSON."""
        document = asdict(self)
        for entry, row in zip(document["apply"], self.apply, strict=True):
            entry["copies"] = row.copies
            entry["times_as_fast"] = {name: row.times_as_fast(name) for name in row.peers}
        return {"computer": _computer(), **document}

    def tables(self) -> str:
        """All sections as text."""
        parts = [
            _of_apply(self.apply),
            _of_memory(self.memory),
            _of_banding(self.banding),
            _of_method(self.method),
            _of_curve(self.curve, self.line),
            "\n".join(self.notes),
        ]
        return "\n\n".join(part for part in parts if part)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, the first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def printed(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return " | ".join([first[0].ljust(first[1]), *(cell.rjust(w) for cell, w in others)])

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    body = "\n".join(f"| {printed(cells)} |" for cells in [head, rule, *rows])
    return f"{title}\n\n{body}"


def milliseconds(timing: Timing) -> str:
    """The median, with three digits that count."""
    value = timing.median * 1000
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f} ms"


def _of_apply(rows: Sequence[apply.Row]) -> str:
    if not rows:
        return ""
    peers = list(dict.fromkeys(name for row in rows for name in row.peers))

    def faster(row: apply.Row, peer: str) -> str:
        ratio = row.times_as_fast(peer)
        return "" if ratio is None else f"{ratio:.1f} x"

    return table(
        "A LUT on pixels: our time, as so many copies of them (one thread), and how many times as "
        "long other programs take",
        ["pixels", "size", "ours", "copies", *peers],
        [
            [
                row.pixels,
                row.size,
                milliseconds(row.ours),
                f"{row.copies:.1f}",
                *(faster(row, peer) for peer in peers),
            ]
            for row in rows
        ],
    )


def _of_memory(found: dict[str, int]) -> str:
    if not found:
        return ""
    return table(
        "Memory beyond picture and program while a LUT is applied",
        ["picture", "at most"],
        [[name, f"{size / 1e6:.0f} MB"] for name, size in found.items()],
    )


def _of_banding(rows: Sequence[banding.Bands]) -> str:
    if not rows:
        return ""
    return table(
        "Bands: error of an 8-bit sky after a look, low-passed, in levels of 255",
        ["source", "look", "rounded", "dithered", "largest step", "dithered"],
        [
            [
                row.source,
                row.look,
                *(f"{value:.2f}" for value in (row.rounded, row.dithered)),
                *(f"{value:.2f}" for value in (row.rounded_step, row.dithered_step)),
            ]
            for row in rows
        ],
    )


def _of_method(rows: Sequence[method.Row]) -> str:
    if not rows:
        return ""

    def printed(row: method.Row) -> list[str]:
        steps = (row.thumbnail, row.encoder, row.lattice, row.apply, row.whole)
        gpu = "" if row.gpu_memory is None else f"{row.gpu_memory / 1e9:.2f} GB"
        there = "" if row.resident is None else milliseconds(row.resident)
        published = method.PUBLISHED.get(row.size)
        return [
            row.size,
            row.device,
            *(milliseconds(step) for step in steps),
            f"{row.memory / 1e9:.2f} GB",
            gpu,
            there,
            "" if published is None else f"{published * 1000:.0f} ms",
            "" if published is None else f"{method.PUBLISHED_GB:.2f} GB",
        ]

    return table(
        "A photo (RGB u8) and a reference: from pixels to pixels, beside the paper's figures",
        [
            *("size", "device", "thumbnails", "encoder", "lattice", "LUT", "all"),
            *("memory", "on the GPU", "LUT on the GPU", "paper, RTX 3090", "paper's memory"),
        ],
        [printed(row) for row in rows],
    )


def _of_curve(points: Sequence[Point], line: Line | None) -> str:
    if line is None:
        return ""
    rows = [
        [
            f"{point.megapixels:.1f}",
            *(milliseconds(each) for each in (point.apply, point.thumbnail, point.encoder)),
        ]
        for point in points
    ]
    return (
        table("Megapixels, RGB u8", ["megapixels", "LUT", "thumbnail", "encoder"], rows)
        + f"\n\nLUT: {line.constant * 1000:.2f} ms + {line.slope * 1000:.2f} ms a megapixel, no "
        f"point further off than {line.off:.0%}; the encoder's slowest size takes "
        f"{line.spread:.2f} times the fastest."
    )


def _computer() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencolorio": ocio.__version__,
    }
