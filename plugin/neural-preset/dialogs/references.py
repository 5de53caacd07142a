"""Whose look may be wanted: the layers of all open images, photo files, the clipboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pixels
from gi.repository import GdkPixbuf, Gimp, Gio, GLib
from translation import _
from widgets import pictures
from widgets.referencelist import SIDE, Candidate

from core import atomic
from core.errors import InputError
from core.locations import Locations
from core.protocol import Picture
from dialogs.binding import path_of

_CLIPBOARD = "clipboard.png"  # beside the folder of presets, so that the filter can be repeated
_LAYER, _FILE = "layer:", "file:"


class References:
    """Pictures by key, each read once: a key tells a layer or a file.

    In the record of the arguments a reference is its layer or its file.
    """

    def __init__(self, locations: Locations, changing: Sequence[Gimp.Layer]) -> None:
        self._changing = {each.get_id() for each in changing}
        self._own = changing[0].get_image().get_id()
        self._clipboard = locations.presets.parent / _CLIPBOARD
        self._read: dict[str, Picture | InputError] = {}

    def layers(self) -> list[Candidate]:
        """All layers but those that will change; those of other images first."""
        images = sorted(Gimp.get_images(), key=lambda image: image.get_id() == self._own)
        return [
            self._layer(layer)
            for image in images
            for layer in _all_layers(image.get_layers())
            if layer.get_id() not in self._changing
        ]

    def first(self) -> str | None:
        """What to begin with: a layer, if there is one."""
        layers = self.layers()
        return layers[0].key if layers else None

    def candidate(self, key: str) -> Candidate:
        """What a list says of a reference."""
        layer = self.layer(key)
        return self._layer(layer) if layer is not None else self._file(_path(key))

    def key(self, config: Gimp.ProcedureConfig) -> str | None:
        """The reference of the arguments; None if there is none, or it is there no more."""
        layer, path = config.get_property("style-layer"), path_of(config, "style-file")
        if layer is not None and layer.is_valid() and layer.get_id() not in self._changing:
            return f"{_LAYER}{layer.get_id()}"
        return None if path is None or not path.exists() else self.key_of_file(path)

    def put(self, config: Gimp.ProcedureConfig, key: str | None) -> None:
        """Let the arguments have this reference alone."""
        layer = file = None
        if key is not None and key.startswith(_FILE):
            file = Gio.File.new_for_path(str(_path(key)))
        elif key is not None:
            layer = self.layer(key)
        _change(config, "style-layer", layer)
        _change(config, "style-file", file)

    def key_of_file(self, path: Path) -> str:
        return f"{_FILE}{path}"

    def folder(self, config: Gimp.ProcedureConfig) -> Path | None:
        """Where the photo file of the arguments lies."""
        path = path_of(config, "style-file")
        return None if path is None or path == self._clipboard else path.parent

    def layer(self, key: str) -> Gimp.Layer | None:
        """The layer that the key tells; None if it tells a file."""
        number = key.removeprefix(_LAYER)
        return None if number == key else Gimp.Layer.get_by_id(int(number))

    def at_hand(self, key: str) -> bool:
        """Whether `picture` takes no time: GIMP has still to open a photo file."""
        return key in self._read or self.layer(key) is not None

    def forget(self, key: str) -> None:
        """Read the reference again: its file may be another than before."""
        self._read.pop(key, None)

    def picture(self, key: str) -> Picture:
        """The reference as the job will give it to the worker. InputError if it cannot be used."""
        layer = self.layer(key)
        if key not in self._read:
            if layer is not None:
                self._read[key] = pixels.picture(layer, layer.get_name())
            else:
                self._read[key] = _picture_or_problem(_path(key))
        found = self._read[key]
        if isinstance(found, InputError):
            raise found
        return found

    def thumbnail(self, key: str) -> Picture | None:
        """A small picture for a list; None if there is none, or none yet."""
        side = 2 * SIDE
        layer = self.layer(key)
        found = self._read.get(key)
        if layer is not None and found is None:
            return pixels.view(layer, pixels.whole(layer), side)
        return pictures.reduced(found, side) if isinstance(found, Picture) else None

    def pasted(self, image: GdkPixbuf.Pixbuf) -> str:
        """Keep a picture from the clipboard and return its key. InputError if it cannot be kept."""
        try:
            self._clipboard.parent.mkdir(parents=True, exist_ok=True)
            done, data = image.save_to_bufferv("png", [], [])
        except (OSError, GLib.Error) as problem:
            words = _("The picture of the clipboard cannot be kept: {problem}")
            raise InputError(words.format(problem=problem)) from problem
        if not done:
            raise InputError(_("The picture of the clipboard cannot be kept."))
        atomic.write_bytes(self._clipboard, bytes(data), overwrite=True)
        key = self.key_of_file(self._clipboard)
        self.forget(key)
        return key

    def _layer(self, layer: Gimp.Layer) -> Candidate:
        image, name = layer.get_image(), layer.get_name()
        size = f"{layer.get_width()} × {layer.get_height()}"  # noqa: RUF001
        place = _("this image") if image.get_id() == self._own else image.get_name()
        return Candidate(f"{_LAYER}{layer.get_id()}", name, f"{place}, {size}")

    def _file(self, path: Path) -> Candidate:
        key = self.key_of_file(path)
        if path == self._clipboard:
            return Candidate(key, _("Clipboard"), _("the picture that was copied"))
        return Candidate(key, path.name, str(path.parent))


def _picture_or_problem(path: Path) -> Picture | InputError:
    """A file that cannot be opened is not tried again with every change of a setting."""
    try:
        return pixels.picture_of_file(Gio.File.new_for_path(str(path)))
    except InputError as problem:
        return problem


def _path(key: str) -> Path:
    return Path(key.removeprefix(_FILE))


def _change(config: Gimp.ProcedureConfig, name: str, value: Any) -> None:
    if value is not None or config.get_property(name) is not None:
        config.set_property(name, value)


def _all_layers(layers: Iterable[Gimp.Layer]) -> Iterable[Gimp.Layer]:
    for layer in layers:
        yield layer
        if layer.is_group():
            yield from _all_layers(layer.get_children())
