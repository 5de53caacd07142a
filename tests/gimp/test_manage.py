"""Manage Presets, by keyboard in GIMP's real windows: what is done there is on the disk."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from core.lut import Lut
from core.lutfile import read_lut, write_lut
from core.presetfile import read, write
from core.presets import PresetStore
from tests.gimp.harness import CHECKOUT, Gimp
from tests.gimp.window import PATIENCE, Window, WindowError
from tests.preset_samples import neural, table

TITLE = "^Manage Presets$"
INSIDE = CHECKOUT / "tests" / "gimp" / "inside"
SOURCE, FILE_MANAGER = str(INSIDE / "np_source.py"), str(INSIDE / "np_filemanager.py")
CHOOSER = "^Import Presets$"


@pytest.fixture
def store(gimp: Gimp) -> Iterator[PresetStore]:
    """Three presets of the user's, one of them without use: its file is cut off."""
    folder = gimp.home / "presets"
    shutil.rmtree(folder, ignore_errors=True)
    store = PresetStore(folder, gimp.home / "none")
    store.add(neural("Amber dusk"))
    store.add(table("Cold film"))
    (folder / "wounded.json").write_bytes(b'{"format": "neural-preset", ')
    yield store
    shutil.rmtree(folder)


def until(
    window: Window, what: str, reached: Callable[[], bool], patience: float = PATIENCE
) -> None:
    deadline = time.monotonic() + patience
    while not reached():
        if time.monotonic() > deadline:
            raise WindowError(f"not {what}; see {window.screenshot('manage-late')}")
        time.sleep(0.2)


def names(store: PresetStore) -> set[str]:
    return {entry.name for entry in store.list()}


def search(window: Window, text: str) -> None:
    """Leave a single preset in the list, and the keyboard on it."""
    window.key("ctrl+f", "ctrl+a")
    window.type(text)
    window.key("Return")


def _has_more(store: PresetStore, known: set[str]) -> bool:
    return names(store) > known


def export(window: Window, name: str, file: Path) -> None:
    """Write the preset that is chosen; without its picture if it goes into a .json file."""
    window.key("ctrl+e")
    title = f"^Export “{name}”$"
    chooser = window.wait_for(title)
    if file.suffix == ".json":
        window.key("alt+p", window=chooser)
    window.key("alt+n", "ctrl+a", window=chooser)
    window.type(str(file))
    window.screenshot("manage-export")
    window.key("Return")
    window.wait_until_gone(title)
    until(window, "exported", file.exists)


def import_all(
    window: Window, dialog: str, folder: Path, store: PresetStore, wanted: set[str]
) -> None:
    """Choose all files of a folder; again if keys came before the folder was shown.

    What is imported a second time is there already and changes nothing.
    """
    deadline = time.monotonic() + PATIENCE
    while not wanted <= names(store):
        before = names(store)
        assert time.monotonic() < deadline, window.screenshot("manage-late")
        with contextlib.suppress(WindowError):
            if window.find(CHOOSER) is None:
                window.key("ctrl+o", window=dialog)
                window.key("ctrl+l", window=window.wait_for(CHOOSER, 10))
                window.type(f"{folder}/")
                window.key("Return")
            window.key("ctrl+a", window=window.find(CHOOSER))
            window.screenshot("manage-import")
            window.key("Return")
            window.wait_until_gone(CHOOSER, 10)
            until(window, "imported", partial(_has_more, store, before), 60)


def test_presets_are_renamed_tagged_deleted_and_brought_back(
    gimp: Gimp, store: PresetStore
) -> None:
    """Without an image. What is deleted when the window closes is gone for good."""
    amber, wounded = store.user / "amber-dusk.json", store.user / "wounded.json"
    dawn = store.user / "rose-dawn.json"
    with Window(gimp, None) as window:
        dialog = window.open_dialog("Manage Presets", TITLE)
        window.screenshot("manage")
        window.key("ctrl+f", window=dialog)
        search(window, "amber")
        window.key("Return", "ctrl+a")  # on the list: type another name
        window.type("Rose dawn")
        window.key("Return")
        until(window, "renamed", lambda: dawn.exists() and not amber.exists())
        window.key("alt+t", "ctrl+a")
        window.type("sea,  morning, sea")
        window.key("Return")
        until(window, "tagged", lambda: read(dawn).tags == ("sea", "morning"))
        window.screenshot("manage-renamed")
        kept = dawn.read_bytes()

        search(window, "morning")
        window.key("Delete")
        until(window, "deleted", lambda: names(store) == {"Cold film", "wounded"})
        window.screenshot("manage-deleted")
        window.key("alt+u")
        until(window, "brought back", lambda: names(store) > {"Rose dawn"})
        assert dawn.read_bytes() == kept
        window.key("ctrl+z")
        until(window, "without its tags", lambda: read(dawn).tags == neural().tags)
        window.key("ctrl+z")
        until(window, "called as before", lambda: read(amber) == neural("Amber dusk"))

        search(window, "wounded")
        window.screenshot("manage-broken")
        window.key("Delete")
        until(window, "deleted", lambda: not wounded.exists())
        window.key("Escape")
        window.wait_until_gone(TITLE)
        files = {"amber-dusk.json", "cold-film.json"}
        until(window, "tidy", lambda: {path.name for path in store.user.iterdir()} == files)


