"""Rows of sliders and choices below a preview: plain values by name, and one callback.

The names are those of a procedure's arguments. Setting a value from outside does not call back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gtk  # noqa: E402

_WHEEL_STEPS = 10


class Controls(Gtk.Grid):
    """Labels on the left, what they name on the right, a row for each."""

    def __init__(self) -> None:
        super().__init__(row_spacing=6, column_spacing=12, hexpand=True)
        self._get: dict[str, Callable[[], Any]] = {}
        self._set: dict[str, Callable[[Any], object]] = {}
        self._listeners: list[Callable[[str, Any], None]] = []
        self._quiet = False
        self._rows = 0

    def slider(
        self, name: str, label: str, blurb: str, lowest: float = 0, highest: float = 100
    ) -> Gtk.Scale:
        """A number from `lowest` to `highest`, by a slider and, exactly, by its entry."""
        adjustment = Gtk.Adjustment(
            lower=lowest, upper=highest, step_increment=1, page_increment=_WHEEL_STEPS
        )
        scale = Gtk.Scale(
            orientation=Gtk.Orientation.HORIZONTAL, adjustment=adjustment, draw_value=False
        )
        scale.set_hexpand(True)
        scale.set_round_digits(0)
        entry = Gtk.SpinButton(adjustment=adjustment, digits=0, numeric=True)
        entry.set_width_chars(4)
        # Enter in the entry means the dialog's own button, as in any other entry.
        entry.set_activates_default(True)
        box = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        box.pack_start(scale, True, True, 0)
        box.pack_start(entry, False, False, 0)
        self._row(label, box, blurb, focus=scale)
        _name(entry, label, blurb)
        adjustment.connect("value-changed", lambda *_: self._tell(name))
        self._get[name] = adjustment.get_value
        self._set[name] = adjustment.set_value
        return scale

    def flag(self, name: str, label: str, blurb: str) -> Gtk.CheckButton:
        """Yes or no."""
        check = Gtk.CheckButton.new_with_mnemonic(label)
        self.wide(check, blurb, column=1)
        check.connect("toggled", lambda *_: self._tell(name))
        self._get[name] = check.get_active
        self._set[name] = check.set_active
        return check

    def choice(
        self, name: str, label: str, blurb: str, options: Mapping[str, str]
    ) -> Gtk.ComboBoxText:
        """One of a few words; `options` maps each to what the user reads."""
        combo = Gtk.ComboBoxText()
        combo.set_hexpand(True)
        for value, text in options.items():
            combo.append(value, text)
        self._row(label, combo, blurb)
        combo.connect("changed", lambda *_: self._tell(name))
        self._get[name] = combo.get_active_id
        self._set[name] = combo.set_active_id
        return combo

    def custom(
        self,
        name: str,
        label: str,
        blurb: str,
        widget: Gtk.Widget,
        get: Callable[[], Any],
        put: Callable[[Any], object],
    ) -> Callable[[], None]:
        """Any other widget; call the function returned when the user has changed its value."""
        widget.set_hexpand(True)
        self._row(label, widget, blurb)
        self._get[name] = get
        self._set[name] = put
        return lambda: self._tell(name)

    def wide(self, widget: Gtk.Widget, blurb: str = "", column: int = 0) -> None:
        """A row of its own for a widget that names itself."""
        if blurb:
            widget.set_tooltip_text(blurb)
        self.attach(widget, column, self._rows, 2 - column, 1)
        self._rows += 1

    def value(self, name: str) -> Any:
        """What the widget called `name` shows."""
        return self._get[name]()

    def values(self) -> dict[str, Any]:
        """All values by their names."""
        return {name: get() for name, get in self._get.items()}

    def put(self, name: str, value: Any) -> None:
        """Let the widget called `name` show a value; nobody is called back."""
        if self.value(name) == value:
            return
        self._quiet = True
        try:
            self._set[name](value)
        finally:
            self._quiet = False

    def on_change(self, callback: Callable[[str, Any], None]) -> None:
        """Call back with the name and the value of what the user changes."""
        self._listeners.append(callback)

    def _tell(self, name: str) -> None:
        if not self._quiet:
            value = self.value(name)
            for listener in self._listeners:
                listener(name, value)

    def _row(
        self, label: str, widget: Gtk.Widget, blurb: str, focus: Gtk.Widget | None = None
    ) -> None:
        target = focus or widget
        text = Gtk.Label.new_with_mnemonic(label)
        text.set_xalign(1)
        text.get_style_context().add_class("dim-label")
        text.set_mnemonic_widget(target)
        for each in (text, widget):
            each.set_tooltip_text(blurb)
        _name(target, label, blurb)
        self.attach(text, 0, self._rows, 1, 1)
        self.attach(widget, 1, self._rows, 1, 1)
        self._rows += 1


def _name(widget: Gtk.Widget, label: str, blurb: str) -> None:
    """What a screen reader says."""
    accessible = widget.get_accessible()
    accessible.set_name(label.replace("_", ""))
    accessible.set_description(blurb)
