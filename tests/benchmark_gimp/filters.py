"""A whole call of Apply Preset without a window, beside the bare way of its pixels.

The floor is what no filter in Python can do without: to read the layer and to write it into its
shadow buffer, strip by strip, in the same session. A call is timed by its caller: GIMP starts a
process for it, and takes the shadow buffer over with an undo step at the end. Each call finds
another picture than the one before, so that nothing is remembered of it.
"""

from __future__ import annotations

import itertools
import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmark_gimp.memory import Watch
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

    def called():
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                       preset="Golden Hour")
        assert outcome.ok, outcome

    buffers.start()
    times = {"bare": [], "called": []}
    for turn in range(args["runs"] + 1):
        for job in (bare, called):
            began = time.perf_counter()
            job()
            times[job.__name__].append(time.perf_counter() - began)
    result["first"] = times["called"].pop(0)
    times["bare"].pop(0)
    result.update(times)
"""
_MARK = re.compile(r"neural-preset: (\d+\.\d+) (called|done)")


@dataclass(frozen=True)
class Case:
    """A layer to be recoloured."""

    name: str
    width: int
    height: int
    precision: str


CASES = (
    Case("256 x 256, 8 bit", 256, 256, "U8_NON_LINEAR"),
    Case("8K, 8 bit", 7680, 4320, "U8_NON_LINEAR"),
    Case("24 MP, 16 bit", 6000, 4000, "U16_NON_LINEAR"),
    Case("24 MP, float", 6000, 4000, "FLOAT_NON_LINEAR"),
    Case("24 MP, linear float", 6000, 4000, "FLOAT_LINEAR"),
)


def measure(gimp: Gimp, photo: Path, runs: int) -> list[dict[str, Any]]:
    """A row for each case: medians in milliseconds, and of the ratios pair by pair; MiB at most.

    "within" is the part of a call between the plug-in's first and last line. The first case
    starts with a cold worker, which "first" tells.
    """
    gimp.stop_worker()
    rows = []
    for case in CASES:
        with Watch(gimp.home) as memory:
            found = gimp.run_python(
                _MEASURE,
                environment={"NEURAL_PRESET_DEBUG": "1"},
                plugin=gimp.plugin,
                photo=photo,
                runs=runs,
                width=case.width,
                height=case.height,
                precision=case.precision,
            )
        ratios = [a / b for a, b in zip(found["called"], found["bare"], strict=True)]
        row = {
            "layer": case.name,
            "first": found["first"] * 1000,
            "call": statistics.median(found["called"]) * 1000,
            "within": statistics.median(_within(gimp.printed)[1:]) * 1000,
            "read + write": statistics.median(found["bare"]) * 1000,
            "ratio": statistics.median(ratios),
        }
        rows.append(row | {f"{name}, MiB": peak for name, peak in memory.peaks().items()})
    return rows


def _within(printed: str) -> list[float]:
    """Seconds from "called" to "done" of every call that the log tells of."""
    marks = [(float(at), what) for at, what in _MARK.findall(printed)]
    return [
        end - begin
        for (begin, first), (end, last) in itertools.pairwise(marks)
        if (first, last) == ("called", "done")
    ]
