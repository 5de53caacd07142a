"""A preview that follows the settings."""

from __future__ import annotations

import logging
import time
from typing import Any

from core.protocol import Picture
from widgets.painter import FAILED, Options, Painter
from widgets.preview import Preview

_LOG = logging.getLogger(__name__)


class Live:
    """Keeps a preview painted with the newest look; what is overtaken is never shown."""

    def __init__(self, painter: Painter, preview: Preview) -> None:
        self._painter, self._preview = painter, preview
        self._content: Picture | None = None
        self._shown: Picture | None = None
        self._last: tuple[Any, ...] = ()
        self._waiting = False
        painter.on_state(self._on_state)

    def set_picture(self, content: Picture, shown: Picture) -> None:
        """The photo: its small copy for the network, and the part that is seen."""
        self._content, self._shown = content, shown
        self._last, self._waiting = (), False
        self._preview.set_before(shown)
        self._preview.set_after(None)

    def show(self, source: dict[str, Any] | None, options: Options, caption: str) -> None:
        """Let the preview show a look, as soon as the worker has painted it; None: no look."""
        wanted = (source, options, caption)
        if self._content is None or self._shown is None or wanted == self._last:
            return
        self._last = wanted
        if source is None:
            self._wait(False)
            self._preview.set_after(None)
            self._preview.set_caption(caption)
            return

        began = time.monotonic()

        def done(painted: Picture | str) -> None:
            _LOG.debug("preview painted after %.1f ms", (time.monotonic() - began) * 1000)
            if self._last != wanted:
                return
            self._wait(False)
            if isinstance(painted, str):
                self._preview.set_after(None)
                self._preview.set_caption(painted, problem=True)
            else:
                self._preview.set_after(painted)
                self._preview.set_caption(caption)

        self._wait(True)
        self._painter.draft(self._content, self._shown, source, options, done)

    def _wait(self, waiting: bool) -> None:
        self._waiting = waiting
        self._on_state(self._painter.state)

    def _on_state(self, state: str) -> None:
        """Nothing moves while the worker fails, though what waits is painted after another try."""
        self._preview.set_busy(self._waiting and state != FAILED)
