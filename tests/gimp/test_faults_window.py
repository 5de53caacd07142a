"""Faults while somebody sits at the screen: what they read, and what one undo step takes back."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from core.presets import PresetStore
from core.process.holder import holder
from tests.faults.in_gimp.desk import eventually, kill, maps_pixels, plugins
from tests.gimp.harness import Gimp
from tests.gimp.test_gallery import last_values
from tests.gimp.window import COMPLAINT, Window, press_until
from tests.preset_samples import neural

DIALOG, PROBLEM = "^Apply Preset$", "^Apply Preset: a problem$"
CLEAN, CHANGED = "^faulty[.]xcf.*GIMP", "^[*]faulty[.]xcf.*GIMP"


@pytest.fixture
def photo(gimp: Gimp) -> Path:
    """An image that takes a moment to be changed."""
    path = gimp.scratch / "faulty.xcf"
    gimp.run_python(
        """
        import random
        image, layer = new_image(2000, 1200)
        write(layer, random.Random(1).randbytes(2000 * 1200 * 3), "R'G'B' u8")
        file = Gio.File.new_for_path(args["path"])
        assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
        """,
        path=path,
    )
    return path


def crash(window: Window, gimp: Gimp) -> None:
    """Kill the plug-in, and close what GIMP says of it."""
    for pid in plugins(gimp.home, gimp.config):
        kill(pid, signal.SIGKILL)
    window.key("Escape", window=window.wait_for(COMPLAINT))
    window.wait_until_gone(COMPLAINT)


def press_ok(window: Window) -> None:
    window.key("alt+o", window=window.open_dialog("Apply Preset", DIALOG))


def test_plug_in_presets_and_worker_go_under_an_open_window(gimp: Gimp, photo: Path) -> None:
    """Whatever is lost, one undo takes back the next filter: no undo step was left open."""
    store = PresetStore(gimp.home / "presets", gimp.home / "none")
    store.add(neural("Aaa first of all"), overwrite=True)
    shutil.rmtree(gimp.config / "plug-in-settings", ignore_errors=True)
    with Window(gimp, photo) as window:
        window.open_dialog("Apply Preset", DIALOG)
        crash(window, gimp)
        press_ok(window)
        assert eventually(lambda: any(map(maps_pixels, plugins(gimp.home, gimp.config))))
        crash(window, gimp)
        window.screenshot("faults-killed")
        if window.find(CHANGED):  # it was as good as done
            press_until(window, "ctrl+z", CHANGED, CLEAN)

        dialog = window.open_dialog("Apply Preset", DIALOG)
        shutil.rmtree(store.user)
        who = holder(gimp.home / "runtime")
        kill(who.pid if who else None)
        window.key("alt+o", window=dialog)
        problem = window.wait_for(PROBLEM)
        window.screenshot("faults-preset-gone")
        window.key("Escape", window=problem)
        window.wait_until_gone(PROBLEM)
        window.screenshot("faults-preset-gone-after")
        window.key("alt+o", window=window.wait_for(DIALOG))
        window.wait_for(CHANGED)
        press_until(window, "ctrl+z", CHANGED, CLEAN)
    assert last_values(gimp)["preset"] == "Autumn"
