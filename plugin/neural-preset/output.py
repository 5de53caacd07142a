"""Where new pixels go: into the layers themselves, or into new layers above them.

They wait in the layers' shadow buffers. GIMP blends these in, as selection and alpha lock say, for
layers of an image alone. But a new layer has to be complete before it comes into the photographer's
image, where it stays if the plug-in is killed. So copies are changed in an image that nobody sees.
(Pixels written into a copy's own buffer heed neither, and GIMP would draw layers of paths and links
again over them.)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from gi.repository import Gegl, Gimp
from layers import Target
from pixels import Area, whole
from translation import _

from core.errors import NeuralPresetError


def change(image: Gimp.Image, targets: Sequence[Target]) -> None:
    """Make the shadow buffers the layers' pixels, in one undo step."""
    _check(targets)
    image.undo_group_start()
    try:
        for target in targets:
            _merge(target.layer, target)
    finally:
        image.undo_group_end()


def add(image: Gimp.Image, targets: Sequence[Target], ending: str, plain: bool = False) -> None:
    """Put a new layer above each target, in one undo step, and select them.

    Its pixels are those of the shadow buffer where the selection and the alpha lock allow, else the
    target's; all are the target's with `plain`. `ending` goes into the names. All or none are
    there if it fails. A plug-in that is killed meanwhile leaves fewer, but each is complete, and
    GIMP closes the undo step; or it leaves the image that nobody sees, until GIMP ends.
    """
    if plain:
        made = [target.layer.copy() for target in targets]
    else:
        _check(targets)
        with _unseen(image) as aside:
            made = [_changed(aside, target) for target in targets]
    for layer, target in zip(made, targets, strict=True):
        layer.set_lock_content(False)
        layer.set_name(f"{target.name} – {ending}")  # noqa: RUF001
    image.undo_group_start()
    added: list[Gimp.Layer] = []
    try:
        for layer, target in zip(made, targets, strict=True):
            original = target.layer
            position = image.get_item_position(original)
            if not image.insert_layer(layer, original.get_parent(), position):
                words = _("GIMP did not take a new layer above “{name}”.")
                raise NeuralPresetError(words.format(name=target.name))
            added.append(layer)
    except NeuralPresetError:
        for layer in added:
            image.remove_layer(layer)
        raise
    finally:
        image.undo_group_end()
    image.set_selected_layers(added)


def _check(targets: Sequence[Target]) -> None:
    """NeuralPresetError if a layer or the selection is not as it was: a buffer would not fit."""
    for target in targets:
        meets, *area = target.layer.mask_intersect()
        if not meets or Area(*area) != target.area:
            words = _("The selection or the layer “{name}” was changed meanwhile: try again.")
            raise NeuralPresetError(words.format(name=target.name))


@contextlib.contextmanager
def _unseen(image: Gimp.Image) -> Iterator[Gimp.Image]:
    """Another image without a window, of the same size, colors and selection, and no layers."""
    size = (image.get_width(), image.get_height())
    kind = (image.get_base_type(), image.get_precision())
    other = Gimp.Image.new_with_precision(*size, *kind)
    try:
        other.undo_disable()
        profile = image.get_color_profile()
        if profile is not None:
            other.set_color_profile(profile)
        if not Gimp.Selection.is_empty(image):
            selection = other.get_selection()
            area = whole(selection)
            _copy(image.get_selection().get_buffer(), selection.get_buffer(), area)
            _update(selection, area)
        yield other
    finally:
        other.delete()


def _changed(aside: Gimp.Image, target: Target) -> Gimp.Layer:
    """A changed copy of the target, which belongs to its image and is not yet in it."""
    copy = Gimp.Layer.new_from_drawable(target.layer, aside)
    copy.set_lock_content(False)
    aside.insert_layer(copy, None, 0)
    _copy(target.layer.get_shadow_buffer(), copy.get_shadow_buffer(), target.area)
    _merge(copy, target)
    return Gimp.Layer.new_from_drawable(copy, target.layer.get_image())


def _copy(source: Gegl.Buffer, destination: Gegl.Buffer, area: Area) -> None:
    rectangle = area.rectangle
    source.copy(rectangle, Gegl.AbyssPolicy.NONE, destination, rectangle)
    destination.flush()


def _merge(layer: Gimp.Layer, target: Target) -> None:
    """Make the shadow buffer the layer's pixels, as far as selection and alpha lock allow."""
    if not layer.merge_shadow(True):
        words = _("GIMP refused to change the layer “{name}”.")
        raise NeuralPresetError(words.format(name=target.name))
    _update(layer, target.area)


def _update(drawable: Gimp.Drawable, area: Area) -> None:
    drawable.update(area.x, area.y, area.width, area.height)
