"""What a dialog brings back: the last filter again, Reset, and saved settings."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core import lutfile
from tests.gimp import steps
from tests.gimp.harness import Gimp
from tests.gimp.steps import choose_photo, press_ok, read_news, reference, reset
from tests.gimp.window import COMPLAINT, Window, press_until

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
    values = steps.carry_out(window, gimp, title, procedure, CHANGED)
    press_until(window, "ctrl+z", CHANGED, CLEAN)
    return values


def save(window: Window, gimp: Gimp, title: str) -> None:
    """Save the settings."""
    folder = gimp.config / "plug-in-settings"

    def saved() -> bool:
        return any(each.suffix != ".last" for each in folder.glob("*neural-preset*"))

    window.press("alt+s", where=title, until=saved)


def test_a_preset_is_reset_and_loaded_again(gimp: Gimp, scene: Path) -> None:
    with Window(gimp, scene) as window:
        window.open_dialog("Apply Preset", APPLY)
        chosen = window.says(preset="Bleach Bypass")
        window.press("Home", "Right", "Right", where=APPLY, until=chosen)
        window.press("alt+g", "End", "Left", where=APPLY, until=window.says(strength=99))
        window.press("alt+k", where=APPLY, until=window.says(keep_luminance=True))
        save(window, gimp, APPLY)
        window.screenshot("again-saved")
        saved = carry_out(window, gimp, APPLY, "apply")
        assert (saved["preset"], saved["strength"]) == ("Bleach Bypass", 99)
        assert saved["keep-luminance"]

        window.open_dialog("Apply Preset", APPLY)
        window.press("alt+k", where=APPLY, until=window.says(keep_luminance=False))
        window.press("alt+l", where=APPLY, until=window.says(keep_luminance=True))
        reset(window, APPLY, until=window.says(preset="Autumn", strength=100))
        window.screenshot("again-reset")
        values = carry_out(window, gimp, APPLY, "apply")
        assert (values["preset"], values["strength"]) == ("Autumn", 100)
        assert not values["keep-luminance"]

        window.open_dialog("Apply Preset", APPLY)
        window.press("alt+l", where=APPLY, until=window.says(strength=99))
        assert carry_out(window, gimp, APPLY, "apply") == saved


def test_a_reference_is_reset_loaded_and_asked_for_again(
    gimp: Gimp, scene: Path, coffee: Path
) -> None:
    """GIMP keeps a file, but no layer: the last filter again refuses without one, and says so."""
    with Window(gimp, scene) as window:
        window.open_dialog("Match Look of", MATCH)
        window.press("alt+w", where=MATCH, until=window.says(swap=True))
        assert carry_out(window, gimp, MATCH, "transfer")["swap"]
        window.press("ctrl+f", where=CLEAN, until=window.there(COMPLAINT), again=15)
        window.screenshot("again-refused")
        window.close(COMPLAINT)

        window.press("ctrl+shift+f", where=CLEAN, until=window.there(MATCH), again=15)
        choose_photo(window, MATCH, coffee)
        save(window, gimp, MATCH)
        reset(window, MATCH, until=window.says(style_file=None))
        window.screenshot("again-without-file")
        assert "style-file" not in carry_out(window, gimp, MATCH, "transfer")

        window.open_dialog("Match Look of", MATCH)
        window.press("alt+l", where=MATCH, until=lambda: reference(window) == coffee)
        window.screenshot("again-with-file")
        values = carry_out(window, gimp, MATCH, "transfer")
        assert Path(values["style-file"].removeprefix("file://")).samefile(coffee)


def test_the_place_of_a_lut_is_reset(gimp: Gimp, scene: Path) -> None:
    """Its format and its name, too, which are no arguments of their own."""
    cube = gimp.user / "Autumn.cube"
    cube.unlink(missing_ok=True)
    with Window(gimp, scene) as window:
        window.open_dialog("Export Look as LUT", EXPORT)

        def goes_to(name: str) -> Callable[[], bool]:
            return lambda: Path(window.told().arguments["file"] or "").name == name

        window.press("Home", "Right", where=EXPORT, until=goes_to("Black and White.cube"))
        window.press("alt+f", "End", where=EXPORT, until=goes_to("Black and White.png"))
        window.write("alt+n", "mine", where=EXPORT, until=goes_to("mine.png"))
        window.screenshot("again-hald")
        reset(window, EXPORT, until=goes_to("Autumn.cube"))
        window.screenshot("again-cube")
        press_ok(window, EXPORT)
        read_news(window)
        assert cube.exists()
    assert lutfile.read_lut(cube).size == 33
