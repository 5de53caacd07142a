"""A button that shows a preset's name and lets another be picked from a small gallery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

from widgets.gallery import Gallery  # noqa: E402
from widgets.painter import Options  # noqa: E402
from widgets.shelf import Item  # noqa: E402

_NONE = _("(None)")
_SIZE = (470, 440)


class Picker(Gtk.MenuButton):
    """The name of a preset, "" for none; `on_pick` is called when the user picks another.

    `make` gives the gallery when it is first opened.
    """

    def __init__(self, make: Callable[[], Gallery]) -> None:
        super().__init__()
        self._make = make
        self.on_pick: Callable[[], None] = lambda: None
        self._gallery: Gallery | None = None
        self.name = ""
        self._label = Gtk.Label(label=_NONE, xalign=0, ellipsize=Pango.EllipsizeMode.END)
        arrow = Gtk.Image.new_from_icon_name("pan-down-symbolic", Gtk.IconSize.BUTTON)
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        row.pack_start(self._label, True, True, 0)
        row.pack_start(arrow, False, False, 0)
        self.add(row)
        self._popover = Gtk.Popover()
        self._popover.connect("show", self._on_show)
        self.set_popover(self._popover)
        # Over the gallery: the preview shows what becomes of the choice.
        self._popover.set_position(Gtk.PositionType.LEFT)

    def show_name(self, name: str | None) -> None:
        """Let the button show a name, without a callback."""
        self.name = name or ""
        self._label.set_text(self.name or _NONE)
        self.get_accessible().set_description(self._label.get_text())

    def refresh(self) -> None:
        """The presets have changed."""
        if self._gallery is not None:
            self._gallery.refresh()

    def set_options(self, options: Options) -> None:
        """Paint the presets with other settings."""
        if self._gallery is not None:
            self._gallery.set_options(options)

    def _on_show(self, *_shown: Any) -> None:
        if self._gallery is None:
            self._gallery = self._make()
            self._gallery.connect("chosen", lambda _gallery, item: self._pick(item.name))
            self._gallery.connect("activated", lambda *_: self._popover.popdown())
            none = Gtk.Button.new_with_mnemonic(_("_No Second Preset"))
            none.connect("clicked", self._on_none)
            box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin=8)
            box.set_size_request(*_SIZE)
            box.pack_start(self._gallery, True, True, 0)
            box.pack_start(none, False, False, 0)
            box.show_all()
            self._popover.add(box)
        self._gallery.choose(self._item())
        self._gallery.focus()

    def _item(self) -> Item | None:
        return None if self._gallery is None else self._gallery.shelf.find(self.name)

    def _pick(self, name: str) -> None:
        self.show_name(name)
        self.on_pick()

    def _on_none(self, *_clicked: Any) -> None:
        self._pick("")
        self._popover.popdown()
