"""Widgets and GIMP's record of a procedure's arguments, kept the same.

The record is the truth: Reset, saved settings and the last values change it, and the job reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from arguments import Argument, Flag, Number, OneOf
from gi.repository import Gimp, Gtk
from widgets.controls import Controls


def add(controls: Controls, argument: Argument) -> Gtk.Widget:
    """Add the row for an argument that is a number, a choice or a flag; returns its widget."""
    words = (argument.name, argument.label, argument.blurb)
    if isinstance(argument, Number):
        return controls.slider(*words, lowest=argument.lowest, highest=argument.highest)
    if isinstance(argument, Flag):
        return controls.flag(*words)
    if isinstance(argument, OneOf):
        return controls.choice(*words, options=argument.options)
    raise TypeError(f"no row for {argument.name}")


def path_of(config: Gimp.ProcedureConfig, name: str) -> Path | None:
    """Where the file of an argument lies on this computer; None without one.

    GIMP's settings give it a slash more than it needs.
    """
    file = config.get_property(name)
    path = None if file is None else file.get_path()
    return Path(re.sub("^//+", "/", path)) if path else None


def bind(controls: Controls, config: Gimp.ProcedureConfig, names: Sequence[str]) -> None:
    """Let the widgets show the record, and the record follow the widgets."""

    def follow(name: str) -> Callable[..., None]:
        return lambda *_: controls.put(name, config.get_property(name))

    def take(name: str, value: Any) -> None:
        if name in names and config.get_property(name) != value:
            config.set_property(name, value)

    for name in names:
        controls.put(name, config.get_property(name))
        config.connect(f"notify::{name}", follow(name))
    controls.on_change(take)
