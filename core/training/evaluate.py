"""Evaluates weights: ``python -m core.training.evaluate --photos DIR --looks FILE``.

Protocols with a known truth, on photos and looks that were never trained on: *same photo* (content
look_i(A), style look_j(A)), *cross photo* (content A, style look(B), truth look(A)), *re-grade* (as
cross photo, but the content carries another look) and *normalise* (content look(A), truth A): PSNR
in dB, mean and 10th percentile. *Distance*: sliced Wasserstein-1 x 1000 between the output and an
unrelated style picture. Each against doing nothing, MKL and Reinhard, in the same run.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core import statistical
from core.model import Codes, Model, load
from core.training import looks, photos
from core.training.losses import sliced_wasserstein

SIDE = 256
Mapping = Callable[[np.ndarray], np.ndarray]
# Pixels that are compared: every 16th, in a grid; a colour mapping does not know where a pixel is.
STRIDE = 4


@dataclass(frozen=True)
class Picture:
    """One picture: what the encoder sees, its codes, and the colours that are compared."""

    thumbnail: np.ndarray
    codes: Codes

    @property
    def colors(self) -> np.ndarray:
        """(N, 3) float32, sRGB-encoded [0, 1]."""
        grid = self.thumbnail[::STRIDE, ::STRIDE].reshape(-1, 3)
        return grid.astype(np.float32) / 255


class Scores:
    """Collects one figure per case under (protocol, method)."""

    def __init__(self) -> None:
        self.cases: dict[tuple[str, str], list[float]] = defaultdict(list)

    def psnr(self, protocol: str, method: str, output: np.ndarray, truth: np.ndarray) -> None:
        error = np.square(np.clip(output, 0, 1) - truth).mean()
        self.cases[protocol, method].append(float(-10 * np.log10(error + 1e-8)))

    def distance(self, method: str, output: np.ndarray, style: np.ndarray) -> None:
        # The same directions for every method and case.
        torch.manual_seed(0)
        pair = [torch.from_numpy(np.clip(c, 0, 1)).float()[None] for c in (output, style)]
        measured = sliced_wasserstein(pair[0], pair[1], directions=64)
        self.cases["distance", method].append(1000 * measured.item())

    def table(self) -> str:
        """The figures as lines of text: mean and 10th percentile of every protocol and method."""
        lines = [f"{'protocol':<14}{'method':<10}{'mean':>8}{'p10':>8}{'cases':>7}"]
        for (protocol, method), values in self.cases.items():
            low = np.percentile(values, 10)
            lines.append(
                f"{protocol:<14}{method:<10}{np.mean(values):8.2f}{low:8.2f}{len(values):7d}"
            )
        return "\n".join(lines)

    def summary(self) -> dict[str, dict[str, dict[str, float]]]:
        """The same as nested dictionaries: protocol, method, mean or p10."""
        nested: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
        for (protocol, method), values in self.cases.items():
            nested[protocol][method] = {
                "mean": float(np.mean(values)),
                "p10": float(np.percentile(values, 10)),
            }
        return dict(nested)


def evaluate(model: Model, shot: np.ndarray, lattices: torch.Tensor, cases: int) -> Scores:
    """Runs every protocol `cases` times: photos (N, 256, 256, 3) uint8, looks (M, n, n, n, 3)."""
    random = np.random.default_rng(5)
    scores = Scores()

    def picture(photo: np.ndarray, look: torch.Tensor | None = None) -> Picture:
        if look is not None:
            colors = torch.from_numpy(photo.reshape(1, -1, 3).astype(np.float32) / 255)
            graded = looks.apply(look[None], colors).clamp(0, 1) * 255
            photo = graded.round().to(torch.uint8).numpy().reshape(photo.shape)
        return Picture(photo, model.codes(photo))

    for _ in range(cases):
        a, b = shot[random.choice(len(shot), 2, replace=False)]
        first, second = lattices[torch.from_numpy(random.choice(len(lattices), 2, replace=False))]
        plain, under_i, under_j = picture(a), picture(a, first), picture(a, second)
        other = picture(b, second)

        _compare(scores, model, "same photo", under_i, under_j, under_j.colors)
        _compare(scores, model, "cross photo", plain, other, under_j.colors)
        _compare(scores, model, "re-grade", under_i, other, under_j.colors)
        scores.psnr("normalise", "nothing", under_i.colors, plain.colors)
        neutral = model.normalizing("look", under_i.codes)
        scores.psnr("normalise", "ours", neutral(under_i.colors), plain.colors)
        for method, mapping in _methods(model, plain, other).items():
            scores.distance(method, mapping(plain.colors), other.colors)
    return scores


def _compare(
    scores: Scores, model: Model, protocol: str, content: Picture, style: Picture, truth: np.ndarray
) -> None:
    for method, mapping in _methods(model, content, style).items():
        scores.psnr(protocol, method, mapping(content.colors), truth)


def _methods(model: Model, content: Picture, style: Picture) -> dict[str, Mapping]:
    pair = content.thumbnail, style.thumbnail
    return {
        "nothing": lambda colors: colors,
        "MKL": statistical.mkl(*pair),
        "Reinhard": statistical.reinhard(*pair),
        "look": model.styling("look", content.codes, style.codes.stylize["look"]),
        "colors": model.styling("colors", content.codes, style.codes.stylize["colors"]),
    }


def main(arguments: list[str] | None = None) -> None:
    """Prints the table, and writes it as JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m core.training.evaluate", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--looks", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--weights", type=Path, help="the shipped ones by default")
    parser.add_argument("--cases", type=int, default=192)
    parser.add_argument("--json", type=Path, help="write the table here too")
    args = parser.parse_args(arguments)
    model = load(args.weights)
    shot = photos.load(args.photos, SIDE)
    scores = evaluate(model, shot, looks.load(args.looks), args.cases)
    print(scores.table())
    if args.json:
        args.json.write_text(json.dumps(scores.summary(), indent=1) + "\n")


if __name__ == "__main__":
    main()
