"""The cost of more pixels: a LUT's time grows with them in a line, the encoder's does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core import model
from core.benchmark.scene import LOOK, photo
from core.benchmark.timing import Timing, timed
from core.processor import Processor
from core.thumbnail import thumbnail


@dataclass(frozen=True)
class Point:
    """One size, RGB u8."""

    megapixels: float
    apply: Timing
    thumbnail: Timing
    encoder: Timing


@dataclass(frozen=True)
class Line:
    """seconds = constant + slope * megapixels, as near as may be in proportion to the seconds.

    off: the largest distance of a point from it, as a share; spread: the encoder's slowest size
    beside its fastest.
    """

    constant: float
    slope: float
    off: float
    spread: float


def measure(megapixels: Sequence[float], runs: int) -> tuple[list[Point], Line]:
    """A point for each size of 4:3, and the line through them."""
    network, processor = model.load(), Processor(LOOK)
    points = []
    for size in megapixels:
        width, height = round((size * 4e6 / 3) ** 0.5), round((size * 3e6 / 4) ** 0.5)
        source = photo(width, height)
        target = source.copy()

        def again(source: np.ndarray = source, target: np.ndarray = target) -> None:
            np.copyto(target, source)

        seen = thumbnail(source)
        points.append(
            Point(
                width * height / 1e6,
                timed(lambda target=target: processor.apply(target), runs, again),  # type: ignore[misc]
                timed(lambda source=source: thumbnail(source), runs),  # type: ignore[misc]
                timed(lambda seen=seen: network.codes(seen), runs),  # type: ignore[misc]
            )
        )
    return points, line(points)


def line(points: Sequence[Point]) -> Line:
    """The straight line through points, and how far they are from it."""
    sizes = np.array([point.megapixels for point in points])
    seconds = np.array([point.apply.median for point in points])
    slope, constant = np.polyfit(sizes, seconds, 1, w=1 / seconds)
    off = np.abs(constant + slope * sizes - seconds) / seconds
    encoder = [point.encoder.median for point in points]
    return Line(float(constant), float(slope), float(off.max()), max(encoder) / min(encoder))
