"""The screen that windows have to fit on."""

from __future__ import annotations

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, Gtk  # noqa: E402

_EDGES = 48


def within_screen(window: Gtk.Window, width: int, height: int) -> tuple[int, int]:
    """A size for a new window that fits on the largest screen with its title and edges."""
    display = window.get_display()
    monitors = [display.get_monitor(number) for number in range(display.get_n_monitors())]
    areas: list[Gdk.Rectangle] = [monitor.get_workarea() for monitor in monitors]
    if not areas:
        return width, height
    widest = max(areas, key=lambda area: area.width * area.height)
    return min(width, widest.width - _EDGES), min(height, widest.height - _EDGES)
