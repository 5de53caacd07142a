"""Trains the network: ``python -m core.training.train --photos DIR... --looks FILE... --run DIR``.

A run is a directory: a checkpoint that the same command continues, and the weights so far (the
exponential moving average) as the product loads them. All augmentation is batched on the device.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import math
import time
from collections import defaultdict
from pathlib import Path

import torch

from core.encoder import INTENTS, Network
from core.model import write_weights
from core.training import checkpoint, looks, photos
from core.training.losses import RECIPES, Batch

log = logging.getLogger("train")


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.training.train", description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, metavar="DIR",
                        help="folders of photos, each drawn equally often")
    parser.add_argument("--looks", type=Path, nargs="+", required=True, metavar="FILE",
                        help=".npz, .cube, HaldCLUT .png, or folders of the two")
    parser.add_argument("--run", type=Path, required=True, help="directory of this run")
    parser.add_argument("--cache", type=Path, help="keeps decoded photos for the next run")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--stop-after", type=int, metavar="STEP",
                        help="stop there; the same command without it goes on")
    parser.add_argument("--batch", type=int, default=32, help="pictures, two of each photo")
    parser.add_argument("--side", type=int, nargs="+", default=[96, 128],
                        help="thumbnail sides; the last one is for the last fifth of the steps")
    parser.add_argument("--pixels", type=int, default=640, help="pixels per picture in the losses")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--recipe", choices=RECIPES, default="two-intents")
    parser.add_argument("--k", type=int, default=16)
    parser.add_argument("--linear", action="store_true", help="the paper's literal mapping")
    parser.add_argument("--no-statistics", action="store_true", help="encoder without them")
    parser.add_argument("--one-stage", action="store_true", help="no normalisation stage")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-every", type=int, default=100)
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Runs or continues the training that the command line describes."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args = options().parse_args(arguments)
    device = torch.device(args.device)
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    network = Network(
        k=args.k,
        linear=args.linear,
        statistics=not args.no_statistics,
        intents=INTENTS[1:] if args.recipe == "paper" else INTENTS,
        one_stage=args.one_stage,
    ).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), lr=args.rate, weight_decay=1e-2)
    kept = args.run / "checkpoint.safetensors"
    step = 0
    if kept.exists():
        step = checkpoint.resume(kept, network, average, optimizer, generator)
        log.info("continues after step %d", step)
    args.run.mkdir(parents=True, exist_ok=True)

    folders = [photos.load(folder, 192, args.cache) for folder in args.photos]
    pool = photos.PhotoPool(folders, device)
    look_pool = looks.LookPool(looks.load(args.looks), device)
    log.info("%s photos, %d looks, %s", [len(f) for f in folders], len(look_pool.luts), device)

    recipe = RECIPES[args.recipe]
    sums: dict[str, float] = defaultdict(float)
    began, counted = time.monotonic(), 0
    network.train()
    stop = min(args.steps, args.stop_after or args.steps)
    while step < stop:
        for group in optimizer.param_groups:
            group["lr"] = args.rate * rate_factor(step, args.steps)
        side = args.side[0] if step < 0.8 * args.steps else args.side[-1]
        batch = draw_batch(pool, look_pool, args.batch, side, args.pixels, generator)
        half = args.batch // 2
        order = torch.randperm(half - 1, generator=generator)[:3] + 1
        # The losses draw random directions: a resumed run has to draw the same.
        torch.manual_seed(args.seed + step)
        losses = recipe(network, batch, order.tolist())
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        update_average(average, network, step)
        for name, loss in losses.items():
            sums[name] += loss.item()
        counted += 1
        if step % args.save_every == 0 or step == stop:
            means = " ".join(f"{name} {total / counted:.4f}" for name, total in sums.items())
            speed = counted / (time.monotonic() - began)
            log.info("step %d/%d  %s  %.2f steps/s", step, args.steps, means, speed)
            checkpoint.save(kept, step, network, average, optimizer, generator)
            write_weights(args.run / "weights.safetensors", average, _summary(args, step, folders))
            sums.clear()
            began, counted = time.monotonic(), 0


def draw_batch(
    pool: photos.PhotoPool,
    look_pool: looks.LookPool,
    count: int,
    side: int,
    pixels: int,
    generator: torch.Generator,
) -> Batch:
    """`count` pictures: two crops of each photo, every one under a look of its own."""
    shot = pool.draw(count // 2, generator)
    first = photos.random_crops(shot, side, generator)
    # Half of the pairs are one crop twice: only then is the same-photo truth free of other content.
    other = photos.random_crops(shot, side, generator)
    again = (torch.rand(count // 2, generator=generator) < 0.5).to(shot.device).view(-1, 1, 1, 1)
    crops = torch.cat(photos.mixed_content(first, torch.where(again, first, other), generator))
    lattices = look_pool.draw(count, generator)
    colors = crops.flatten(2).transpose(1, 2)
    pictures = looks.apply(lattices, colors).clamp(0, 1).transpose(1, 2).view_as(crops)
    index = torch.randint(side * side, (count, pixels, 1), generator=generator).to(shot.device)
    return Batch(pictures, colors.gather(1, index.expand(-1, -1, 3)), lattices)


def rate_factor(step: int, steps: int) -> float:
    """Warm-up over a tenth of the steps, 200 at most, then a cosine down to one hundredth."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return min(1.0, (step + 1) / min(200, steps / 10)) * (0.99 * cosine + 0.01)


@torch.no_grad()
def update_average(average: Network, network: Network, step: int) -> None:
    """Exponential moving average of weights and batch statistics, quick at first."""
    weight = 1 - min(0.998, step / (step + 50))
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, weight)
        else:
            kept.copy_(new)


def _summary(args: argparse.Namespace, step: int, folders: list) -> dict[str, str]:
    return {
        "training": json.dumps(
            {
                "recipe": args.recipe,
                "steps": step,
                "batch": args.batch,
                "sides": args.side,
                "photos": sum(len(folder) for folder in folders),
                "seed": args.seed,
            }
        )
    }


if __name__ == "__main__":
    main()
