"""Whose look is wanted: the picture itself, a list to choose from, ways to get others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

from core.protocol import Picture  # noqa: E402
from widgets import photofiles, pictures  # noqa: E402
from widgets.notice import Notice  # noqa: E402
from widgets.painter import Painter  # noqa: E402
from widgets.referencelist import ReferenceList  # noqa: E402
from widgets.worker_state import WorkerState  # noqa: E402

_WIDTH, _HEIGHT = 330, 190


class ReferenceSide(Gtk.Box):
    """The left side of the window; what its buttons mean is told by the functions `on_...`."""

    def __init__(self, painter: Painter, thumbnail: Callable[[str], Picture | None]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self.on_file: Callable[[], None] = lambda: None
        self.on_paste: Callable[[], None] = lambda: None
        self.on_swap: Callable[[], None] = lambda: None
        self.on_save: Callable[[], None] = lambda: None
        self.on_dropped: Callable[[Path], None] = lambda _path: None
        self.list = ReferenceList(thumbnail)
        self.list.set_size_request(_WIDTH, 120)
        self.notice = Notice()
        self._quiet = False
        self._heading = Gtk.Label(xalign=0)
        self._heading.set_use_underline(True)
        self._heading.set_mnemonic_widget(self.list.view)
        self.pack_start(self._reference(), False, False, 0)
        self.pack_start(self._heading, False, False, 0)
        self.pack_start(self.list, True, True, 0)
        self.pack_start(self._sources(), False, False, 0)
        self.pack_start(self._uses(), False, False, 0)
        self.pack_start(self.notice, False, False, 0)
        self.pack_start(WorkerState(painter), False, False, 0)
        self.set_swapped(False, possible=False)
        self._listen()

    def focus(self) -> None:
        """Let the keyboard move in the list."""
        self.list.view.grab_focus()

    def show_reference(self, picture: Picture | None, name: str) -> None:
        """Show the picture whose look is taken."""
        self._save.set_sensitive(picture is not None)
        nothing = _("None yet: choose a photo file, or drop one here")
        self._name.set_text(nothing if picture is None else name)
        self._image.get_accessible().set_description(name)
        if picture is None:
            self._image.clear()
            return
        scale = pictures.density(self._image)
        source = pictures.pixbuf(picture)
        pictures.show(
            self._image, pictures.fitted(source, _WIDTH * scale, _HEIGHT * scale, 2 * scale)
        )

    def set_swapped(self, swapped: bool, possible: bool) -> None:
        """Whether the chosen picture is the one to change, and whether it can be."""
        self._quiet = True
        self._swap.set_active(swapped)
        self._quiet = False
        self._swap.set_sensitive(possible)
        self._heading.set_text_with_mnemonic(
            _("Give it to this la_yer instead:") if swapped else _("Whose look? A la_yer:")
        )

    def _reference(self) -> Gtk.Widget:
        self._image = Gtk.Image()
        self._image.set_size_request(_WIDTH, _HEIGHT)
        self._image.get_accessible().set_name(_("The picture whose look is taken"))
        frame = Gtk.Frame(shadow_type=Gtk.ShadowType.IN)
        frame.add(self._image)
        self._name = Gtk.Label(ellipsize=Pango.EllipsizeMode.MIDDLE)
        self._name.get_style_context().add_class("dim-label")
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=3)
        box.pack_start(frame, False, False, 0)
        box.pack_start(self._name, False, False, 0)
        return box

    def _sources(self) -> Gtk.Widget:
        file = _button(_("Photo _File..."), _("Take the look of a photo file"))
        file.connect("clicked", lambda *_: self.on_file())
        paste = _button(_("Cl_ipboard"), _("Take the look of a copied picture (Ctrl+V)"))
        paste.connect("clicked", lambda *_: self.on_paste())
        return _row(file, paste)

    def _uses(self) -> Gtk.Widget:
        self._swap = Gtk.ToggleButton.new_with_mnemonic(_("S_wap"))
        self._swap.set_tooltip_text(
            _("Change the chosen layer instead, after the look of the one that was to change")
        )
        self._swap.connect("toggled", self._on_swap)
        self._save = _button(
            _("Save as _Preset..."), _("Keep the look of the picture above among the presets")
        )
        self._save.connect("clicked", lambda *_: self.on_save())
        return _row(self._swap, self._save)

    def _listen(self) -> None:
        self.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
        self.drag_dest_add_uri_targets()
        self.connect("drag-data-received", self._on_dropped)
        self.connect("key-press-event", self._on_key)

    def _on_swap(self, *_toggled: Any) -> None:
        if not self._quiet:
            self.on_swap()

    def _on_key(self, _widget: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.state & Gdk.ModifierType.CONTROL_MASK and event.keyval == Gdk.KEY_v:
            self.on_paste()
            return True
        return False

    def _on_dropped(
        self, _widget: Gtk.Widget, _context: Any, _x: int, _y: int, data: Any, *_rest: Any
    ) -> None:
        path = photofiles.dropped(data.get_uris() or ())
        if path is not None:
            self.on_dropped(path)


def _button(label: str, blurb: str) -> Gtk.Button:
    button = Gtk.Button.new_with_mnemonic(label)
    button.set_tooltip_text(blurb)
    return button


def _row(*widgets: Gtk.Widget) -> Gtk.Widget:
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6, homogeneous=True)
    for each in widgets:
        row.pack_start(each, True, True, 0)
    return row
