"""The line that says what has just happened, and takes it back if it can be."""

from __future__ import annotations

import logging
from collections.abc import Callable

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

_LOG = logging.getLogger(__name__)
_MOST_LINES = 6


class Notice(Gtk.InfoBar):
    """Hidden while there is nothing to say."""

    def __init__(self, on_undo: Callable[[], None] | None = None) -> None:
        super().__init__(show_close_button=False)
        self.set_no_show_all(True)
        self._words = Gtk.Label(xalign=0, wrap=True, max_width_chars=60)
        self._words.set_line_wrap_mode(Pango.WrapMode.WORD_CHAR)
        self._words.set_lines(_MOST_LINES)
        self._words.set_ellipsize(Pango.EllipsizeMode.END)
        self._words.show()
        self.get_content_area().add(self._words)
        self._undo = None if on_undo is None else self._undo_button(on_undo)

    def tell(self, text: str, undo: bool = False) -> None:
        """Say what happened; `undo` offers to take it back."""
        self._show(text, Gtk.MessageType.INFO, undo)

    def complain(self, text: str, undo: bool = False) -> None:
        """Say what did not work."""
        self._show(text, Gtk.MessageType.WARNING, undo)

    def clear(self) -> None:
        """What was said is of no account any more."""
        self.hide()

    def _undo_button(self, on_undo: Callable[[], None]) -> Gtk.Widget:
        button = self.add_button(_("_Undo"), Gtk.ResponseType.REJECT)
        button.set_tooltip_text(_("Take the last change back (Ctrl+Z)"))
        self.connect("response", lambda *_: on_undo())
        return button

    def _show(self, text: str, kind: Gtk.MessageType, undo: bool) -> None:
        self.set_message_type(kind)
        self._words.set_text(text)
        self._words.set_tooltip_text(text)
        if self._undo is not None:
            self._undo.set_visible(undo)
        self.get_accessible().set_name(text)  # a screen reader says it as it appears
        self.show()
        _LOG.debug("told %s", text)
