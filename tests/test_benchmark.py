"""The benchmark runs and says what it promises; how fast things are is not judged here."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.benchmark import apply, banding, curve, memory, method, peers, scene
from core.benchmark.__main__ import main
from core.benchmark.report import table
from core.benchmark.timing import Timing, timed
from core.processor import Processor


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the JSON and the plot of a quick run."""
    folder = tmp_path_factory.mktemp("benchmark")
    files = ["--json", str(folder / "all.json"), "--plot", str(folder / "all.png")]
    assert main(["--quick", *files]) == 0
    return folder


def test_every_kind_of_pixels_has_a_row_with_ratios(quick: Path) -> None:
    rows = json.loads((quick / "all.json").read_text())["apply"]
    kinds = {f"{form} {depth}" for form in ("RGB", "RGBA") for depth in ("u8", "u16", "f32")}
    assert {row["pixels"] for row in rows} == kinds
    for row in rows:
        assert row["copies"] == pytest.approx(row["ours"]["median"] / row["copy"]["median"])
        assert row["ours"]["best"] <= row["ours"]["median"]
        for name, ratio in row["times_as_fast"].items():
            assert ratio == pytest.approx(row["peers"][name]["median"] / row["ours"]["median"])
        assert ("Pillow" in row["peers"]) == row["pixels"].endswith("u8")


def test_the_other_sections_are_there(quick: Path) -> None:
    document = json.loads((quick / "all.json").read_text())
    assert document["computer"]["cores"] >= 1
    assert len(document["memory"]) == 3
    assert {row["device"] for row in document["method"]} >= {"cpu"}
    assert document["method"][0]["memory"] > 1e7
    assert [point["megapixels"] for point in document["curve"]] == pytest.approx(
        [0.05, 0.1, 0.2], rel=0.02
    )
    assert document["line"]["spread"] >= 1


def test_the_plot_is_a_picture(quick: Path) -> None:
    with Image.open(quick / "all.png") as plot:
        assert min(plot.size) > 300


def test_only_the_sections_asked_for_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "--only", "banding"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("Bands:")
    assert "Megapixels" not in output


def test_programs_that_are_missing_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers.shutil, "which", lambda program: None)
    found, notes = peers.installed()
    assert [peer.name for peer in found] == ["OpenColorIO", "Pillow"]
    assert notes == [
        f"{name} is not installed: its column is left out." for name in ("ffmpeg", "ImageMagick")
    ]


def test_without_matplotlib_a_note_takes_the_place_of_the_plot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["--quick", "--only", "banding", "--plot", str(tmp_path / "plot.png")]) == 0
    assert "matplotlib is not installed: no plot." in capsys.readouterr().out
    assert not (tmp_path / "plot.png").exists()


def test_dithering_leaves_less_of_a_band_than_rounding() -> None:
    for row in banding.measure():
        assert row.dithered < row.rounded
        if row.source == "8-bit gradient":
            assert row.dithered < 0.65 * row.rounded
            assert row.dithered_step < 0.65 * row.rounded_step


def test_a_line_is_found_and_what_is_off_it() -> None:
    def point(size: float, seconds: float, encoder: float) -> curve.Point:
        return curve.Point(size, Timing(seconds, seconds), Timing(0, 0), Timing(encoder, encoder))

    exact = curve.line([point(size, 0.001 + 0.003 * size, 0.01) for size in (1, 10, 100)])
    assert (exact.constant, exact.slope) == pytest.approx((0.001, 0.003))
    assert exact.off == pytest.approx(0, abs=1e-9)
    bent = curve.line([point(size, 0.003 * size**1.5, 0.01 * size) for size in (1, 10, 100)])
    assert bent.off > 0.2
    assert bent.spread == pytest.approx(100)


def test_a_photo_has_the_size_depth_and_opacity_asked_for() -> None:
    for depth, full in scene.FULL.items():
        pixels = scene.photo(2100, 1400, depth, 4)
        assert pixels.shape == (1400, 2100, 4)
        assert pixels.dtype == depth
        assert (pixels[..., 3] == full).all()
        np.testing.assert_array_equal(pixels[1365:, 2048:], pixels[:35, :52])


def test_memory_is_measured_in_another_process() -> None:
    ballast = np.ones(200 << 20, np.uint8)  # of this process, not of that one
    most = memory.extra(6000, 4000, "uint8", 3)
    assert memory.peak() >= ballast.nbytes
    assert 0 < most < 64 << 20


def test_a_gpu_would_get_the_same_picture() -> None:
    pixels = scene.photo(300, 200)
    expected = pixels.copy()
    Processor(scene.LOOK).apply(expected, dither=False)
    off = np.abs(method.on_device(pixels, "cpu").astype(int) - expected)
    assert off.mean() < 0.1
    assert off.max() <= 2  # trilinear, not tetrahedral


def test_a_picture_without_room_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "_fits", lambda needed: needed < 1e5)
    sizes = {"small": (100, 100), "large": (1000, 1000)}
    rows = apply.measure(sizes, ["uint8"], [3], [], 1)
    assert [row.size for row in rows] == ["small"]


def test_the_first_run_and_the_preparation_do_not_count() -> None:
    done = []
    timing = timed(lambda: done.append("job"), 3, lambda: done.append("before"))
    assert done == ["before", "job"] * 4
    assert 0 < timing.best <= timing.median
    assert timing.less(Timing(1, 1)).median > 0


def test_tables_are_markdown() -> None:
    lines = table("Title", ["name", "ms"], [["a", "10"], ["long", "2"]]).splitlines()
    assert lines == [
        "Title",
        "",
        "| name | ms |",
        "| ---- | -: |",
        "| a    | 10 |",
        "| long |  2 |",
    ]
