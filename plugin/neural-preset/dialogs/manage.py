"""The window of Manage Presets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

import layers  # noqa: E402
import pixels  # noqa: E402
from gi.repository import Gimp, GimpUi, Gtk  # noqa: E402
from translation import _  # noqa: E402
from widgets.manager import Manager  # noqa: E402
from widgets.sizes import Sizes  # noqa: E402

from core.errors import InputError  # noqa: E402
from core.locations import Locations  # noqa: E402
from core.protocol import Picture  # noqa: E402
from dialogs import journal  # noqa: E402

_KEPT = "manage"
_WIDTH, _HEIGHT = 760, 640


def show(locations: Locations, drawables: Sequence[Gimp.Drawable], title: str) -> None:
    """Open the window and return once it is closed."""
    if not Gtk.init_check([])[0]:
        words = _("“{title}” is a window, and there is no screen to show it on.")
        raise InputError(words.format(title=title))
    GimpUi.init("neural-preset")
    window = GimpUi.Dialog(title=title, role="neural-preset-manage")
    window.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
    sizes = Sizes(locations)
    size = {"width": _WIDTH, "height": _HEIGHT, **sizes.of(_KEPT)}
    window.set_default_size(size["width"], size["height"])
    manager = Manager(locations, _content(drawables))
    manager.set_border_width(12)
    journal.keep(window)
    window.get_content_area().pack_start(manager, True, True, 0)
    window.show_all()
    manager.focus()
    try:
        window.run()
        width, height = window.get_size()
        sizes.keep(_KEPT, {"width": width, "height": height})
    finally:
        manager.close()
        window.destroy()


def _content(drawables: Sequence[Gimp.Drawable]) -> Callable[[], Picture] | None:
    """How to get the picture of the chosen layer; None without an image."""
    if not drawables:
        return None

    def read() -> Picture:
        found = layers.readable(drawables[0].get_image(), drawables)
        layer = layers.only_one(found)
        return pixels.picture(layer, layer.get_name())

    return read
