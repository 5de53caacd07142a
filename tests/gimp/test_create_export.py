"""Create Preset and Export Look as LUT at the screen: what they write is what a script gets."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core import lutfile, presetfile
from tests.gimp import lastvalues
from tests.gimp.harness import Gimp
from tests.gimp.window import COMPLAINT, PATIENCE, Window, WindowError

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


def until(window: Window, what: str, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > deadline:
            raise WindowError(f"not {what}; see {window.screenshot('late')}")
        time.sleep(0.2)


def read_news(window: Window) -> None:
    """Close the message that tells what was done."""
    message = window.wait_for(COMPLAINT)
    window.key("Escape", window=message)
    window.wait_until_gone(COMPLAINT)


def retype(window: Window, dialog: str, key: str, text: str) -> None:
    """Replace what stands in the entry of this key."""
    window.key(key, "ctrl+a", window=dialog)
    window.type(text)


def test_a_preset_is_named_tagged_and_replaced_when_agreed(gimp: Gimp, small: Path) -> None:
    mine = gimp.home / "presets" / "tea-house.json"
    with Window(gimp, small) as window:
        dialog = window.open_dialog("Create Preset from Layer", CREATE)
        window.key("alt+t", window=dialog)
        window.type("warm, cup, Warm")
        window.screenshot("create-tags")
        window.key("Return")
        until(window, "created", mine.exists)
        window.wait_until_gone(CREATE)
        read_news(window)
        first = presetfile.read(mine)
        assert (first.name, first.tags) == ("tea house", ("warm", "cup"))

        dialog = window.open_dialog("Create Preset from Layer", CREATE)
        retype(window, dialog, "alt+n", "TEA House")
        retype(window, dialog, "alt+t", "other")
        window.screenshot("create-taken")
        window.key("alt+o", window=dialog)
        window.key("Escape", window=window.wait_for(REPLACE_PRESET))
        window.wait_until_gone(REPLACE_PRESET)
        assert presetfile.read(mine) == first
        window.key("alt+o", window=window.wait_for(CREATE))
        window.key("alt+r", window=window.wait_for(REPLACE_PRESET))
        window.wait_until_gone(CREATE)
        read_news(window)
        until(window, "replaced", lambda: presetfile.read(mine) != first)
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
        window.key("alt+o", window=window.wait_for(CREATE))
        until(window, "created", kept.exists)
        window.wait_until_gone(CREATE)
        read_news(window)
    assert presetfile.read(kept).toning


def test_a_look_is_written_as_cube_and_as_haldclut(gimp: Gimp, small: Path) -> None:
    folder = gimp.user
    cube, hald = folder / "Autumn.cube", folder / "mine.png"
    for left in (cube, hald):  # by another test
        left.unlink(missing_ok=True)
    with Window(gimp, small) as window:
        dialog = window.open_dialog("Export Look as LUT", EXPORT)
        window.key("alt+g", "Left", "Left", "Left", window=dialog)
        window.screenshot("export-cube")
        window.key("alt+o", window=dialog)
        until(window, "exported", cube.exists)
        window.wait_until_gone(EXPORT)
        read_news(window)
        values = lastvalues.take(gimp, "export-lut")
        assert values["preset"] == "Autumn"
        assert values["strength"] < 100
        strength = values["strength"]
        again = gimp.scratch / "Autumn.cube"
        look = {"preset": "Autumn", "strength": strength}
        headless(gimp, "export-lut", small, **look, file=str(again), size=33)
        assert cube.read_text() == again.read_text()

        dialog = window.open_dialog("Export Look as LUT", EXPORT)
        hald.write_bytes(b"not yet")
        window.key("ctrl+f", window=dialog)
        window.type("sepia")
        window.key("Return", "alt+f", "Down")
        retype(window, dialog, "alt+n", "mine")
        window.screenshot("export-hald")
        window.key("alt+o", window=dialog)
        window.key("Escape", window=window.wait_for(REPLACE_FILE))
        window.wait_until_gone(REPLACE_FILE)
        assert hald.read_bytes() == b"not yet"
        window.key("alt+o", window=window.wait_for(EXPORT))
        window.key("alt+r", window=window.wait_for(REPLACE_FILE))
        window.wait_until_gone(EXPORT)
        until(window, "exported", lambda: hald.read_bytes() != b"not yet")
        read_news(window)
        values = lastvalues.take(gimp, "export-lut")
        assert (values["preset"], values["size"]) == ("Sepia", 64)
    again = gimp.scratch / "again.png"
    look = {"preset": "Sepia", "strength": values["strength"]}
    headless(gimp, "export-lut", small, **look, file=str(again), size=64)
    assert hald.read_bytes() == again.read_bytes()
    assert lutfile.read_lut(hald).size == 64
