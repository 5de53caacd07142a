"""Helpers for code that a test runs inside GIMP's own Python (`Gimp.run_python`).

Their names are there without an import. Pixels are bytes in a babl format, rows from the top.
"""

# The stubs in plugin/typings know what the plug-in calls; tests call more.
# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp, Gio, GObject  # noqa: E402


@dataclass(frozen=True)
class Outcome:
    """What a procedure returned: its status ("SUCCESS", "CALLING_ERROR", ...), text and values."""

    status: str
    message: str
    values: list[Any]

    @property
    def ok(self) -> bool:
        return self.status == "SUCCESS"

    def as_dict(self) -> dict[str, str]:
        """Status and message, fit for `result`."""
        return {"status": self.status, "message": self.message}


def call(name: str, /, **arguments: Any) -> Outcome:
    """Call a PDB procedure with named arguments; never raises if it fails: look at the outcome.

    Names take `_` for `-`; a file may be a str, an array of images or drawables is a list.
    `run_mode` is non-interactive unless given.
    """
    procedure = Gimp.get_pdb().lookup_procedure(name)
    if procedure is None:
        raise LookupError(f"GIMP knows no procedure {name}")
    config = procedure.create_config()
    if config.find_property("run-mode") is not None:
        arguments.setdefault("run_mode", Gimp.RunMode.NONINTERACTIVE)
    for key, value in arguments.items():
        _set(config, key.replace("_", "-"), value)
    returned = procedure.run(config)
    status = returned.index(0)
    values = [returned.index(i) for i in range(1, returned.length())]
    message = ""
    if status != Gimp.PDBStatusType.SUCCESS:
        message = Gimp.get_pdb().get_last_error() or ""
    return Outcome(status.value_nick.upper().replace("-", "_"), message, values)


def _set(config: Any, key: str, value: Any) -> None:
    declared = config.find_property(key)
    if declared is None:
        raise LookupError(f"no argument {key}")
    if isinstance(value, (list, tuple)):
        config.set_core_object_array(key, list(value))
    elif isinstance(value, str) and GObject.type_is_a(declared.value_type, Gio.File.__gtype__):
        config.set_property(key, Gio.File.new_for_path(value))
    else:
        config.set_property(key, value)


def new_image(
    width: int,
    height: int,
    *,
    precision: str = "U8_NON_LINEAR",
    alpha: bool = False,
    kind: str = "RGB",
    profile: Gimp.ColorProfile | None = None,
) -> tuple[Gimp.Image, Gimp.Layer]:
    """An image with one opaque layer; `precision` names a Gimp.Precision, kind RGB or GRAY.

    A profile is assigned, not converted to.
    """
    base = getattr(Gimp.ImageBaseType, kind)
    image = Gimp.Image.new_with_precision(width, height, base, getattr(Gimp.Precision, precision))
    if profile is not None:
        image.set_color_profile(profile)
    return image, add_layer(image, width, height, alpha=alpha)


def add_layer(
    image: Gimp.Image, width: int, height: int, alpha: bool = False, name: str = "layer"
) -> Gimp.Layer:
    """A new layer on top of the image's others, selected."""
    kind = "GRAY" if image.get_base_type() == Gimp.ImageBaseType.GRAY else "RGB"
    layer_type = getattr(Gimp.ImageType, f"{kind}A_IMAGE" if alpha else f"{kind}_IMAGE")
    layer = Gimp.Layer.new(
        image, name, width, height, layer_type, 100.0, image.get_default_new_layer_mode()
    )
    image.insert_layer(layer, None, 0)
    layer.fill(Gimp.FillType.WHITE)
    return layer


def read(drawable: Gimp.Drawable, fmt: str | None = None) -> bytes:
    """All pixels of a drawable in a babl format ("R'G'B'A float"); None = the drawable's own."""
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    data: bytes = drawable.get_buffer().get(area, 1.0, fmt, Gegl.AbyssPolicy.CLAMP)
    return data


def write(drawable: Gimp.Drawable, data: bytes, fmt: str) -> None:
    """Set all pixels of a drawable, at once and without an undo step."""
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    buffer = drawable.get_buffer()
    buffer.set(area, fmt, data)
    buffer.flush()
    drawable.update(0, 0, drawable.get_width(), drawable.get_height())


def gradient(width: int, height: int, channels: int = 3) -> bytes:
    """Many different colours as u8 pixels; a fourth channel is an alpha that varies too."""
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            color = (x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x * y) % 256)
            pixels += bytes((*color, (x + 2 * y) % 256)[:channels])
    return bytes(pixels)


def load(path: str) -> tuple[Gimp.Image, Gimp.Layer]:
    """Open an image file; the image and its first layer."""
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(path))
    assert image is not None, path
    return image, image.get_layers()[0]
