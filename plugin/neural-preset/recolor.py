"""All pixels of a layer through the worker, strip by strip.

Strips travel in the layer's own format where the worker knows it, for babl's first conversion to
another 8-bit format costs a quarter of a second in every new process. Layers of other precisions,
linear ones and those of another colour space than sRGB go as sRGB-encoded floats: babl converts
both ways, and colours outside sRGB survive.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import buffers
from gi.repository import Babl, Gimp
from pixels import Area

from core.client import Session


@dataclass(frozen=True)
class PixelFormat:
    """How strips travel: the format's name for the worker and for babl, and a pixel's bytes."""

    wire: str
    babl: str
    size: int


_NATIVE = {
    "R'G'B' u8": PixelFormat("RGB u8", "R'G'B' u8", 3),
    "R'G'B'A u8": PixelFormat("RGBA u8", "R'G'B'A u8", 4),
    "R'G'B' u16": PixelFormat("RGB u16", "R'G'B' u16", 6),
    "R'G'B'A u16": PixelFormat("RGBA u16", "R'G'B'A u16", 8),
    "R'G'B' float": PixelFormat("RGB f32", "R'G'B' float", 12),
    "R'G'B'A float": PixelFormat("RGBA f32", "R'G'B'A float", 16),
}


def pixel_format(drawable: Gimp.Drawable) -> PixelFormat:
    """The format in which this drawable's strips travel: its own, or sRGB-encoded float."""
    native = drawable.get_format()
    if Babl.format_get_space(native) == Babl.space("sRGB"):
        known = _NATIVE.get(Babl.format_get_encoding(native))
        if known:
            return known
    return _NATIVE["R'G'B'A float" if drawable.has_alpha() else "R'G'B' float"]


def recolor(
    session: Session,
    lut: str,
    drawable: Gimp.Drawable,
    area: Area,
    advance: Callable[[int], None],
    dither: bool = True,
) -> None:
    """Put the area, its colours changed by the worker, into the drawable's shadow buffer.

    The drawable itself is not changed. `advance` hears of every strip's rows. While the worker
    changes one strip, GIMP reads the next into the other half of the shared memory. `dither`: 8
    bits, by a pattern that belongs to the place in the layer.
    """
    buffers.start()
    form, move = pixel_format(drawable), buffers.access()
    source, shadow = drawable.get_buffer(), drawable.get_shadow_buffer()
    strips = area.strips()
    half = max(each.height for each in strips) * area.width * form.size
    memory = session.pixels(2 * half)
    parts = itertools.cycle(((0, memory[:half]), (half, memory[half:])))
    # GEGL's buffers belong to this thread, so it is the talk with the worker that has its own.
    with ThreadPoolExecutor(1) as worker:
        at_work: deque[tuple[Area, memoryview, Future[None]]] = deque()

        def finish() -> None:
            strip, part, applied = at_work.popleft()
            applied.result()
            move.write(shadow, strip.rectangle, form.babl, part)
            shadow.flush()
            advance(strip.height)

        for strip, (offset, part) in zip(strips, parts, strict=False):
            move.read(source, strip.rectangle, form.babl, part)
            where = (offset, strip.width, strip.height, form.wire, strip.x, strip.y, dither)
            at_work.append((strip, part, worker.submit(session.apply, lut, *where)))
            if len(at_work) == 2:
                finish()
        while at_work:
            finish()
