"""One training on several GPUs or machines: ``torchrun --nproc-per-node N -m core.training.train``.

Every process draws batches of its own, and all go the same step with the mean of their gradients.
torch's DistributedDataParallel does that for losses that are made within one `forward`; ours call
the encoder and the mappings in turn, so the mean is taken here, in one message a step.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class Group:
    """The processes of this training: `size` of them, numbered from 0; one alone by default."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Only one process writes and talks."""
        return self.rank == 0

    def share(self, tensors: Iterable[torch.Tensor]) -> None:
        """Replaces each tensor by its mean over the processes, in place."""
        if self.size == 1:
            return
        kept = list(tensors)
        message = torch.cat([tensor.flatten().float() for tensor in kept])
        distributed.all_reduce(message)
        parts = (message / self.size).split([tensor.numel() for tensor in kept])
        for tensor, part in zip(kept, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def check_same(self, tensors: Iterable[torch.Tensor]) -> None:
        """RuntimeError if the processes do not hold the same numbers: each would train its own."""
        if self.size == 1:
            return
        own = torch.stack([tensor.detach().double().sum() for tensor in tensors])
        lowest, highest = own.clone(), own.clone()
        distributed.all_reduce(lowest, distributed.ReduceOp.MIN)
        distributed.all_reduce(highest, distributed.ReduceOp.MAX)
        if not torch.equal(lowest, highest):
            raise RuntimeError("The processes of this training have come to differ: start it anew.")

    def leave(self) -> None:
        """Ends the connection to the others, once all of them are here."""
        if self.size > 1:
            distributed.barrier()
            distributed.destroy_process_group()


def join(device: str) -> tuple[Group, torch.device]:
    """The group that torchrun started this process in, and the device that is this process's.

    NCCL connects GPUs, gloo everything else. Without torchrun: alone, on the device as given.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return Group(), torch.device(device)
    if device == "cuda":
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    group = Group(distributed.get_rank(), distributed.get_world_size())
    return group, torch.device(device)
