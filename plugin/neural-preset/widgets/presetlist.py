"""All presets as a list with their own pictures, searched by name and tag, broken ones too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, GLib, GObject, Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

from widgets import pictures  # noqa: E402
from widgets.portraits import Portraits  # noqa: E402
from widgets.samplelooks import SampleLooks  # noqa: E402
from widgets.shelf import Item, Shelf  # noqa: E402

_SIDE = 40
_WIDTH, _HEIGHT = 300, 320
_FILTERS = {
    "all": _("All presets"),
    "mine": _("My presets"),
    "builtin": _("Built-in"),
    "luts": _("LUTs"),
}
_MARKUP, _KEY = range(2)


class PresetList(Gtk.Box):
    """The presets of a shelf; several may be chosen.

    Emits `chosen` when the choice has changed and `activated` for a double click or Enter.
    """

    __gsignals__: ClassVar[dict[str, Any]] = {
        "chosen": (GObject.SignalFlags.RUN_FIRST, None, ()),
        "activated": (GObject.SignalFlags.RUN_FIRST, None, ()),
    }

    def __init__(self, shelf: Shelf, samples: SampleLooks) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._shelf = shelf
        self._items: list[Item] = []
        self._rows: dict[str, int] = {}
        self._quiet = False
        self._density = pictures.density(self)
        self._portraits = Portraits(_SIDE * self._density, self, samples)
        self.pack_start(self._bar(), False, False, 0)
        self.pack_start(self._body(), True, True, 0)

    @property
    def chosen(self) -> list[Item]:
        """The chosen presets, in the list's order."""
        _, paths = self._selection.get_selected_rows()
        return [self._items[path.get_indices()[0]] for path in paths]

    def refresh(self, moved: Mapping[str, str] = {}, wanted: Collection[str] = ()) -> None:
        """Show what the shelf holds now.

        The files of `wanted` get chosen, or else what was; `moved` tells old paths' new ones. If
        all that is gone, its place in the list is chosen.
        """
        before = [str(item.path) for item in self.chosen]
        place = self._rows.get(before[0], 0) if before else 0
        self._quiet = True
        self._fill()
        there = {str(item.path) for item in self._shelf.items}
        if not there & {*moved.values(), *wanted} <= self._rows.keys():
            # What was just made or renamed must not vanish behind an old search.
            self._search.set_text("")
            self._filter.set_active_id("all")
            self._fill()
        self._view.set_model(None)
        self._model.clear()
        for item in self._items:
            self._model.append((_markup(item), str(item.path)))
        self._view.set_model(self._model)
        chosen = list(wanted) or [moved.get(path, path) for path in before]
        rows = sorted(self._rows[path] for path in chosen if path in self._rows)
        if not rows and self._items:
            rows = [min(place, len(self._items) - 1)]
        self._choose(rows)
        self._quiet = False
        self._nothing.set_text("" if self._items else self._why_nothing())
        self.emit("chosen")

    def repaint(self) -> None:
        """More pictures of presets are there."""
        self._view.queue_draw()

    def focus(self) -> None:
        """Let the keyboard move in the list."""
        self._view.grab_focus()

    def search(self) -> None:
        """Let the keyboard type into the search."""
        self._search.grab_focus()

    def _fill(self) -> None:
        """Take from the shelf what the search lets pass."""
        text, which = self._search.get_text(), self._filter.get_active_id() or "all"
        self._items = self._shelf.select(text, which, broken=True)
        self._rows = {str(item.path): row for row, item in enumerate(self._items)}

    def _bar(self) -> Gtk.Widget:
        self._search = Gtk.SearchEntry()
        self._search.set_placeholder_text(_("Search names and tags"))
        self._search.set_tooltip_text(_("Words of the name, the tags or the notes (Ctrl+F)"))
        self._search.get_accessible().set_name(_("Search presets"))
        self._search.connect("search-changed", self._on_search)
        self._search.connect("activate", self._on_search_done)
        self._search.connect("key-press-event", self._on_search_key)
        self._filter = Gtk.ComboBoxText()
        for value, label in _FILTERS.items():
            self._filter.append(value, label)
        self._filter.set_active(0)
        self._filter.set_tooltip_text(_("Which presets are listed"))
        self._filter.get_accessible().set_name(_("Which presets"))
        self._filter.connect("changed", self._on_search)
        bar = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        bar.pack_start(self._search, True, True, 0)
        bar.pack_start(self._filter, False, False, 0)
        return bar

    def _body(self) -> Gtk.Widget:
        self._model = Gtk.ListStore(str, str)
        self._view = Gtk.TreeView(model=self._model, headers_visible=False, enable_search=False)
        self._view.get_accessible().set_name(_("Presets"))
        self._view.append_column(self._column())
        # With rows of one height GTK looks at those in sight only: thousands scroll smoothly.
        self._view.set_fixed_height_mode(True)
        self._view.connect("row-activated", lambda *_: self.emit("activated"))
        self._view.connect("key-press-event", self._on_view_key)
        self._selection = self._view.get_selection()
        self._selection.set_mode(Gtk.SelectionMode.MULTIPLE)
        self._selection.connect("changed", self._on_changed)
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scrolled.set_shadow_type(Gtk.ShadowType.IN)
        scrolled.set_size_request(_WIDTH, _HEIGHT)
        scrolled.add(self._view)
        self._nothing = Gtk.Label(wrap=True, justify=Gtk.Justification.CENTER, max_width_chars=30)
        # The list stays in place below the words: it may have the keyboard.
        overlay = Gtk.Overlay()
        overlay.add(scrolled)
        overlay.add_overlay(self._nothing)
        overlay.set_overlay_pass_through(self._nothing, True)
        return overlay

    def _column(self) -> Gtk.TreeViewColumn:
        picture = Gtk.CellRendererPixbuf(xpad=3, ypad=3)
        picture.set_fixed_size(_SIDE + 6, _SIDE + 6)
        words = Gtk.CellRendererText(ellipsize=Pango.EllipsizeMode.END, xpad=3)
        column = Gtk.TreeViewColumn()
        column.set_sizing(Gtk.TreeViewColumnSizing.FIXED)
        column.pack_start(picture, False)
        column.set_cell_data_func(picture, self._paint)
        column.pack_start(words, True)
        column.add_attribute(words, "markup", _MARKUP)
        return column

    def _paint(
        self,
        _column: Gtk.TreeViewColumn,
        cell: Gtk.CellRendererPixbuf,
        model: Gtk.TreeModel,
        row: Gtk.TreeIter,
        *_data: Any,
    ) -> None:
        """Only rows in sight are asked for: a picture is decoded when it is seen."""
        index = self._rows.get(model.get_value(row, _KEY))
        if index is not None:
            picture = self._portraits.of(self._items[index])
            name = pictures.column_name(self._density)
            cell.set_property(name, pictures.for_column(picture, self._density))

    def _choose(self, rows: Sequence[int]) -> None:
        self._selection.unselect_all()
        for number, row in enumerate(rows):
            path = Gtk.TreePath.new_from_indices([row])
            if number == 0:
                self._view.set_cursor(path, None, False)
                self._view.scroll_to_cell(path, None, False, 0, 0)
            self._selection.select_path(path)

    def _why_nothing(self) -> str:
        text = self._search.get_text().strip()
        if self._shelf.problem:
            return self._shelf.problem
        if text:
            return _("No preset has “{text}” in its name, tags or notes.").format(text=text)
        return _("There are no presets of this kind.")

    def _on_search(self, *_changed: Any) -> None:
        if not self._quiet:
            self.refresh()

    def _on_search_done(self, *_pressed: Any) -> None:
        # The search is not told of a letter at once, but the next key is for what was found.
        self.refresh()
        self.focus()

    def _on_changed(self, *_changed: Any) -> None:
        if not self._quiet:
            self.emit("chosen")

    def _on_search_key(self, _entry: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.keyval == Gdk.KEY_Down:
            self._on_search_done()
            return True
        if event.keyval == Gdk.KEY_Escape and self._search.get_text():
            self._search.set_text("")
            return True
        return False

    def _on_view_key(self, _view: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """Letters typed on the list go into the search."""
        modifiers = event.state & (Gdk.ModifierType.CONTROL_MASK | Gdk.ModifierType.MOD1_MASK)
        letter = chr(Gdk.keyval_to_unicode(event.keyval) or 0)
        if modifiers == Gdk.ModifierType.CONTROL_MASK and letter == "f":
            # GTK would open its own small search, which is not to be had without.
            self.search()
            return True
        if modifiers or not letter.isalnum():
            return False
        self._search.grab_focus_without_selecting()
        return bool(self._search.event(event))


def _markup(item: Item) -> str:
    name, below = (GLib.markup_escape_text(text) for text in (item.name, _below(item)))
    return f'{name}\n<span size="small" alpha="65%">{below}</span>'


def _below(item: Item) -> str:
    """The second line of a preset in the list: what matters of it beside its name."""
    if item.problem is not None:
        return _("Cannot be read")
    tags = item.telling_tags
    where = _("Built-in") if item.builtin else _("LUT") if item.is_lut else ""
    return f"{where}: {tags}" if where and tags else where or tags
