"""Training: looks, losses, a real run that learns, checkpoints that resume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core import model
from core.encoder import Network
from core.errors import InputError
from core.training import looks, losses, photos, train
from tests.pictures import look_folder, photo_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return photo_folder(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def lattices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return look_folder(tmp_path_factory.mktemp("looks"))


def arguments(folder: Path, lattices: Path, run: Path, *more: str) -> list[str]:
    return [
        "--photos", str(folder), "--looks", str(lattices), "--out", str(run), "--batch", "8",
        "--side", "32", "--pixels", "64", "--k", "4", "--device", "cpu", *more,
    ]


def test_looks_from_files_do_what_the_files_say(lattices: Path) -> None:
    loaded = looks.load([lattices])
    assert loaded.shape == (2, 17, 17, 17, 3)
    colors = torch.rand(2, 100, 3)
    dark, warm = looks.apply(loaded, colors)
    torch.testing.assert_close(warm, colors[1] * torch.tensor([1, 0.9, 0.6]), atol=1e-4, rtol=0)
    torch.testing.assert_close(dark, colors[0] ** 2, atol=2e-3, rtol=0)


def test_no_looks_no_photos(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no looks"):
        looks.load([tmp_path])
    with pytest.raises(InputError, match="no photos"):
        photos.load(tmp_path, 64)


def test_random_looks_are_in_range_and_differ(lattices: Path) -> None:
    pool = looks.LookPool(looks.load([lattices]), torch.device("cpu"))
    drawn = pool.draw(64, torch.Generator().manual_seed(0))
    assert drawn.shape == (64, 17, 17, 17, 3)
    assert drawn.min() >= 0 and drawn.max() <= 1
    unchanged = (drawn == pool.identity).flatten(1).all(1)
    assert 2 <= unchanged.sum() <= 24
    assert drawn[~unchanged].flatten(1).std(0).max() > 0.1


def test_two_pictures_of_one_photo_share_its_pixels(folder: Path, lattices: Path) -> None:
    """What the losses call the truth is what the encoder saw."""
    generator = torch.Generator().manual_seed(0)
    pool = photos.PhotoPool([photos.load(folder, 64)], torch.device("cpu"))
    look_pool = looks.LookPool(looks.load([lattices]), torch.device("cpu"))
    batch = train.draw_batch(pool, look_pool, 8, 32, 1024, generator)
    seen = batch.pixels().clamp(0, 1)
    for picture, pixels in zip(batch.pictures, seen, strict=True):
        colors = picture.flatten(1).T
        nearest = torch.cdist(pixels[:50], colors).min(1).values
        assert nearest.max() < 2e-3
    torch.testing.assert_close(
        batch.pixels(3), looks.apply(batch.looks.roll(3, 0), batch.shot)
    )


def test_sliced_wasserstein_of_a_shift_is_its_length() -> None:
    torch.manual_seed(0)
    colors = torch.rand(1, 500, 3)
    assert losses.sliced_wasserstein(colors, colors[:, torch.randperm(500)]).item() < 1e-6
    moved = losses.sliced_wasserstein(colors, colors + torch.tensor([0.3, 0, 0]), 4096)
    # The mean length of a unit vector's component is a half.
    assert moved.item() == pytest.approx(0.15, rel=0.05)


def test_a_run_learns_resumes_and_loads(folder: Path, lattices: Path, tmp_path: Path) -> None:
    """Interrupted and continued is the same as in one go."""
    torch.set_num_threads(1)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train.main(arguments(folder, lattices, whole, "--steps", "4"))
    # The rate depends on the number of steps: the first part stops by itself after two.
    train.main(arguments(folder, lattices, parts, "--steps", "4", "--stop-after", "2"))
    train.main(arguments(folder, lattices, parts, "--steps", "4"))
    first, second = (load_file(run / "checkpoint.safetensors") for run in (whole, parts))
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        torch.testing.assert_close(second[name], tensor)
    loaded = model.load(whole / "weights.safetensors")
    assert np.isfinite(loaded.codes(np.zeros((256, 256, 3), np.uint8)).style("look")).all()


@pytest.mark.parametrize("more", [["--recipe", "paper", "--linear"], ["--no-statistics"]])
def test_variants_train(folder: Path, lattices: Path, tmp_path: Path, more: list[str]) -> None:
    train.main(arguments(folder, lattices, tmp_path, "--steps", "1", *more))
    assert model.load(tmp_path / "weights.safetensors").id


def test_losses_fall_on_one_batch(folder: Path, lattices: Path) -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    pool = photos.PhotoPool([photos.load(folder, 64)], torch.device("cpu"))
    look_pool = looks.LookPool(looks.load([lattices]), torch.device("cpu"))
    batch = train.draw_batch(pool, look_pool, 8, 32, 64, generator)
    network = Network(k=4)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    totals = []
    for _ in range(8):
        total = torch.stack(list(losses.two_intents(network, batch, [1, 2]).values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < totals[0]