def test_luts_come_in_and_looks_go_out(gimp: Gimp, store: PresetStore) -> None:
    """Several files at once, by the chooser; a preset without its picture, and as a LUT."""
    incoming, outgoing = gimp.scratch / "incoming", gimp.scratch / "outgoing"
    for folder in (incoming, outgoing):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    write_lut(incoming / "Film.cube", Lut.identity(5), 5)
    write_lut(incoming / "Hald.png", Lut.identity(5), 5)
    picture = gimp.scratch / "managed.png"
    Image.radial_gradient("L").convert("RGB").save(picture)
    with Window(gimp, picture) as window:
        dialog = window.open_dialog("Manage Presets", TITLE)
        import_all(window, dialog, incoming, store, {"Film", "Hald"})
        assert (store.get("Film").lattice_size, store.get("Hald").lattice_size) == (5, 64)
        window.screenshot("manage-imported")

        search(window, "amber")
        export(window, "Amber dusk", outgoing / "dusk.json")
        assert read(outgoing / "dusk.json") == neural("Amber dusk").without_picture()
        export(window, "Amber dusk", outgoing / "dusk.cube")
        assert read_lut(outgoing / "dusk.cube").size == 33
        search(window, "cold film")
        export(window, "Cold film", outgoing / "cold.cube")
        assert read_lut(outgoing / "cold.cube").size == 5
        window.screenshot("manage-exported")
        window.key("Escape", window=dialog)
        window.wait_until_gone(TITLE)


def test_files_are_dropped_in(gimp: Gimp, store: PresetStore) -> None:
    """What can be used is imported, the rest is named; one undo takes the import back."""
    incoming = gimp.scratch / "dropped"
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir()
    write(incoming / "one.json", neural("One"))
    write(incoming / "again.json", table("Cold film", 3))
    (incoming / "notes.txt").write_text("no preset")
    before = names(store)
    with Window(gimp, None) as window:
        dialog = window.open_dialog("Manage Presets", TITLE)
        window.beside(["python3", SOURCE, *map(str, sorted(incoming.iterdir()))])
        source = window.wait_for("^Drag from here$")
        window.move(source, 1300, 750)
        deadline = time.monotonic() + PATIENCE
        while not {"One", "Cold film (2)"} <= names(store):
            assert time.monotonic() < deadline, window.screenshot("manage-late")
            window.drop(window.middle(source), window.middle(dialog))
            with contextlib.suppress(WindowError):
                until(window, "dropped", lambda: names(store) > before, 10)
        window.screenshot("manage-dropped")
        window.key("ctrl+z", window=dialog)
        until(window, "taken back", lambda: names(store) == before)
        window.key("Escape", window=dialog)
        window.wait_until_gone(TITLE)


def test_the_file_manager_shows_the_chosen_preset(gimp: Gimp, store: PresetStore) -> None:
    """One that the session's bus knows and starts, as it does on a desktop."""
    shown = gimp.scratch / "shown.txt"
    services = gimp.scratch / "share" / "dbus-1" / "services"
    services.mkdir(parents=True, exist_ok=True)
    name = "org.freedesktop.FileManager1"
    program = f"Exec=/usr/bin/python3 {FILE_MANAGER} {shown}"
    (services / f"{name}.service").write_text(f"[D-BUS Service]\nName={name}\n{program}\n")
    places = f"{gimp.scratch}/share:/usr/local/share:/usr/share"
    with Window(gimp, None, {"XDG_DATA_DIRS": places}) as window:
        dialog = window.open_dialog("Manage Presets", TITLE)
        window.key("ctrl+f", window=dialog)
        search(window, "amber")
        window.key("alt+f")
        until(window, "shown", lambda: shown.exists() and bool(shown.read_text()))
        window.screenshot("manage-shown")
        window.key("Escape", window=dialog)
        window.wait_until_gone(TITLE)
    assert shown.read_text() == (store.user / "amber-dusk.json").as_uri()


def test_without_a_screen_it_says_what_to_use_instead(gimp: Gimp) -> None:
    answers = gimp.run_python(
        """
        image, layer = new_image(10, 10)
        manage = "plug-in-neural-preset-manage"
        show = Gimp.RunMode.INTERACTIVE
        result["alone"] = call(manage).as_dict()
        result["image"] = call(manage, image=image, drawables=[layer]).as_dict()
        result["screen"] = call(manage, run_mode=show).as_dict()
        """
    )
    assert {answer["status"] for answer in answers.values()} == {"CALLING_ERROR"}
    for case in ("alone", "image"):
        assert "Scripts manage presets with the command “neural-preset preset”" in (
            answers[case]["message"]
        )
    assert "there is no screen to show it on" in answers["screen"]["message"]
    script = gimp.run_script_fu("(plug-in-neural-preset-manage #:run-mode RUN-NONINTERACTIVE)")
    assert script.returncode != 0
    assert "neural-preset preset" in script.stdout + script.stderr
