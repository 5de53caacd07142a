"""What the worker holds for one connection, and forgets with it."""

from __future__ import annotations

import logging

from core.process.pixelmemory import AttachedPixels
from core.sources import Source, Still, weight

_MOST_KEPT = 64 << 20  # bytes; two pictures and a mix of the largest LUTs are 33

log = logging.getLogger(__name__)


class Visitor:
    """One connection: the pixels that its client has attached, what it wants to be kept."""

    def __init__(self, descriptors: list[int] | None = None) -> None:
        """`descriptors` holds what came with the present request; what is used is taken out."""
        self.pixels: AttachedPixels | None = None
        self.descriptors = [] if descriptors is None else descriptors
        self.kept: dict[int, Still | Source] = {}

    def keep(self, place: int, thing: Still | Source) -> None:
        """Keep something in that place; where all is too much, what came first is forgotten."""
        self.kept.pop(place, None)
        self.kept[place] = thing
        while sum(map(weight, self.kept.values())) > _MOST_KEPT and len(self.kept) > 1:
            del self.kept[next(iter(self.kept))]

    def detach(self) -> None:
        """Unmap the pixels; what a dead client left must not stay in memory."""
        pixels, self.pixels = self.pixels, None
        if pixels is None:
            return
        try:
            pixels.close()
        except BufferError:
            log.error("%d bytes of pixels could not be unmapped", pixels.size)
