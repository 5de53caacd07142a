"""Manage Presets, by keyboard in GIMP's real windows: what is done there is on the disk."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.lut import Lut
from core.lutfile import read_lut, write_lut
from core.presetfile import read, write
from core.presets import PresetStore
from tests.gimp.harness import CHECKOUT, Gimp
from tests.gimp.steps import enter_path
from tests.gimp.window import Window, WindowError
from tests.preset_samples import neural, table

TITLE = "^Manage Presets$"
INSIDE = CHECKOUT / "tests" / "gimp" / "inside"
SOURCE, FILE_MANAGER = str(INSIDE / "np_source.py"), str(INSIDE / "np_filemanager.py")
CHOOSER = "^Import Presets$"
SEARCH, LIST = "Search presets", "Presets"


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


def names(store: PresetStore) -> set[str]:
    return {entry.name for entry in store.list()}


def search(window: Window, text: str, name: str) -> None:
    """Leave a single preset in the list, and the keyboard on it."""
    window.press("ctrl+f", where=TITLE, until=window.on(SEARCH))

    def found() -> bool:
        return (window.told().chosen, window.told().keyboard) == (name, LIST)

    window.write("ctrl+f", text, where=TITLE, until=found, end="Return")


def delete(window: Window, name: str, reached: Callable[[], bool]) -> None:
    """Delete the preset that is chosen, and no other."""

    def act() -> None:
        if window.told().chosen == name:
            window.strike(TITLE, "Delete")

    window.until(reached, act)


def undo(window: Window, key: str, reached: Callable[[], bool]) -> None:
    """Take the last change back; a key that is only slow is not pressed again soon."""
    window.press(key, where=TITLE, until=reached, again=20)


def export(window: Window, name: str, file: Path, wanted: Callable[[], bool]) -> None:
    """Write the preset that is chosen; without its picture if it goes into a .json file.

    Whether the chooser has taken the key for that is seen in the file only.
    """
    title = f"^Export “{name}”$"

    def act() -> None:
        file.unlink(missing_ok=True)  # the chooser would ask
        window.press("ctrl+e", where=TITLE, until=window.there(title))
        if file.suffix == ".json":
            window.strike(title, "alt+p")
        enter_path(window, title, "alt+n", file)
        window.until(file.exists)

    window.until(lambda: file.exists() and wanted(), act)


def import_all(window: Window, folder: Path, store: PresetStore, wanted: set[str]) -> None:
    """Choose all files of a folder; again if keys came before the folder was shown.

    What is imported a second time is there already and changes nothing.
    """

    def act() -> None:
        window.press("ctrl+o", where=TITLE, until=window.there(CHOOSER))
        window.strike(CHOOSER, "ctrl+l", "ctrl+a")
        window.type(f"{folder}/")
        window.key("Return")
        with contextlib.suppress(WindowError):  # then it shows another folder
            window.until(
                window.gone(CHOOSER),
                lambda: window.strike(CHOOSER, "ctrl+a", "Return"),
                patience=15,
                again=3,
            )

    window.until(lambda: wanted <= names(store), act, again=15)


def test_presets_are_renamed_tagged_deleted_and_brought_back(
    gimp: Gimp, store: PresetStore
) -> None:
    """Without an image. What is deleted when the window closes is gone for good."""
    amber, wounded = store.user / "amber-dusk.json", store.user / "wounded.json"
    dawn = store.user / "rose-dawn.json"
    with Window(gimp, None) as window:
        window.open_dialog("Manage Presets", TITLE)
        window.screenshot("manage")
        search(window, "amber", "Amber dusk")
        window.press("Return", where=TITLE, until=window.on("Name"))

        def renamed() -> bool:
            return dawn.exists() and not amber.exists()

        window.write("alt+n", "Rose dawn", where=TITLE, until=renamed, end="Return")

        def tagged() -> bool:
            return read(dawn).tags == ("sea", "morning")

        window.write("alt+t", "sea,  morning, sea", where=TITLE, until=tagged, end="Return")
        window.screenshot("manage-renamed")
        kept = dawn.read_bytes()

        search(window, "morning", "Rose dawn")
        delete(window, "Rose dawn", lambda: names(store) == {"Cold film", "wounded"})
        window.screenshot("manage-deleted")
        undo(window, "alt+u", lambda: names(store) > {"Rose dawn"})
        assert dawn.read_bytes() == kept
        undo(window, "ctrl+z", lambda: read(dawn).tags == neural().tags)
        undo(window, "ctrl+z", lambda: amber.exists() and read(amber) == neural("Amber dusk"))

        search(window, "wounded", "wounded")
        window.screenshot("manage-broken")
        delete(window, "wounded", lambda: not wounded.exists())
        window.close(TITLE)
        files = {"amber-dusk.json", "cold-film.json"}
        window.until(lambda: {path.name for path in store.user.iterdir()} == files)


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
        window.open_dialog("Manage Presets", TITLE)
        import_all(window, incoming, store, {"Film", "Hald"})
        assert (store.get("Film").lattice_size, store.get("Hald").lattice_size) == (5, 64)
        window.screenshot("manage-imported")

        search(window, "amber", "Amber dusk")
        bare = neural("Amber dusk").without_picture()
        dusk, cube, cold = (outgoing / name for name in ("dusk.json", "dusk.cube", "cold.cube"))
        export(window, "Amber dusk", dusk, lambda: read(dusk) == bare)
        export(window, "Amber dusk", cube, lambda: read_lut(cube).size == 33)
        search(window, "cold film", "Cold film")
        export(window, "Cold film", cold, lambda: read_lut(cold).size == 5)
        window.screenshot("manage-exported")
        window.close(TITLE)


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
        window.until(
            lambda: {"One", "Cold film (2)"} <= names(store),
            lambda: window.drop(window.middle(source), window.middle(dialog)),
            again=20,
        )
        window.screenshot("manage-dropped")
        undo(window, "ctrl+z", lambda: names(store) == before)
        window.close(TITLE)


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
        window.open_dialog("Manage Presets", TITLE)
        search(window, "amber", "Amber dusk")

        def told() -> bool:
            return shown.exists() and bool(shown.read_text())

        window.press("alt+f", where=TITLE, until=told, again=15)
        window.screenshot("manage-shown")
        window.close(TITLE)
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
