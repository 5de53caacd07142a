"""The cost curve and the comparison as one picture, where matplotlib is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.benchmark.report import Report


def draw(report: Report, path: Path) -> str | None:
    """Write the plot in the format of the path's ending; why not, where that cannot be."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return "matplotlib is not installed: no plot."
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    costs, compared = figure.subplots(1, 2)
    _curve(costs, report)
    _peers(compared, report)
    figure.savefig(path, dpi=120)
    return None


def _curve(axes: Any, report: Report) -> None:
    sizes = [point.megapixels for point in report.curve]
    axes.plot(sizes, [point.apply.median * 1000 for point in report.curve], "o", label="LUT")
    axes.plot(sizes, [point.encoder.median * 1000 for point in report.curve], "s", label="encoder")
    if report.line:
        ends = [0, max(sizes)]
        fitted = [(report.line.constant + report.line.slope * end) * 1000 for end in ends]
        axes.plot(ends, fitted, "-", label=f"{report.line.slope * 1000:.2f} ms a megapixel")
    axes.set(xlabel="megapixels, RGB u8", ylabel="milliseconds", title="Cost of more pixels")
    axes.legend()


def _peers(axes: Any, report: Report) -> None:
    rows = [row for row in report.apply if row.pixels == "RGB u8" and row.peers]
    if not rows:
        return
    row = max(rows, key=lambda each: (len(each.peers), each.megapixels))
    times = {"copy": row.copy, "ours": row.ours, **row.peers}
    bars = axes.barh(list(times), [each.median * 1000 for each in times.values()])
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="milliseconds", title=f"A LUT on {row.size}, RGB u8")
    axes.margins(x=0.15)
