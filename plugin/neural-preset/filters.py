"""The five procedures: from checked arguments to a job. Nothing is changed here.

Each function raises InputError, in a photographer's words, for anything that cannot be used: a
layer, a preset, a reference. The dialog shows it and stays open; a script gets it as the error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import layers
import pixels
from gi.repository import Gimp
from jobs import CreatePreset, ExportLut, Job, Look, Recolor
from translation import _

from core import presetfile
from core.client import mix_source, normalize_source, preset_source, reference_source
from core.errors import InputError, PresetError
from core.locations import Locations
from core.presetnames import clean_name, split_tags
from core.presets import PresetStore
from core.protocol import Picture

NEW_LAYER = "new-layer"
LUT_SUFFIXES = (".cube", ".png")
# Repeat Last comes without a layer.
_AGAIN = _("To repeat it with a layer, choose that in the dialog again: GIMP does not remember it.")


@dataclass(frozen=True)
class Request:
    """What GIMP handed over: the image, its chosen layers, checked arguments, and our places."""

    image: Gimp.Image
    drawables: Sequence[Gimp.Drawable]
    values: Mapping[str, Any]
    locations: Locations

    @property
    def store(self) -> PresetStore:
        return PresetStore(self.locations.presets, self.locations.builtin)

    def look(self, source: dict[str, Any]) -> Look:
        """The source used as the arguments say."""
        return Look(
            source,
            self.values["strength"],
            self.values.get("intent", 0),
            self.values.get("keep-luminance", False),
        )

    def recolor(self, source: dict[str, Any], name: str) -> Recolor:
        """The job that gives the layers a look; `name` goes into the names of new layers."""
        copy = self.values["output"] == NEW_LAYER
        targets = layers.targets(self.image, self.drawables, copy)
        look, ending = self.look(source), name if copy else None
        return Recolor(self.image, targets, look, ending, self.values["dither"])


def apply(request: Request) -> Job:
    preset = request.store.get(request.values["preset"])
    source, name = preset_source(preset), preset.name
    if request.values["mix-preset"] and request.values["mix"] > 0:
        second = request.store.get(request.values["mix-preset"])
        source = mix_source(source, preset_source(second), request.values["mix"])
        name = f"{preset.name} + {second.name}"
    return request.recolor(source, name)


def transfer(request: Request) -> Job:
    layer, file = request.values["style-layer"], request.values["style-file"]
    if layer is not None and not layer.is_valid():
        raise InputError(_("The style layer is gone: choose another."))
    if request.values["swap"]:
        request = _swapped(request, layer)
        layer, file = request.values["style-layer"], None
    if layer is not None and file is not None:
        raise InputError(_("Give a style layer or a style photo, not both."))
    if layer is not None:
        name = layer.get_name()
        style = pixels.picture(layer, name)
    elif file is not None:
        name = Path(file.get_basename() or _("photo")).stem
        style = pixels.picture_of_file(file)
    else:
        raise InputError(_("Whose look? Give a style layer or a style photo.") + f" {_AGAIN}")
    return request.recolor(reference_source(style, request.values["method"]), name)


def _swapped(request: Request, layer: Gimp.Layer | None) -> Request:
    """The request that changes the style layer after the look of the one chosen layer."""
    if layer is None:
        raise InputError(_("Only two layers can be swapped: give a style layer.") + f" {_AGAIN}")
    chosen = layers.only_one(layers.readable(request.image, request.drawables))
    image = layer.get_image()
    layers.readable(image, [layer])
    values = {**request.values, "style-layer": chosen, "style-file": None}
    return Request(image, [layer], values, request.locations)


def create(request: Request) -> Job:
    picture = _single_picture(request)
    store, overwrite = request.store, request.values["overwrite"]
    name = clean_name(request.values["name"])
    tags = presetfile.clean_tags(split_tags(request.values["tags"]))
    if store.has(name) and not overwrite:
        words = _("There is a preset “{name}” already: choose another name or overwrite.")
        raise PresetError(words.format(name=name))
    return CreatePreset(picture, name, tags, overwrite, store)


def normalize(request: Request) -> Job:
    return request.recolor(normalize_source(), _("Normalized"))


def export_lut(request: Request) -> Job:
    preset = request.store.get(request.values["preset"])
    picture = _single_picture(request)
    file, overwrite = request.values["file"], request.values["overwrite"]
    path = Path(file.get_path()) if file is not None and file.get_path() else None
    if path is None:
        raise InputError(_("Where to? Give a file on this computer that ends with .cube or .png."))
    if path.suffix.lower() not in LUT_SUFFIXES:
        words = _("“{name}” is no LUT file: its name must end with .cube or .png.")
        raise InputError(words.format(name=path.name))
    if not path.parent.is_dir():
        raise InputError(_("There is no folder {path}.").format(path=path.parent))
    if path.exists() and not overwrite:
        words = _("{path} exists already: choose another name or overwrite.")
        raise InputError(words.format(path=path))
    look = request.look(preset_source(preset))
    return ExportLut(picture, look, path, request.values["size"], preset.name, overwrite)


def _single_picture(request: Request) -> Picture:
    layer = layers.only_one(layers.readable(request.image, request.drawables))
    return pixels.picture(layer, layer.get_name())
