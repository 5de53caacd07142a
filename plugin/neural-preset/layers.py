"""Which layers can be used, and what to tell the user of one that cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gi.repository import Gimp
from pixels import Area

from core.errors import InputError


@dataclass(frozen=True)
class Target:
    """A layer to be changed, and the part of it that the selection leaves open."""

    layer: Gimp.Layer
    area: Area

    @property
    def name(self) -> str:
        return self.layer.get_name()


def targets(image: Gimp.Image, drawables: Sequence[Gimp.Drawable], copy: bool) -> list[Target]:
    """Every chosen layer with its selected part. InputError if any cannot be changed.

    With `copy` a copy of each will be changed, which may be had of a locked layer too.
    """
    if copy and image.get_floating_sel() is not None:
        raise InputError("There is a floating selection: anchor it, or change the layer itself.")
    found = []
    for layer in readable(image, drawables):
        name = layer.get_name()
        if layer.is_group():
            raise InputError(f"“{name}” is a layer group: choose the layers in it.")
        locked = next((each for each in _lockable(layer, copy) if each.get_lock_content()), None)
        if locked is not None:
            raise InputError(f"The pixels of “{locked.get_name()}” are locked: unlock them first.")
        meets, x, y, width, height = layer.mask_intersect()
        if not meets:
            raise InputError(f"The selection does not touch the layer “{name}”.")
        found.append(Target(layer, Area(x, y, width, height)))
    return found


def readable(image: Gimp.Image, drawables: Sequence[Gimp.Drawable]) -> list[Gimp.Layer]:
    """The chosen layers, each once. InputError if there is none or one is something else."""
    if image.get_base_type() != Gimp.ImageBaseType.RGB:
        raise InputError("The image is not in RGB colors: use Image > Mode > RGB first.")
    if not drawables:
        raise InputError("No layer is chosen: choose one in the Layers dialog.")
    found: dict[int, Gimp.Layer] = {}
    for drawable in drawables:
        name = drawable.get_name()
        if isinstance(drawable, Gimp.LayerMask):
            raise InputError(f"“{name}” is a layer mask: click on the layer's own picture first.")
        if not isinstance(drawable, Gimp.Layer):
            raise InputError(f"“{name}” is a channel: choose a layer.")
        if drawable.get_image().get_id() != image.get_id():
            raise InputError(f"The layer “{name}” belongs to another image.")
        found[drawable.get_id()] = drawable
    return list(found.values())


def only_one(layers: Sequence[Gimp.Layer]) -> Gimp.Layer:
    """The single layer. InputError if there are several."""
    if len(layers) != 1:
        raise InputError("Several layers are chosen: choose a single one.")
    return layers[0]


def _lockable(layer: Gimp.Layer, copy: bool) -> Iterable[Gimp.Item]:
    """The items whose lock would hold up a change: the layer, if not copied, and its groups."""
    item = layer.get_parent() if copy else layer
    while item is not None:
        yield item
        item = item.get_parent()
