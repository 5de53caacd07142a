"""The layer that a preview shows: roughly at once, sharp as soon as the window stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pixels
from gi.repository import Gimp, GLib, Gtk
from widgets import pictures
from widgets.live import Live

from core.protocol import Picture

_PREVIEW_SIDE, _MOST_SIDE = 800, 1024
_SHARP_MS = 250


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


class Stage:
    """Lets a preview show a photo. To read all of a large one takes time, so that comes later."""

    def __init__(self, window: Gtk.Window, live: Live, on_sharp: Callable[[], None]) -> None:
        """`on_sharp` is called when the preview has got another picture to be painted anew."""
        self._window, self._live, self._on_sharp = window, live, on_sharp
        self._photo: Photo | None = None
        self._timer = 0
        window.connect("map", self._sharpen_soon)

    def show(self, photo: Photo, side: int) -> Picture:
        """Turn to a photo; what is seen of it, with about `side` pixels or more, is returned."""
        self._photo = photo
        rough = photo.rough(side)
        self._live.set_picture(photo.content, rough)
        if self._window.get_mapped():
            self._sharpen_soon()
        return rough

    def close(self) -> None:
        """Do nothing any more."""
        self._photo = None
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0

    def _sharpen_soon(self, *_mapped: Any) -> None:
        if not self._timer:
            self._timer = GLib.timeout_add(_SHARP_MS, self._sharpen)

    def _sharpen(self) -> bool:
        self._timer = 0
        if self._photo is not None:
            side = min(_MOST_SIDE, _PREVIEW_SIDE * pictures.density(self._window))
            self._live.set_picture(self._photo.content, self._photo.fine(side))
            self._on_sharp()
        return False
