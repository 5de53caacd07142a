"""Faults while somebody sits at the screen: what they read, and what one undo step takes back."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from core.presets import PresetStore
from core.process.holder import holder
from tests.faults.in_gimp import fate
from tests.faults.in_gimp.desk import kill, plugins
from tests.gimp.harness import Gimp
from tests.gimp.steps import press_ok
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


def close_complaint(window: Window) -> None:
    """Close what GIMP says of a plug-in that was killed."""
    window.wait_for(COMPLAINT)
    window.close(COMPLAINT)


def test_plug_in_presets_and_worker_go_under_an_open_window(gimp: Gimp, photo: Path) -> None:
    """Whatever is lost, one undo takes back the next filter: no undo step was left open."""
    store = PresetStore(gimp.home / "presets", gimp.home / "none")
    store.add(neural("Aaa first of all"), overwrite=True)
    shutil.rmtree(gimp.config / "plug-in-settings", ignore_errors=True)
    decree = fate.Decree(gimp.folder / "decree")
    settings = {"PYTHONPATH": str(fate.DOOM), fate.VARIABLE: str(decree.path)}
    with Window(gimp, photo, settings) as window:
        window.open_dialog("Apply Preset", DIALOG)
        for pid in plugins(gimp.home, gimp.config):
            kill(pid, signal.SIGKILL)
        close_complaint(window)
        # It is to die as the layer is changed and the undo step is open.
        line = fate.line_of(gimp.plugin / "output.py", "_update(layer, target.area)")
        decree.die(fate.OUTPUT, line)
        window.open_dialog("Apply Preset", DIALOG)
        press_ok(window, DIALOG)
        close_complaint(window)
        decree.lift()
        window.screenshot("faults-killed")
        # GIMP closes the step, and lets it be undone as soon as anything else is done.
        keys = ("ctrl+a", "ctrl+z", "ctrl+z")
        window.press(*keys, where=CHANGED, until=window.there(CLEAN), again=15)

        window.open_dialog("Apply Preset", DIALOG)
        shutil.rmtree(store.user)
        who = holder(gimp.home / "runtime")
        kill(who.pid if who else None)
        window.press("alt+o", where=DIALOG, until=window.there(PROBLEM))
        window.screenshot("faults-preset-gone")
        window.close(PROBLEM)
        window.screenshot("faults-preset-gone-after")
        press_ok(window, DIALOG)
        window.wait_for(CHANGED)
        press_until(window, "ctrl+z", CHANGED, CLEAN)
    assert last_values(gimp)["preset"] == "Autumn"
