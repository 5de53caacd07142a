"""Parts of the network on several devices: the clock decides, the result is the same.

Where there is no GPU the CPU stands for two devices, by two names that torch takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from core import model, placement
from core.model import Codes, Mapping, Model
from core.thumbnail import thumbnail
from tests.pictures import chelsea

_TIMES = 8


class SlowEncoder(Model):
    def codes_of(self, thumbnails: np.ndarray) -> list[Codes]:
        for _ in range(_TIMES):
            codes = super().codes_of(thumbnails)
        return codes


class SlowLattices(Model):
    def styling(self, *arguments: Any) -> Mapping:
        usual = super().styling(*arguments)

        def mapping(colors: np.ndarray) -> np.ndarray:
            for _ in range(_TIMES):
                mapped = usual(colors)
            return mapped

        return mapping


def loaded(kind: type[Model], device: str) -> Model:
    usual = model.load(device=device)
    return kind(usual.network, usual.id, usual.sha256, device)


def test_the_quickest_is_found_by_doing_it() -> None:
    done = []
    jobs = {name: lambda name=name: done.append(name) for name in ("a", "b")}
    assert placement.quickest({**jobs, "c": lambda: sum(range(2_000_000))}) in ("a", "b")
    assert done.count("a") == done.count("b") > 1


def test_encoder_and_lattices_may_part() -> None:
    usual = model.load()
    slow = {"cpu": loaded(SlowEncoder, "cpu"), "cpu:0": loaded(SlowLattices, "cpu:0")}
    parted = placement.joined(slow)
    assert (parted.device, parted.lattices) == ("cpu:0", "cpu")
    other = {"cpu": loaded(SlowLattices, "cpu"), "cpu:0": loaded(SlowEncoder, "cpu:0")}
    assert placement.joined(other).device == "cpu"
    assert placement.joined(other).lattices == "cpu:0"

    seen = thumbnail(chelsea())
    codes, expected = parted.codes(seen), usual.codes(seen)
    np.testing.assert_allclose(codes.style("look"), expected.style("look"), atol=1e-5)
    colors = np.random.default_rng(1).random((500, 3), np.float32)
    style = codes.style("colors")
    mapped = parted.styling("look", codes, style)(colors)
    np.testing.assert_allclose(mapped, usual.styling("look", codes, style)(colors), atol=1e-5)
    prepared = parted.prepared("look", codes, colors)
    np.testing.assert_allclose(parted.styled(prepared, style), mapped, atol=1e-5)


def test_mappings_lie_on_the_device_of_the_lattices() -> None:
    """On `meta`, which torch has everywhere: it holds shapes and no values."""
    usual = model.load()
    parted = Model(usual.network, usual.id, usual.sha256, "cpu", "meta")
    assert {each.device.type for each in parted.network.mappings.parameters()} == {"meta"}
    assert {each.device.type for each in parted.network.backbone.parameters()} == {"cpu"}


def test_numbers_are_not_rounded_on_a_gpu() -> None:
    model.load()
    assert torch.backends.cudnn.conv.fp32_precision == "ieee"  # type: ignore[attr-defined]
    assert torch.backends.cuda.matmul.fp32_precision == "ieee"


def test_there_is_always_the_cpu() -> None:
    assert placement.devices()[0] == "cpu"
    assert placement.placed(["cpu"]).device == "cpu"
