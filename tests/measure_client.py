"""How long a warm worker takes, beside a memory copy of the same bytes in the same run.

`python -m tests.measure_client [--runs 101] [--side 256]`: medians and quartiles in milliseconds;
no test, for times depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

from core.client import Picture, Session, reference_source
from core.locations import Locations
from tests.workers import cold_picture, temporary_locations


def measured(runs: int, job: Callable[[], object]) -> str:
    """The median of many runs, with the quartiles, in milliseconds."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        job()
        times.append((time.perf_counter() - began) * 1000)
    low, middle, high = statistics.quantiles(times, n=4)
    return f"{middle:8.3f} ms   (quartiles {low:.3f} .. {high:.3f})"


def measure(locations: Locations, runs: int, side: int) -> None:
    """Print one line for each way to ask."""
    source = reference_source(cold_picture(256, 256))
    size = side * side * 3
    known = Picture(side, side, 3, os.urandom(size))
    began = time.perf_counter()
    with Session(locations) as session:
        print(f"start of a worker        {(time.perf_counter() - began) * 1000:8.0f} ms   (once)")
        pixels = session.pixels(size)

        def look_and_apply(content: Picture) -> None:
            pixels[:] = content.data
            lut = session.look(content, source, intent=50)
            session.apply(lut, 0, side, side, "RGB u8")

        def new_content() -> None:
            look_and_apply(Picture(side, side, 3, os.urandom(size)))

        def connect() -> None:
            with Session(locations) as other:
                other.pixels(size)

        target = bytearray(size)

        def copy() -> None:
            target[:] = known.data

        look_and_apply(known)
        lut = session.look(known, source, intent=50)
        print(f"{side} x {side} RGB u8, medians of {runs}:")
        print("look + apply, new content  ", measured(runs, new_content))
        print("look + apply, known content", measured(runs, lambda: look_and_apply(known)))
        print(
            "apply alone                ",
            measured(runs, lambda: session.apply(lut, 0, side, side, "RGB u8")),
        )
        print("connect + share memory     ", measured(runs, connect))
        print("round trip (status)        ", measured(runs, session.status))
        print("memory copy of the bytes   ", measured(runs, copy))


def main() -> None:
    """Read the arguments, start a worker of its own, measure, end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=101)
    parser.add_argument("--side", type=int, default=256)
    arguments = parser.parse_args()
    with temporary_locations() as locations:
        measure(locations, arguments.runs, arguments.side)


if __name__ == "__main__":
    main()
