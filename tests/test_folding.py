"""The encoder with its batch norms folded gives the codes of the plain one."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from core import model
from core.encoder import Network
from core.folding import fold
from core.thumbnail import thumbnail
from tests.pictures import astronaut, coffee


@torch.inference_mode()
def test_folded_computes_the_same() -> None:
    """Whatever the batch norms have learned; in float64, where rounding hides nothing."""
    torch.manual_seed(0)
    plain = Network(k=4).backbone.eval().double()
    for norm in [each for each in plain.modules() if isinstance(each, nn.BatchNorm2d)]:
        assert norm.running_mean is not None and norm.running_var is not None
        nn.init.uniform_(norm.weight, 0.5, 2)
        nn.init.normal_(norm.bias)
        nn.init.normal_(norm.running_mean)
        nn.init.uniform_(norm.running_var, 0.5, 2)
    folded = copy.deepcopy(plain)
    fold(folded)
    assert not [each for each in folded.modules() if isinstance(each, nn.BatchNorm2d)]
    seen = torch.rand(2, 3, 64, 64, dtype=torch.float64)
    expected = plain(seen)
    largest = float(expected.abs().max())
    assert expected.std(0).max() > 0.01 * largest
    torch.testing.assert_close(folded(seen), expected, rtol=0, atol=1e-10 * largest)


def test_loaded_weights_give_the_codes_of_the_plain_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folded = model.load()
    monkeypatch.setattr(model, "fold", lambda encoder: None)
    plain = model.load()
    for picture in (astronaut, coffee):
        found, expected = (each.codes(thumbnail(picture())) for each in (folded, plain))
        for intent in plain.intents:
            for one, other in (
                (found.normalize[intent], expected.normalize[intent]),
                (found.stylize[intent], expected.stylize[intent]),
            ):
                largest = float(other.abs().max())
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-5 * largest)
