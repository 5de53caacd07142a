"""Another program in which something was copied: python3 np_copied.py KIND WHAT...

KIND is the target of the clipboard: "image/png" gives the first file's bytes, "UTF8_STRING" the
words themselves, "text/uri-list" and "x-special/gnome-copied-files" the files as a file manager
does. It runs in a root beside a GIMP; its window tells that all is copied.
"""

# mypy: disable-error-code="import-not-found,attr-defined"

from __future__ import annotations

import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def main() -> None:
    kind, *what = sys.argv[1:]
    data = _data(kind, what)
    window = Gtk.Window(title=f"Copied: {kind}")
    window.set_default_size(200, 60)

    def give(_window: Gtk.Window, given: Gtk.SelectionData, *_asked: int) -> None:
        given.set(given.get_target(), 8, data)

    window.connect("selection-get", give)
    Gtk.selection_add_target(window, Gdk.SELECTION_CLIPBOARD, Gdk.Atom.intern(kind, False), 0)
    window.realize()
    if not Gtk.selection_owner_set(window, Gdk.SELECTION_CLIPBOARD, Gdk.CURRENT_TIME):
        sys.exit("something else keeps the clipboard")
    window.show_all()  # tells that it is done
    Gtk.main()


def _data(kind: str, what: list[str]) -> bytes:
    if kind == "UTF8_STRING":
        return " ".join(what).encode()
    if kind == "image/png":
        return Path(what[0]).read_bytes()
    uris = [Path(each).as_uri() for each in what]
    if kind == "text/uri-list":
        return "".join(f"{uri}\r\n" for uri in uris).encode()
    return "\n".join(["copy", *uris]).encode()


if __name__ == "__main__":
    main()
