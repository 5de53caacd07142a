"""A layer's areas, and the small pictures that stand for it or are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import buffers
from gi.repository import Babl, Gegl, Gimp, Gio, GLib
from translation import _

from core.errors import InputError
from core.protocol import Picture

# A multiple of GEGL's 128-row tiles; much larger ones cost memory and win nothing.
STRIP_ROWS = 256
_USUAL_SIDE, _LEAST_SIDE, _MOST_SIDE = 512, 256, 1024
_ID, _STATE = "id::file", "etag::value"
_opened: dict[tuple[str | None, str | None], Picture] = {}


@dataclass(frozen=True)
class Area:
    """A rectangle of a layer, in the layer's own coordinates."""

    x: int
    y: int
    width: int
    height: int

    @property
    def rectangle(self) -> Gegl.Rectangle:
        return Gegl.Rectangle.new(self.x, self.y, self.width, self.height)

    def strips(self, rows: int = STRIP_ROWS) -> list[Area]:
        """The area cut at multiples of `rows` of the layer, so that no tile is touched twice."""
        cuts = [self.y, *range((self.y // rows + 1) * rows, self.y + self.height, rows)]
        ends = [*cuts[1:], self.y + self.height]
        return [
            Area(self.x, top, self.width, end - top) for top, end in zip(cuts, ends, strict=True)
        ]


def whole(drawable: Gimp.Drawable) -> Area:
    """All of the drawable."""
    return Area(0, 0, drawable.get_width(), drawable.get_height())


def picture(drawable: Gimp.Drawable, name: str) -> Picture:
    """The whole drawable as a small sRGB-encoded picture, with alpha if it has any.

    The longer side has 512 pixels or less, unless the shorter would then have fewer than 256.
    InputError, with `name`, if every pixel is transparent.
    """
    width, height = drawable.get_width(), drawable.get_height()
    long, short = max(width, height), min(width, height)
    scale = min(1.0, max(_USUAL_SIDE / long, min(_LEAST_SIDE / short, _MOST_SIDE / long)))
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    found = _reduced(drawable, whole(drawable), width, height)
    if found.channels == 4 and not any(found.data[3::4]):
        words = _("The layer “{name}” is empty: all of it is transparent.")
        raise InputError(words.format(name=name))
    return found


def view(drawable: Gimp.Drawable, area: Area, side: int) -> Picture:
    """A part of the drawable to be looked at, at most `side` pixels along its longer side."""
    scale = min(1.0, side / max(area.width, area.height))
    width, height = max(1, round(area.width * scale)), max(1, round(area.height * scale))
    return _reduced(drawable, area, width, height)


def _reduced(drawable: Gimp.Drawable, area: Area, width: int, height: int) -> Picture:
    """A part of the drawable in about this size, each side at most 1024: its shape is kept.

    GIMP makes it: it remembers reduced copies of its tiles, and the pixels at full size, of which
    24 million take a sixth of a second, need not come here.
    """
    channels = 4 if drawable.has_alpha() else 3
    found, width, height, _bytes_a_pixel = drawable.get_sub_thumbnail_data(
        area.x, area.y, area.width, area.height, width, height
    )
    data = found.get_data()
    if (Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION) < (3, 2) and not _is_usual(drawable.get_image()):
        # Before 3.2 it comes in the drawable's own precision and colour space.
        buffers.start()
        own = Babl.get_name(drawable.get_format())
        buffer, all_of_it = Gegl.Buffer.new(own, 0, 0, width, height), Area(0, 0, width, height)
        buffer.set(all_of_it.rectangle, own, data)
        wanted = "R'G'B'A u8" if channels == 4 else "R'G'B' u8"
        data = bytes(buffer.get(all_of_it.rectangle, 1.0, wanted, Gegl.AbyssPolicy.NONE))
    return Picture(width, height, channels, data)


def _is_usual(image: Gimp.Image) -> bool:
    """Whether the pixels of its layers are sRGB-encoded RGB of 8 bits as they are."""
    return (
        image.get_base_type() == Gimp.ImageBaseType.RGB
        and image.get_precision() == Gimp.Precision.U8_NON_LINEAR
        and image.get_color_profile() is None
    )


def picture_of_file(file: Gio.File) -> Picture:
    """What a photo file shows, as `picture`. InputError if GIMP cannot open it.

    A file that stays as it is is opened once: the dialog needs it, and then the job.
    """
    path = file.get_parse_name()
    if not file.query_exists(None):
        raise InputError(_("There is no file {path}: choose a photo.").format(path=path))
    about = file.query_info(f"{_ID},{_STATE}", Gio.FileQueryInfoFlags.NONE, None)
    known = (about.get_attribute_string(_ID), about.get_attribute_string(_STATE))
    if known not in _opened:
        _opened[known] = _open(file, path)
    return _opened[known]


def _open(file: Gio.File, path: str) -> Picture:
    """Have GIMP open a photo file; `path` is what a user is told of it."""
    try:
        image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    except GLib.Error as error:
        words = _("{path} cannot be opened as a photo: {reason}")
        raise InputError(words.format(path=path, reason=error.message)) from error
    if image is None:
        raise InputError(_("{path} cannot be opened as a photo.").format(path=path))
    try:
        if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            image.convert_rgb()  # GIMP 3.0 hands over other colours than those of the palette
        merged = image.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        if merged is None:
            words = _("{path} shows nothing: it has no visible layer.")
            raise InputError(words.format(path=path))
        return picture(merged, file.get_basename() or path)
    finally:
        image.delete()
