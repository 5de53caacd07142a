"""Checks of what the widgets do with the worker, with files and with the desktop.

In a GIMP root's Python, without a GIMP: `python3 np_places.py CHECK HOME PYTHON`; PYTHON is the one
that has the worker's packages.
"""

# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.gimp.inside import np_screen
from tests.gimp.inside.np_screen import CHECKOUT, picture, settle, shown, until


def painter() -> None:
    """A worker that cannot be started is told in words, and tried again when the user asks."""
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets import painter as module
    from widgets.worker_state import WorkerState

    from core.client import preset_source, stop_worker
    from core.locations import Locations
    from core.presetfile import read

    # A home of its own: in that of the GIMP a worker may be running.
    home, python = Path(sys.argv[2]) / "alone", Path(sys.argv[3])
    broken = Locations.under(home, python=Path("/nonexistent/python"), app=CHECKOUT)
    hand = module.Painter(broken)
    state = WorkerState(hand)
    window = shown(state, 400, 200)
    until(lambda: hand.state == module.FAILED)
    assert hand.reason and hand.reason in state._reason.get_text()
    report = hand.diagnostics()
    assert "/nonexistent/python" in report and hand.reason in report

    hand._locations = dataclasses.replace(broken, python=python)
    hand.retry()
    until(lambda: hand.state == module.READY)
    until(lambda: not state.get_visible())
    sepia = read(CHECKOUT / "core" / "presets_builtin" / "sepia.json")
    content, small = picture(64, 48), picture(20, 10)
    done: dict[str, Any] = {}
    wrong = {"kind": "preset", "preset": {}}
    wanted = [("sepia", preset_source(sepia)), ("wrong", wrong)]
    hand.thumbnails(content, small, wanted, done.__setitem__)
    until(lambda: len(done) == len(wanted))
    assert done["sepia"].width == small.width and done["sepia"].data != small.data
    assert isinstance(done["wrong"], str)

    drafts: list[Any] = []
    for strength in range(100):
        options = module.Options(strength, 0, False)
        hand.draft(content, small, preset_source(sepia), options, drafts.append)
    until(lambda: drafts)
    settle()
    assert len(drafts) < 50, "overtaken drafts are painted"
    answers: list[Any] = []
    hand.call(lambda session: session.status()["pid"], answers.append)
    hand.call(lambda session: 1 // 0, answers.append)
    until(lambda: len(answers) == 2)
    assert isinstance(answers[0], int) and isinstance(answers[1], ZeroDivisionError)
    hand.close()
    window.destroy()
    stop_worker(hand._locations)


def sizes() -> None:
    """Kept for the next time and for each window; a damaged or read-only file harms nobody."""
    import gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import Gtk
    from widgets.screen import within_screen
    from widgets.sizes import Sizes

    from core.locations import Locations

    with tempfile.TemporaryDirectory() as folder:
        kept = Sizes(Locations.under(Path(folder, "new"), Path("python"), CHECKOUT))
        assert kept.of("apply") == {}
        kept.keep("apply", {"width": 900, "height": 700})
        kept.keep("match", {"width": 800})
        assert kept.of("apply") == {"width": 900, "height": 700}
        assert kept.of("match") == {"width": 800}
        for text in (
            *("", "[]", "{", '{"version": 1, "windows": 3}'),
            '{"version": 1, "windows": {"apply": 1}}',
            '{"version": 1, "windows": {"apply": {"width": -5, "height": "9", "pane": true}}}',
            '{"version": 2, "windows": {"apply": {"width": 500}}}',
        ):
            kept.path.write_text(text)
            assert kept.of("apply") == {}, text
        kept.keep("apply", {"width": 901})
        assert kept.of("apply") == {"width": 901}
        kept.path.unlink()
        kept.path.mkdir()
        kept.keep("apply", {"width": 902})
        assert kept.of("apply") == {}
    assert within_screen(Gtk.Window(), 600, 500) == (600, 500)
    width, height = within_screen(Gtk.Window(), 5000, 5000)
    assert 1000 < width < 1280 and 600 < height < 900


def details() -> None:
    """In German a built-in preset speaks German; what is the user's own stays as it is kept."""
    os.environ.update(LANG="de_DE.UTF-8", LANGUAGE="de")
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets.presetdetails import PresetDetails
    from widgets.samplelooks import SampleLooks
    from widgets.shelf import Shelf

    from core.locations import Locations
    from core.presets import PresetStore

    with tempfile.TemporaryDirectory() as folder:
        store = PresetStore(Path(folder), CHECKOUT / "core" / "presets_builtin")
        store.duplicate("Sepia", "Mine")
        Path(folder, "broken.json").write_text("{")
        shelf = Shelf(store)
        shelf.start()
        (broken,) = (item for item in shelf.items if item.problem is not None)
        told: list[Any] = []
        nowhere = Locations.under(Path(folder), Path("python"), app=Path(folder))
        shown = PresetDetails(SampleLooks(nowhere, lambda: None))
        shown.connect("tagged", lambda _details, item, tags: told.append((item.name, tags)))
        sepia, mine = shelf.find("Sepia"), shelf.find("Mine")
        assert sepia is not None and mine is not None
        shown.show_items([sepia])
        assert shown._tags.get_text() == "mitgeliefert, schwarzweiß"
        assert shown._facts["notes"][1].get_text() == "Das Braun alter Alben."
        shown.commit()
        shown.show_items([mine])
        assert shown._tags.get_text() == "black and white"
        shown.commit()
        assert told == [], "nobody has typed anything"
        shown._tags.set_text("Meer")
        shown.commit()
        assert told == [("Mine", ("Meer",))]
        shown.show_items([broken])
        start = f"{Path(folder, 'broken.json')} ist beschädigt: "
        assert shown._problem.get_text().startswith(start), shown._problem.get_text()


def samples() -> None:
    """A preset without a picture is an icon, until the worker has painted a sample photo."""
    import gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import Gtk
    from widgets.portraits import Portraits
    from widgets.samplelooks import SampleLooks
    from widgets.shelf import Item

    from core.client import stop_worker
    from core.locations import Locations
    from core.presetfile import read

    places = Locations.under(Path(sys.argv[2]) / "samples", Path(sys.argv[3]), CHECKOUT)
    painted: list[None] = []
    looks = SampleLooks(places, lambda: painted.append(None))
    portraits = Portraits(60, Gtk.Label(), looks)
    sepia, matte = (
        Item(name, path, True, preset=read(path))
        for name in ("sepia", "matte")
        for path in [CHECKOUT / "core" / "presets_builtin" / f"{name}.json"]
    )
    icons = [portraits.of(item).get_pixels() for item in (sepia, matte)]
    assert icons[0] == icons[1]
    until(lambda: len(painted) == 2)
    seen = [portraits.of(item) for item in (sepia, matte)]
    assert [(each.get_width(), each.get_height()) for each in seen] == [(60, 40)] * 2
    assert seen[0].get_pixels() != seen[1].get_pixels()
    assert portraits.of(sepia) is seen[0]
    looks.close()
    stop_worker(places)


def no_file_manager() -> None:
    """Neither one on the bus nor a program for folders: that is told, not raised."""
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets import presetfiles

    os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    told: list[str] = []
    presetfiles.reveal(CHECKOUT / "README.md", told.append)
    until(lambda: told)
    assert len(told) == 1 and told[0], told


if __name__ == "__main__":
    np_screen.run((painter, sizes, details, samples, no_file_manager))
