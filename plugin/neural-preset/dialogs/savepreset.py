"""“Save as Preset...”: a reference's look is kept while its window goes on."""

from __future__ import annotations

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gtk  # noqa: E402
from translation import _  # noqa: E402
from widgets.painter import Painter  # noqa: E402
from widgets.presetform import PresetForm  # noqa: E402

from core.errors import NeuralPresetError  # noqa: E402
from core.presetnames import split_tags  # noqa: E402
from core.presets import PresetStore  # noqa: E402
from core.protocol import Picture  # noqa: E402
from dialogs.loop import agree, tell  # noqa: E402

_TITLE = _("Save as Preset")


def save(
    parent: Gtk.Window, painter: Painter, store: PresetStore, picture: Picture, name: str
) -> str | None:
    """Ask for a name, `name` proposed, and keep the picture's look; the name, None if cancelled."""
    window = Gtk.Dialog(title=_TITLE, transient_for=parent, modal=True)
    window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    window.add_button(_("_Save"), Gtk.ResponseType.OK)
    window.set_default_response(Gtk.ResponseType.OK)
    form = PresetForm(painter, store.has)
    form.controls.put("name", name)
    form.set_border_width(12)
    window.get_content_area().pack_start(form, True, True, 0)
    window.set_response_sensitive(Gtk.ResponseType.OK, False)
    form.on_made = lambda: window.set_response_sensitive(
        Gtk.ResponseType.OK, form.preset is not None
    )
    form.make(picture)
    window.show_all()
    form.focus()
    try:
        while window.run() == Gtk.ResponseType.OK:
            kept = _keep(window, form, store)
            if kept is not None:
                return kept
        return None
    finally:
        form.on_made = lambda: None
        window.destroy()


def _keep(window: Gtk.Window, form: PresetForm, store: PresetStore) -> str | None:
    if form.preset is None:
        return None
    values = form.controls.values()
    try:
        preset = form.preset.renamed(values["name"]).tagged(split_tags(values["tags"]))
        taken = store.has(preset.name)
        if taken and not may_replace(window, preset.name):
            return None
        store.add(preset, overwrite=taken)
    except NeuralPresetError as problem:
        tell(window, _TITLE, problem)
        return None
    return preset.name


def may_replace(window: Gtk.Window, name: str) -> bool:
    """Ask whether the preset of this name may be replaced."""
    question = _("There is a preset “{name}” already. Replace it?").format(name=name)
    return agree(window, _("Replace the preset?"), question, _("_Replace"))
