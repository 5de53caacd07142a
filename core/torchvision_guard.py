"""Lets timm be imported beside a torchvision that cannot load.

timm imports torchvision, and a torchvision built for another torch (the CPU wheel of torch beside
the index's torchvision, the commonest broken installation) raises ``RuntimeError: operator
torchvision::nms does not exist`` while it registers its fake kernels. We use nothing of
torchvision: declaring the two operators' schemas before the import is enough for it to go through.
"""

from __future__ import annotations

import torch

_SCHEMAS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
# A Library deregisters its operators when it is collected: it has to live as long as the process.
_declared: torch.library.Library | None = None


def allow_broken_torchvision() -> None:
    """Declares the operators of torchvision that nobody has declared yet; call before timm."""
    global _declared  # noqa: PLW0603
    if _declared is not None:
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name, schema in _SCHEMAS.items():
        if not hasattr(torch.ops.torchvision, name):
            library.define(name + schema)
    _declared = library
