"""Trains the network: ``python -m core.training.train --photos DIR... --looks FILE... --out DIR``.

A run is a directory: a checkpoint that the same command continues, and the weights so far (the
exponential moving average) as the product loads them. All augmentation is batched on the device.
Under torchrun every process trains with batches of its own (`core.training.distributed`); the
directory must be one that all of them can read.
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
from core.training import checkpoint, distributed, looks, photos
from core.training.distributed import Group
from core.training.losses import RECIPES, Batch, Losses

log = logging.getLogger("train")
SHIFTS = 5  # styles of other photos that each picture is tried with


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.training.train", description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, metavar="DIR",
                        help="folders of photos, each drawn equally often")
    parser.add_argument("--looks", type=Path, nargs="+", required=True, metavar="FILE",
                        help=".npz, .cube, HaldCLUT .png, or folders of the two")
    # Not --run: torchrun, which reads its own options first, has some that begin so.
    parser.add_argument("--out", type=Path, required=True, help="directory of this run")
    parser.add_argument("--cache", type=Path, help="keeps decoded photos for the next run")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--stop-after", type=int, metavar="STEP",
                        help="stop there; the same command without it goes on")
    parser.add_argument("--batch", type=int, default=32, help="pictures, two of each photo")
    parser.add_argument("--side", type=int, nargs="+", default=[96, 128, 128, 160],
                        help="thumbnail sides, each for an equal share of the steps")
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


class Training:
    """A network on its way: what a step changes and a checkpoint keeps."""

    def __init__(self, args: argparse.Namespace, group: Group, device: torch.device) -> None:
        self.args, self.group = args, group
        self.kept = args.out / "checkpoint.safetensors"
        torch.manual_seed(args.seed)
        self.generator = torch.Generator().manual_seed(args.seed)
        self.network = Network(
            k=args.k,
            linear=args.linear,
            statistics=not args.no_statistics,
            intents=INTENTS[1:] if args.recipe == "paper" else INTENTS,
            one_stage=args.one_stage,
        ).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=args.rate, weight_decay=1e-2
        )
        self.step = 0

    def resume(self) -> None:
        """Goes on where the run's checkpoint stopped, if there is one."""
        if self.kept.exists():
            self.step = checkpoint.resume(
                self.kept, self.network, self.average, self.optimizer, self.generator
            )
            log.info("continues after step %d", self.step)
        if not self.group.leads:
            # Weights are alike, batches shall not be; the checkpoint keeps the leader's generator.
            self.generator.manual_seed(hash((self.args.seed, self.step, self.group.rank)))

    def learn(self, batch: Batch) -> Losses:
        """One step on one batch (and those of the other processes)."""
        for settings in self.optimizer.param_groups:
            settings["lr"] = self.args.rate * rate_factor(self.step, self.args.steps)
        half = len(batch.shot) // 2
        order = torch.randperm(half - 1, generator=self.generator)[:SHIFTS] + 1
        # The losses draw random directions: a resumed run has to draw the same.
        torch.manual_seed(self.args.seed + self.step)
        losses = RECIPES[self.args.recipe](self.network, batch, order.tolist())
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        self.group.share(gradients_and_statistics(self.network))
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        update_average(self.average, self.network, self.step)
        return losses

    def save(self, photos_seen: int) -> None:
        """Writes the checkpoint and the weights so far."""
        self.group.check_same(self.network.parameters())
        if not self.group.leads:
            return
        checkpoint.save(
            self.kept, self.step, self.network, self.average, self.optimizer, self.generator
        )
        args = self.args
        summary = {
            "recipe": args.recipe,
            "steps": self.step,
            "batch": args.batch * self.group.size,
            "sides": args.side,
            "photos": photos_seen,
            "seed": args.seed,
        }
        weights = args.out / "weights.safetensors"
        write_weights(weights, self.average, {"training": json.dumps(summary)})


def main(arguments: list[str] | None = None) -> None:
    """Runs or continues the training that the command line describes."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args = options().parse_args(arguments)
    group, device = distributed.join(args.device)
    log.setLevel(logging.INFO if group.leads else logging.WARNING)
    training = Training(args, group, device)
    training.resume()
    args.out.mkdir(parents=True, exist_ok=True)

    folders = [photos.load(folder, 192, args.cache) for folder in args.photos]
    pool = photos.PhotoPool(folders, device)
    look_pool = looks.LookPool(looks.load(args.looks), device)
    counts = [len(folder) for folder in folders]
    log.info(
        "%s photos, %d looks, %d processes, %s", counts, len(look_pool.luts), group.size, device
    )
    sums: dict[str, float] = defaultdict(float)
    began, counted = time.monotonic(), 0
    training.network.train()
    stop = min(args.steps, args.stop_after or args.steps)
    while training.step < stop:
        side = args.side[training.step * len(args.side) // args.steps]
        batch = draw_batch(pool, look_pool, args.batch, side, args.pixels, training.generator)
        for name, loss in training.learn(batch).items():
            sums[name] += loss.item()
        counted += 1
        step = training.step
        if step % args.save_every == 0 or step == stop:
            means = " ".join(f"{name} {total / counted:.4f}" for name, total in sums.items())
            speed = counted / (time.monotonic() - began)
            log.info("step %d/%d  %s  %.2f steps/s", step, args.steps, means, speed)
            training.save(sum(counts))
            sums.clear()
            began, counted = time.monotonic(), 0
    group.leave()


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


def gradients_and_statistics(network: Network) -> list[torch.Tensor]:
    """What a step takes from its batch: gradients, and the running statistics of batch norms."""
    gradients = [each.grad for each in network.parameters() if each.grad is not None]
    return gradients + [each for each in network.buffers() if each.dtype.is_floating_point]


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


if __name__ == "__main__":
    main()
