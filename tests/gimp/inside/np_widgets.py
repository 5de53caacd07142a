"""Checks of the widgets by themselves, in a GIMP root's Python: `python3 np_widgets.py CHECK`.

There is a screen, but no GIMP: the widgets must not need one. The worker is a play-thing here.
"""

# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.gimp.inside import np_screen
from tests.gimp.inside.np_screen import CHECKOUT, picture, settle, shown, until

MANY = 2000


class StillPainter:
    """Notes what it is asked for and paints nothing unless told to."""

    def __init__(self) -> None:
        self.state, self.reason = "ready", ""
        self.asked: list[tuple[str, ...]] = []
        self.on_done: Callable[[str, Any], None] = lambda *_: None

    def on_state(self, callback: Callable[[str], None]) -> None:
        callback(self.state)

    def thumbnails(
        self, _content: Any, _shown: Any, wanted: Any, on_done: Any, *_rest: Any
    ) -> None:
        self.asked.append(tuple(key for key, _ in wanted))
        self.on_done = on_done


def thousands() -> None:
    """Two thousand presets: only those in sight are asked for, first and after scrolling."""
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets.gallery import Gallery
    from widgets.shelf import Item, Shelf

    from core import presetfile
    from core.presets import PresetStore

    preset = presetfile.read(CHECKOUT / "core" / "presets_builtin" / "sepia.json")
    shelf = Shelf(PresetStore(Path("/nonexistent"), Path("/nonexistent")))
    shelf.items = [
        Item(f"Number {n:04}", Path(f"/p/{n:04}"), False, preset=preset) for n in range(MANY)
    ]
    painter: Any = StillPainter()
    gallery = Gallery(painter, shelf)
    gallery.set_picture(picture(64, 48), picture(136, 102))
    window = shown(gallery, 480, 700)
    until(lambda: any(painter.asked))
    first = set(painter.asked[-1])
    assert "/p/0000" in first and len(first) < 60, len(first)
    for key in first:
        painter.on_done(key, picture(136, 102))
    adjustment = gallery._scrolled.get_vadjustment()
    adjustment.set_value(adjustment.get_upper())
    until(lambda: f"/p/{MANY - 1:04}" in painter.asked[-1])
    assert len(painter.asked[-1]) < 60
    asked = sum(map(len, painter.asked))
    assert asked < 400, asked
    adjustment.set_value(0)
    settle()
    assert not set(painter.asked[-1]) & first, "what is painted is asked for again"
    window.destroy()


def no_presets() -> None:
    """An empty gallery says so, a search without a result offers all."""
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets.gallery import Gallery
    from widgets.shelf import Shelf

    from core.presets import PresetStore

    still: Any = StillPainter()
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(PresetStore(Path(folder) / "user", Path(folder) / "builtin"))
        shelf.start()
        gallery = Gallery(still, shelf)
        window = shown(gallery, 480, 600)
        until(lambda: gallery._pages.get_visible_child_name() == "nothing")
        assert "no presets yet" in gallery._why.get_text()
        window.destroy()

    shelf = Shelf(PresetStore(Path("/nonexistent"), CHECKOUT / "core" / "presets_builtin"))
    shelf.start()
    gallery = Gallery(still, shelf)
    window = shown(gallery, 480, 600)
    gallery._search.entry.set_text("no such preset")
    until(lambda: gallery._pages.get_visible_child_name() == "nothing")
    assert "no such preset" in gallery._why.get_text()
    gallery._all.clicked()
    until(lambda: gallery._pages.get_visible_child_name() == "items")
    first = gallery.first()
    assert first is not None and first.name == shelf.items[0].name
    window.destroy()


def controls() -> None:
    """What the user changes is told, what is set from outside is not."""
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets.controls import Controls

    told: list[tuple[str, Any]] = []
    rows = Controls()
    scale = rows.slider("strength", "Stren_gth", "how much")
    check = rows.flag("keep", "_Keep", "the same")
    combo = rows.choice("output", "O_utput", "where", {"here": "Here", "there": "There"})
    rows.on_change(lambda name, value: told.append((name, value)))
    rows.put("strength", 40)
    rows.put("keep", True)
    rows.put("output", "there")
    assert told == []
    assert rows.values() == {"strength": 40, "keep": True, "output": "there"}
    scale.set_value(55)
    check.set_active(False)
    combo.set_active_id("here")
    assert told == [("strength", 55), ("keep", False), ("output", "here")]
    assert scale.get_accessible().get_name() == "Strength"
    assert combo.get_accessible().get_name() == "Output"


