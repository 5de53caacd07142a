"""Apply Preset at the screen: chosen with the mouse and with the keyboard, applied, taken back.

The pixels are those that a headless call with the same arguments makes. What the arguments were
is read from GIMP's own record of the last values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gimp import lastvalues
from tests.gimp.harness import Gimp
from tests.gimp.steps import press_ok
from tests.gimp.window import Window, press_until

DIALOG = "^Apply Preset$"
CLEAN, CHANGED = "^gallery[.]xcf.*GIMP", "^[*]gallery[.]xcf.*GIMP"
SEARCH, PICTURES = "Search presets", "Presets on your picture"
# In the window's own coordinates, at the size in which it first opens.
SECOND_THUMBNAIL = (240, 130)
SLIDER_RIGHT, SLIDER_MIDDLE = (1028, 452), (817, 452)
ARGUMENTS = ("preset", "output", "mix-preset", "strength", "intent", "mix", "keep-luminance")

READ = """
    image, layer = load(args["path"])
    result["pixels"] = read(layer, "R'G'B' u8").hex()
"""
APPLY = """
    image, layer = load(args["path"])
    outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer], **args["values"])
    result["outcome"] = outcome.as_dict()
    result["pixels"] = read(layer, "R'G'B' u8").hex()
    image, layer = load(args["other"])
    result["other"] = read(layer, "R'G'B' u8").hex()
"""


@pytest.fixture
def picture(gimp: Gimp) -> Path:
    """An image of one layer with many colours."""
    path = gimp.scratch / "gallery.xcf"
    gimp.run_python(
        """
        image, layer = new_image(300, 200)
        write(layer, gradient(300, 200), "R'G'B' u8")
        file = Gio.File.new_for_path(args["path"])
        assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
        """,
        path=path,
    )
    return path


def last_values(gimp: Gimp) -> dict[str, Any]:
    """The arguments with which GIMP ran Apply Preset last, once it has written them down."""
    found = {"keep-luminance": False, **lastvalues.take(gimp, "apply")}
    return {name.replace("-", "_"): found[name] for name in ARGUMENTS if name in found}


def pixels(gimp: Gimp, path: Path) -> str:
    found: str = gimp.run_python(READ, path=path)["pixels"]
    return found


def same_as_headless(gimp: Gimp, original: Path, other: Path, values: dict[str, Any]) -> None:
    """Assert that a script makes of the original what is in the other file."""
    made = gimp.run_python(APPLY, path=original, other=other, values=values)
    assert made["outcome"] == {"status": "SUCCESS", "message": ""}
    assert made["pixels"] == made["other"], values


def test_gallery_by_mouse_and_by_keyboard(gimp: Gimp, picture: Path) -> None:
    original = gimp.scratch / "original.xcf"
    original.write_bytes(picture.read_bytes())
    before = pixels(gimp, picture)
    with Window(gimp, picture) as window:
        dialog = window.open_dialog("Apply Preset", DIALOG)
        second = window.says(preset="Black and White")
        window.until(second, lambda: window.click(*SECOND_THUMBNAIL, window=dialog))
        window.until(
            lambda: 20 < window.told().arguments["strength"] < 80,
            lambda: window.drag(SLIDER_RIGHT, SLIDER_MIDDLE, window=dialog),
        )
        window.screenshot("gallery-mouse")
        press_ok(window, DIALOG)
        window.wait_for(CHANGED)
        by_mouse = last_values(gimp)
        assert by_mouse["preset"] == "Black and White"
        assert 20 < by_mouse["strength"] < 80

        press_until(window, "ctrl+s", CHANGED, CLEAN)
        same_as_headless(gimp, original, picture, by_mouse)
        press_until(window, "ctrl+z", CLEAN, CHANGED)
        press_until(window, "ctrl+s", CHANGED, CLEAN)
        assert pixels(gimp, picture) == before

        window.open_dialog("Apply Preset", DIALOG)
        kept = window.told().arguments
        assert (kept["preset"], kept["strength"]) == (by_mouse["preset"], by_mouse["strength"])
        window.press("ctrl+f", where=DIALOG, until=window.on(SEARCH))
        sepia = window.says(preset="Sepia")
        window.write("ctrl+f", "sepia", where=DIALOG, until=sepia, end="Return")
        weaker = window.says(strength=98)
        window.press("alt+g", "End", "Left", "Left", where=DIALOG, until=weaker)
        window.press("alt+k", where=DIALOG, until=window.says(keep_luminance=True))
        window.press("alt+x", where=DIALOG, until=window.on(PICTURES))  # the second gallery's
        mixed = window.says(mix_preset="")
        window.press("Home", "Right", "Down", where=DIALOG, until=lambda: not mixed())
        window.screenshot("gallery-keyboard")
        pictures = window.on(PICTURES)
        window.press("Escape", where=DIALOG, until=lambda: not pictures(), again=15)
        window.press("ctrl+f", where=DIALOG, until=window.on(SEARCH))
        window.press("Return", where=DIALOG, until=pictures)
        window.press("Return", where=DIALOG, until=window.gone(DIALOG))
        window.wait_for(CHANGED)
        by_keyboard = last_values(gimp)
        assert by_keyboard["preset"] == "Sepia"
        assert by_keyboard["mix_preset"]
        assert by_keyboard["keep_luminance"]
        assert by_keyboard["strength"] == 98
        press_until(window, "ctrl+s", CHANGED, CLEAN)
        same_as_headless(gimp, original, picture, by_keyboard)
