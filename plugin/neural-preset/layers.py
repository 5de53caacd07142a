"""Which layers can be used, and what to tell the user of one that cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gi.repository import Gimp
from pixels import Area
from translation import _

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
        raise InputError(
            _("There is a floating selection: anchor it, or change the layer itself.")
        )
    found = []
    for layer in readable(image, drawables):
        name = layer.get_name()
        if layer.is_group():
            words = _("“{name}” is a layer group: choose the layers in it.")
            raise InputError(words.format(name=name))
        locked = next((each for each in _lockable(layer, copy) if each.get_lock_content()), None)
        if locked is not None:
            words = _("The pixels of “{name}” are locked: unlock them first.")
            raise InputError(words.format(name=locked.get_name()))
        meets, x, y, width, height = layer.mask_intersect()
        if not meets:
            words = _("The selection does not touch the layer “{name}”.")
            raise InputError(words.format(name=name))
        found.append(Target(layer, Area(x, y, width, height)))
    return found


def readable(image: Gimp.Image, drawables: Sequence[Gimp.Drawable]) -> list[Gimp.Layer]:
    """The chosen layers, each once. InputError if there is none or one is something else."""
    if image.get_base_type() != Gimp.ImageBaseType.RGB:
        raise InputError(_("The image is not in RGB colors: use Image > Mode > RGB first."))
    if not drawables:
        raise InputError(_("No layer is chosen: choose one in the Layers dialog."))
    found: dict[int, Gimp.Layer] = {}
    for drawable in drawables:
        name = drawable.get_name()
        if isinstance(drawable, Gimp.LayerMask):
            words = _("“{name}” is a layer mask: click on the layer's own picture first.")
            raise InputError(words.format(name=name))
        if not isinstance(drawable, Gimp.Layer):
            raise InputError(_("“{name}” is a channel: choose a layer.").format(name=name))
        if drawable.get_image().get_id() != image.get_id():
            raise InputError(_("The layer “{name}” belongs to another image.").format(name=name))
        found[drawable.get_id()] = drawable
    return list(found.values())


def only_one(layers: Sequence[Gimp.Layer]) -> Gimp.Layer:
    """The single layer. InputError if there are several."""
    if len(layers) != 1:
        raise InputError(_("Several layers are chosen: choose a single one."))
    return layers[0]


def _lockable(layer: Gimp.Layer, copy: bool) -> Iterable[Gimp.Item]:
    """The items whose lock would hold up a change: the layer, if not copied, and its groups."""
    item = layer.get_parent() if copy else layer
    while item is not None:
        yield item
        item = item.get_parent()
