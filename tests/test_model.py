"""The shipped weights, and what is refused in their place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core import lut, model
from core.encoder import Network
from core.errors import WeightsError
from core.presetfile import CODE_LENGTH
from core.thumbnail import thumbnail
from tests.pictures import astronaut, chelsea, coffee


@pytest.fixture(scope="module")
def shipped() -> model.Model:
    return model.load()


def test_shipped_weights_are_small_and_described() -> None:
    assert model.WEIGHTS.stat().st_size < 16_000_000
    shipped = model.load()
    assert shipped.id == "np-b0-k16-v1"
    assert len(shipped.sha256) == 64


def test_codes_are_those_of_a_preset(shipped: model.Model) -> None:
    codes = shipped.codes(thumbnail(astronaut()))
    for intent in ("look", "colors"):
        style = codes.style(intent)
        assert len(style) == CODE_LENGTH
        assert np.isfinite(style).all()


def test_codes_do_not_depend_on_the_batch(shipped: model.Model) -> None:
    seen = np.stack([thumbnail(astronaut()), thumbnail(coffee())])
    together, alone = shipped.codes_of(seen)[1], shipped.codes(seen[1])
    np.testing.assert_allclose(together.style("look"), alone.style("look"), atol=1e-3)


def test_many_colours_are_mapped_as_few_are(shipped: model.Model) -> None:
    mapping = shipped.normalizing("look", shipped.codes(thumbnail(astronaut())))
    colors = np.random.default_rng(2).random((100_000, 3), dtype=np.float32)
    few = np.concatenate([mapping(colors[:1000]), mapping(colors[1000:2000])])
    np.testing.assert_allclose(mapping(colors)[:2000], few, atol=1e-6)
    assert mapping(colors[:0]).shape == (0, 3)


def test_a_gpu_would_compute_with_all_digits(shipped: model.Model) -> None:
    assert torch.backends.cudnn.conv.fp32_precision == "ieee"  # type: ignore[attr-defined]
    assert torch.backends.cuda.matmul.fp32_precision == "ieee"


@pytest.mark.parametrize("intent", ["look", "colors"])
@pytest.mark.parametrize("pair", [(astronaut, coffee), (chelsea, astronaut)])
def test_baked_look_is_the_network(
    shipped: model.Model, intent: str, pair: tuple[Callable[[], np.ndarray], ...]
) -> None:
    """A million random colours: mean error <= 0.05/255, largest <= 0.5/255 (after clamping)."""
    content, style = (shipped.codes(thumbnail(picture())) for picture in pair)
    mapping = shipped.styling(intent, content, style.style(intent))
    baked = lut.bake_accurately(mapping)
    colors = np.random.default_rng(1).random((1_000_000, 3), dtype=np.float32)
    error = np.abs(np.clip(baked(colors), 0, 1) - np.clip(mapping(colors), 0, 1)) * 255
    assert error.mean() <= 0.05
    assert error.max() <= 0.5


def test_a_style_on_its_own_photo_changes_little(shipped: model.Model) -> None:
    """Normalising and putting the same look back is nearly nothing."""
    seen = thumbnail(coffee())
    codes = shipped.codes(seen)
    colors = seen.reshape(-1, 3).astype(np.float32)[::16] / 255
    for intent in ("look", "colors"):
        out = shipped.styling(intent, codes, codes.style(intent))(colors)
        assert np.abs(out - colors).mean() < 10 / 255


def test_another_style_changes_much(shipped: model.Model) -> None:
    content, style = shipped.codes(thumbnail(astronaut())), shipped.codes(thumbnail(coffee()))
    colors = thumbnail(astronaut()).reshape(-1, 3).astype(np.float32)[::16] / 255
    out = shipped.styling("colors", content, style.style("colors"))(colors)
    target = coffee().reshape(-1, 3).mean(0) / 255
    before, after = (np.abs(c.mean(0) - target).mean() for c in (colors, out))
    assert after < 0.5 * before


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"install\.py --repair"):
        model.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("damage", ["cut", "noise", "other file", "wrong shapes", "no description"])
def test_damaged_weights_are_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "weights.safetensors"
    whole = model.WEIGHTS.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "noise":
        path.write_bytes(b"\xff" * 4096)
    elif damage == "other file":
        save_file({"a": torch.zeros(2)}, path)
    elif damage == "wrong shapes":
        described = {"k": 16, "linear": False, "statistics": True, "intents": ["look", "colors"]}
        metadata = {"format": "neural-preset-weights", "id": "x"}
        save_file(
            {"mix.0.weight": torch.zeros(2)},
            path,
            metadata={**metadata, "architecture": json.dumps(described)},
        )
    else:
        save_file({"a": torch.zeros(2)}, path, metadata={"format": "neural-preset-weights"})
    with pytest.raises(WeightsError, match=r"weights\.safetensors"):
        model.load(path)


def test_written_weights_load_with_the_same_codes(tmp_path: Path) -> None:
    """Half precision on the disk moves a code by less than a thousandth."""
    torch.manual_seed(0)
    network = Network(k=4).eval()
    path = tmp_path / "weights.safetensors"
    model.write_weights(path, network, {"training": "{}"})
    loaded = model.load(path)
    seen = thumbnail(coffee())
    with torch.no_grad():
        codes = network(torch.from_numpy(seen).permute(2, 0, 1)[None].float() / 255)
    np.testing.assert_allclose(
        loaded.codes(seen).style("look"), codes["look_stylize"][0].numpy(), atol=2e-3
    )
