"""The commands that change photos, from the arguments to the files, with one real worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import atomic, images, model
from core.cli import main
from core.client import Session
from core.commands.presets import find
from core.errors import WorkerError
from core.locations import Locations
from core.looks import Looks, Options, PresetSource, Reference
from core.lutfile import read_lut
from core.processor import Processor
from tests import pictures
from tests.workers import temporary_locations


@pytest.fixture(scope="module", autouse=True)
def places() -> Iterator[Locations]:
    with temporary_locations() as locations:
        yield locations


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a lossless photo and one with EXIF."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(pictures.chelsea()).save("cat.png")
    exif = Image.Exif()
    exif[0x010F] = "ACME"
    Image.fromarray(pictures.coffee()).save("cup.jpg", exif=exif, quality=95)
    return tmp_path


def pixels(path: str) -> np.ndarray:
    return images.read(Path(path)).pixels


def done(*arguments: str) -> None:
    assert main(arguments) == 0


def applied(lut_source: Looks, source: PresetSource | Reference, options: Options) -> np.ndarray:
    """What the core makes of cat.png in this process."""
    photo = images.read(Path("cat.png"))
    _, lut = lut_source.lut(photo.picture(), source, options)
    expected = photo.to_srgb()
    Processor(lut).apply(expected)
    return expected


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks(model.load())


def test_apply_is_what_the_core_computes(folder: Path, looks: Looks) -> None:
    done("apply", "cat.png", "--preset", "Sepia")
    sepia = applied(looks, PresetSource(find("Sepia")), Options())
    # Another process may add floats in another order.
    assert np.abs(pixels("cat-sepia.png").astype(int) - sepia).max() <= 1

    done("apply", "cat.png", "--preset", "Golden Hour", "--strength", "70", "-o", "g.png")
    golden = applied(looks, PresetSource(find("Golden Hour")), Options(strength=70))
    assert np.abs(pixels("g.png").astype(int) - golden).max() <= 1
    assert np.abs(golden.astype(int) - pixels("cat.png")).mean() > 2


def test_colours_are_rounded_where_no_dither_is_wanted(folder: Path, looks: Looks) -> None:
    photo = images.read(Path("cat.png"))
    _, lut = looks.lut(photo.picture(), PresetSource(find("Sepia")), Options())
    rounded, dithered = photo.to_srgb(), photo.to_srgb()
    Processor(lut).apply(rounded, dither=False)
    Processor(lut).apply(dithered)
    done("apply", "cat.png", "--preset", "Sepia", "--no-dither")
    found = pixels("cat-sepia.png")
    assert (found == rounded).mean() > 0.99 > (found == dithered).mean()


def test_a_deep_photo_is_dithered_where_its_result_has_8_bits(folder: Path) -> None:
    images.write(Path("deep.tif"), images.Photo(np.full((64, 64, 3), 26000, np.uint16)))
    for name, extra in (("dithered", []), ("rounded", ["--no-dither"])):
        words = ["--preset", "Sepia", "--quality", "100", "-o", f"{name}.jpg", *extra]
        done("apply", "deep.tif", *words)
    # A flat photo stays flat where it is rounded.
    assert np.ptp(pixels("rounded.jpg"), axis=(0, 1)).max() == 0
    assert np.ptp(pixels("dithered.jpg"), axis=(0, 1)).min() > 0


def test_transfer_takes_intent_and_method(folder: Path, looks: Looks) -> None:
    for name, extra in (("half", []), ("look", ["--intent", "look"]), ("mkl", ["--method", "mkl"])):
        done("transfer", "cat.png", "--style", "cup.jpg", "-o", f"{name}.png", *extra)
    reference = Reference(images.read(Path("cup.jpg")).picture())
    half = applied(looks, reference, Options(intent=50))
    assert np.abs(pixels("half.png").astype(int) - half).max() <= 1
    results = [pixels(f"{name}.png") for name in ("half", "look", "mkl")]
    for i, j in ((0, 1), (1, 2), (0, 2)):
        assert not np.array_equal(results[i], results[j])


@pytest.mark.parametrize("name", ["deep.png", "linear.exr", "deep.tif"])
def test_depth_and_format_stay_and_strength_0_changes_nothing(folder: Path, name: str) -> None:
    chelsea = pictures.chelsea()
    content: np.ndarray = chelsea.astype(np.uint16) * 257 + 3
    if name == "linear.exr":
        content = chelsea.astype(np.float32) / 200  # beyond white too
    images.write(Path(name), images.Photo(content))
    done("apply", name, "--preset", "Vivid Slide", "--out-dir", "vivid")
    done("apply", name, "--preset", "Vivid Slide", "--out-dir", "same", "--strength", "0")
    original, vivid = images.read(Path(name)), images.read(Path("vivid") / name)
    assert (vivid.pixels.dtype, vivid.depth) == (original.pixels.dtype, original.depth)
    assert not np.array_equal(vivid.pixels, original.pixels)
    assert np.array_equal(pixels(f"same/{name}"), original.pixels)


def test_strength_0_in_another_format_keeps_the_pixels(folder: Path) -> None:
    done("normalize", "cup.jpg", "--strength", "0", "-o", "cup.png")
    assert np.array_equal(pixels("cup.png"), pixels("cup.jpg"))
    done("normalize", "cup.jpg", "--strength", "0", "-o", "copy.jpg")
    assert Path("copy.jpg").read_bytes() == Path("cup.jpg").read_bytes()


def test_exif_is_kept(folder: Path) -> None:
    done("normalize", "cup.jpg")
    assert Image.open("cup-normalized.jpg").getexif()[0x010F] == "ACME"


def test_one_bad_photo_stops_no_other(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    assert main(["apply", "cat.png", "bad.jpg", "cup.jpg", "--preset", "Sepia"]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == ["cat-sepia.png", "cup-sepia.jpg"]
    assert len(captured.err.splitlines()) == 1 and "bad.jpg" in captured.err
    assert Path("cat-sepia.png").exists() and Path("cup-sepia.jpg").exists()
    assert not Path("bad-sepia.jpg").exists()


def test_nothing_is_overwritten_unasked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("cat.png").read_bytes()
    for where in (["-o", "cat.png"], ["--out-dir", "."]):
        assert main(["apply", "cat.png", "--preset", "Sepia", *where]) == 1
        assert "exists already" in capsys.readouterr().err
    assert Path("cat.png").read_bytes() == before
    done("apply", "cat.png", "--preset", "Sepia", "-o", "cat.png", "--overwrite")
    red, _, blue = pixels("cat.png").reshape(-1, 3).mean(0)
    assert red > blue and Path("cat.png").read_bytes() != before


def test_ctrl_c_leaves_no_half_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "publish", interrupted)
    before = sorted(folder.iterdir())
    assert main(["apply", "cat.png", "cup.jpg", "--preset", "Sepia"]) == 130
    assert sorted(folder.iterdir()) == before


def test_a_batch_gives_up_when_the_worker_fails_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lost(*_: object) -> None:
        raise WorkerError("The background worker was lost.")

    monkeypatch.setattr(Session, "look", lost)
    Image.fromarray(pictures.astronaut()).save("face.png")
    photos = ["cat.png", "cup.jpg", "face.png"]
    assert main(["apply", *photos, "--preset", "Sepia", "--jobs", "1"]) == 1
    assert "giving up: 1 more photos were not tried" in capsys.readouterr().err


def test_a_preset_from_photo_to_friend(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done("preset", "create", "cup.jpg", "--name", "Café crème")
    assert main(["preset", "create", "cup.jpg", "--name", "CAFÉ crème"]) == 1
    done("apply", "cat.png", "--preset", "café crème", "-o", "mine.png")
    done("preset", "export", "Café crème", "friend.json", "--without-picture")
    assert find("Café crème").reference and find("friend.json").reference is None
    done("preset", "delete", "Café crème")
    done("apply", "cat.png", "--preset", "friend.json", "-o", "friends.png")
    assert np.array_equal(pixels("friends.png"), pixels("mine.png"))
    done("preset", "import", "friend.json", "--name", "From a friend")
    done("preset", "rename", "From a friend", "Friend")
    capsys.readouterr()
    done("preset", "list", "--json")
    entries = json.loads(capsys.readouterr().out)
    mine = [entry for entry in entries if not entry["builtin"]]
    assert [(entry["name"], entry["kind"]) for entry in mine] == [("Friend", "neural")]
    done("preset", "delete", "Friend")


def test_a_look_becomes_a_lut_file_and_a_lut_file_a_look(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done("lut", "cat.png", "--preset", "Golden Hour", "-o", "golden.cube", "--size", "17")
    done("lut", "cat.png", "--style", "cup.jpg", "-o", "cup.png")
    assert read_lut(Path("golden.cube")).size == 17 and not read_lut(Path("cup.png")).is_identity
    done("preset", "import", "golden.cube", "--name", "Golden LUT")
    done("lut", "--preset", "Golden LUT", "-o", "again.cube")  # needs no photo
    done("apply", "cat.png", "--preset", "Golden LUT", "-o", "stored.png")
    done("apply", "cat.png", "--preset", "golden.cube", "-o", "direct.png")
    assert np.array_equal(pixels("stored.png"), pixels("direct.png"))

    assert main(["lut", "--preset", "Golden Hour", "-o", "other.cube"]) == 2
    assert "name the PHOTO" in capsys.readouterr().err
    assert main(["lut", "cat.png", "--preset", "Golden Hour", "-o", "golden.cube"]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["lut", "cat.png", "--preset", "Golden Hour", "-o", "golden.icc"]) == 2


def test_the_worker_can_be_looked_at_and_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    done("worker", "stop")
    done("worker", "status")
    assert "not running" in capsys.readouterr().out
    done("preset", "list")
    done("worker", "stop")
    assert "was not running" in capsys.readouterr().out
