"""The dialog of a procedure, made from its table of arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from arguments import (  # noqa: E402
    Argument,
    FileChoice,
    LayerChoice,
    NewName,
    Number,
    OneOf,
    PresetName,
)
from dialogs.loop import until_made  # noqa: E402
from gi.repository import Gimp, GimpUi, Gtk  # noqa: E402
from translation import _  # noqa: E402

from core.locations import Locations  # noqa: E402
from core.presetnames import proposed_name  # noqa: E402
from core.presets import PresetStore  # noqa: E402

if TYPE_CHECKING:
    from jobs import Job
    from procedures import Declaration


@dataclass(frozen=True)
class Offer:
    """What there is to choose from."""

    locations: Locations
    changing: Sequence[Gimp.Layer]

    def presets(self) -> list[tuple[str, str]]:
        """The names of all readable presets, each as value and label."""
        store = PresetStore(self.locations.presets, self.locations.builtin)
        return [(each.name, each.name) for each in store.list() if each.preset is not None]

    def layers(self) -> list[tuple[str, str]]:
        """The ids and labels of all layers of all images but those that will change."""
        own = {each.get_id() for each in self.changing}
        return [
            (str(layer.get_id()), f"{layer.get_name()} ({image.get_name()})")
            for image in Gimp.get_images()
            for layer in _all_layers(image.get_layers())
            if layer.get_id() not in own
        ]

    def new_name(self) -> str:
        """A name for what is made of the chosen layer: its own, without a suffix like .jpg."""
        own = next((each.get_name() for each in self.changing), "")
        return proposed_name(own)


def _all_layers(layers: Iterable[Gimp.Layer]) -> Iterable[Gimp.Layer]:
    for layer in layers:
        yield layer
        if layer.is_group():
            yield from _all_layers(layer.get_children())


def ask(
    procedure: Gimp.Procedure,
    config: Gimp.ProcedureConfig,
    declared: Declaration,
    offer: Offer,
    make: Callable[[], Job],
) -> Job | None:
    """Let the user fill in `config` until `make` can make a job of it; None if they cancel."""
    GimpUi.init("neural-preset")
    window = GimpUi.ProcedureDialog.new(procedure, config, declared.title)
    for argument in declared.arguments:
        if isinstance(argument, NewName):
            config.set_property(argument.name, offer.new_name())
    rows = _Rows(window, config, offer)
    for argument in declared.arguments:
        rows.add(argument)
    _only_one_reference(config, declared.arguments)
    return until_made(window, declared.title, make)


class _Rows:
    """Fills a window row by row; GIMP makes those that it can, we the lists of names."""

    def __init__(
        self, window: GimpUi.ProcedureDialog, config: Gimp.ProcedureConfig, offer: Offer
    ) -> None:
        self._window, self._config, self._offer = window, config, offer
        self._labels = Gtk.SizeGroup.new(Gtk.SizeGroupMode.HORIZONTAL)

    def add(self, argument: Argument) -> None:
        if isinstance(argument, PresetName):
            self._list(argument, self._offer.presets())
        elif isinstance(argument, OneOf):
            self._list(argument, list(argument.options.items()))
        elif isinstance(argument, LayerChoice):
            self._list(argument, [("", _("(None)")), *self._offer.layers()])
        elif isinstance(argument, FileChoice) and not argument.save:
            self._file(argument)
        else:
            self._slide(argument)
            self._window.fill([argument.name])

    def _slide(self, argument: Argument) -> None:
        """Ask GIMP, before it makes a plain entry, for a slider over the sensible numbers."""
        if isinstance(argument, Number) and not argument.whole:
            widget = self._window.get_scale_entry(argument.name, 1.0)
            widget.set_bounds(argument.lowest, argument.highest, True)
            self._labels.add_widget(widget.get_label())

    def _list(self, argument: Argument, options: list[tuple[str, str]]) -> None:
        combo = Gtk.ComboBoxText()
        for value, label in options:
            combo.append(value, label)
        self._row(argument, combo)
        config, name, layers = self._config, argument.name, isinstance(argument, LayerChoice)

        def show(*_changed: Any) -> None:
            value = config.get_property(name)
            combo.set_active_id(str(value.get_id()) if layers and value else value or "")

        def take(*_changed: Any) -> None:
            value: Any = combo.get_active_id()
            if layers:
                value = Gimp.Layer.get_by_id(int(value)) if value else None
            if config.get_property(name) != value and combo.get_active_id() is not None:
                config.set_property(name, value)

        show()
        if combo.get_active_id() is None:
            combo.set_active(0)
            take()
        combo.connect("changed", take)
        config.connect(f"notify::{name}", show)

    def _file(self, argument: Argument) -> None:
        title = argument.label.replace("_", "")
        button = Gtk.FileChooserButton.new(title, Gtk.FileChooserAction.OPEN)
        self._row(argument, button)
        config, name = self._config, argument.name

        def show(*_changed: Any) -> None:
            file = config.get_property(name)
            if file is None:
                button.unselect_all()
            else:
                button.set_file(file)

        show()
        button.connect("file-set", lambda *_: config.set_property(name, button.get_file()))
        config.connect(f"notify::{name}", show)

    def _row(self, argument: Argument, widget: Gtk.Widget) -> None:
        label = Gtk.Label.new_with_mnemonic(argument.label)
        label.set_xalign(0)
        label.set_mnemonic_widget(widget)
        self._labels.add_widget(label)
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        row.pack_start(label, False, False, 0)
        row.pack_start(widget, True, True, 0)
        row.set_tooltip_text(argument.blurb)
        row.show_all()
        self._window.get_content_area().pack_start(row, False, False, 0)


def _only_one_reference(config: Gimp.ProcedureConfig, arguments: Sequence[Argument]) -> None:
    """Choosing a style photo takes back the style layer, and the other way round."""
    layer = next((each.name for each in arguments if isinstance(each, LayerChoice)), None)
    file = next((each.name for each in arguments if isinstance(each, FileChoice)), None)
    if layer is None or file is None:
        return

    def clear(other: str, changed: str) -> None:
        if config.get_property(changed) is not None and config.get_property(other) is not None:
            config.set_property(other, None)

    config.connect(f"notify::{layer}", lambda *_: clear(file, layer))
    config.connect(f"notify::{file}", lambda *_: clear(layer, file))
