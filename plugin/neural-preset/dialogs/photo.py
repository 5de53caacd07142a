"""The layer that a preview shows: its small copy for the network, and the part that is seen."""

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

    def rough(self, side: int) -> Picture:
        """What is seen, quickly: of a large photo not as sharp as it could be."""
        width, height = self.layer.get_width(), self.layer.get_height()
        area = self.area
        found = pictures.part(
            self.content,
            *(area.x / width, area.y / height, area.width / width, area.height / height),
        )
        return found if max(found.width, found.height) >= side else self.fine(side)

    def fine(self, side: int) -> Picture:
        """What is seen, with at most `side` pixels along its longer side."""
        return pixels.view(self.layer, self.area, side)


def preview_side(widget: Gtk.Widget) -> int:
    """How many pixels the large preview of a window should have along its longer side."""
    return min(_MOST_SIDE, _PREVIEW_SIDE * pictures.density(widget))
