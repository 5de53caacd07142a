"""A whole call of Apply Preset without a window, beside the bare way of its pixels.

The floor is what no filter in Python can do without: to read the layer and to write it into its
shadow buffer, strip by strip, in the same session. A call is timed by its caller: GIMP starts a
process for it, and takes the shadow buffer over with an undo step at the end.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

from tests.gimp.harness import Gimp

_MEASURE = """
    import sys
    import time
    sys.path.insert(0, args["plugin"])
    import buffers
    import pixels
    from recolor import pixel_format

    image, layer = load(args["photo"])
    image.scale(args["width"], args["height"])
    precision = getattr(Gimp.Precision, args["precision"])
    if image.get_precision() != precision:
        image.convert_precision(precision)
    whole = pixels.whole(layer)
    move, form = buffers.access(), pixel_format(layer)
    memory = bytearray(pixels.STRIP_ROWS * layer.get_width() * form.size)

    def bare():
        source, shadow = layer.get_buffer(), layer.get_shadow_buffer()
        for strip in whole.strips():
            move.read(source, strip.rectangle, form.babl, memory)
            move.write(shadow, strip.rectangle, form.babl, memory)
        shadow.flush()

    def filtered():
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                       preset="Golden Hour")
        assert outcome.ok, outcome

    times = {"bare": [], "filtered": []}
    filtered()  # the worker's and babl's first time
    for turn in range(args["runs"]):
        for job in (bare, filtered):
            began = time.perf_counter()
            job()
            times[job.__name__].append(time.perf_counter() - began)
    result.update(times)
"""


@dataclass(frozen=True)
class Case:
    """A layer to be recoloured."""

    name: str
    width: int
    height: int
    precision: str


CASES = (
    Case("small, u8", 256, 256, "U8_NON_LINEAR"),
    Case("8K, u8", 7680, 4320, "U8_NON_LINEAR"),
    Case("24 MP, float", 6000, 4000, "FLOAT_NON_LINEAR"),
    Case("24 MP, linear float", 6000, 4000, "FLOAT_LINEAR"),
)


def measure(gimp: Gimp, photo: str, runs: int, cases: tuple[Case, ...] = CASES) -> list[dict[str, Any]]:
    """A row for each case: median seconds, and the median of the ratios pair by pair."""
    rows = []
    for case in cases:
        found = gimp.run_python(_MEASURE, plugin=gimp.plugin, photo=photo, runs=runs, **{
            name: getattr(case, name) for name in ("width", "height", "precision")
        })
        ratios = [a / b for a, b in zip(found["filtered"], found["bare"], strict=True)]
        rows.append({
            "case": case.name,
            "bare": statistics.median(found["bare"]),
            "filter": statistics.median(found["filtered"]),
            "ratio": statistics.median(ratios),
        })
    return rows
