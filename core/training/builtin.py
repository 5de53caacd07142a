"""Makes the built-in presets: ``python -m core.training.builtin --photos DIR``.

A built-in preset is a style code whose look is one of `grades`, whatever the photo: the mean code
of many graded photos, refined by gradient on the code alone (the network stays as it is).
Monochrome looks become LUTs: a code leaves a little colour in very saturated photos. They hold the
codes of one set of weights and no picture, so they are made anew whenever the weights change.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np
import torch

from core import lut, model, presetfile
from core.paths import locations
from core.training import photos
from core.training.grades import GRADES, Grade

log = logging.getLogger("builtin")
SIDE, PIXELS, STEPS = 256, 512, 200
CREATED = "2026-11-21T00:00:00Z"


def main(arguments: list[str] | None = None) -> None:
    """Writes every built-in preset and says how near it comes to its grade."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="python -m core.training.builtin", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--count", type=int, default=96, help="photos to refine on")
    parser.add_argument("--out", type=Path, default=locations().builtin)
    args = parser.parse_args(arguments)
    network = model.load()
    shot = photos.load(args.photos, SIDE)
    random = np.random.default_rng(0)
    shot = shot[random.permutation(len(shot))[: args.count]]
    fitter = Fitter(network, shot)
    for old in args.out.glob("*.json"):
        old.unlink()
    for grade in GRADES:
        preset = lut_preset(grade) if grade.monochrome else fitter.preset(grade)
        path = args.out / f"{presetfile.slug(grade.name)}.json"
        presetfile.write(path, preset, overwrite=True)


def lut_preset(grade: Grade) -> presetfile.Preset:
    """A grade as an imported LUT: the same for every photo."""
    lattice = lut.bake(grade).lattice
    return presetfile.Preset(
        name=grade.name,
        kind=presetfile.LUT,
        lattice_size=len(lattice),
        lattice=lattice.astype("<f2").tobytes(),
        created=CREATED,
        author="Neural Preset",
        tags=("built-in", "black and white"),
        notes=grade.notes,
    )


class Fitter:
    """Fits style codes to grades over one set of photos (N, 256, 256, 3) uint8."""

    def __init__(self, network: model.Model, shot: np.ndarray) -> None:
        self.model, self.shot = network, shot
        self.contents = [network.codes(photo) for photo in shot]
        random = np.random.default_rng(1)
        flat = shot.reshape(len(shot), -1, 3)
        index = random.integers(0, flat.shape[1], (len(shot), PIXELS, 1))
        self.pixels = np.take_along_axis(flat, index, 1).astype(np.float32) / 255

    def preset(self, grade: Grade) -> presetfile.Preset:
        """A neural preset whose two intents both look like the grade."""
        graded = grade(self.pixels.reshape(-1, 3)).reshape(self.pixels.shape)
        seen = [grade(photo.reshape(-1, 3).astype(np.float32) / 255) for photo in self.shot[::2]]
        styles = [self.model.codes(self._picture(colors)) for colors in seen]
        fitted: dict[str, tuple[float, ...]] = {}
        for intent in ("look", "colors"):
            start = torch.stack([style.stylize[intent] for style in styles]).mean(0)
            code, decibels = self._refine(intent, start, torch.from_numpy(graded))
            log.info("%-16s %-7s %.1f dB from the grade", grade.name, intent, decibels)
            fitted[intent] = tuple(round(value, 6) for value in code.tolist())
        return presetfile.Preset(
            name=grade.name,
            kind=presetfile.NEURAL,
            model_id=self.model.id,
            model_sha256=self.model.sha256,
            look=fitted["look"],
            colors=fitted["colors"],
            created=CREATED,
            author="Neural Preset",
            tags=("built-in",),
            notes=grade.notes,
        )

    @staticmethod
    def _picture(colors: np.ndarray) -> np.ndarray:
        return np.rint(colors * 255).astype(np.uint8).reshape(SIDE, SIDE, 3)

    def _refine(
        self, intent: str, code: torch.Tensor, truth: torch.Tensor
    ) -> tuple[torch.Tensor, float]:
        neutral = torch.stack(
            [
                torch.from_numpy(self.model.normalizing(intent, content)(pixels))
                for content, pixels in zip(self.contents, self.pixels, strict=True)
            ]
        )
        code = code.clone().requires_grad_()
        optimizer = torch.optim.Adam([code], lr=0.02)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
        for _ in range(STEPS):
            out = self.model.network.stylize(intent, neutral, code.expand(len(neutral), -1))
            loss = (out - truth).abs().mean() + (out - truth).square().mean() * 5
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            out = self.model.network.stylize(intent, neutral, code.expand(len(neutral), -1))
            error = (out.clamp(0, 1) - truth).square().mean((1, 2))
        return code.detach(), float((-10 * torch.log10(error)).mean())


if __name__ == "__main__":
    main()
