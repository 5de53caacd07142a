"""Work that stops the window for a while: it begins when what was said of it can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, GLib, Gtk  # noqa: E402


def when_painted(window: Gtk.Window, work: Callable[[], None]) -> None:
    """Do the work as soon as all that the window is to show now has been painted.

    The cursor says "wait" meanwhile. A window that is closed before has no work any more.
    """

    def begin() -> bool:
        if window.get_mapped():
            _set_cursor(window, "wait")
            try:
                work()
            finally:
                _set_cursor(window, None)
        return False

    # The picture goes to the screen after this.
    once_drawn(window, lambda: GLib.idle_add(begin))
    window.queue_draw()


def once_drawn(window: Gtk.Window, act: Callable[[], object]) -> None:
    """Call `act` when the window has been drawn the next time."""

    def on_draw(*_drawn: Any) -> None:
        window.disconnect(handler)
        act()

    handler = window.connect_after("draw", on_draw)


def _set_cursor(window: Gtk.Window, name: str | None) -> None:
    place, display = window.get_window(), window.get_display()
    if place is not None:
        place.set_cursor(None if name is None else Gdk.Cursor.new_from_name(display, name))
        display.flush()
