"""Match Look takes what was copied in other programs: a picture, a photo file; text is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.gimp import steps
from tests.gimp.harness import CHECKOUT, Gimp
from tests.gimp.steps import reference
from tests.gimp.window import Window

COPIED = str(CHECKOUT / "tests" / "gimp" / "inside" / "np_copied.py")
DIALOG = "^Match Look of$"
CHANGED = "^[*].*copying.*GIMP"
REFUSED = "told There is no picture in the clipboard: copy one first."


@pytest.fixture
def small(gimp: Gimp, photo: Callable[[str], Path]) -> Callable[[str], Path]:
    """A small copy of a photo, by name; there is no reference of the last time."""
    shutil.rmtree(gimp.config / "plug-in-settings", ignore_errors=True)

    def make(name: str) -> Path:
        path = gimp.scratch / f"{name}-copying.png"
        with Image.open(photo(name)) as whole:
            whole.convert("RGB").resize((120, 80)).save(path)
        return path

    return make


def copy(window: Window, kind: str, what: Path | str, until: Callable[[], object]) -> None:
    """Copy something in another program, go back to the dialog and paste it there."""
    window.beside(["python3", COPIED, kind, str(what)])
    window.wait_for(f"^Copied: {kind}$")
    window.press("alt+i", where=DIALOG, until=until)


def carry_out(window: Window, gimp: Gimp) -> Path:
    """Press OK; the photo file that was the reference."""
    values = steps.carry_out(window, gimp, DIALOG, "transfer", CHANGED)
    return Path(values["style-file"].removeprefix("file://"))


@pytest.mark.parametrize("kind", ["text/uri-list", "x-special/gnome-copied-files"])
def test_a_photo_file_of_a_file_manager_is_the_reference(
    gimp: Gimp, small: Callable[[str], Path], kind: str
) -> None:
    astronaut = small("astronaut")
    with Window(gimp, small("coffee")) as window:
        window.open_dialog("Match Look of", DIALOG)
        copy(window, kind, astronaut, until=lambda: reference(window) == astronaut)
        assert carry_out(window, gimp).samefile(astronaut)


def test_text_is_refused_and_the_picture_of_another_program_taken(
    gimp: Gimp, small: Callable[[str], Path]
) -> None:
    """Of the text it is said that it is none; OK does nothing then."""
    astronaut, kept = small("astronaut"), gimp.home / "clipboard.png"
    kept.unlink(missing_ok=True)
    with Window(gimp, small("coffee")) as window:
        window.open_dialog("Match Look of", DIALOG)
        copy(window, "UTF8_STRING", "a few words", until=lambda: REFUSED in window.told().lines)
        window.strike(DIALOG, "alt+o")
        window.screenshot("copied-text")
        assert window.find(DIALOG) and not kept.exists()
        copy(window, "image/png", astronaut, until=lambda: reference(window) == kept)
        assert carry_out(window, gimp).samefile(kept)
    with Image.open(kept) as copied, Image.open(astronaut) as original:
        assert copied.convert("RGB").tobytes() == original.tobytes()
