"""The window of Manage Presets."""

from __future__ import annotations

from collections.abc import Sequence

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from gi.repository import Gimp, GimpUi, Gtk  # noqa: E402

from core.errors import InputError  # noqa: E402
from core.locations import Locations  # noqa: E402


def show(locations: Locations, drawables: Sequence[Gimp.Drawable], title: str) -> None:
    """Open the window and return once it is closed."""
    if not Gtk.init_check([])[0]:
        raise InputError(f"“{title}” is a window, and there is no screen to show it on.")
    GimpUi.init("neural-preset")
    window = GimpUi.Dialog(title=title, role="neural-preset-manage")
    window.add_button("_Close", Gtk.ResponseType.CLOSE)
    window.show_all()
    window.run()
    window.destroy()
