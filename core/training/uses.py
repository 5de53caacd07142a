"""Uses without fine-tuning: ``python -m core.training.uses --photos DIR --out DIR``.

The paper (arXiv 2303.13511, section 5) puts its network to uses that it was not trained for. Each
is measured here on photos degraded by `degradation`, the photo itself being the truth: low light,
haze that is even or grows with depth, water, and an object that was pasted from a picture of
another look. The remedies are the product's own: *normalise*, or the look, the colors or half of
each of a reference - another photo as shot, drawn by chance, and for a pasted object its
surroundings - beside MKL with the same reference. `--out` gets a strip for every use: degraded,
normalised, by reference, as shot.

Needs scikit-image, for CIEDE2000 and for the photos of the strips.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage import data

from core import statistical
from core.looks import Looks, Normalize, Options, Reference
from core.model import load
from core.training import degradation, metrics, photos, strips
from core.training.grades import GRADES

SIDE = 256
SEED = 7
Mapping = Callable[[np.ndarray], np.ndarray]
# Of every case: PSNR in dB and mean CIEDE2000.
Figures = dict[str, dict[str, list[tuple[float, float]]]]
BEFORE, NORMALISE, BASELINE = "nothing", "normalise", "MKL"
BY_REFERENCE = ("look", "50:50", "colors")
# The photos of the strips, and the photo that each gets as its reference.
SHOWN = {
    "astronaut": "chelsea",
    "chelsea": "astronaut",
    "coffee": "chelsea",
    "rocket": "astronaut",
}


@dataclass(frozen=True, eq=False)
class Case:
    """A degraded photo, (H, W, 3) uint8 sRGB-encoded, and what the remedies are given.

    content and reference: (h, w, 3) or, where only some pixels count, (h, w, 4). mask: (H, W) bool,
    the pixels that are degraded, remedied and compared.
    """

    degraded: np.ndarray
    truth: np.ndarray
    content: np.ndarray
    reference: np.ndarray
    mask: np.ndarray


def low_light(photo: np.ndarray, other: np.ndarray, random: np.random.Generator) -> Case:
    """Two to three stops too dark."""
    return _whole(photo, other, degradation.low_light(photo, random.uniform(2, 3)))


def even_haze(photo: np.ndarray, other: np.ndarray, random: np.random.Generator) -> Case:
    """Haze before everything alike; 55 to 90 % of the light arrives."""
    return _whole(photo, other, degradation.haze(photo, random.uniform(0.55, 0.9), _air(random)))


def haze(photo: np.ndarray, other: np.ndarray, random: np.random.Generator) -> Case:
    """Haze that grows with the distance, towards the top."""
    height, width = photo.shape[:2]
    density = random.uniform(0.3, 1.0)
    transmission = degradation.transmission_with_depth(height, width, density)
    return _whole(photo, other, degradation.haze(photo, transmission, _air(random)))


def underwater(photo: np.ndarray, other: np.ndarray, random: np.random.Generator) -> Case:
    """Two to five metres of sea."""
    return _whole(photo, other, degradation.underwater(photo, random.uniform(2, 5)))


def harmonise(photo: np.ndarray, other: np.ndarray, random: np.random.Generator) -> Case:
    """An object under a look of `grades` in its own photo; the reference is what surrounds it."""
    del other
    height, width = photo.shape[:2]
    mask = degradation.Ellipse.random(random).mask(height, width)
    grades = [grade for grade in GRADES if not grade.monochrome]
    grade = grades[random.integers(len(grades))]
    degraded = photo.copy()
    graded = grade(photo[mask].astype(np.float32) / 255)
    degraded[mask] = np.rint(graded * 255).astype(np.uint8)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    content = _with_alpha(degraded, mask)[box]
    return Case(degraded, photo, content, _with_alpha(degraded, ~mask), mask)


USES = {
    "low light": low_light,
    "even haze": even_haze,
    "haze with depth": haze,
    "underwater": underwater,
    "harmonise": harmonise,
}


def remedies(looks: Looks, case: Case) -> dict[str, Mapping]:
    """What can be done to the pixels of the mask: colours (N, 3) sRGB-encoded, by name."""
    reference = Reference(case.reference)

    def ours(intent: float) -> Mapping:
        return looks.lut(case.content, reference, Options(intent=intent))[1]

    return {
        BEFORE: lambda colors: colors,
        NORMALISE: looks.lut(case.content, Normalize())[1],
        "look": ours(0),
        "50:50": ours(50),
        "colors": ours(100),
        # From the visible pixels alone: filled up with their mean they would vary too little.
        BASELINE: statistical.mkl(_visible(case.content), _visible(case.reference)),
    }


def remedied(case: Case, remedy: Mapping) -> np.ndarray:
    """The degraded photo after a remedy of its masked pixels, (H, W, 3) uint8."""
    colors = case.degraded[case.mask].astype(np.float32) / 255
    picture = case.degraded.copy()
    picture[case.mask] = np.rint(np.clip(remedy(colors), 0, 1) * 255).astype(np.uint8)
    return picture


def figures(case: Case, picture: np.ndarray) -> tuple[float, float]:
    """PSNR in dB and mean CIEDE2000 of a picture against the truth, on the masked pixels."""
    pixels, truth = picture[case.mask][None], case.truth[case.mask][None]
    return metrics.psnr(pixels, truth), metrics.ciede2000(pixels, truth)


def measure(looks: Looks, shot: np.ndarray, cases: int) -> Figures:
    """Every remedy of every use on the same `cases` photos of (N, 256, 256, 3) uint8."""
    found: Figures = {}
    for number, (use, degrade) in enumerate(USES.items()):
        chosen, random = np.random.default_rng(SEED), np.random.default_rng([SEED, number])
        columns = found.setdefault(use, {})
        for _ in range(cases):
            photo, other = shot[chosen.choice(len(shot), 2, replace=False)]
            case = degrade(photo, other, random)
            for name, remedy in remedies(looks, case).items():
                columns.setdefault(name, []).append(figures(case, remedied(case, remedy)))
    return found


def table(found: Figures) -> str:
    """Markdown: means of PSNR and CIEDE2000, and in how many cases each is better than before."""
    lines = [
        f"| {'use':<15} | {'remedy':<9} | PSNR, dB | better | ΔE2000 | better |",
        f"|{'-' * 17}|{'-' * 11}|{'-' * 9}:|{'-' * 7}:|{'-' * 7}:|{'-' * 7}:|",
    ]
    for use, methods in found.items():
        before = np.array(methods[BEFORE])
        for name, values in methods.items():
            after = np.array(values)
            psnr, difference = after.mean(0)
            shares = (after[:, 0] > before[:, 0]).mean(), (after[:, 1] < before[:, 1]).mean()
            up, down = ("" if name == BEFORE else f"{share:.0%}" for share in shares)
            lines.append(
                f"| {use:<15} | {name:<9} | {psnr:8.2f} | {up:>6} | {difference:6.2f} | {down:>6} |"
            )
    return "\n".join(lines)


def best(methods: dict[str, list[tuple[float, float]]]) -> str:
    """Which of our remedies by a reference has the least mean CIEDE2000."""
    return min(BY_REFERENCE, key=lambda name: np.array(methods[name])[:, 1].mean())


def show(looks: Looks, use: str, by_reference: str, path: Path) -> None:
    """Writes degraded, normalised, by reference, as shot side by side, of the third best photo."""
    results = []
    for number, (name, other) in enumerate(SHOWN.items()):
        photo = strips.fit(getattr(data, name)())
        case = USES[use](photo, getattr(data, other)(), np.random.default_rng([SEED, number]))
        known = remedies(looks, case)
        pictures = {name: remedied(case, known[name]) for name in (BEFORE, NORMALISE, by_reference)}
        measured = {name: figures(case, picture) for name, picture in pictures.items()}
        gain = measured[BEFORE][1] - min(measured[NORMALISE][1], measured[by_reference][1])
        results.append((gain, number, case, pictures, measured))
    # Not the best and not the worst, whichever weights are measured: no photo is picked by hand.
    _, _, case, pictures, measured = sorted(results, key=lambda each: -each[0])[2]
    tiles = []
    for name, picture in pictures.items():
        psnr, difference = measured[name]
        inset = case.reference if name == by_reference and case.mask.all() else None
        title = use if name == BEFORE else name
        tiles.append(strips.Tile(picture, f"{title}: {psnr:.1f} dB, dE {difference:.1f}", inset))
    strips.write(path, [*tiles, strips.Tile(case.truth, "as shot")])


def main(arguments: list[str] | None = None) -> None:
    """Prints the table, and writes the strips where asked."""
    parser = argparse.ArgumentParser(prog="python -m core.training.uses", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--weights", type=Path, help="the shipped ones by default")
    parser.add_argument("--cases", type=int, default=64)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write use-*.jpg here")
    args = parser.parse_args(arguments)
    looks = Looks(load(args.weights))
    found = measure(looks, photos.load(args.photos, SIDE), args.cases)
    print(table(found))
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        for use, methods in found.items():
            show(looks, use, best(methods), args.out / f"use-{use.replace(' ', '-')}.jpg")


def _whole(photo: np.ndarray, other: np.ndarray, degraded: np.ndarray) -> Case:
    return Case(degraded, photo, degraded, other, np.ones(photo.shape[:2], dtype=bool))


def _air(random: np.random.Generator) -> np.ndarray:
    """The linear light of haze: bright, gray to slightly blue."""
    blue = random.uniform(0, 0.06)
    return random.uniform(0.7, 0.9) * np.array([1 - blue, 1, 1 + blue], dtype=np.float32)


def _with_alpha(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.dstack([picture, mask.astype(np.uint8) * 255])


def _visible(picture: np.ndarray) -> np.ndarray:
    if picture.shape[2] == 3:
        return picture
    return picture[picture[:, :, 3] > 0][None, :, :3]


if __name__ == "__main__":
    main()
