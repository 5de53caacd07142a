"""Create Preset from Layer: the picture that will be kept, its name and its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

import pixels  # noqa: E402
from gi.repository import Gimp  # noqa: E402
from widgets.presetform import PresetForm  # noqa: E402

from core.presetnames import proposed_name  # noqa: E402
from dialogs import binding, savepreset  # noqa: E402
from dialogs.frame import Contents, Frame, asking  # noqa: E402

if TYPE_CHECKING:
    from dialog import Offer


class _Contents(Contents):
    """What is in the window."""

    def __init__(self, frame: Frame) -> None:
        self._window, self._config, self._store = frame.window, frame.config, frame.store
        layer = frame.offer.changing[0]
        picture = pixels.picture(layer, layer.get_name())
        form = PresetForm(frame.painter, self._store.has)
        binding.bind(form.controls, self._config, ("name", "tags"))
        frame.window.get_content_area().pack_start(form, True, True, 6)
        form.show_all()
        form.focus()
        form.make(picture)

    @staticmethod
    def prepare(config: Gimp.ProcedureConfig, offer: Offer) -> None:
        """Propose a name; that of the last time was another layer's."""
        config.set_property("name", proposed_name(offer.changing[0].get_name()))

    def ready(self) -> bool:
        """Whether the name is free, or what has it may be replaced."""
        name = (self._config.get_property("name") or "").strip()
        taken = self._store.has(name)
        if taken and not savepreset.may_replace(self._window, name):
            return False
        self._config.set_property("overwrite", taken)
        return True


ask = asking(_Contents)
