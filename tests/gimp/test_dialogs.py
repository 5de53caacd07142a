"""The dialogs, in GIMP's real windows: what a headless call never runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.gimp.harness import Gimp
from tests.gimp.steps import press_ok
from tests.gimp.window import Window

CREATE, PROBLEM = "^Create Preset from Layer$", "^Create Preset from Layer: a problem$"
DIALOGS = ["Apply Preset", "Match Look of", "Normalize Colors", "Export Look as LUT"]


def test_every_dialog_opens_and_one_is_carried_out_after_a_mistake(
    gimp: Gimp, photo: Callable[[str], Path]
) -> None:
    file = gimp.scratch / "windowed.png"
    with Image.open(photo("coffee")) as picture:
        picture.resize((300, 200)).save(file)
    preset = gimp.home / "presets" / "windowed.json"
    with Window(gimp, file) as window:
        for name in DIALOGS:
            window.open_dialog(name, f"^{name}")
            told = window.told().lines
            assert told.index("progress bar up") < told.index("window up")
            window.screenshot(name.split()[0].lower())
            window.close(f"^{name}")
        window.open_dialog("Create Preset from Layer", CREATE)
        window.press("alt+n", "ctrl+a", "BackSpace", where=CREATE, until=window.says(name=""))
        window.press("alt+o", where=CREATE, until=window.there(PROBLEM))
        window.close(PROBLEM)
        window.write("alt+n", "windowed", where=CREATE, until=window.says(name="windowed"))
        window.screenshot("create")
        press_ok(window, CREATE)
        window.until(preset.exists)
