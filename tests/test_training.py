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
from core.training import edges, looks, losses, photos, similarity, studies, train
from tests.pictures import astronaut, chelsea, look_folder, photo_folder


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


def test_kept_edges_are_content_similarity() -> None:
    """The loss is the figure that the evaluation takes with scikit-image."""
    photo, other = astronaut()[::2, ::2], chelsea()[:300:2, :400:2]
    for first, second in ((photo, np.sqrt(photo / 255)), (other, 1 - other[::-1] / 255.0)):
        changed = np.rint(second * 255).astype(np.uint8)
        tensors = [torch.from_numpy(each).permute(2, 0, 1)[None] / 255 for each in (first, changed)]
        own = edges.edge_similarity(edges.luma(tensors[0]), edges.luma(tensors[1])).item()
        assert own == pytest.approx(similarity.content_similarity(changed, first), abs=5e-3)


def test_fidelity_counts_decibels_and_is_nothing_for_the_truth() -> None:
    truth = torch.rand(2, 64, 3)
    assert losses.fidelity(truth, truth).item() == 0
    # Halving an error gains as much by the logarithm whether it was large or twice as large.
    logs = [losses.fidelity(truth + e, truth).item() - e / 2 for e in (0.8, 0.4, 0.2)]
    assert logs[0] - logs[1] == pytest.approx(logs[1] - logs[2], rel=0.05)


def test_curves_of_studies_are_drawn(tmp_path: Path) -> None:
    figures = {
        protocol: {method: {"mean": 20.0 + n} for n, method in enumerate(methods)}
        for protocol, methods in {
            "same photo": ("colors", "MKL"), "cross photo": ("look", "nothing")
        }.items()
    }  # fmt: skip
    rows = {name: figures for name in studies.STUDIES if name.startswith("k = ")}
    studies.plot(rows, tmp_path / "curves.svg")
    drawn = (tmp_path / "curves.svg").read_text()
    assert "<svg" in drawn and drawn.count("<path") > 20
