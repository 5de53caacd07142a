"""Ways to do the same, side by side, each with a small picture of what it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, Gtk  # noqa: E402

from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402

WIDTH, HEIGHT = 148, 84


class Methods(Gtk.Box):
    """One of a few ways is chosen; `on_pick` is called when the user picks another."""

    def __init__(self, options: Mapping[str, str]) -> None:
        """`options` maps each way to what the user reads."""
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=6, homogeneous=True)
        self.on_pick: Callable[[], None] = lambda: None
        self._buttons: dict[str, Gtk.RadioButton] = {}
        self._images: dict[str, Gtk.Image] = {}
        self._quiet = False
        first: Gtk.RadioButton | None = None
        for way, label in options.items():
            button = Gtk.RadioButton.new_from_widget(first)
            first = first or button
            self._add(way, label, button)
        self.connect("mnemonic-activate", self._on_mnemonic)

    @property
    def way(self) -> str:
        """The chosen way."""
        return next(way for way, button in self._buttons.items() if button.get_active())

    @property
    def ways(self) -> list[str]:
        """All ways, from left to right."""
        return list(self._buttons)

    def put(self, way: str | None) -> None:
        """Let this way be the chosen one, without a callback."""
        if way in self._buttons:
            self._quiet = True
            self._buttons[way].set_active(True)
            self._quiet = False

    def show_picture(self, way: str, picture: Picture | None) -> None:
        """Show what a way makes; None: not known (yet)."""
        image = self._images[way]
        if picture is None:
            image.clear()
            return
        scale = pictures.density(self)
        source = pictures.pixbuf(picture)
        pictures.show(image, pictures.fitted(source, WIDTH * scale, HEIGHT * scale, 2 * scale))

    def _add(self, way: str, label: str, button: Gtk.RadioButton) -> None:
        image = Gtk.Image()
        image.set_size_request(WIDTH, HEIGHT)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        box.pack_start(image, True, True, 0)
        box.pack_start(Gtk.Label(label=label), False, False, 0)
        button.set_mode(False)
        button.add(box)
        button.get_accessible().set_name(label)
        button.connect("toggled", self._on_toggled)
        button.connect("key-press-event", self._on_key)
        self._buttons[way], self._images[way] = button, image
        self.pack_start(button, True, True, 0)

    def _on_toggled(self, button: Gtk.RadioButton) -> None:
        if button.get_active() and not self._quiet:
            self.on_pick()

    def _on_key(self, _button: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """The arrows choose, as they do among buttons that look like a list of choices."""
        steps = {Gdk.KEY_Left: -1, Gdk.KEY_Up: -1, Gdk.KEY_Right: 1, Gdk.KEY_Down: 1}
        if event.keyval not in steps:
            return False
        place = self.ways.index(self.way) + steps[event.keyval]
        if 0 <= place < len(self.ways):
            button = self._buttons[self.ways[place]]
            button.set_active(True)
            button.grab_focus()
        return True

    def _on_mnemonic(self, *_pressed: Any) -> bool:
        self._buttons[self.way].grab_focus()
        return True