def preview_without_cairo() -> None:
    """Python's cairo may be missing; before, after and both are shown all the same."""
    sys.modules["cairo"] = None  # type: ignore[assignment]
    sys.modules["gi._gi_cairo"] = None  # type: ignore[assignment]
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets import pictures
    from widgets.preview import Preview

    assert not pictures._CAIRO
    preview = Preview()
    window = shown(preview, 500, 400)
    preview.set_before(picture(300, 200, 10))
    preview.set_after(picture(300, 200, 250))

    def left_and_right() -> tuple[int, int]:
        pixels = preview._image.get_pixbuf()
        if pixels is None:
            return -1, -1
        data, row = pixels.get_pixels(), pixels.get_rowstride()
        channels = pixels.get_n_channels()
        return data[10 * row], data[10 * row + (pixels.get_width() - 1) * channels]

    until(lambda: left_and_right() == (250, 250))
    preview._split.set_active(True)
    until(lambda: left_and_right() == (10, 250))
    preview._set_held(True)
    until(lambda: left_and_right() == (10, 10))
    preview._set_held(False)
    window.resize(700, 600)
    until(lambda: left_and_right() == (10, 250))
    window.destroy()


def small_pictures() -> None:
    """Reductions keep colours and transparency; what is transparent lies on checks."""
    from widgets import pictures

    from core.protocol import Picture

    half = bytes((200, 100, 50, 255)) * 3 + bytes((0, 0, 0, 0)) * 3
    whole = Picture(6, 40, 4, half * 40)
    assert pictures.reduced(whole, 40) is whole
    assert pictures.reduced(whole, 20).height == 20
    shown = pictures.fitted(pictures.pixbuf(whole), 60, 40)
    assert (shown.get_width(), shown.get_height()) == (6, 40)
    assert pictures.fitted(pictures.pixbuf(whole), 60, 80, enlarge=3).get_height() == 80
    color = shown.get_pixels()[:3]
    assert max(abs(a - b) for a, b in zip(color, (200, 100, 50), strict=True)) <= 2, color
    check = shown.get_pixels()[5 * shown.get_n_channels()]
    assert min(abs(check - gray) for gray in (0x66, 0x99)) <= 2, check
    assert pictures.from_jpeg(b"no picture") is None


def busy() -> None:
    """Work begins when the words about it have been painted; never in a window that is gone."""
    import gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import Gtk
    from widgets.busy import when_painted
    from widgets.notice import Notice

    told: list[str] = []
    notice = Notice()
    notice.connect_after("draw", lambda *_: told.append("words"))
    box = Gtk.Box()
    box.add(notice)
    window = shown(box, 300, 100)
    settle()
    assert told == []
    notice.tell("Opening...")
    when_painted(window, lambda: told.append("work"))
    until(lambda: "work" in told)
    assert told[0] == "words"
    when_painted(window, lambda: told.append("too late"))
    window.destroy()
    settle()
    assert "too late" not in told


class StrickenPainter:
    """Its worker fails until it is told that all is well; then what waits is painted."""

    def __init__(self) -> None:
        self.state = "ready"
        self._listeners: list[Callable[[str], None]] = []
        self._waiting: Callable[[Any], None] = lambda _painted: None

    def on_state(self, callback: Callable[[str], None]) -> None:
        self._listeners.append(callback)
        callback(self.state)

    def draft(self, *asked: Any) -> None:
        self._waiting = asked[-1]

    def become(self, state: str, painted: Any = None) -> None:
        self.state = state
        for listener in self._listeners:
            listener(state)
        if painted is not None:
            self._waiting(painted)


def failing() -> None:
    """A preview does not seem to be on its way while the worker fails, and is after another try."""
    import gi

    gi.require_version("Gtk", "3.0")
    from widgets.live import Live
    from widgets.painter import Options
    from widgets.preview import Preview

    stricken: Any = StrickenPainter()
    preview = Preview()
    window = shown(preview, 300, 200)
    live = Live(stricken, preview)
    live.set_picture(picture(30, 20), picture(30, 20))
    moving = preview._busy.get_visible
    live.show({"kind": "normalize"}, Options(), "first")
    until(moving)
    stricken.become("failed")
    settle(1)
    assert not moving()
    live.show({"kind": "normalize"}, Options(50), "second")
    settle(1)
    assert not moving(), "it waits for a worker that has failed"
    stricken.become("starting")
    until(moving)
    stricken.become("ready", picture(30, 20, 200))
    settle(1)
    assert not moving()
    window.destroy()


CHECKS = (thousands, no_presets, controls, preview_without_cairo, small_pictures, busy, failing)

if __name__ == "__main__":
    np_screen.run(CHECKS)
