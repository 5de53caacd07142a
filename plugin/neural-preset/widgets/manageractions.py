"""The buttons of the manager: what can be done with the chosen presets, by mouse and by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, Gtk  # noqa: E402
from translation import _  # noqa: E402

from widgets.shelf import Item  # noqa: E402

_Action = Callable[[], None]


class Actions(Gtk.Grid):
    """Buttons for the chosen presets, and the one to `importing` that stands elsewhere."""

    def __init__(
        self,
        on_import: _Action,
        on_duplicate: _Action,
        on_export: _Action,
        on_reveal: _Action,
        on_delete: _Action,
    ) -> None:
        super().__init__(row_spacing=6, column_spacing=6, column_homogeneous=True, hexpand=True)
        self.importing = _button(
            _("_Import..."),
            _(
                "Add preset files, .cube files and HaldCLUT pictures; they can be dropped here, "
                "too (Ctrl+O)"
            ),
            on_import,
        )
        self._duplicate = _button(
            _("Du_plicate"), _("Keep a copy among your own presets (Ctrl+D)"), on_duplicate
        )
        self._export = _button(
            _("_Export..."), _("Write a file to share or to use elsewhere (Ctrl+E)"), on_export
        )
        self._reveal = _button(_("Show _File"), _("Show it in the file manager"), on_reveal)
        self._delete = _button(
            _("De_lete"), _("Remove it from your presets (Delete)"), on_delete
        )
        places = ((self._duplicate, self._export), (self._reveal, self._delete))
        for row, buttons in enumerate(places):
            for column, button in enumerate(buttons):
                button.set_hexpand(True)
                self.attach(button, column, row, 1, 1)

    def update(self, items: Sequence[Item]) -> None:
        """Offer what can be done with these."""
        readable = bool(items) and all(item.preset is not None for item in items)
        self._duplicate.set_sensitive(readable)
        self._export.set_sensitive(readable)
        self._reveal.set_sensitive(len(items) == 1)
        self._delete.set_sensitive(bool(items) and not any(item.builtin for item in items))

    def keys(self) -> dict[tuple[int, int], _Action]:
        """What a key with its modifiers does; nothing while its button is insensitive."""
        control = int(Gdk.ModifierType.CONTROL_MASK)
        return {
            (Gdk.KEY_Delete, 0): _pressing(self._delete),
            (Gdk.KEY_d, control): _pressing(self._duplicate),
            (Gdk.KEY_o, control): _pressing(self.importing),
            (Gdk.KEY_e, control): _pressing(self._export),
        }


def _pressing(button: Gtk.Button) -> _Action:
    def press() -> None:
        if button.is_sensitive():
            button.clicked()

    return press


def _button(label: str, tip: str, on_click: _Action) -> Gtk.Button:
    button = Gtk.Button.new_with_mnemonic(label)
    button.set_tooltip_text(tip)
    button.connect("clicked", lambda *_clicked: on_click())
    return button
