"""The picture of a preset itself: its reference, a chart of its colours, a sample or an icon."""

from __future__ import annotations

import colorsys
import struct
from collections import OrderedDict

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GdkPixbuf", "2.0")

from gi.repository import GdkPixbuf, GLib, Gtk  # noqa: E402

from core.presetfile import Preset  # noqa: E402
from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402
from widgets.samplelooks import SampleLooks  # noqa: E402
from widgets.shelf import Item  # noqa: E402

_REMEMBERED = 400
_CHART_SIDE = 24
_GRAY_ROWS = 4
_ICON_PART, _ICON_ALPHA = 0.45, 150


class Portraits:
    """Pictures of presets of one size; the last few hundred are remembered."""

    def __init__(self, side: int, widget: Gtk.Widget, samples: SampleLooks) -> None:
        """`side`: of the square they fit into, in pixels; icons take the colour of `widget`."""
        self._side, self._widget, self._samples = side, widget, samples
        self._made: OrderedDict[tuple[str, int], GdkPixbuf.Pixbuf] = OrderedDict()

    def of(self, item: Item) -> GdkPixbuf.Pixbuf:
        """The picture of this preset."""
        key = str(item.path), id(item.preset)
        made = self._made.get(key)
        if made is None:
            made = self._make(item)
            if made is None:
                # For now; the sample is being painted.
                return self._icon("image-x-generic-symbolic")
            self._made[key] = made
            while len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)
        return made

    def _make(self, item: Item) -> GdkPixbuf.Pixbuf | None:
        preset = item.preset
        if preset is None:
            return self._icon("dialog-warning-symbolic")
        if preset.reference is not None:
            picture = pictures.from_jpeg(preset.reference)
            if picture is not None:
                return pictures.fitted(picture, self._side, self._side)
        if preset.lattice is not None:
            chart = pictures.pixbuf(color_chart(preset))
            how = GdkPixbuf.InterpType.BILINEAR
            return chart.scale_simple(self._side, self._side, how)
        sample = self._samples.of(preset)
        return sample and pictures.fitted(sample, self._side, self._side)

    def _icon(self, name: str) -> GdkPixbuf.Pixbuf:
        """An icon in the middle of nothing, so that all pictures have one size."""
        square = GdkPixbuf.Pixbuf.new(
            GdkPixbuf.Colorspace.RGB, True, 8, self._side, self._side
        )
        square.fill(0)
        size = round(self._side * _ICON_PART)
        found = Gtk.IconTheme.get_default().lookup_icon(name, size, Gtk.IconLookupFlags.FORCE_SIZE)
        if found is None:
            return square
        try:
            icon, _ = found.load_symbolic_for_context(self._widget.get_style_context())
        except GLib.Error:
            return square
        margin = (self._side - size) // 2
        width, height = min(size, icon.get_width()), min(size, icon.get_height())
        area, how = (margin, margin, width, height), GdkPixbuf.InterpType.NEAREST
        icon.composite(square, *area, margin, margin, 1, 1, how, _ICON_ALPHA)
        return square


def color_chart(preset: Preset) -> Picture:
    """What a table makes of all hues, from white over pure to black, and of gray below them."""
    pixels = bytearray()
    last = _CHART_SIDE - 1
    rows = _CHART_SIDE - _GRAY_ROWS
    for y in range(_CHART_SIDE):
        for x in range(_CHART_SIDE):
            if y >= rows:
                color = (x / last,) * 3
            else:
                depth = 2 * (y + 0.5) / rows
                color = colorsys.hsv_to_rgb(x / last, min(1, depth), min(1, 2 - depth))
            seen = _through(preset, color)
            pixels += bytes(round(255 * min(1, max(0, value))) for value in seen)
    return Picture(_CHART_SIDE, _CHART_SIDE, 3, bytes(pixels))


def _through(preset: Preset, color: tuple[float, ...]) -> list[float]:
    """The colour that the preset's lattice has for another, from the eight nodes around it."""
    size, lattice = preset.lattice_size, preset.lattice or b""
    places = [value * (size - 1) for value in color]
    lows = [min(int(place), size - 2) for place in places]
    parts = [place - low for place, low in zip(places, lows, strict=True)]
    sums = [0.0, 0.0, 0.0]
    for corner in range(8):
        ups = (corner >> 2, corner >> 1 & 1, corner & 1)
        weight = 1.0
        for up, part in zip(ups, parts, strict=True):
            weight *= part if up else 1 - part
        if weight == 0:
            continue
        r, g, b = (low + up for low, up in zip(lows, ups, strict=True))
        node = struct.unpack_from("<3e", lattice, ((r * size + g) * size + b) * 6)
        sums = [total + weight * value for total, value in zip(sums, node, strict=True)]
    return sums
