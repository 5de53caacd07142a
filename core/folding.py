"""Batch norms folded into the convolutions before them: the same codes with fewer passes.

What a trained batch norm does is a factor and an offset for every channel, which the weights of
the convolution can take in. Then 49 layers do not read and write all pixels once more.
"""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights


def fold(encoder: nn.Module) -> None:
    """Folds the batch norms of one of timm's EfficientNets in place: it can be trained no more.

    Its blocks name their layers in the order in which they apply them. Where a batch norm was
    stays its activation, which timm made a part of it.
    """
    for block in list(encoder.modules()):
        for (_, convolution), (name, norm) in pairwise(list(block.named_children())):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                assert norm.running_mean is not None and norm.running_var is not None
                convolution.weight, convolution.bias = fuse_conv_bn_weights(
                    convolution.weight,
                    convolution.bias,
                    norm.running_mean,
                    norm.running_var,
                    norm.eps,
                    norm.weight,
                    norm.bias,
                )
                setattr(block, name, norm.act)
