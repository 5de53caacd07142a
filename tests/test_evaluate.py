"""The evaluation: cases with a known truth, figures, peers, the paper's metrics, the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core import statistical
from core.errors import InputError, WeightsError
from core.thumbnail import thumbnail
from core.training import (
    discriminator,
    evaluate,
    gmic,
    looks,
    methods,
    metrics,
    protocols,
    report,
    similarity,
)
from core.training.scores import Scores
from tests.pictures import astronaut, chelsea, coffee, look_folder, photo_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return photo_folder(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def lattices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return look_folder(tmp_path_factory.mktemp("looks"))


@pytest.fixture(scope="module")
def shot() -> np.ndarray:
    return np.stack([thumbnail(photo) for photo in (astronaut(), coffee(), chelsea())])


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_the_truth_of_every_case_is_what_a_perfect_method_makes(
    shot: np.ndarray, lattices: Path
) -> None:
    loaded = looks.load([lattices])
    (cases,) = protocols.draw(shot, loaded, 1)
    same, cross, regrade, normalise, distance = cases
    assert same.truth is not None and normalise.truth is not None
    assert same.truth is same.style and not np.array_equal(same.content, same.truth)
    # The style carries the same look on another photo: one of the two looks makes both.
    assert cross.truth is not None and cross.style is not None
    assert any(np.array_equal(protocols.under(cross.content, look), cross.truth) for look in loaded)
    assert not np.array_equal(cross.style, cross.truth)
    assert regrade.truth is cross.truth and regrade.style is cross.style
    assert np.array_equal(regrade.content, same.content)
    assert normalise.style is None and np.array_equal(normalise.truth, cross.content)
    assert distance.truth is None and distance.content is cross.content


def test_the_cases_are_the_same_in_every_run(shot: np.ndarray, lattices: Path) -> None:
    runs = [list(protocols.draw(shot, looks.load([lattices]), 4)) for _ in range(2)]
    for first, again in zip(*runs, strict=True):
        assert all(np.array_equal(a.content, b.content) for a, b in zip(first, again, strict=True))
    assert len({cases[0].content.tobytes() for cases in runs[0]}) > 1


def test_figures_of_known_pictures() -> None:
    dark = np.zeros((32, 32, 3), np.uint8)
    assert metrics.psnr(dark, dark) == pytest.approx(80)
    # A tenth off everywhere: a mean square error of 0.01.
    assert metrics.psnr(dark, dark + 25.5) == pytest.approx(20, abs=1e-3)
    # Black and white are 100 apart in CIEDE2000 as in L*.
    assert metrics.ciede2000(dark, np.full_like(dark, 255)) == pytest.approx(100, abs=0.1)
    assert metrics.ssim(dark, dark) == pytest.approx(1)
    moved = np.full_like(dark, 0)
    moved[..., 0] = 51
    # The mean length of a unit vector's component is a half: 0.2 / 2, x 1000.
    assert metrics.color_distance(moved, dark) == pytest.approx(100, rel=0.15)


def test_the_distance_leaves_the_random_numbers_of_others_alone(shot: np.ndarray) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    first = metrics.color_distance(shot[0], shot[1])
    assert torch.equal(torch.rand(1), expected)
    assert metrics.color_distance(shot[0], shot[1]) == first


def test_content_similarity_sees_places_not_colors(shot: np.ndarray) -> None:
    photo = shot[0]
    assert similarity.content_similarity(photo, photo) == pytest.approx(1)
    fainter = (photo * 0.5 + 60).astype(np.uint8)
    assert similarity.content_similarity(fainter, photo) > 0.95
    posterised = photo // 64 * 64
    assert similarity.content_similarity(posterised, photo) < 0.8
    assert similarity.content_similarity(shot[1], photo) < 0.4


def test_the_shipped_discriminator_knows_a_look_from_another(shot: np.ndarray) -> None:
    judge = similarity.load()
    assert float(judge.metadata["accuracy"]) > 0.75

    def faded(photo: np.ndarray) -> np.ndarray:
        return (photo * 0.5 + 70).astype(np.uint8)

    alike = judge.similarity(faded(shot[0]), faded(shot[1]))
    apart = judge.similarity(shot[0], faded(shot[1]))
    assert alike > 0.8 and apart < 0.2
    assert judge.similarity(faded(shot[1]), shot[0]) == pytest.approx(apart, abs=1e-4)


def test_looks_too_near_to_tell_do_not_count() -> None:
    nodes = looks.identity_lattice()
    drawn = torch.stack([nodes, nodes * 0.999, nodes * 0.5])
    shot = torch.rand(3 * discriminator.VIEWS, 3, similarity.SIDE, similarity.SIDE)
    network = similarity.Discriminator().eval()
    _, same, counted = discriminator.compare_all(network, shot, drawn)
    # Six pairs within each look; only the third look is another than the first two.
    assert same.sum() == 3 * 6
    assert (counted & ~same).sum() == 2 * discriminator.VIEWS**2


def test_a_discriminator_trains_and_loads(folder: Path, lattices: Path, tmp_path: Path) -> None:
    out = tmp_path / "judge.safetensors"
    discriminator.main([
        "--photos", str(folder), "--looks", str(lattices), "--out", str(out), "--steps", "2",
        "--batch", "2",
    ])  # fmt: skip
    judge = similarity.load(out)
    assert judge.metadata["looks"] == "2"
    assert 0 < judge.similarity(astronaut(), coffee()) < 1


def test_a_discriminator_learns_one_batch(lattices: Path, shot: np.ndarray) -> None:
    torch.manual_seed(0)
    loaded = looks.load([lattices])
    small = torch.rand(2 * discriminator.VIEWS, 3, similarity.SIDE, similarity.SIDE)
    network = similarity.Discriminator()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    lost = []
    for _ in range(10):
        loss = discriminator.balanced_loss(*discriminator.compare_all(network, small, loaded))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lost.append(loss.item())
    assert lost[-1] < lost[0] / 2


def test_a_missing_discriminator_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"core\.training\.discriminator"):
        similarity.load(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match="holds no style discriminator"):
        similarity.load(Path(similarity.WEIGHTS).with_name("neural-preset-b0-k16.safetensors"))


def test_histogram_matching_gives_the_styles_histogram(shot: np.ndarray) -> None:
    matched = methods.histogram_matching(shot[0], shot[1])
    quantiles = np.linspace(0, 1, 11)
    ours, theirs = (np.quantile(p.reshape(-1, 3), quantiles, axis=0) for p in (matched, shot[1]))
    assert np.abs(ours - theirs).mean() < 4
    assert matched.dtype == np.uint8


def test_gmic_takes_part_where_it_is_installed(shot: np.ndarray) -> None:
    """Without G'MIC this checks that the panel says so and stays whole."""
    panel = methods.reference()
    installed = panel.add_gmic()
    assert installed == (gmic.executable() is not None)
    assert panel.slow == (set(gmic.COMMANDS) if installed else set())
    content, style = shot[0][::4, ::4], shot[1][::4, ::4]
    for command in panel.slow:
        moved = panel.methods[command](content, style)
        assert moved.shape == content.shape and moved.dtype == np.uint8
        before, after = (metrics.color_distance(p, style) for p in (content, moved))
        assert after < before, command


