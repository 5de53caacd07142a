"""A bar that moves while something is waited for.

Not a spinner: GIMP's own themes draw none, and not every icon theme has a picture for it.
"""

from __future__ import annotations

from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import GLib, Gtk  # noqa: E402

_PERIOD_MS = 80


class Pulse(Gtk.ProgressBar):
    """Seen between `start` and `stop`, but for the first `delay` milliseconds."""

    def __init__(self, delay: int = 0, **properties: Any) -> None:
        super().__init__(pulse_step=0.05, **properties)
        self._delay = delay
        self._timer = 0
        self.set_no_show_all(True)
        self.connect("destroy", lambda *_: self.stop())

    def start(self) -> None:
        """Begin to wait; nothing happens where it has begun already."""
        if not self._timer:
            self._timer = GLib.timeout_add(self._delay or _PERIOD_MS, self._first)
            self.set_visible(not self._delay)

    def stop(self) -> None:
        """What was waited for has come."""
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0
        self.hide()

    def _first(self) -> bool:
        self.show()
        self._timer = GLib.timeout_add(_PERIOD_MS, self._next)
        return False

    def _next(self) -> bool:
        self.pulse()
        return True
