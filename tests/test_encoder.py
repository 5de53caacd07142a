"""The encoder: colour statistics, codes of both intents, a torchvision that cannot load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.colorstats import LENGTH, color_statistics
from core.encoder import Network
from tests.conftest import CHECKOUT


def test_statistics_of_a_flat_gray() -> None:
    """Every quantile is the gray itself, nothing varies, nothing has a colour."""
    found = color_statistics(torch.full((1, 3, 64, 64), 0.5))
    assert found.shape == (1, LENGTH) == (1, 131)
    levels = found[0, :102].view(6, 17) / 2 + 0.3
    torch.testing.assert_close(levels[:4], torch.full((4, 17), 0.5))
    torch.testing.assert_close(levels[4:], torch.zeros(2, 17), atol=1e-6, rtol=0)
    torch.testing.assert_close(found[0, 102:111], torch.zeros(9), atol=1e-6, rtol=0)


def test_statistics_do_not_depend_on_where_colours_are() -> None:
    torch.manual_seed(0)
    small = torch.rand(1, 3, 32, 32)
    shuffled = small.flatten(2)[:, :, torch.randperm(1024)].view_as(small)
    torch.testing.assert_close(color_statistics(small), color_statistics(shuffled))


def test_statistics_are_the_same_where_gradients_are_wanted() -> None:
    torch.manual_seed(0)
    pixels = torch.rand(1, 3, 64, 64)
    wanted = color_statistics(pixels.clone().requires_grad_())
    assert wanted.requires_grad
    torch.testing.assert_close(color_statistics(pixels), wanted.detach(), rtol=0, atol=0)


def test_statistics_tell_red_from_blue() -> None:
    red, blue = torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)
    red[:, 0], blue[:, 2] = 1, 1
    assert (color_statistics(red) - color_statistics(blue)).abs().max() > 1


@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize("linear", [True, False])
def test_codes_of_every_intent_and_stage(statistics: bool, linear: bool) -> None:
    network = Network(k=4, linear=linear, statistics=statistics).eval()
    with torch.no_grad():
        codes = network(torch.rand(2, 3, 64, 64))
    assert set(codes) == {
        "look_normalize", "look_stylize", "colors_normalize", "colors_stylize"
    }
    assert all(code.shape == (2, 16 if linear else 20) for code in codes.values())


def _run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_starts_without_torchvision_and_compiler() -> None:
    """Nothing of them is loaded, and both are as before for whoever wants them."""
    script = """
import sys, torch
disable, finders = torch.compiler.disable, list(sys.meta_path)
import core.encoder
print([name for name in sys.modules if name.startswith(("torchvision", "torch._dynamo"))])
assert torch.compiler.disable is disable and sys.meta_path == finders
"""
    assert _run(script) == "[]"


def test_survives_a_torchvision_that_cannot_load(tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('operator does not exist')")
    found_first = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    assert _run(f"{found_first}; import core.encoder; print('fine')") == "fine"
