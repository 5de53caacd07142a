"""A window to drag files from: python3 np_source.py FILE...; run in a root beside a GIMP."""

# mypy: disable-error-code="import-not-found,attr-defined"

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def main() -> None:
    window = Gtk.Window(title="Drag from here")
    window.set_default_size(200, 120)
    place = Gtk.EventBox()
    place.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    place.drag_source_add_uri_targets()
    uris = [Path(name).as_uri() for name in sys.argv[1:]]

    def give(_place: Any, _context: Any, data: Any, *_when: Any) -> None:
        data.set_uris(uris)

    place.connect("drag-data-get", give)
    window.add(place)
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main()
