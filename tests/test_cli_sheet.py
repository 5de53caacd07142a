"""The contact sheet: from the presets' folder to the file, and how it is laid out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cli import main
from core.contactsheet import Cell, draw
from core.locations import Locations
from core.lut import Lut
from core.photofile import exif
from core.photofile.orientation import TAG, upright
from core.presetfile import LUT, Preset
from core.presets import PresetStore
from tests import pictures
from tests.workers import temporary_locations


@pytest.fixture(scope="module")
def places() -> Iterator[Locations]:
    with temporary_locations() as locations:
        negative = 1 - Lut.identity(5).lattice
        table = negative.astype("<f2").tobytes()
        store = PresetStore(locations.presets, locations.builtin)
        store.add(Preset("Negative – 夕", LUT, lattice_size=5, lattice=table))  # noqa: RUF001
        (locations.presets / "torn.json").write_text('{"format": "neural-preset", "vers')
        yield locations


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(pictures.chelsea()).save("cat.png")
    return tmp_path


def test_the_users_presets_on_a_sheet(
    places: Locations, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sheet", "cat.png", "-o", "looks.png", "--presets", "user", "--columns", "3"]) == 0
    said = capsys.readouterr()
    assert said.out == "looks.png\n"
    assert "torn" in said.err and "damaged" in said.err
    sheet = np.asarray(Image.open("looks.png"))
    assert sheet.shape[1] > 3 * 240
    # The photo itself first, then the negative of it, then a place for the torn one.
    small = np.asarray(Image.open("cat.png").resize((240, 160), Image.Resampling.BOX))
    found = where(sheet, small)
    assert found is not None
    top, left = found
    beside = sheet[top : top + 160, left + 256 : left + 496].astype(int)
    assert np.abs(beside - (255 - small.astype(int))).max() <= 1
    assert len(np.unique(sheet[top + 120 : top + 160, left + 512 : left + 752])) == 1


def where(sheet: np.ndarray, small: np.ndarray) -> tuple[int, int] | None:
    """The corner at which the sheet shows the picture, a level more or less."""
    height, width = small.shape[:2]
    for top in range(40):
        for left in range(40):
            part = sheet[top : top + height, left : left + width].astype(int)
            if part.shape == small.shape and np.abs(part - small).max() <= 1:
                return top, left
    return None


def test_all_presets_are_shown_unless_others_are_asked_for(
    places: Locations, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[list[str]] = []

    def record(cells: list[Cell], columns: int | None) -> np.ndarray:
        drawn.append([cell.name for cell in cells])
        assert columns is None
        return draw(cells[:1])

    monkeypatch.setattr("core.contactsheet.draw", record)
    for which in ("all", "builtin", "user"):
        assert main(["sheet", "cat.png", "-o", f"{which}.png", "--presets", which]) == 0
    every, builtin, user = drawn
    assert every[0] == builtin[0] == user[0] == "Original"
    assert sorted([*builtin[1:], *user[1:]]) == sorted(every[1:])
    shipped = [json.loads(file.read_text())["name"] for file in places.builtin.glob("*.json")]
    assert sorted(builtin[1:]) == sorted(shipped)
    assert set(user[1:]) == {"Negative – 夕", "torn"}  # noqa: RUF001


def test_a_sheet_that_exists_stays_unless_overwriting_is_asked_for(
    places: Locations, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("looks.png").write_bytes(b"mine")
    arguments = ["sheet", "cat.png", "-o", "looks.png", "--presets", "user"]
    assert main(arguments) == 1
    assert "exists already" in capsys.readouterr().err
    assert Path("looks.png").read_bytes() == b"mine"
    assert main([*arguments, "--overwrite"]) == 0
    assert Image.open("looks.png").size[0] > 240


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["cat.png", "-o", "looks.gif"], 2, "name it .jpg, .png"),
        (["cat.png", "-o", "looks.png", "--presets", "user"], 1, "no such presets yet"),
        (["dog.png", "-o", "looks.png"], 1, "no file dog.png"),
    ],
)
def test_what_cannot_be_is_said(
    home: Path,
    folder: Path,
    arguments: list[str],
    status: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["sheet", *arguments]) == status
    assert message in capsys.readouterr().err
    assert not Path("looks.png").exists()


@pytest.mark.parametrize("columns", ["0", "101", "many"])
def test_columns_are_a_number(columns: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sheet", "a.jpg", "-o", "b.png", "--columns", columns])
    assert ended.value.code == 2
    assert "from 1 to 100" in capsys.readouterr().err


def flat(level: int, height: int = 30, width: int = 40) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def test_rows_and_columns() -> None:
    levels = (201, 202, 203, 204, 205)
    cells = [Cell("x", flat(level)) for level in levels]

    def places_in(sheet: np.ndarray) -> list[tuple[int, int]]:
        return [tuple(np.argwhere((sheet == level).all(2))[0]) for level in levels]

    two = places_in(draw(cells, columns=2))
    assert two == sorted(two) and [len({y for y, _ in two}), len({x for _, x in two})] == [3, 2]
    one_row = draw(cells, columns=50)
    assert len({y for y, _ in places_in(one_row)}) == 1
    assert one_row.shape[1] > one_row.shape[0]
    usual = draw(cells * 8)
    assert usual.shape[1] > usual.shape[0]


def test_a_transparent_picture_lies_on_the_ground_and_long_words_are_cut() -> None:
    clear = np.dstack([flat(255), np.zeros((30, 40), np.uint8)])
    sheet = draw([Cell("", clear)])
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) == 1
    narrow, wide = (draw([Cell(name, flat(9))]) for name in ("short", "word " * 99))
    assert narrow.shape == wide.shape
    reason = draw([Cell("a", flat(9, 240, 240)), Cell("b", "reason " * 500)], columns=2)
    assert reason.shape == draw([Cell("a", flat(9, 240, 240))] * 2, columns=2).shape


@pytest.mark.parametrize(
    ("tag", "corner"),
    [
        (1, (0, 0)), (2, (0, -1)), (3, (-1, -1)), (4, (-1, 0)),
        (5, (0, 0)), (6, (0, -1)), (7, (-1, -1)), (8, (-1, 0)),
    ],
)  # fmt: skip
def test_photos_are_shown_upright(tag: int, corner: tuple[int, int]) -> None:
    """Where EXIF 2.32, table 6, puts the first pixel of the file; from 5 on the sides change."""
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 0] = 255
    block = exif.to_block({TAG: exif.Field(3, tag.to_bytes(2, "little"))})
    turned = upright(pixels, block)
    assert turned.shape == ((2, 3, 3) if tag < 5 else (3, 2, 3))
    assert turned[corner].max() == 255 and turned.sum() == 3 * 255
    assert upright(pixels, b"").shape == upright(pixels, b"damaged").shape == (2, 3, 3)
