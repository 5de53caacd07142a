"""The row above a gallery: what to search for, which presets, in which order."""

from __future__ import annotations

from typing import Any, ClassVar

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, GObject, Gtk  # noqa: E402
from translation import _  # noqa: E402

_FILTERS = {
    "all": _("All presets"),
    "builtin": _("Built-in"),
    "mine": _("My presets"),
    "luts": _("LUTs"),
}
_ORDERS = {
    "name": _("By name"),
    "recent": _("Newest first"),
    "similar": _("Similar to chosen"),
}


class PresetSearch(Gtk.Box):
    """Emits `changed` with every change, `ordered` just before it if the order is another.

    `done` comes when the user turns from the search to what was found.
    """

    __gsignals__: ClassVar[dict[str, Any]] = {
        "changed": (GObject.SignalFlags.RUN_FIRST, None, ()),
        "ordered": (GObject.SignalFlags.RUN_FIRST, None, ()),
        "done": (GObject.SignalFlags.RUN_FIRST, None, ()),
    }

    def __init__(self) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        self.entry = Gtk.SearchEntry()
        self.entry.set_placeholder_text(_("Search names and tags"))
        self.entry.get_accessible().set_name(_("Search presets"))
        self.entry.set_tooltip_text(_("Words of the name, the tags or the notes (Ctrl+F)"))
        self.entry.connect("search-changed", lambda *_unused: self.emit("changed"))
        self.entry.connect("activate", lambda *_unused: self.emit("done"))
        self.entry.connect("key-press-event", self._on_key)
        self._filter = _choice(_("Which presets"), _FILTERS)
        self._filter.connect("changed", lambda *_unused: self.emit("changed"))
        self._order = _choice(_("Order of the presets"), _ORDERS)
        self._order.connect("changed", self._on_order)
        self.pack_start(self.entry, True, True, 0)
        self.pack_start(self._filter, False, False, 0)
        self.pack_start(self._order, False, False, 0)

    @property
    def text(self) -> str:
        return str(self.entry.get_text()).strip()

    @property
    def which(self) -> str:
        return self._filter.get_active_id() or "all"

    @property
    def order(self) -> str:
        return self._order.get_active_id() or "name"

    def clear(self) -> None:
        """Search for nothing, among all presets."""
        self.entry.set_text("")
        self._filter.set_active_id("all")
        self.emit("changed")

    def take_key(self, event: Gdk.EventKey) -> bool:
        """A letter that was typed elsewhere goes into the search; whether this was one."""
        modifiers = event.state & (Gdk.ModifierType.CONTROL_MASK | Gdk.ModifierType.MOD1_MASK)
        letter = chr(Gdk.keyval_to_unicode(event.keyval) or 0)
        if modifiers or not letter.isalnum():
            return False
        self.entry.grab_focus_without_selecting()
        return bool(self.entry.handle_event(event))

    def _on_order(self, *_changed: Any) -> None:
        self.emit("ordered")
        self.emit("changed")

    def _on_key(self, _entry: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.keyval == Gdk.KEY_Down:
            self.emit("done")
            return True
        if event.keyval == Gdk.KEY_Escape and self.entry.get_text():
            self.entry.set_text("")
            return True
        return False


def _choice(name: str, options: dict[str, str]) -> Gtk.ComboBoxText:
    combo = Gtk.ComboBoxText()
    for value, label in options.items():
        combo.append(value, label)
    combo.set_active(0)
    combo.get_accessible().set_name(name)
    combo.set_tooltip_text(name)
    return combo