def test_a_failing_gmic_is_named(shot: np.ndarray) -> None:
    # Python takes the picture for a program and fails, as G'MIC does at a command it lacks.
    transfer = gmic.Transfer(sys.executable, "transfer_rgb")
    with pytest.raises(RuntimeError, match="G'MIC's transfer_rgb failed"):
        transfer(shot[0], shot[1])


def test_gain_compares_the_same_cases() -> None:
    scores = Scores()
    for value in (10.0, 20.0, 60.0):
        scores.add("cross photo", "nothing", {"psnr": value})
    for value in (11.0, 21.0):
        scores.add("cross photo", "slow", {"psnr": value})
    assert scores.gain("cross photo", "slow") == pytest.approx(1)
    row = scores.document()["cross photo"]["slow"]
    assert row["cases"] == 2 and row["psnr"]["mean"] == pytest.approx(16)
    assert row["psnr"]["p10"] == pytest.approx(12)
    assert scores.summary()["cross photo"]["nothing"]["mean"] == pytest.approx(30)


def test_the_90th_percentile_is_the_bad_one_where_less_is_better() -> None:
    scores = Scores()
    for value in range(11):
        scores.add("distance", "MKL", {"distance": float(value)})
    assert scores.document()["distance"]["MKL"]["distance"]["p90"] == pytest.approx(9)


