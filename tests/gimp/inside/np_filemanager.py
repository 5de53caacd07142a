"""A file manager on the session bus, which opens nothing: python3 np_filemanager.py NOTES.

The bus starts it in a root beside a GIMP, when somebody asks org.freedesktop.FileManager1 to show
files; it writes their URIs down.
"""

# mypy: disable-error-code="import-not-found,attr-defined"

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from gi.repository import Gio, GLib

_NAME, _PATH = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"
_INTERFACE = f"""
<node><interface name="{_NAME}"><method name="ShowItems">
    <arg type="as" direction="in"/><arg type="s" direction="in"/>
</method></interface></node>
"""


def main() -> None:
    notes = Path(sys.argv[1])

    def on_call(*call: Any) -> None:
        (uris, _startup), answer = call[5].unpack(), call[6]
        notes.write_text("\n".join(uris))
        answer.return_value(None)

    def on_bus(bus: Gio.DBusConnection, _name: str) -> None:
        (interface,) = Gio.DBusNodeInfo.new_for_xml(_INTERFACE).interfaces
        bus.register_object(_PATH, interface, on_call, None, None)

    Gio.bus_own_name(Gio.BusType.SESSION, _NAME, Gio.BusNameOwnerFlags.NONE, on_bus, None, None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
