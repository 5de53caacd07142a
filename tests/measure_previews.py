"""How long a gallery of previews and a change of a draft take, beside a copy of the pixels.

`python -m tests.measure_previews [--runs 31]`: medians and quartiles in milliseconds, client and
worker together; no test, for times depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import itertools
from typing import Any

import numpy as np
from PIL import Image

from core.client import MOST_PREVIEWS, Picture, Session, mix_source, preset_source, reference_source
from core.lut import Lut
from core.presetfile import LUT, NEURAL, Preset
from core.presets import PresetStore
from tests.measure_client import measured
from tests.pictures import coffee
from tests.workers import temporary_locations


def picture(width: int, height: int) -> Picture:
    """A photo of that size."""
    small = np.array(Image.fromarray(coffee()).resize((width, height)))
    return Picture(width, height, 3, small.tobytes())


def main() -> None:
    """Start a worker of its own, print one line for each thing to do, end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=31)
    runs = parser.parse_args().runs
    content, shown, large = picture(512, 341), picture(160, 107), picture(640, 480)
    steps = itertools.cycle(range(1, 100))
    with temporary_locations() as places, Session(places) as session:
        presets = [each.preset for each in PresetStore(places.presets, places.builtin).list()]
        neural = [preset_source(each) for each in presets if each and each.kind == NEURAL]
        darker = (Lut.identity().lattice ** 2).astype("<f2").tobytes()
        table = preset_source(Preset("Darker", LUT, lattice_size=33, lattice=darker))
        forty = list(itertools.islice(itertools.cycle(neural), 40))
        thousand = list(itertools.islice(itertools.cycle(neural), 1000))

        def gallery() -> None:
            for start in range(0, len(thousand), MOST_PREVIEWS):
                session.previews(content, shown, thousand[start : start + MOST_PREVIEWS])

        first, second = neural[:2]
        followed = itertools.cycle(neural)
        pixels = session.pixels(len(large.data))

        def copy() -> None:
            pixels[:] = large.data

        def draft(source: dict[str, Any], strength: float = 100, intent: float = 0) -> None:
            session.draft(content, large, source, strength, intent)

        reference = reference_source(picture(256, 171))
        gallery()
        print("1000 previews of 160 x 107 ", measured(3, gallery))
        for what, job in {
            "40 previews of 160 x 107   ": lambda: session.previews(content, shown, forty),
            "the first draft of a preset": lambda: draft(next(followed)),
            "another strength           ": lambda: draft(first, strength=next(steps)),
            "another intent             ": lambda: draft(first, intent=next(steps)),
            "luminance kept             ": lambda: session.draft(
                content, large, first, next(steps), 40, True
            ),
            "another strength of a LUT  ": lambda: draft(table, strength=next(steps)),
            "... of a reference         ": lambda: draft(reference, strength=next(steps)),
            "another share of two codes ": lambda: draft(mix_source(first, second, next(steps))),
            "... of codes and a LUT     ": lambda: draft(mix_source(first, table, next(steps))),
            "memory copy of the draft   ": copy,
        }.items():
            job()
            print(what, measured(runs, job))


if __name__ == "__main__":
    main()
