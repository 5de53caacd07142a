"""Create Preset and Export Look as LUT at the screen: what they write is what a script gets."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core import lutfile, presetfile
from tests.gimp import lastvalues
from tests.gimp.harness import Gimp
from tests.gimp.steps import press_ok, read_news
from tests.gimp.window import Window

CREATE, EXPORT = "^Create Preset from Layer$", "^Export Look as LUT$"
REPLACE_PRESET, REPLACE_FILE = "^Replace the preset[?]$", "^Replace the file[?]$"

HEADLESS = """
    image, layer = load(args["photo"])
    outcome = call("plug-in-neural-preset-" + args["name"], image=image, drawables=[layer],
                   **args["values"])
    result["outcome"] = outcome.as_dict()
"""


@pytest.fixture
def small(gimp: Gimp, photo: Callable[[str], Path]) -> Path:
    """A small photo, and none of the user's presets."""
    shutil.rmtree(gimp.home / "presets", ignore_errors=True)
    file = gimp.scratch / "tea house.png"
    with Image.open(photo("coffee")) as whole:
        whole.convert("RGB").resize((300, 200)).save(file)
    return file


@pytest.fixture
def gray(gimp: Gimp, photo: Callable[[str], Path]) -> Path:
    """The same without colours, as an RGB image."""
    file = gimp.scratch / "gray.png"
    with Image.open(photo("coffee")) as whole:
        whole.convert("L").convert("RGB").resize((90, 60)).save(file)
    return file


def headless(gimp: Gimp, name: str, photo: Path, /, **values: Any) -> None:
    made = gimp.run_python(HEADLESS, name=name, photo=photo, values=values)
    assert made["outcome"] == {"status": "SUCCESS", "message": ""}


def test_a_preset_is_named_tagged_and_replaced_when_agreed(gimp: Gimp, small: Path) -> None:
    mine = gimp.home / "presets" / "tea-house.json"
    with Window(gimp, small) as window:
        window.open_dialog("Create Preset from Layer", CREATE)
        tags = window.says(name="tea house", tags="warm, cup, Warm")
        window.write("alt+t", "warm, cup, Warm", where=CREATE, until=tags)
        window.screenshot("create-tags")
        window.press("Return", where=CREATE, until=window.gone(CREATE))
        window.until(mine.exists)
        read_news(window)
        first = presetfile.read(mine)
        assert (first.name, first.tags) == ("tea house", ("warm", "cup"))

        window.open_dialog("Create Preset from Layer", CREATE)
        window.write("alt+n", "TEA House", where=CREATE, until=window.says(name="TEA House"))
        window.write("alt+t", "other", where=CREATE, until=window.says(tags="other"))
        window.screenshot("create-taken")
        window.press("alt+o", where=CREATE, until=window.there(REPLACE_PRESET))
        window.close(REPLACE_PRESET)
        assert presetfile.read(mine) == first
        window.press("alt+o", where=CREATE, until=window.there(REPLACE_PRESET))
        window.press("alt+r", where=REPLACE_PRESET, until=window.gone(REPLACE_PRESET))
        window.wait_until_gone(CREATE)
        read_news(window)
        window.until(lambda: presetfile.read(mine) != first)
    second = presetfile.read(mine)
    assert (second.name, second.tags) == ("TEA House", ("other",))
    assert len(list(mine.parent.glob("*.json"))) == 1
    headless(gimp, "create", small, name="script", tags=" warm ,, cup")
    third = presetfile.read(mine.with_name("script.json"))
    assert third.tags == ("warm", "cup")
    for each in (first, second):
        assert (each.look, each.colors, each.reference) == (
            *(third.look, third.colors, third.reference),
        )


def test_odd_pictures_can_be_kept_all_the_same(gimp: Gimp, gray: Path) -> None:
    """Black and white, and tiny: the screenshot shows the advice. The look has no colours."""
    with Window(gimp, gray) as window:
        window.open_dialog("Create Preset from Layer", CREATE)
        kept = gimp.home / "presets" / "gray.json"
        window.screenshot("create-gray")
        press_ok(window, CREATE)
        window.until(kept.exists)
        read_news(window)
    assert presetfile.read(kept).toning


def test_a_look_is_written_as_cube_and_as_haldclut(gimp: Gimp, small: Path) -> None:
    folder = gimp.user
    cube, hald = folder / "Autumn.cube", folder / "mine.png"
    for left in (cube, hald):  # by another test
        left.unlink(missing_ok=True)
    with Window(gimp, small) as window:
        window.open_dialog("Export Look as LUT", EXPORT)
        weaker = window.says(preset="Autumn", strength=97)
        window.press("alt+g", "End", "Left", "Left", "Left", where=EXPORT, until=weaker)
        window.screenshot("export-cube")
        press_ok(window, EXPORT)
        window.until(cube.exists)
        read_news(window)
        values = lastvalues.take(gimp, "export-lut")
        assert values["preset"] == "Autumn"
        assert values["strength"] == 97
        again = gimp.scratch / "Autumn.cube"
        look = {"preset": "Autumn", "strength": 97}
        headless(gimp, "export-lut", small, **look, file=str(again), size=33)
        assert cube.read_text() == again.read_text()

        window.open_dialog("Export Look as LUT", EXPORT)
        hald.write_bytes(b"not yet")
        window.press("ctrl+f", where=EXPORT, until=window.on("Search presets"))
        sepia = window.says(preset="Sepia")
        window.write("ctrl+f", "sepia", where=EXPORT, until=sepia, end="Return")
        window.press("alt+f", "End", where=EXPORT, until=window.says(size=64))
        window.write("alt+n", "mine", where=EXPORT, until=window.says(file=str(hald)))
        window.screenshot("export-hald")
        window.press("alt+o", where=EXPORT, until=window.there(REPLACE_FILE))
        window.close(REPLACE_FILE)
        assert hald.read_bytes() == b"not yet"
        window.press("alt+o", where=EXPORT, until=window.there(REPLACE_FILE))
        window.press("alt+r", where=REPLACE_FILE, until=window.gone(REPLACE_FILE))
        window.wait_until_gone(EXPORT)
        window.until(lambda: hald.read_bytes() != b"not yet")
        read_news(window)
        values = lastvalues.take(gimp, "export-lut")
        assert (values["preset"], values["size"]) == ("Sepia", 64)
    again = gimp.scratch / "again.png"
    look = {"preset": "Sepia", "strength": values["strength"]}
    headless(gimp, "export-lut", small, **look, file=str(again), size=64)
    assert hald.read_bytes() == again.read_bytes()
    assert lutfile.read_lut(hald).size == 64
