"""Pictures whose look may be wanted, as a list: a thumbnail, a name, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import GLib, GObject, Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402

SIDE = 56
_HEIGHT = 44
_PICTURE, _MARKUP = range(2)


@dataclass(frozen=True)
class Candidate:
    """One picture of the list, by its key."""

    key: str
    name: str
    place: str


class ReferenceList(Gtk.ScrolledWindow):
    """Emits `chosen` with the key of the picture that the user turns to, `activated` on Enter."""

    __gsignals__: ClassVar[dict[str, Any]] = {
        "chosen": (GObject.SignalFlags.RUN_FIRST, None, (str,)),
        "activated": (GObject.SignalFlags.RUN_FIRST, None, ()),
    }

    def __init__(self, thumbnail: Callable[[str], Picture | None]) -> None:
        """`thumbnail` is asked for the small picture of a key, row by row, while there is time."""
        super().__init__(shadow_type=Gtk.ShadowType.IN)
        self.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        self._thumbnail = thumbnail
        self._candidates: list[Candidate] = []
        self._painted: set[str] = set()
        self._painting = 0
        self._quiet = False
        self._density = pictures.density(self)
        self._model = Gtk.ListStore(pictures.column_type(self._density), str)
        self._view = Gtk.TreeView(model=self._model, headers_visible=False)
        self._view.set_enable_search(False)
        self._view.get_accessible().set_name(_("Pictures whose look can be taken"))
        self._view.append_column(self._column())
        self._selection = self._view.get_selection()
        self._selection.connect("changed", self._on_changed)
        self._view.connect("row-activated", lambda *_: self.emit("activated"))
        self.add(self._view)
        self.connect("destroy", self._on_destroy)

    @property
    def view(self) -> Gtk.TreeView:
        """What takes the focus."""
        return self._view

    @property
    def keys(self) -> list[str]:
        """The keys from above to below."""
        return [each.key for each in self._candidates]

    def fill(self, candidates: Sequence[Candidate]) -> None:
        """Show these and nothing else; none is chosen."""
        self._quiet = True
        self._model.clear()
        self._candidates = list(candidates)
        self._painted.clear()
        for each in candidates:
            self._model.append((self._cell(None), _markup(each)))
        self._selection.unselect_all()
        self._quiet = False
        self._paint_soon()

    def add_first(self, candidate: Candidate) -> None:
        """Put a candidate above the others; one of the same key gives way to it."""
        self._quiet = True
        if candidate.key in self.keys:
            row = self.keys.index(candidate.key)
            self._model.remove(self._model.get_iter(Gtk.TreePath.new_from_indices([row])))
            del self._candidates[row]
        self._candidates.insert(0, candidate)
        self._painted.discard(candidate.key)
        self._model.insert(0, (self._cell(None), _markup(candidate)))
        self._quiet = False
        self._paint_soon()

    def repaint(self, key: str) -> None:
        """Ask for the small picture of this key again."""
        self._painted.discard(key)
        self._paint_soon()

    def choose(self, key: str | None) -> None:
        """Let the row of this key be the chosen one, without a signal."""
        self._quiet = True
        if key not in self.keys:
            self._selection.unselect_all()
        else:
            path = Gtk.TreePath.new_from_indices([self.keys.index(key)])
            if not self._selection.path_is_selected(path):
                self._view.set_cursor(path, None, False)
                self._view.scroll_to_cell(path, None, False, 0, 0)
        self._quiet = False

    def _column(self) -> Gtk.TreeViewColumn:
        picture = Gtk.CellRendererPixbuf(xpad=4)
        picture.set_fixed_size(SIDE + 8, _HEIGHT + 6)
        words = Gtk.CellRendererText(ellipsize=Pango.EllipsizeMode.END)
        column = Gtk.TreeViewColumn()
        column.pack_start(picture, False)
        column.add_attribute(picture, pictures.column_name(self._density), _PICTURE)
        column.pack_start(words, True)
        column.add_attribute(words, "markup", _MARKUP)
        return column

    def _cell(self, picture: Picture | None) -> Any:
        if picture is None:
            return None
        size = (SIDE * self._density, _HEIGHT * self._density)
        return pictures.for_column(
            pictures.fitted(pictures.pixbuf(picture), *size), self._density
        )

    def _paint_soon(self) -> None:
        if not self._painting:
            self._painting = GLib.idle_add(self._paint, priority=GLib.PRIORITY_LOW)

    def _paint(self) -> bool:
        """Paint one row, those in sight first."""
        ends = self._view.get_visible_range()
        start = ends[0].get_indices()[0] if ends else 0
        rows = [*range(start, len(self._candidates)), *range(start)]
        row = next((n for n in rows if self._candidates[n].key not in self._painted), None)
        if row is None:
            self._painting = 0
            return False
        key = self._candidates[row].key
        self._painted.add(key)
        self._model[row][_PICTURE] = self._cell(self._thumbnail(key))
        return True

    def _on_changed(self, *_changed: Any) -> None:
        _, chosen = self._selection.get_selected()
        if not self._quiet and chosen is not None:
            row = self._model.get_path(chosen).get_indices()[0]
            self.emit("chosen", self._candidates[row].key)

    def _on_destroy(self, *_gone: Any) -> None:
        if self._painting:
            GLib.source_remove(self._painting)
            self._painting = 0


def _markup(candidate: Candidate) -> str:
    name, place = (GLib.markup_escape_text(text) for text in (candidate.name, candidate.place))
    return f"{name}\n<small>{place}</small>"
