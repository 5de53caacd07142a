"""The pictures of a gallery: which are painted, which are to be, and what is shown until then."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

import gi

gi.require_version("GdkPixbuf", "2.0")

from gi.repository import GdkPixbuf  # noqa: E402

from core.client import preset_source  # noqa: E402
from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402
from widgets.painter import Options, Painter  # noqa: E402
from widgets.shelf import Item  # noqa: E402

_REMEMBERED = 600


class Thumbnails:
    """Pictures of at most `side` pixels, by the items' files; only so many are remembered.

    `on_painted` hears of the file whose picture, or problem, has come.
    """

    def __init__(
        self, painter: Painter, group: str, side: int, on_painted: Callable[[str], None]
    ) -> None:
        self._painter, self._group, self._side = painter, group, side
        self._on_painted = on_painted
        self._content: Picture | None = None
        self._shown: Picture | None = None
        self._options = Options()
        self._painted: OrderedDict[str, GdkPixbuf.Pixbuf | None] = OrderedDict()
        self._problems: dict[str, str] = {}
        self._waiting: GdkPixbuf.Pixbuf | None = None

    def set_picture(self, content: Picture, shown: Picture, options: Options | None) -> None:
        """From now on it is `shown` that is painted; `content` is the copy of the whole photo."""
        self._content, self._shown = content, shown
        self._options = options or self._options
        own = pictures.fitted(pictures.pixbuf(shown), self._side, self._side)
        self._waiting = pictures.faint(own)
        self._forget()

    def set_options(self, options: Options) -> bool:
        """Whether these are other settings, so that all is to be painted anew."""
        if options == self._options:
            return False
        self._options = options
        self._forget()
        return True

    def get(self, key: str) -> GdkPixbuf.Pixbuf | None:
        """The picture for a file, or the faint one that stands for those to come."""
        return self._painted.get(key) or self._waiting

    def problem(self, key: str) -> str:
        """Why there can be no picture for a file; empty if nothing is known against it."""
        return self._problems.get(key, "")

    def ask(self, items: Iterable[Item]) -> None:
        """Let those of the items be painted that are not yet, and no others."""
        if self._content is None or self._shown is None:
            return
        wanted = [
            (str(item.path), preset_source(item.preset))
            for item in items
            if item.preset is not None and str(item.path) not in self._painted
        ]
        self._painter.thumbnails(
            self._content, self._shown, wanted, self._take, self._options, self._group
        )

    def _forget(self) -> None:
        self._painted.clear()
        self._problems.clear()

    def _take(self, key: str, painted: Picture | str) -> None:
        if isinstance(painted, str):
            self._problems[key] = painted
            self._painted[key] = None
        else:
            picture = pictures.pixbuf(painted)
            self._painted[key] = pictures.fitted(picture, self._side, self._side)
        self._painted.move_to_end(key)
        while len(self._painted) > _REMEMBERED:
            self._painted.popitem(last=False)
        self._on_painted(key)
