"""Presets that hold no picture of their own, shown by what they make of a sample photo."""

from __future__ import annotations

from collections.abc import Callable

import gi

gi.require_version("GdkPixbuf", "2.0")

from gi.repository import GdkPixbuf, GLib  # noqa: E402

from core.client import preset_source  # noqa: E402
from core.locations import Locations  # noqa: E402
from core.presetfile import Preset  # noqa: E402
from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402
from widgets.painter import Painter, Source  # noqa: E402

_SAMPLE = "core/sample/coffee.jpg"
_SIDE = 320  # for the largest picture of a preset, on a screen of high density


class SampleLooks:
    """The sample photo with the looks that are asked for; `on_painted` hears when more are there.

    The worker is started for the first one. While there is none, or no sample, there is no picture.
    """

    def __init__(self, locations: Locations, on_painted: Callable[[], None]) -> None:
        self._locations = locations
        self._on_painted = on_painted
        self._painter: Painter | None = None
        self._sample: Picture | None = None
        self._wanted: dict[Preset, Source] = {}
        self._painted: dict[Preset, GdkPixbuf.Pixbuf | None] = {}
        self._asking = False

    def of(self, preset: Preset) -> GdkPixbuf.Pixbuf | None:
        """The sample with this look; None until it is painted."""
        if preset not in self._painted and preset not in self._wanted:
            self._wanted[preset] = preset_source(preset)
            if not self._asking:
                # All that comes into sight at once is asked for at once.
                self._asking = True
                GLib.idle_add(self._ask)
        return self._painted.get(preset)

    def close(self) -> None:
        """Paint nothing more."""
        if self._painter is not None:
            self._painter.close()

    def _ask(self) -> bool:
        self._asking = False
        if self._painter is None:
            self._sample = self._read()
            if self._sample is not None:
                self._painter = Painter(self._locations)
        if self._painter is not None and self._sample is not None:
            wanted = list(self._wanted.items())
            self._painter.thumbnails(self._sample, self._sample, wanted, self._take)
        return False

    def _read(self) -> Picture | None:
        path = str(self._locations.app / _SAMPLE)
        try:
            return pictures.picture(GdkPixbuf.Pixbuf.new_from_file_at_size(path, _SIDE, _SIDE))
        except GLib.Error:
            return None

    def _take(self, preset: Preset, painted: Picture | str) -> None:
        self._wanted.pop(preset, None)
        # A look that cannot be painted has no picture; what is wrong with it is told elsewhere.
        self._painted[preset] = None if isinstance(painted, str) else pictures.pixbuf(painted)
        self._on_painted()
