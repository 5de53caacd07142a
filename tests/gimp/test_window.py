"""At the screen: the filters through their dialogs, and all layers taken back by one undo step.

An image with changes since it was saved has a star in the title of its window: that tells when a
filter has ended, and whether one undo took back all that it did.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gimp.harness import Gimp
from tests.gimp.steps import press_ok
from tests.gimp.window import COMPLAINT, Window, WindowError, press_until

MATCH, APPLY = "^Match Look of$", "^Apply Preset$"
CLEAN, CHANGED = "^two[.]xcf.*GIMP", "^[*]two[.]xcf.*GIMP"

READ = """
    image, _ = load(args["path"])
    result["layers"] = {each.get_name(): read(each).hex() for each in image.get_layers()}
"""


@pytest.fixture
def two(gimp: Gimp) -> Path:
    """An image with two chosen layers and a third that can serve as the reference."""
    path = gimp.scratch / "two.xcf"
    gimp.run_python(
        """
        image, style = new_image(300, 200)
        write(style, bytes((240, 170, 60)) * 60000, "R'G'B' u8")
        style.set_name("style")
        chosen = [add_layer(image, 300, 200, name="one"), add_layer(image, 200, 100, name="other")]
        write(chosen[0], gradient(300, 200), "R'G'B' u8")
        write(chosen[1], gradient(200, 100), "R'G'B' u8")
        image.set_selected_layers(chosen)
        file = Gio.File.new_for_path(args["path"])
        assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
        """,
        path=path,
    )
    return path


def _carry_out(window: Window, dialog: str) -> None:
    press_ok(window, dialog)
    window.wait_for(f"{CHANGED}|{COMPLAINT}")
    if window.find(COMPLAINT) is not None:
        raise WindowError(f"GIMP complains; see {window.screenshot('complaint')}")


def _layers(gimp: Gimp, path: Path) -> dict[str, str]:
    found: dict[str, str] = gimp.run_python(READ, path=path)["layers"]
    return found


def test_dialogs_change_several_layers_and_one_undo_takes_it_back(gimp: Gimp, two: Path) -> None:
    """Match Look with the one layer that is not to change, and Apply Preset as it opens."""
    before = _layers(gimp, two)
    with Window(gimp, two) as window:
        window.open_dialog("Match Look of", MATCH)
        window.screenshot("match-look-of-layer")
        _carry_out(window, MATCH)

        press_until(window, "ctrl+z", CHANGED, CLEAN)
        press_until(window, "ctrl+y", CLEAN, CHANGED)
        press_until(window, "ctrl+s", CHANGED, CLEAN)
        changed = _layers(gimp, two)
        assert changed["style"] == before["style"]
        assert changed["one"] != before["one"]
        assert changed["other"] != before["other"]
        press_until(window, "ctrl+z", CLEAN, CHANGED)
        press_until(window, "ctrl+s", CHANGED, CLEAN)
        assert _layers(gimp, two) == before

        window.open_dialog("Apply Preset", APPLY)
        _carry_out(window, APPLY)
        window.screenshot("applied")
        press_until(window, "ctrl+z", CHANGED, CLEAN)
        press_until(window, "ctrl+f", CLEAN, CHANGED)  # the last filter again, with its values
