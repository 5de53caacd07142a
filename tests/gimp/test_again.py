"""What a dialog brings back: the last filter again, Reset, and saved settings."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core import lutfile
from tests.gimp import lastvalues
from tests.gimp.harness import Gimp
from tests.gimp.test_match import choose_file
from tests.gimp.window import COMPLAINT, PATIENCE, Window, WindowError, press_until

APPLY, MATCH, EXPORT = "^Apply Preset$", "^Match Look of$", "^Export Look as LUT$"
CLEAN, CHANGED = "^again[.]xcf.*GIMP", "^[*]again[.]xcf.*GIMP"


@pytest.fixture
def scene(gimp: Gimp) -> Iterator[Path]:
    """An image with the layer “photo”, which is chosen, above another; no settings are kept."""
    path = gimp.scratch / "again.xcf"
    gimp.run_python(
        """
        image, style = new_image(300, 200)
        write(style, bytes((240, 170, 60)) * 60000, "R'G'B' u8")
        photo = add_layer(image, 300, 200, name="photo")
        write(photo, gradient(300, 200), "R'G'B' u8")
        image.set_selected_layers([photo])
        file = Gio.File.new_for_path(args["path"])
        assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
        """,
        path=path,
    )
    shutil.rmtree(gimp.config / "plug-in-settings", ignore_errors=True)
    yield path
    shutil.rmtree(gimp.config / "plug-in-settings")  # GIMP begins with saved ones where no last are


@pytest.fixture
def coffee(gimp: Gimp, photo: Callable[[str], Path]) -> Path:
    path = gimp.scratch / "coffee.png"
    with Image.open(photo("coffee")) as whole:
        whole.resize((120, 80)).save(path)
    return path


def carry_out(window: Window, gimp: Gimp, title: str, procedure: str) -> dict[str, Any]:
    """Press OK as soon as there is something to carry out, and undo it; the arguments given."""
    deadline = time.monotonic() + PATIENCE
    while window.find(title) is not None:
        if time.monotonic() > deadline:
            raise WindowError(f"OK does nothing; see {window.screenshot('again-late')}")
        window.key("alt+o", window=window.find(title))
        time.sleep(0.5)
    window.wait_for(CHANGED)
    values = lastvalues.take(gimp, procedure)
    press_until(window, "ctrl+z", CHANGED, CLEAN)
    return values


def save(window: Window, gimp: Gimp, dialog: str) -> None:
    """Save the settings; a key that comes while another window closes is lost."""
    deadline = time.monotonic() + PATIENCE
    folder = gimp.config / "plug-in-settings"
    while not any(each.suffix != ".last" for each in folder.glob("*neural-preset*")):
        if time.monotonic() > deadline:
            raise WindowError(f"nothing is saved; see {window.screenshot('again-unsaved')}")
        window.key("alt+s", window=dialog)
        time.sleep(0.5)


def reset(window: Window, dialog: str) -> None:
    """The second entry of Reset: all as it is at the very first time."""
    window.key("alt+r", window=dialog)
    window.key("Tab", "Down", "Return")


def test_a_preset_is_reset_and_loaded_again(gimp: Gimp, scene: Path) -> None:
    with Window(gimp, scene) as window:
        dialog = window.open_dialog("Apply Preset", APPLY)
        window.key("Right", "Right", "alt+g", "Left", "alt+k", window=dialog)
        save(window, gimp, dialog)
        window.screenshot("again-saved")
        saved = carry_out(window, gimp, APPLY, "apply")
        assert (saved["preset"], saved["strength"]) == ("Bleach Bypass", 99)
        assert saved["keep-luminance"]

        dialog = window.open_dialog("Apply Preset", APPLY)
        window.key("alt+l", window=dialog)
        reset(window, dialog)
        window.screenshot("again-reset")
        values = carry_out(window, gimp, APPLY, "apply")
        assert (values["preset"], values["strength"]) == ("Autumn", 100)
        assert not values["keep-luminance"]

        dialog = window.open_dialog("Apply Preset", APPLY)
        window.key("alt+l", window=dialog)
        assert carry_out(window, gimp, APPLY, "apply") == saved


def test_a_reference_is_reset_loaded_and_asked_for_again(
    gimp: Gimp, scene: Path, coffee: Path
) -> None:
    """GIMP keeps a file, but no layer: the last filter again refuses without one, and says so."""
    with Window(gimp, scene) as window:
        dialog = window.open_dialog("Match Look of", MATCH)
        window.key("alt+w", window=dialog)
        assert carry_out(window, gimp, MATCH, "transfer")["swap"]
        window.key("ctrl+f", window=window.wait_for(CLEAN))
        message = window.wait_for(COMPLAINT)
        window.screenshot("again-refused")
        window.key("Escape", window=message)
        window.wait_until_gone(COMPLAINT)

        window.key("ctrl+shift+f", window=window.wait_for(CLEAN))
        dialog = window.wait_for(MATCH)
        choose_file(window, dialog, coffee)
        save(window, gimp, dialog)
        reset(window, dialog)
        window.screenshot("again-without-file")
        assert "style-file" not in carry_out(window, gimp, MATCH, "transfer")

        dialog = window.open_dialog("Match Look of", MATCH)
        window.key("alt+l", window=dialog)
        window.screenshot("again-with-file")
        values = carry_out(window, gimp, MATCH, "transfer")
        assert Path(values["style-file"].removeprefix("file://")).samefile(coffee)


def test_the_place_of_a_lut_is_reset(gimp: Gimp, scene: Path) -> None:
    """Its format and its name, too, which are no arguments of their own."""
    cube = gimp.user / "Autumn.cube"
    cube.unlink(missing_ok=True)
    with Window(gimp, scene) as window:
        dialog = window.open_dialog("Export Look as LUT", EXPORT)
        window.key("Right", "alt+f", "Down", "alt+n", "ctrl+a", window=dialog)
        window.type("mine")
        window.screenshot("again-hald")
        reset(window, dialog)
        window.screenshot("again-cube")
        window.key("alt+o")
        window.wait_until_gone(EXPORT)
        message = window.wait_for(COMPLAINT)
        assert cube.exists(), window.screenshot("again-late")
        window.key("Escape", window=message)
        window.wait_until_gone(COMPLAINT)
    assert lutfile.read_lut(cube).size == 33
