"""Which device computes what: encoder and lattices each where they were quicker, by the clock.

A GPU is many times quicker with large work, but a look is small work: one thumbnail, some ten
thousand colours, and the way there and back. So it is tried, on this computer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch

from core import model
from core.lut import bake
from core.model import Model
from core.thumbnail import SIDE

_RUNS = 3


def devices() -> list[str]:
    """Where the network may run."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def placed(where: Sequence[str]) -> Model:
    """The shipped network with its parts on the quickest of these devices, ready to be used.

    Raises RuntimeError (or AssertionError, by a torch without CUDA) where one does not work.
    """
    return joined({device: model.load(device=device) for device in where})


def joined(models: Mapping[str, Model]) -> Model:
    """One network of the quicker encoder and the quicker lattices of several, by their devices.

    All have the same weights; the one whose encoder is chosen gives its own away.
    """
    thumbnail = np.zeros((SIDE, SIDE, 3), np.uint8)
    codes = next(iter(models.values())).codes(thumbnail)

    def encode(network: Model) -> Callable[[], object]:
        return lambda: network.codes(thumbnail)

    def lattice(network: Model) -> Callable[[], object]:
        mapping = network.styling(network.intents[0], codes, codes.style(network.intents[0]))
        return lambda: bake(mapping)

    encoder, lattices = (
        quickest({device: job(network) for device, network in models.items()})
        for job in (encode, lattice)
    )
    chosen = models[encoder]
    return Model(chosen.network, chosen.id, chosen.sha256, encoder, lattices)


def quickest(jobs: Mapping[str, Callable[[], object]]) -> str:
    """The name of the job whose best run takes least; a first one, which is slower, is left out."""

    def best(job: Callable[[], object]) -> float:
        times = []
        for _ in range(1 + _RUNS):
            began = time.perf_counter()
            job()
            times.append(time.perf_counter() - began)
        return min(times[1:])

    times = {name: best(job) for name, job in jobs.items()}
    return min(times, key=times.__getitem__)
