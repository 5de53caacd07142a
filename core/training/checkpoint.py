"""Checkpoints of a training run: one safetensors file, never a pickle, resumed exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from core import atomic
from core.encoder import Network


def save(
    path: Path,
    step: int,
    network: Network,
    average: Network,
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
) -> None:
    """Writes everything that the next step depends on; the old file stays whole until then."""
    tensors: dict[str, torch.Tensor] = {"generator": generator.get_state()}
    for prefix, module in (("network", network), ("average", average)):
        for name, tensor in module.state_dict().items():
            tensors[f"{prefix}.{name}"] = tensor.contiguous()
    for index, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            tensors[f"optimizer.{index}.{name}"] = torch.as_tensor(value).contiguous()
    with atomic.replacing(path, overwrite=True) as temporary:
        save_file(tensors, temporary, metadata={"step": str(step)})


def resume(
    path: Path,
    network: Network,
    average: Network,
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
) -> int:
    """Restores what `save` wrote and returns its step."""
    parts: dict[str, dict[str, torch.Tensor]] = {"network": {}, "average": {}}
    states: dict[int, dict[str, Any]] = {}
    with safe_open(path, framework="pt") as file:
        step = int(file.metadata()["step"])
        for key in file.keys():
            tensor = file.get_tensor(key)
            prefix, _, name = key.partition(".")
            if prefix == "generator":
                generator.set_state(tensor)
            elif prefix == "optimizer":
                index, _, field = name.partition(".")
                states.setdefault(int(index), {})[field] = tensor
            else:
                parts[prefix][name] = tensor
    network.load_state_dict(parts["network"])
    average.load_state_dict(parts["average"])
    optimizer.load_state_dict({**optimizer.state_dict(), "state": states})
    return step
