"""Create Preset from Layer: the picture that will be kept, its name and its tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

import pixels  # noqa: E402
from gi.repository import Gimp, GimpUi  # noqa: E402
from widgets.painter import Painter  # noqa: E402
from widgets.presetform import PresetForm  # noqa: E402

from core.presetnames import proposed_name  # noqa: E402
from core.presets import PresetStore  # noqa: E402
from dialogs import binding, savepreset  # noqa: E402
from dialogs.loop import until_made  # noqa: E402

if TYPE_CHECKING:
    from dialog import Offer
    from jobs import Job
    from procedures import Declaration


def ask(
    procedure: Gimp.Procedure,
    config: Gimp.ProcedureConfig,
    declared: Declaration,
    offer: Offer,
    make: Callable[[], Job],
) -> Job | None:
    """Let the user name the preset; the job when `make` can make it, None if they cancel."""
    layer = offer.changing[0]
    picture = pixels.picture(layer, layer.get_name())
    painter = Painter(offer.locations)
    GimpUi.init("neural-preset")
    window = GimpUi.ProcedureDialog.new(procedure, config, declared.title)
    store = PresetStore(offer.locations.presets, offer.locations.builtin)
    config.set_property("name", proposed_name(layer.get_name()))
    form = PresetForm(painter, store.has)
    binding.bind(form.controls, config, ("name", "tags"))
    window.get_content_area().pack_start(form, True, True, 6)
    form.show_all()
    form.focus()
    form.make(picture)

    def ready() -> bool:
        """Whether the name is free, or what has it may be replaced."""
        name = (config.get_property("name") or "").strip()
        taken = store.has(name)
        if taken and not savepreset.may_replace(window, name):
            return False
        config.set_property("overwrite", taken)
        return True

    try:
        return until_made(window, declared.title, make, ready=ready)
    finally:
        painter.close()
