"""The layer that a window is about: what the worker judges it by, and what is seen of it."""

from __future__ import annotations

from dataclasses import dataclass

import pixels
from gi.repository import Gimp, Gtk
from widgets import pictures

from core.protocol import Picture

_PREVIEW_SIDE, _MOST_SIDE = 800, 1024


@dataclass(frozen=True)
class Photo:
    """A layer, its `content` as the job will give it to the worker, and its selected `area`."""

    layer: Gimp.Layer
    content: Picture
    area: pixels.Area

    @classmethod
    def of(cls, layer: Gimp.Layer) -> Photo:
        """Read the layer. InputError if all of it is transparent."""
        content = pixels.picture(layer, layer.get_name())
        meets, *selected = layer.mask_intersect()
        area = pixels.Area(*selected) if meets else pixels.whole(layer)
        return cls(layer, content, area)

    def small(self, side: int) -> Picture:
        """What is seen, with at most `side` pixels along its longer side."""
        return pixels.view(self.layer, self.area, side)

    def large(self, window: Gtk.Window) -> Picture:
        """What is seen, as large as the preview of this window will want it."""
        return self.small(min(_MOST_SIDE, _PREVIEW_SIDE * pictures.density(window)))