def test_the_evaluation_prints_every_protocol(
    folder: Path,
    lattices: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every protocol, method and figure; said clearly what is left out; the sheet of pairs."""
    monkeypatch.setattr(gmic, "executable", lambda: None)
    out, sheet, pairs = tmp_path / "table.json", tmp_path / "sheet.png", tmp_path / "pairs"
    pairs.mkdir()
    for name, photo in (("01_content", astronaut()), ("01_style", coffee()), ("02", coffee())):
        Image.fromarray(photo).save(pairs / f"{name}.png")
    weights = Path(similarity.WEIGHTS).with_name("neural-preset-b0-k16.safetensors")
    evaluate.main([
        "--photos", str(folder), "--looks", str(lattices), "--cases", "2", "--json", str(out),
        "--also", f"twin={weights}", "--sheet", str(sheet), "--pairs", str(pairs),
    ])  # fmt: skip
    document = json.loads(out.read_text())
    table = document["protocols"]
    assert set(table) == {"same photo", "cross photo", "re-grade", "normalise", "distance"}
    everyone = {"nothing", "MKL", "Reinhard", "histogram", "look", "colors", "twin look",
                "twin colors"}  # fmt: skip
    assert set(table["same photo"]) == everyone
    assert set(table["cross photo"]) == everyone | {"truth"}
    assert set(table["normalise"]) == {"nothing", "ours", "twin"}
    assert table["same photo"]["twin look"] == table["same photo"]["look"]
    figures = {"cases", "gain", "psnr", "ciede2000", "ssim", "style", "content"}
    assert set(table["cross photo"]["look"]) == figures
    assert set(table["distance"]["look"]) == {"cases", "distance", "style", "content"}
    assert 0 < document["discriminator"]["accuracy"] <= 1
    # MKL is nearly an oracle where both distributions come from the same pixels.
    assert table["same photo"]["MKL"]["gain"] > 0
    printed = capsys.readouterr().out
    assert f"{table['normalise']['ours']['psnr']['mean']:.2f}" in printed
    assert gmic.NOTICE in printed and "style discriminator is right on" in printed
    assert max(map(len, printed.splitlines())) < 100
    with Image.open(sheet) as drawn:
        # One pair: content, style, look, colors, MKL.
        assert drawn.size[0] // report.TILE == 5 and drawn.size[1] // report.TILE == 1


def test_what_the_command_cannot_take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(astronaut()).save(tmp_path / "01_content.png")
    with pytest.raises(InputError, match="no pairs"):
        report.pairs(tmp_path, 64)
    with pytest.raises(SystemExit):
        evaluate.main(["--photos", "p", "--looks", "l", "--also", "nameless.safetensors"])
    assert "is not NAME=WEIGHTS" in capsys.readouterr().err


def test_slow_methods_see_the_first_cases_only(shot: np.ndarray, lattices: Path) -> None:
    panel = methods.reference()
    panel.methods["late"] = methods.closed_form(statistical.mkl)
    panel.slow.add("late")
    rounds = protocols.draw(shot, looks.load([lattices]), 2)
    scores = evaluate.run(rounds, panel, slow_rounds=1)
    assert scores.count("re-grade", "late") == 1
    assert scores.count("re-grade", "MKL") == 2
