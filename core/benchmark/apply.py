"""A LUT on pixels of every size and depth, beside a copy of them and beside other programs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.benchmark.peers import Peer
from core.benchmark.scene import LOOK, SHORT, photo
from core.benchmark.timing import Timing
from core.processor import Processor

_ENOUGH = 0.1  # seconds for each run that was asked for


@dataclass(frozen=True)
class Row:
    """One kind of picture: our time, a copy's in the same run, and the peers' times."""

    size: str
    megapixels: float
    pixels: str
    ours: Timing
    copy: Timing
    peers: dict[str, Timing] = field(default_factory=dict)

    @property
    def copies(self) -> float:
        """How many copies of the same pixels could be made meanwhile."""
        return self.ours.median / self.copy.median

    def times_as_fast(self, peer: str) -> float | None:
        """How many times the peer's time is ours; None where it cannot do these pixels."""
        other = self.peers.get(peer)
        return None if other is None else other.median / self.ours.median


def measure(
    sizes: dict[str, tuple[int, int]],
    depths: Sequence[str],
    channels: Sequence[int],
    peers: Sequence[Peer],
    runs: int,
) -> Iterator[Row]:
    """A row for every kind of picture that memory has room for."""
    for size, (width, height) in sizes.items():
        for depth in depths:
            for count in channels:
                if _fits(2.2 * width * height * count * np.dtype(depth).itemsize):
                    yield _row(size, photo(width, height, depth, count), peers, runs)


def _row(size: str, source: np.ndarray, peers: Sequence[Peer], runs: int) -> Row:
    processor = Processor(LOOK)
    target = np.zeros_like(source)
    ours: list[float] = []
    copy: list[float] = []
    # Small pictures many times: somebody else's work of a moment must not count.
    while sum(ours) < _ENOUGH * runs or len(ours) < 2:
        began = time.perf_counter()
        np.copyto(target, source)
        copied = time.perf_counter()
        processor.apply(target)
        ours.append(time.perf_counter() - copied)
        copy.append(copied - began)
    del target
    height, width, channels = source.shape
    return Row(
        size,
        width * height / 1e6,
        f"{'RGB' if channels == 3 else 'RGBA'} {SHORT[source.dtype.name]}",
        Timing.of(ours[1:]),
        Timing.of(copy[1:]),
        {peer.name: peer.measure(source, runs) for peer in peers if peer.takes(source)},
    )


def _fits(needed: float) -> bool:
    try:
        return needed < os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError):  # not a system that tells
        return needed < 1 << 30
