"""Trains the style discriminator: ``python -m core.training.discriminator --photos DIR... --looks
FILE... --out FILE.safetensors``.

It learns to tell whether two photos of different things carry the same look. Every batch shows
several photos under each of its looks; a look is a class: a film LUT, blends and stacks of them,
generated filters, or the photo as shot. Pairs of looks too near for an eye to tell are not counted.
Every tenth photo and LUT is held out, and the accuracy on them is stated in the file.
"""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch.nn import functional as F

from core.training import looks, photos, similarity
from core.training.similarity import SIDE, Discriminator

log = logging.getLogger("discriminator")
VIEWS = 4  # photos under every look of a batch
NEAR = 0.02  # mean distance of two lattices; nearer looks are neither the same nor another
_ALIKE = 1e-4
_HELD_OUT = 10
_PHOTO_SIDE = 192


def main(arguments: list[str] | None = None) -> None:
    """Trains, measures on what was held out, writes the file."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(
        prog="python -m core.training.discriminator", description=__doc__
    )
    parser.add_argument("--photos", type=Path, nargs="+", required=True, metavar="DIR",
                        help="folders of photos, each drawn equally often")
    parser.add_argument("--looks", type=Path, nargs="+", required=True, metavar="FILE",
                        help=".npz, .cube, HaldCLUT .png, or folders of the two")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
    parser.add_argument("--cache", type=Path, help="keeps decoded photos for the next run")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=24, help="looks, each on four photos")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    folders = [photos.load(folder, _PHOTO_SIDE, args.cache) for folder in args.photos]
    lattices = looks.load(args.looks)
    network = Discriminator()
    train(network, [_split(folder)[0] for folder in folders], _split(lattices)[0], args, generator)
    unseen_photos = np.concatenate([_split(folder)[1] for folder in folders])
    measured = accuracy(network, unseen_photos, _split(lattices)[1])
    log.info("right on unseen photos and looks: %.1f %%", 100 * measured)
    metadata = {
        "accuracy": f"{measured:.4f}",
        "photos": str(sum(map(len, folders))),
        "looks": str(len(lattices)),
        "steps": str(args.steps),
        "licence": "GPL-3.0-or-later",
    }
    similarity.write(args.out, network, metadata)


def train(
    network: Discriminator,
    folders: list[np.ndarray],
    lattices: torch.Tensor,
    args: argparse.Namespace,
    generator: torch.Generator,
) -> None:
    """Trains in place: photos (N, S, S, 3) uint8 of every folder, looks (M, n, n, n, 3)."""
    pool = photos.PhotoPool(folders, torch.device("cpu"))
    look_pool = looks.LookPool(lattices, torch.device("cpu"))
    optimizer = torch.optim.AdamW(network.parameters(), lr=args.rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, args.rate, total_steps=max(args.steps, 2), pct_start=0.1
    )
    network.train()
    mean, began = 0.0, time.monotonic()
    for step in range(1, args.steps + 1):
        shot = photos.random_crops(pool.draw(args.batch * VIEWS, generator), SIDE, generator)
        drawn = look_pool.draw(len(shot) // VIEWS, generator)
        odds, same, counted = compare_all(network, shot[: len(drawn) * VIEWS], drawn)
        loss = balanced_loss(odds, same, counted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        mean += (loss.item() - mean) / min(step, 100)
        if step % 100 == 0:
            speed = step / (time.monotonic() - began)
            log.info("step %d/%d  loss %.4f  %.1f steps/s", step, args.steps, mean, speed)


def compare_all(
    network: Discriminator, shot: torch.Tensor, lattices: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Compares each photo with each other one, under looks.

    shot: (looks * VIEWS, 3, S, S) [0, 1]; each look is on VIEWS photos in a row. Returns for every
    pair the log-odds, whether the look is the same, and whether the pair counts.
    """
    colors = shot.flatten(2).transpose(1, 2)
    graded = looks.apply(lattices.repeat_interleave(VIEWS, 0), colors).clamp(0, 1)
    described = network.describe(graded.transpose(1, 2).reshape(shot.shape))
    first, second = torch.triu_indices(len(shot), len(shot), 1)
    flat = lattices.flatten(1)
    between = torch.cdist(flat, flat, p=1) / flat.shape[1]
    distance = between[first // VIEWS, second // VIEWS]
    odds = network(described[first], described[second])
    return odds, distance < _ALIKE, (distance < _ALIKE) | (distance > NEAR)


def balanced_loss(odds: torch.Tensor, same: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Cross entropy in which same and other looks weigh alike, however many pairs there are."""
    each = F.binary_cross_entropy_with_logits(odds, same.float(), reduction="none")
    parts = [each[chosen & counted] for chosen in (same, ~same)]
    return torch.stack([part.mean() for part in parts if len(part)]).mean()


@torch.inference_mode()
def accuracy(
    network: Discriminator, shot: np.ndarray, lattices: torch.Tensor, rounds: int = 24
) -> float:
    """The share of pairs it gets right, the mean over same and other looks.

    shot: (N, S, S, 3) uint8; lattices: (M, n, n, n, 3), shown as they are.
    """
    generator = torch.Generator().manual_seed(1)
    network.eval()
    right: dict[bool, list[torch.Tensor]] = {True: [], False: []}
    for _ in range(rounds):
        chosen = torch.randperm(len(lattices), generator=generator)[:12]
        order = torch.randperm(len(shot), generator=generator)
        index = order[torch.arange(len(chosen) * VIEWS) % len(shot)]  # few photos come again
        pixels = torch.from_numpy(shot[index.numpy()]).permute(0, 3, 1, 2).float() / 255
        pixels = F.interpolate(pixels, size=(SIDE, SIDE), mode="area")
        odds, same, counted = compare_all(network, pixels, lattices[chosen])
        for kind, found in right.items():
            pairs = (same == kind) & counted
            found.append(((odds > 0) == kind)[pairs].float())
    shares = [torch.cat(found).mean().item() for found in right.values()]
    return float(np.nanmean(shares))  # of a single look there are no pairs with another


_Items = TypeVar("_Items", np.ndarray, torch.Tensor)


def _split(items: _Items) -> tuple[_Items, _Items]:
    """What is trained on, and every tenth, which is not."""
    held_out = np.arange(len(items)) % _HELD_OUT == 0
    return items[~held_out], items[held_out]


if __name__ == "__main__":
    main()
