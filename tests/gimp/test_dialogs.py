"""The dialogs, in GIMP's real windows: what a headless call never runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.gimp.harness import Gimp
from tests.gimp.window import PATIENCE, Window

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
            dialog = window.open_dialog(name, f"^{name}")
            window.screenshot(name.split()[0].lower())
            window.key("Escape", window=dialog)
            window.wait_until_gone(f"^{name}")
        dialog = window.open_dialog("Create Preset from Layer", "^Create Preset")
        window.key("alt+n", "ctrl+a", "BackSpace", "alt+o", window=dialog)
        problem = window.wait_for("^Create Preset from Layer: a problem$")
        window.key("Escape", window=problem)
        window.wait_until_gone("^Create Preset from Layer: a problem$")
        window.key("alt+n", "ctrl+a", window=dialog)
        window.type("windowed")
        window.screenshot("create")
        window.key("alt+o", window=dialog)
        window.wait_until_gone("^Create Preset")
        deadline = time.monotonic() + PATIENCE
        while not preset.exists():
            assert time.monotonic() < deadline, window.screenshot("no-preset")
            time.sleep(0.2)
