"""Apply Preset: a gallery on the user's own picture, a large preview, the settings below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from arguments import Argument  # noqa: E402
from gi.repository import GLib, Gtk  # noqa: E402
from translation import _  # noqa: E402
from widgets.controls import Controls  # noqa: E402
from widgets.gallery import Gallery  # noqa: E402
from widgets.live import Live  # noqa: E402
from widgets.painter import Options  # noqa: E402
from widgets.picker import Picker  # noqa: E402
from widgets.preview import Preview  # noqa: E402
from widgets.shelf import Item, Shelf  # noqa: E402

from core.client import mix_source, preset_source  # noqa: E402
from dialogs import binding, presetchoice  # noqa: E402
from dialogs.frame import Contents, Frame, asking  # noqa: E402
from dialogs.panes import Panes  # noqa: E402
from dialogs.photo import Photo  # noqa: E402

_SIZE, _PANE = (1180, 780), 476
_PLAIN = ("strength", "intent", "keep-luminance", "output")


class _Contents(Contents):
    """What is in the window, and how its parts follow each other.

    The record of the arguments (`config`) is the truth; widgets change it, and all that depends on
    it follows its notifications.
    """

    def __init__(self, frame: Frame) -> None:
        self._window, self._config = frame.window, frame.config
        self._painter = painter = frame.painter
        self._shelf = Shelf(frame.store)
        self._preview = Preview(_("Preview of the chosen preset"))
        self._live = Live(painter, self._preview)
        self._gallery = Gallery(painter, self._shelf)
        self._controls = self._make_controls(frame.arguments)
        self._layers = len(frame.offer.changing)
        self._photo = Photo.of(frame.offer.changing[0])
        self._take_picture()
        self._panes = Panes(frame, "apply", _SIZE, _PANE)
        self._panes.fill(self._gallery, self._preview, self._controls)
        self._gallery.focus()
        self._connect()
        self._read_presets()

    def refused(self) -> None:
        """Show the presets as they are now: the chosen one may be gone since."""
        self._read_presets()

    def close(self) -> None:
        """Remember how large the user has made the window, and do nothing any more."""
        self._shelf.stop()
        self._panes.keep()

    def _read_presets(self) -> None:
        self._shelf.start(self._on_shelf, GLib.idle_add)

    def _make_controls(self, arguments: Mapping[str, Argument]) -> Controls:
        controls = Controls()
        for name in ("strength", "intent"):
            binding.add(controls, arguments[name])
        second = arguments["mix-preset"]
        self._picker = Picker(self._make_second_gallery)
        self._picker.on_pick = controls.custom(
            *(second.name, second.label, second.blurb, self._picker),
            get=lambda: self._picker.name,
            put=self._picker.show_name,
        )
        self._mix = binding.add(controls, arguments["mix"])
        for name in ("keep-luminance", "output"):
            binding.add(controls, arguments[name])
        binding.bind(controls, self._config, (*_PLAIN, "mix-preset", "mix"))
        return controls

    def _make_second_gallery(self) -> Gallery:
        gallery = Gallery(self._painter, self._shelf, group="second")
        gallery.set_picture(self._photo.content, self._small, self._whole_look())
        return gallery

    def _whole_look(self) -> Options:
        """The settings of the pictures in a gallery: all of the look, whatever the strength."""
        value = self._config.get_property
        return Options(100, value("intent"), value("keep-luminance"))

    def _take_picture(self) -> None:
        self._live.set_picture(self._photo.content, self._photo.large(self._window))
        self._small = self._photo.small(self._gallery.side)
        self._gallery.set_picture(self._photo.content, self._small)

    def _connect(self) -> None:
        self._gallery.connect("chosen", lambda _gallery, item: self._choose(item))
        self._gallery.connect("activated", self._on_activated)
        presetchoice.search_by_key(self._window, self._gallery)
        for name in ("preset", "strength", "intent", "keep-luminance", "mix-preset", "mix"):
            self._config.connect(f"notify::{name}", self._on_config)

    def _on_shelf(self) -> None:
        self._gallery.refresh()
        self._picker.refresh()
        self._on_config()

    def _on_config(self, *_changed: Any) -> None:
        """Show what the arguments say; without a preset, take the first."""
        item = presetchoice.follow(self._config, self._shelf, self._gallery)
        self._window.set_response_sensitive(Gtk.ResponseType.OK, item is not None)
        self._show(item)

    def _show(self, item: Item | None) -> None:
        value = self._config.get_property
        second = self._shelf.find(value("mix-preset")) if value("mix-preset") else None
        if second is None and value("mix-preset") and self._shelf.complete:
            self._config.set_property("mix-preset", "")  # gone since; comes back here
            return
        self._mix.set_sensitive(second is not None)
        options = Options(value("strength"), value("intent"), value("keep-luminance"))
        for gallery in (self._gallery, self._picker):
            gallery.set_options(self._whole_look())
        if item is None or item.preset is None:
            self._live.show(None, options, "")
            return
        source, caption = preset_source(item.preset), item.name
        if second is not None and second.preset is not None:
            source = mix_source(source, preset_source(second.preset), value("mix"))
            caption = _("{name}, mixed with {second}").format(name=item.name, second=second.name)
        if self._layers > 1:
            words = _("{caption}, on the first of {count} layers")
            caption = words.format(caption=caption, count=self._layers)
        self._live.show(source, options, caption)

    def _choose(self, item: Item) -> None:
        self._config.set_property("preset", item.name)

    def _on_activated(self, *_activated: Any) -> None:
        self._window.response(Gtk.ResponseType.OK)


ask = asking(_Contents)
