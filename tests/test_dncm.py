"""The colour mapping: its formulas, and that one colour always becomes one colour."""

from __future__ import annotations

import pytest
import torch

from core.dncm import DNCM


def test_literal_formula_is_one_matrix() -> None:
    """Section 3.2 of the paper: Y = X P T Q, so that two stages are one 3 x 3 matrix."""
    torch.manual_seed(0)
    mapping = DNCM(k=8, linear=True)
    colors, code = torch.rand(2, 50, 3), torch.randn(2, mapping.code_length)
    expected = torch.stack([
        colors[i] @ mapping.P @ code[i].view(8, 8) @ mapping.Q for i in range(2)
    ])
    torch.testing.assert_close(mapping(colors, code), expected, rtol=1e-3, atol=1e-4)
    assert torch.equal(mapping(torch.zeros(2, 1, 3), code), torch.zeros(2, 1, 3))


def test_linear_mapping_starts_at_the_identity() -> None:
    mapping = DNCM(k=16, linear=True)
    colors = torch.rand(1, 20, 3)
    out = mapping(colors, torch.eye(16).flatten()[None])
    torch.testing.assert_close(out, colors, rtol=1e-3, atol=1e-4)


def test_non_linear_formula() -> None:
    torch.manual_seed(1)
    mapping = DNCM(k=4)
    color, code = torch.tensor([0.2, 0.5, 0.9]), torch.randn(1, 20)
    hidden = torch.tanh((2 * color - 1) @ mapping.P + mapping.p)
    hidden = torch.tanh(hidden @ (torch.eye(4) + code[0, :16].view(4, 4)) + code[0, 16:])
    expected = color + hidden @ mapping.Q + mapping.q
    torch.testing.assert_close(mapping(color.view(1, 1, 3), code)[0, 0], expected)


@pytest.mark.parametrize(
    ("k", "linear", "length"), [(16, False, 272), (16, True, 256), (2, False, 6)]
)
def test_code_length(k: int, linear: bool, length: int) -> None:
    assert DNCM(k, linear).code_length == length


def test_a_colour_does_not_know_its_neighbours() -> None:
    torch.manual_seed(2)
    mapping = DNCM()
    colors, code = torch.rand(1, 64, 3), torch.randn(1, 272) * 0.1
    order = torch.randperm(64)
    torch.testing.assert_close(mapping(colors[:, order], code), mapping(colors, code)[:, order])
