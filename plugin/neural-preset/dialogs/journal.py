"""What a window tells the log, which shows it with NEURAL_PRESET_DEBUG: where a fault can be seen.

When it is up, its arguments and each change of them, and which widget has the keyboard.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gimp, Gio, Gtk  # noqa: E402
from widgets.busy import once_drawn  # noqa: E402

_LOG = logging.getLogger(__name__)
_CALL = ("procedure", "run-mode")


def keep(window: Gtk.Window, config: Gimp.ProcedureConfig | None = None) -> None:
    """Tell of this window from now on; `config` is the record of its arguments, if it has one."""
    if not _LOG.isEnabledFor(logging.DEBUG):
        return

    def tell(name: str) -> None:
        value = None if config is None else config.get_property(name)
        _LOG.debug("argument %s %s", name, json.dumps(value, default=_name))

    def on_focus(_window: Gtk.Window, widget: Gtk.Widget | None) -> None:
        if widget is not None:
            name = widget.get_accessible().get_name()
            _LOG.debug("keyboard on %s", name or type(widget).__name__)

    for spec in () if config is None else config.list_properties():
        if spec.name not in _CALL:
            tell(spec.name)
    if config is not None:
        config.connect("notify", lambda _config, spec: tell(spec.name))
    window.connect("set-focus", on_focus)
    once_drawn(window, lambda: _LOG.debug("window up"))


def _name(value: Any) -> str:
    """A file's path, the name of a layer."""
    if isinstance(value, Gio.File):
        return value.get_path() or value.get_parse_name()
    return str(value.get_name()) if isinstance(value, Gimp.Item) else str(value)
