"""The preset of a procedure's arguments, as a gallery shows it."""

from __future__ import annotations

from gi.repository import Gimp
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
