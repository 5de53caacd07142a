"""A procedure's window in two panes, as large as the user has last made it."""

from __future__ import annotations

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from gi.repository import Gtk  # noqa: E402
from widgets.screen import within_screen  # noqa: E402
from widgets.sizes import Sizes  # noqa: E402

from dialogs.frame import Frame  # noqa: E402


class Panes:
    """What is chosen on the left, what becomes of it on the right."""

    def __init__(self, frame: Frame, name: str, size: tuple[int, int], pane: int) -> None:
        """`name`: under which the sizes are kept; `size` and `pane` serve the first time."""
        self._window, self._name = frame.window, name
        self._sizes = Sizes(frame.offer.locations)
        self._size, self._pane = size, pane
        self._paned = Gtk.Paned(orientation=Gtk.Orientation.HORIZONTAL, wide_handle=True)

    def fill(self, left: Gtk.Widget, *right: Gtk.Widget) -> None:
        """Put the widgets into the window; the first of the right ones gets what room is left."""
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, margin_start=9)
        for number, widget in enumerate(right):
            column.pack_start(widget, number == 0, True, 0)
        left.set_margin_end(9)
        self._paned.pack1(left, False, False)
        self._paned.pack2(column, True, False)
        area = self._window.get_content_area()
        area.set_spacing(6)
        area.pack_start(self._paned, True, True, 0)
        kept = self._sizes.of(self._name)
        size = (kept.get("width", self._size[0]), kept.get("height", self._size[1]))
        self._window.set_default_size(*within_screen(self._window, *size))
        self._paned.set_position(kept.get("pane", self._pane))
        self._paned.show_all()

    def keep(self) -> None:
        """Remember how large the user has made the window."""
        width, height = self._window.get_size()
        numbers = {"width": width, "height": height, "pane": self._paned.get_position()}
        self._sizes.keep(self._name, numbers)
