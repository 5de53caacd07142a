"""Another program that looks into the clipboard: python3 np_pasted.py FILE keeps its text there."""

# mypy: disable-error-code="import-not-found,attr-defined"

from __future__ import annotations

import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def main() -> None:
    file = Path(sys.argv[1])
    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)

    def keep(_clipboard: Gtk.Clipboard, text: str | None) -> None:
        new = file.with_suffix(".new")
        new.write_text(text or "", encoding="utf-8")
        new.replace(file)

    # To ask all the time would be to ask a program that ends: its answer is awaited for 30 s.
    clipboard.connect("owner-change", lambda *_changed: clipboard.request_text(keep))
    Gtk.main()


if __name__ == "__main__":
    main()
