"""A line that tells what the background worker does, or why it does not."""

from __future__ import annotations

from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, Gtk  # noqa: E402
from translation import _  # noqa: E402

from widgets.painter import FAILED, READY, Painter  # noqa: E402
from widgets.pulse import Pulse  # noqa: E402


class WorkerState(Gtk.Stack):
    """Hidden while all is well; a moving bar while the worker starts; the reason when it fails."""

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self._painter = painter
        self.set_no_show_all(True)
        self.set_vhomogeneous(False)
        self._starting, self._failed = self._make_starting(), self._make_failed()
        for name, page in (("starting", self._starting), ("failed", self._failed)):
            page.show_all()
            self.add_named(page, name)
        painter.on_state(self._show)

    def _make_starting(self) -> Gtk.Widget:
        self._pulse = Pulse(valign=Gtk.Align.CENTER)
        label = Gtk.Label(label=_("Loading the network for the colors..."), xalign=0)
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12)
        row.pack_start(label, False, False, 0)
        row.pack_start(self._pulse, True, True, 0)
        return row

    def _make_failed(self) -> Gtk.Widget:
        self._reason = Gtk.Label(wrap=True, xalign=0, selectable=True, max_width_chars=50)
        copy = Gtk.Button.new_with_mnemonic(_("Copy _Diagnostics"))
        copy.set_tooltip_text(
            _("For somebody who is to help: versions, places and the worker's log")
        )
        copy.connect("clicked", self._on_copy)
        again = Gtk.Button.new_with_mnemonic(_("Try _Again"))
        again.connect("clicked", lambda *_: self._painter.retry())
        icon = Gtk.Image.new_from_icon_name("dialog-warning-symbolic", Gtk.IconSize.BUTTON)
        icon.set_valign(Gtk.Align.START)
        words = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        words.pack_start(icon, False, False, 0)
        words.pack_start(self._reason, True, True, 0)
        buttons = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        buttons.pack_end(again, False, False, 0)
        buttons.pack_end(copy, False, False, 0)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        box.pack_start(words, False, False, 0)
        box.pack_start(buttons, False, False, 0)
        return box

    def _show(self, state: str) -> None:
        self.set_visible(state != READY)
        if state == FAILED:
            self._reason.set_text(self._painter.reason)
            self._pulse.stop()
            self.set_visible_child(self._failed)
        elif state == READY:
            self._pulse.stop()
        else:
            self._pulse.start()
            self.set_visible_child(self._starting)

    def _on_copy(self, *_clicked: Any) -> None:
        clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
        clipboard.set_text(self._painter.diagnostics(), -1)
        clipboard.store()
