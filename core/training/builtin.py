"""Makes the built-in presets: ``python -m core.training.builtin --photos DIR``.

A built-in preset is a style code whose look is one of `grades`, whatever the photo: the mean code
of many graded photos, refined by gradient on the code alone (the network stays as it is). They hold
the codes of one set of weights and no picture, so they are made anew whenever the weights change.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np
import torch

from core import model, presetfile, toning
from core.colorstats import LUMA
from core.paths import locations
from core.training import photos
from core.training.grades import GRADES, Grade
from core.training.methods import painted

log = logging.getLogger("builtin")
SIDE, PIXELS, STEPS = 256, 512, 200
FITTED = 96  # photos that codes are refined on
CREATED = "2026-11-21T00:00:00Z"
_GRAYS = np.repeat(np.linspace(0, 1, 1024, dtype=np.float32)[:, None], 3, 1)


def main(arguments: list[str] | None = None) -> None:
    """Writes every built-in preset and says how near it comes to its grade."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="python -m core.training.builtin", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, default=locations().builtin)
    args = parser.parse_args(arguments)
    shot = photos.load(args.photos, SIDE)
    fitter = Fitter(model.load(), shot[_order(len(shot))[:FITTED]])
    for old in args.out.glob("*.json"):
        old.unlink()
    for grade in GRADES:
        path = args.out / f"{presetfile.slug(grade.name)}.json"
        presetfile.write(path, fitter.preset(grade), overwrite=True)


def unfitted(shot: np.ndarray) -> np.ndarray:
    """Those of a folder's photos, as `photos.load` returns them, that no code is refined on."""
    return shot[_order(len(shot))[FITTED:]]


def _order(count: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(count)


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
        styles = [self.model.codes(painted(grade, photo)) for photo in self.shot[::2]]
        fitted: dict[str, tuple[float, ...]] = {}
        for intent in ("look", "colors"):
            start = torch.stack([style.stylize[intent] for style in styles]).mean(0)
            code, decibels = self._refine(intent, start, torch.from_numpy(graded), grade.monochrome)
            log.info("%-16s %-7s %.1f dB from the grade", grade.name, intent, decibels)
            fitted[intent] = tuple(round(value, 6) for value in code.tolist())
        return presetfile.Preset(
            name=grade.name,
            kind=presetfile.NEURAL,
            model_id=self.model.id,
            model_sha256=self.model.sha256,
            look=fitted["look"],
            colors=fitted["colors"],
            toning=toning.fitted(grade(_GRAYS)) if grade.monochrome else (),
            created=CREATED,
            author="Neural Preset",
            tags=(presetfile.BUILTIN, *["black and white"] * grade.monochrome),
            notes=grade.notes,
        )

    def _refine(
        self, intent: str, code: torch.Tensor, truth: torch.Tensor, monochrome: bool
    ) -> tuple[torch.Tensor, float]:
        """The code, and how near it comes in dB; a monochrome look only needs its lightness."""
        watched = torch.tensor([LUMA]).T if monochrome else torch.eye(3)
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
            error = (out - truth) @ watched
            loss = error.abs().mean() + error.square().mean() * 5
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            out = self.model.network.stylize(intent, neutral, code.expand(len(neutral), -1))
            squared = ((out.clamp(0, 1) - truth) @ watched).square().mean((1, 2))
        return code.detach(), float((-10 * torch.log10(squared)).mean())


if __name__ == "__main__":
    main()
