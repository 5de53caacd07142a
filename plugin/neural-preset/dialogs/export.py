"""Export Look as LUT: the gallery on the picture, what the LUT is good for, where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from arguments import Argument  # noqa: E402
from gi.repository import Gio, GLib, Gtk  # noqa: E402
from translation import _  # noqa: E402
from widgets.controls import Controls  # noqa: E402
from widgets.gallery import Gallery  # noqa: E402
from widgets.live import Live  # noqa: E402
from widgets.lutplace import LutPlace  # noqa: E402
from widgets.painter import Options  # noqa: E402
from widgets.preview import Preview  # noqa: E402
from widgets.shelf import Item, Shelf  # noqa: E402

from core.client import preset_source  # noqa: E402
from dialogs import binding, presetchoice  # noqa: E402
from dialogs.frame import Contents, Frame, asking  # noqa: E402
from dialogs.loop import agree  # noqa: E402
from dialogs.panes import Panes  # noqa: E402
from dialogs.photo import Photo  # noqa: E402

_SIZE, _PANE = (1120, 840), 476
_LOOK = ("strength", "intent", "keep-luminance")


class _Contents(Contents):
    """What is in the window; the record of the arguments (`config`) is the truth."""

    def __init__(self, frame: Frame) -> None:
        self._window, self._config = frame.window, frame.config
        self._photo = Photo.of(frame.offer.changing[0])
        self._shelf = Shelf(frame.store)
        self._preview = Preview(_("Preview of the look"))
        self._live = Live(frame.painter, self._preview)
        self._gallery = Gallery(frame.painter, self._shelf)
        self._note = Gtk.Label(wrap=True, xalign=0, max_width_chars=70)
        self._controls = self._make_controls(frame.arguments)
        self._take_picture()
        self._panes = Panes(frame, "export", _SIZE, _PANE)
        self._panes.fill(self._gallery, self._preview, self._note, self._controls)
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

    def ready(self) -> bool:
        """Whether the file is new, or may be replaced."""
        path = self._path()
        there = path is not None and path.exists()
        if there:
            question = _("{path} exists already. Replace it?").format(path=path)
            if not agree(self._window, _("Replace the file?"), question, _("_Replace")):
                return False
        self._config.set_property("overwrite", there)
        return True

    def _read_presets(self) -> None:
        self._shelf.start(self._on_shelf, GLib.idle_add)

    def _make_controls(self, arguments: Mapping[str, Argument]) -> Controls:
        controls = Controls()
        for name in _LOOK:
            binding.add(controls, arguments[name])
        self._place = LutPlace(controls, "size", arguments["size"].blurb)
        binding.bind(controls, self._config, (*_LOOK, "size"))
        controls.on_change(self._on_place)
        return controls

    def _take_picture(self) -> None:
        self._live.set_picture(self._photo.content, self._photo.large(self._window))
        self._gallery.set_picture(self._photo.content, self._photo.small(self._gallery.side))

    def _connect(self) -> None:
        self._gallery.connect("chosen", lambda _gallery, item: self._choose(item))
        self._gallery.connect("activated", lambda *_: self._window.response(Gtk.ResponseType.OK))
        presetchoice.search_by_key(self._window, self._gallery)
        for name in ("preset", *_LOOK):
            self._config.connect(f"notify::{name}", self._on_config)
        self._config.connect("notify::file", self._on_file)
        self._on_file()

    def _choose(self, item: Item) -> None:
        self._config.set_property("preset", item.name)

    def _on_shelf(self) -> None:
        self._gallery.refresh()
        self._on_config()

    def _on_config(self, *_changed: Any) -> None:
        item = presetchoice.follow(self._config, self._shelf, self._gallery)
        self._window.set_response_sensitive(Gtk.ResponseType.OK, item is not None)
        options = Options(*(self._config.get_property(name) for name in _LOOK))
        self._gallery.set_options(Options(100, options.intent, options.keep_luminance))
        if item is None or item.preset is None:
            self._live.show(None, options, "")
            self._note.set_text("")
            return
        self._live.show(preset_source(item.preset), options, item.name)
        words = (
            _("“{preset}” is a color table itself: its LUT suits every photo.")
            if item.is_lut
            else _(
                "“{preset}” is fitted to each photo by the network: this LUT is for the picture "
                "“{photo}”, and for others only as far as they are like it."
            )
        )
        photo = self._photo.layer.get_name()
        self._note.set_text(words.format(preset=item.name, photo=photo))
        if self._path() is None and self._place.path is not None:
            self._place.reset()  # the record was reset
        self._place.propose(item.name)
        self._keep_place()

    def _path(self) -> Path | None:
        return binding.path_of(self._config, "file")

    def _on_file(self, *_changed: Any) -> None:
        path = self._path()
        if path is not None:
            self._place.put(path)

    def _on_place(self, name: str, _value: Any) -> None:
        if name in ("format", "folder", "file-name"):
            self._keep_place()
        if name == "format":
            self._config.set_property("size", self._controls.value("size"))

    def _keep_place(self) -> None:
        """Let the arguments have the file that the rows say."""
        path = self._place.path
        if path != self._path():
            file = None if path is None else Gio.File.new_for_path(str(path))
            self._config.set_property("file", file)


ask = asking(_Contents)
