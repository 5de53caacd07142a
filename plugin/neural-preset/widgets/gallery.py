"""Presets as small pictures of what they would make of the user's own photo.

Only what is in sight is painted: two thousand presets cost no more than a screenful.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, GLib, GObject, Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402
from widgets.painter import Options, Painter  # noqa: E402
from widgets.presetsearch import PresetSearch  # noqa: E402
from widgets.shelf import Item, Shelf  # noqa: E402
from widgets.thumbnails import Thumbnails  # noqa: E402
from widgets.worker_state import WorkerState  # noqa: E402

SIDE = 136
_SETTLED_MS = 40
_PICTURE, _NAME = range(2)


class Gallery(Gtk.Box):
    """All presets of a shelf on one photo, to be searched and chosen from.

    Emits `chosen` with the Item that the user turns to and `activated` with the one that is
    wanted at once (double click, Enter). The shelf's owner calls `refresh` when it has changed.
    """

    __gsignals__: ClassVar[dict[str, Any]] = {
        "chosen": (GObject.SignalFlags.RUN_FIRST, None, (object,)),
        "activated": (GObject.SignalFlags.RUN_FIRST, None, (object,)),
    }

    def __init__(self, painter: Painter, shelf: Shelf, group: str = "gallery") -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self.shelf = shelf
        self._items: list[Item] = []
        self._rows: dict[str, int] = {}
        self._like: Item | None = None
        self.chosen: Item | None = None
        self._quiet = False
        self._timer = 0
        self._density = pictures.density(self)
        self._thumbnails = Thumbnails(painter, group, self.side, self._on_painted)
        self._search = PresetSearch()
        self._search.connect("ordered", self._on_order)
        self._search.connect("changed", lambda *_unused: self.refresh(stay=False))
        self._search.connect("done", self._on_search_done)
        self.pack_start(self._search, False, False, 0)
        self.pack_start(self._body(), True, True, 0)
        self.pack_start(WorkerState(painter), False, False, 0)
        self.connect("destroy", self._on_destroy)
        self.refresh()

    @property
    def side(self) -> int:
        """How many pixels the longer side of the pictures for `set_picture` should have."""
        return SIDE * self._density

    def set_picture(self, content: Picture, shown: Picture, options: Options | None = None) -> None:
        """Paint the presets on `shown`; `content` is the small copy of the whole photo."""
        self._thumbnails.set_picture(content, shown, options)
        for row, item in zip(self._model, self._items, strict=True):
            row[_PICTURE] = self._cell(item)
        self._ask_soon()

    def set_options(self, options: Options) -> None:
        """Paint the presets anew with other settings; the old pictures stay until then."""
        if self._thumbnails.set_options(options):
            self._ask_soon()

    def refresh(self, stay: bool = True) -> None:
        """Show what the shelf holds now, as far as the search lets it pass.

        With `stay` the user goes on seeing about the same place.
        """
        place = self._scrolled.get_vadjustment().get_value() if stay else 0
        search = self._search
        self._items = self.shelf.select(search.text, search.which, search.order, self._like)
        self._rows = {str(item.path): row for row, item in enumerate(self._items)}
        self._quiet = True
        self._view.set_model(None)
        self._model.clear()
        for item in self._items:
            self._model.append((self._cell(item), item.name))
        self._view.set_model(self._model)
        self._select_chosen(scroll=not place)
        self._quiet = False
        if place or self.chosen is None or str(self.chosen.path) not in self._rows:
            # Only once the new rows are laid out there is such a place.
            GLib.idle_add(self._scrolled.get_vadjustment().set_value, place)
        self._show_page()
        self._ask_soon()

    def choose(self, item: Item | None, scroll: bool = True) -> None:
        """Let `item` be the chosen one, without a signal."""
        if item != self.chosen or item is None:
            self.chosen = item
            self._quiet = True
            self._select_chosen(scroll)
            self._quiet = False

    def first(self) -> Item | None:
        """The first of what is shown."""
        return self._items[0] if self._items else None

    def focus_search(self) -> None:
        """Let the user type what to search for."""
        self._search.entry.grab_focus()

    def focus(self) -> None:
        """Let the keyboard move among the pictures."""
        self._view.grab_focus()

    def _body(self) -> Gtk.Widget:
        self._model = Gtk.ListStore(pictures.column_type(self._density), str)
        self._view = Gtk.IconView(model=self._model)
        self._view.set_selection_mode(Gtk.SelectionMode.SINGLE)
        self._view.set_activate_on_single_click(False)
        self._view.set_has_tooltip(True)
        self._view.connect("query-tooltip", self._on_tooltip)
        self._view.set_item_padding(4)
        self._view.set_margin(4)
        self._view.set_row_spacing(2)
        self._view.set_column_spacing(2)
        self._view.get_accessible().set_name(_("Presets on your picture"))
        self._cells()
        self._view.connect("selection-changed", self._on_selected)
        self._view.connect("item-activated", self._on_activated)
        self._view.connect("key-press-event", self._on_view_key)
        for signal in ("size-allocate", "map"):
            self._view.connect(signal, lambda *_: self._ask_soon())
        self._scrolled = scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scrolled.set_shadow_type(Gtk.ShadowType.IN)
        scrolled.set_size_request(2 * (SIDE + 24), 240)
        scrolled.add(self._view)
        scrolled.get_vadjustment().connect("value-changed", lambda *_: self._ask_soon())
        self._pages = Gtk.Stack()
        for name, page in (("items", scrolled), ("nothing", self._nothing())):
            page.show_all()  # a stack turns to no page that is hidden
            self._pages.add_named(page, name)
        return self._pages

    def _cells(self) -> None:
        picture = Gtk.CellRendererPixbuf()
        picture.set_fixed_size(SIDE, round(SIDE * 0.8))
        self._view.pack_start(picture, False)
        self._view.add_attribute(picture, pictures.column_name(self._density), _PICTURE)
        # The view's own cell for texts, and not one of ours: screen readers say what is in it.
        self._view.set_text_column(_NAME)
        (name,) = (each for each in self._view.get_cells() if each != picture)
        name.set_property("ellipsize", Pango.EllipsizeMode.END)
        name.set_property("ypad", 2)
        name.set_fixed_size(SIDE, -1)

    def _nothing(self) -> Gtk.Widget:
        self._why = Gtk.Label(wrap=True, justify=Gtk.Justification.CENTER, max_width_chars=40)
        self._all = Gtk.Button.new_with_mnemonic(_("Sho_w All Presets"))
        self._all.set_halign(Gtk.Align.CENTER)
        self._all.set_no_show_all(True)
        self._all.connect("clicked", lambda *_unused: self._search.clear())
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        box.set_valign(Gtk.Align.CENTER)
        box.pack_start(self._why, False, False, 0)
        box.pack_start(self._all, False, False, 0)
        return box

    def _show_page(self) -> None:
        some = bool(self._items)
        if not some:
            text = self._search.text
            anything = any(item.problem is None for item in self.shelf.items)
            if self.shelf.problem:
                why = self.shelf.problem
            elif not anything:
                why = _("There are no presets yet: make one of a photo whose look you love.")
            elif text:
                why = _("No preset has “{text}” in its name, tags or notes.").format(text=text)
            else:
                why = _("There are no presets of this kind.")
            self._why.set_text(why)
            self._all.set_visible(anything)
        self._pages.set_visible_child_name("items" if some else "nothing")

    def _tip(self, item: Item) -> str:
        problem = self._thumbnails.problem(str(item.path))
        lines = [item.name, item.shown_notes, item.telling_tags, problem]
        return "\n".join(line for line in lines if line)

    def _on_tooltip(
        self, _view: Gtk.Widget, x: int, y: int, keyboard: bool, tip: Gtk.Tooltip
    ) -> bool:
        x, y = self._view.convert_widget_to_bin_window_coords(x, y)
        path = None if keyboard else self._view.get_path_at_pos(x, y)
        if path is None:
            return False
        tip.set_text(self._tip(self._items[path.get_indices()[0]]))
        self._view.set_tooltip_item(tip, path)
        return True

    def _cell(self, item: Item) -> Any:
        return pictures.for_column(self._thumbnails.get(str(item.path)), self._density)

    def _select_chosen(self, scroll: bool = True) -> None:
        row = None if self.chosen is None else self._rows.get(str(self.chosen.path))
        if row is None:
            self._view.unselect_all()
            return
        self._name(row)
        path = Gtk.TreePath.new_from_indices([row])
        self._view.select_path(path)
        self._view.set_cursor(path, None, False)
        if scroll:
            self._view.scroll_to_path(path, False, 0, 0)

    def _on_selected(self, *_changed: Any) -> None:
        if self._quiet:
            return
        paths = self._view.get_selected_items()
        if paths:
            (row,) = paths[0].get_indices()
            self._name(row)
            self.chosen = self._items[row]
            self.emit("chosen", self.chosen)

    def _name(self, row: int) -> None:
        """Let a screen reader say the name of the picture that the keyboard is on."""
        picture = self._view.get_accessible().ref_accessible_child(row)
        if picture is not None:
            picture.set_name(self._items[row].name)

    def _on_activated(self, _view: Gtk.Widget, path: Gtk.TreePath) -> None:
        item = self._items[path.get_indices()[0]]
        if item != self.chosen:
            self.chosen = item
            self.emit("chosen", item)
        self.emit("activated", item)

    def _on_order(self, *_changed: Any) -> None:
        # The order must not change under the mouse with every preset that is looked at.
        self._like = self.chosen

    def _on_search_done(self, *_pressed: Any) -> None:
        self.refresh(stay=False)  # the entry tells of what was typed a little late
        first = self.first()
        if first is None:
            return
        if self.chosen is None or str(self.chosen.path) not in self._rows:
            self.choose(first)
            self.emit("chosen", first)
        self.focus()

    def _on_view_key(self, _view: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """Letters typed on the pictures go into the search."""
        held = event.state & (Gdk.ModifierType.CONTROL_MASK | Gdk.ModifierType.MOD1_MASK)
        if event.keyval == Gdk.KEY_space and not held:
            return True  # it would activate: too much for a key that elsewhere only chooses
        return self._search.take_key(event)

    def _on_destroy(self, *_gone: Any) -> None:
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0

    def _ask_soon(self) -> None:
        """While the user scrolls nothing is asked for that would be out of sight at once."""
        if not self._timer:
            self._timer = GLib.timeout_add(_SETTLED_MS, self._ask)

    def _ask(self) -> bool:
        self._timer = 0
        if self._view.get_mapped():
            self._thumbnails.ask(self._in_sight())
        return False

    def _in_sight(self) -> Sequence[Item]:
        ends = self._view.get_visible_range()
        if ends is None:
            return self._items[:8]
        first, last = (path.get_indices()[0] for path in ends[-2:])
        # A row more, so that scrolling by the wheel finds pictures already there.
        return self._items[first : last + 5]

    def _on_painted(self, key: str) -> None:
        row = self._rows.get(key)
        if row is not None:
            self._model[row][_PICTURE] = self._cell(self._items[row])
