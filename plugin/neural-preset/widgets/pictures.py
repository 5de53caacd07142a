"""From the small pictures of the worker to what GTK paints.

Cairo for Python is no part of every GIMP (Debian 13's has none), so all is made of pixbufs; where
it is there, pictures are sharp on high-density screens too.
"""

from __future__ import annotations

from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GdkPixbuf", "2.0")

from gi.repository import Gdk, GdkPixbuf, GLib, GObject, Gtk  # noqa: E402

from core.protocol import Picture  # noqa: E402

_SQUARE, _LIGHT, _DARK = 8, 0xFF999999, 0xFF666666

try:
    gi.require_foreign("cairo")
    _CAIRO = True
except (ImportError, AttributeError):
    _CAIRO = False


def density(widget: Gtk.Widget) -> int:
    """How many pixels of a picture go along one unit of the widget's size."""
    return int(widget.get_scale_factor()) if _CAIRO else 1


def pixbuf(picture: Picture) -> GdkPixbuf.Pixbuf:
    """The picture as it is."""
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(picture.data),
        GdkPixbuf.Colorspace.RGB,
        picture.channels == 4,
        8,
        picture.width,
        picture.height,
        picture.width * picture.channels,
    )


def reduced(source: Picture, side: int) -> Picture:
    """The picture with at most `side` pixels along its longer side."""
    scale = side / max(source.width, source.height)
    if scale >= 1:
        return source
    size = (max(1, round(source.width * scale)), max(1, round(source.height * scale)))
    return picture(pixbuf(source).scale_simple(*size, GdkPixbuf.InterpType.BILINEAR))


def picture(source: GdkPixbuf.Pixbuf) -> Picture:
    """What the worker takes."""
    width, height, channels = source.get_width(), source.get_height(), source.get_n_channels()
    data, stride = source.get_pixels(), source.get_rowstride()
    rows = (data[row * stride : row * stride + width * channels] for row in range(height))
    return Picture(width, height, channels, b"".join(rows))


def fitted(
    source: GdkPixbuf.Pixbuf, width: int, height: int, enlarge: float = 1.0
) -> GdkPixbuf.Pixbuf:
    """The whole of `source` in at most this size, its shape kept, on checks where transparent."""
    most = min(width / source.get_width(), height / source.get_height(), enlarge)
    size = tuple(max(1, round(n * most)) for n in (source.get_width(), source.get_height()))
    how = GdkPixbuf.InterpType.BILINEAR
    if not source.get_has_alpha():
        return source.scale_simple(*size, how)
    return source.composite_color_simple(*size, how, 255, _SQUARE, _LIGHT, _DARK)


def from_jpeg(data: bytes) -> GdkPixbuf.Pixbuf | None:
    """A JPEG such as a preset holds, or None if it cannot be read."""
    loader = GdkPixbuf.PixbufLoader.new_with_type("jpeg")
    try:
        loader.write(data)
        loader.close()
    except GLib.Error:
        return None
    return loader.get_pixbuf()


def show(image: Gtk.Image, source: GdkPixbuf.Pixbuf) -> None:
    """Put a picture of the screen's own density into an image widget."""
    scale = density(image)
    if scale == 1:
        image.set_from_pixbuf(source)
    else:
        image.set_from_surface(Gdk.cairo_surface_create_from_pixbuf(source, scale, None))


def fill(target: GdkPixbuf.Pixbuf, x: int, y: int, width: int, height: int, rgba: int) -> None:
    """Paint a rectangle, as far as it lies in the picture."""
    left, top = max(0, x), max(0, y)
    right = min(target.get_width(), x + width)
    bottom = min(target.get_height(), y + height)
    if right > left and bottom > top:
        target.new_subpixbuf(left, top, right - left, bottom - top).fill(rgba)


def faint(source: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """The picture as a shadow of itself, for what is still to be painted."""
    width, height = source.get_width(), source.get_height()
    ghost = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, width, height)
    ghost.fill(0)
    how = GdkPixbuf.InterpType.NEAREST
    source.composite(ghost, 0, 0, width, height, 0, 0, 1, 1, how, 70)
    return ghost


def column_name(scale: int) -> str:
    """The property of Gtk.CellRendererPixbuf that takes the pictures of a list."""
    return "pixbuf" if scale == 1 else "surface"


def column_type(scale: int) -> GObject.GType:
    """The type of a list's column of pictures."""
    if scale == 1:
        return GdkPixbuf.Pixbuf.__gtype__
    surface: GObject.GType = Gtk.CellRendererPixbuf.find_property("surface").value_type
    return surface


def for_column(source: GdkPixbuf.Pixbuf | None, scale: int) -> Any:
    """What the column takes for a picture of the screen's own density."""
    if source is None or scale == 1:
        return source
    return Gdk.cairo_surface_create_from_pixbuf(source, scale, None)
