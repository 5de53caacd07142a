"""Checks the built-in presets on photos: ``python -m core.training.presetcheck --photos DIR``.

A preset looks like its name on a photo if it does to the photo, as shot, what its grade does. How
far each is off on every photo is printed, and a contact sheet drawn for eyes to judge.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from core import model, presetfile
from core.looks import Looks, Normalize, PresetSource
from core.paths import locations
from core.training import photos, report
from core.training.builtin import SIDE, unfitted
from core.training.grades import GRADES, Grade
from core.training.methods import painted

TILE = 128


@dataclass(frozen=True, eq=False)
class Checked:
    """A preset on some photos: CIEDE2000 from its grade, and of what the grade changes."""

    grade: Grade
    pictures: list[np.ndarray]
    errors: np.ndarray
    changes: np.ndarray

    def line(self) -> str:
        """A line of the table: medians, the worst photo, and how many come nearer to the grade."""
        nearer = int((self.errors < self.changes).sum())
        return (
            f"{self.grade.name:<18}{np.median(self.changes):8.1f}{np.median(self.errors):8.1f}"
            f"{self.errors.max():8.1f}{nearer:6d} of {len(self.errors)}"
        )


def check(looks: Looks, grade: Grade, preset: presetfile.Preset, shot: np.ndarray) -> Checked:
    """Puts a preset on photos (N, H, W, 3) uint8 and compares it with its grade."""
    pictures, errors, changes = [], [], []
    for photo in shot:
        _, lut = looks.lut(photo, PresetSource(preset))
        _, neutral = looks.lut(photo, Normalize())
        picture = painted(lut, photo)
        # The look goes onto what the network takes for the photo as shot: so must the grade.
        wanted = painted(grade, painted(neutral, photo))
        pictures.append(picture)
        errors.append(_difference(picture, wanted))
        changes.append(_difference(photo, wanted))
    return Checked(grade, pictures, np.array(errors), np.array(changes))


def _difference(first: np.ndarray, second: np.ndarray) -> float:
    return float(deltaE_ciede2000(rgb2lab(first[::4, ::4]), rgb2lab(second[::4, ::4])).mean())


def main(arguments: list[str] | None = None) -> None:
    """Prints the table of all built-in presets and draws the sheet."""
    parser = argparse.ArgumentParser(
        prog="python -m core.training.presetcheck", description=__doc__
    )
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--count", type=int, default=20, help="photos, none that was fitted to")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="draws a contact sheet there")
    args = parser.parse_args(arguments)
    shot = unfitted(photos.load(args.photos, SIDE))[: args.count]
    looks, folder = Looks(model.load()), locations().builtin
    print(f"{'CIEDE2000':<18}{'change':>8}{'error':>8}{'worst':>8}{'nearer':>12}")
    done = []
    for grade in GRADES:
        preset = presetfile.read(folder / f"{presetfile.slug(grade.name)}.json")
        done.append(check(looks, grade, preset, shot))
        print(done[-1].line(), flush=True)
    if args.sheet:
        rows = [[photo, *(each.pictures[n] for each in done)] for n, photo in enumerate(shot)]
        report.grid(["as shot", *(each.grade.name for each in done)], rows, TILE, args.sheet)


if __name__ == "__main__":
    main()
