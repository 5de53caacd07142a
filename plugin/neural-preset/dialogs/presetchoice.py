"""The preset of a procedure's arguments, as a gallery shows it."""

from __future__ import annotations

from gi.repository import Gdk, Gimp, Gtk
from widgets.gallery import Gallery
from widgets.shelf import Item, Shelf


def follow(config: Gimp.ProcedureConfig, shelf: Shelf, gallery: Gallery) -> Item | None:
    """The preset that the arguments name, made the gallery's chosen one.

    Where there is no such preset, or none is named, the arguments get the first of all.
    """
    wanted = config.get_property("preset")
    item = shelf.find(wanted) if wanted else None
    if item is None and (not wanted or shelf.complete):
        item = gallery.first()
        if item is not None:
            config.set_property("preset", item.name)
    if item != gallery.chosen:
        gallery.choose(item)
    return item


def search_by_key(window: Gtk.Window, gallery: Gallery) -> None:
    """Let Ctrl+F lead to the search, wherever the keyboard is."""

    def on_key(_window: Gtk.Widget, event: Gdk.EventKey) -> bool:
        wanted = event.state & Gdk.ModifierType.CONTROL_MASK and event.keyval == Gdk.KEY_f
        if wanted:
            gallery.focus_search()
        return bool(wanted)

    window.connect("key-press-event", on_key)
