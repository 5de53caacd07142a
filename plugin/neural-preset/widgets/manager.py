"""Everything that a user does to presets beside using them, in one box with a list.

Every change is on the disk at once, and can be taken back until `close`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, GLib, Gtk  # noqa: E402
from translation import _, translated  # noqa: E402

from core.errors import NeuralPresetError  # noqa: E402
from core.locations import Locations  # noqa: E402
from core.presetchanges import Changes  # noqa: E402
from core.presetfile import SUFFIX, Preset  # noqa: E402
from core.presets import PresetStore  # noqa: E402
from core.protocol import Picture  # noqa: E402
from widgets import presetfiles, sentences  # noqa: E402
from widgets.exchange import Exchange  # noqa: E402
from widgets.manageractions import Actions  # noqa: E402
from widgets.notice import Notice  # noqa: E402
from widgets.presetdetails import PresetDetails  # noqa: E402
from widgets.presetlist import PresetList  # noqa: E402
from widgets.samplelooks import SampleLooks  # noqa: E402
from widgets.shelf import Item, Shelf  # noqa: E402

_LOG = logging.getLogger(__name__)


class Manager(Gtk.Box):
    """The presets of `locations`. Needs `close` when its window goes.

    content: gives the picture at hand, for which a look can be written as a LUT; None without one.
    """

    def __init__(
        self, locations: Locations, content: Callable[[], Picture] | None = None
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        self._content = content
        store = PresetStore(locations.presets, locations.builtin)
        self._changes = Changes(store)
        self._shelf = Shelf(store)
        self._moved: dict[str, str] = {}
        self._wanted: list[str] = []
        self._waiting = self._complete = False
        self._exchange = Exchange(locations, self._on_imported)
        self._notice = Notice(self._undo)
        self._samples = SampleLooks(locations, self._on_painted)
        self._list = PresetList(self._shelf, self._samples)
        self._details = PresetDetails(self._samples)
        self._actions = Actions(
            *(self._ask_for_import, self._on_duplicate, self._ask_for_export),
            *(self._on_reveal, self._on_delete),
        )
        self.pack_start(self._panes(), True, True, 0)
        self.pack_start(self._notice, False, False, 0)
        self.pack_start(self._exchange.state, False, False, 0)
        self._list.connect("chosen", self._on_chosen)
        self._list.connect("activated", lambda *_: self._details.edit_name())
        self._details.connect("renamed", self._on_renamed)
        self._details.connect("tagged", self._on_tagged)
        self._details.connect("finished", lambda *_: self._list.focus())
        self.connect("realize", self._on_realize)
        self.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
        self.drag_dest_add_uri_targets()
        self.connect("drag-data-received", self._on_dropped)
        self._shelf.start(self._on_shelf, GLib.idle_add)
        self._list.focus()

    def close(self) -> None:
        """Keep what was typed last; nothing can be taken back from now on."""
        self._details.commit()
        self._shelf.stop()
        self._exchange.close()
        self._samples.close()
        self._changes.close()

    def focus(self) -> None:
        """Let the keyboard move in the list."""
        self._list.focus()

    def _panes(self) -> Gtk.Widget:
        side = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        side.pack_start(self._details, True, True, 0)
        side.pack_start(self._actions, False, False, 0)
        left = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        left.pack_start(self._list, True, True, 0)
        left.pack_start(self._actions.importing, False, False, 0)
        panes = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12)
        panes.pack_start(left, True, True, 0)
        panes.pack_start(side, True, True, 0)
        return panes

    @property
    def _window(self) -> Gtk.Window | None:
        top = self.get_toplevel()
        return top if isinstance(top, Gtk.Window) else None

    def _on_shelf(self) -> None:
        # A list that was whole stays so while it is read again.
        if self._shelf.complete or not self._complete:
            self._complete = self._complete or self._shelf.complete
            self._list.refresh(self._moved, self._wanted)
            if self._shelf.complete:
                self._moved, self._wanted = {}, []

    def _reload(self, wanted: Sequence[Path] = ()) -> None:
        """Read the presets again, and choose those files.

        Not at once: a click that ends the typing of a name must find the list as it was seen.
        """
        self._wanted = [str(path) for path in wanted] or self._wanted
        if not self._waiting:
            self._waiting = True
            GLib.idle_add(self._read_again)

    def _read_again(self) -> bool:
        self._waiting = False
        self._shelf.start(self._on_shelf, GLib.idle_add)
        return False

    def _on_painted(self) -> None:
        self._list.repaint()
        self._details.repaint()

    def _on_chosen(self, *_changed: Any) -> None:
        items = self._list.chosen
        _LOG.debug("chosen %s", ", ".join(item.name for item in items))
        self._details.show_items(items)
        self._actions.update(items)

    def _try(self, change: Callable[[], Any]) -> Any:
        """Do something and tell what was done; None after a problem, which is told instead."""
        steps = len(self._changes.steps)
        try:
            done = change()
        except NeuralPresetError as problem:
            # Of several files the first may be done.
            partly = len(self._changes.steps) > steps
            self._notice.complain(translated(problem), undo=partly)
            self._details.revert()
            self._reload()
            return None
        if len(self._changes.steps) > steps:
            self._notice.tell(sentences.done(self._changes.steps[-1]), undo=True)
        self._reload()
        return done

    def _undo(self) -> None:
        if not self._changes.steps:
            return
        try:
            step = self._changes.undo()
        except NeuralPresetError as problem:
            self._notice.complain(translated(problem), undo=bool(self._changes.steps))
        else:
            self._notice.tell(sentences.undone(step), undo=bool(self._changes.steps))
            self._choose_names(step.before)
        self._reload()

    def _on_renamed(self, _details: Gtk.Widget, item: Item, name: str) -> None:
        path = self._try(lambda: self._changes.rename(item.name, name))
        if path is not None:
            self._moved[str(item.path)] = str(path)

    def _on_tagged(self, _details: Gtk.Widget, item: Item, tags: tuple[str, ...]) -> None:
        self._try(lambda: self._changes.retag(item.name, tags))

    def _on_duplicate(self) -> None:
        names = [item.name for item in self._list.chosen]
        made = self._try(lambda: self._changes.duplicate(names))
        if made:
            self._choose_names(made)

    def _on_delete(self) -> None:
        chosen = self._list.chosen
        if chosen:
            self._try(lambda: self._changes.delete(chosen))
            self._list.focus()

    def _on_reveal(self) -> None:
        def complain(problem: str) -> None:
            words = _("There is no file manager to show it: {problem}")
            self._notice.complain(words.format(problem=problem))

        presetfiles.reveal(self._list.chosen[0].path, complain)

    def _choose_names(self, names: Sequence[str]) -> None:
        store = self._changes.store
        self._reload([entry.path for entry in store.list() if entry.name in names])

    def _ask_for_import(self) -> None:
        self._take(presetfiles.ask_for_import(self._window))

    def _on_dropped(self, *event: Any) -> None:
        context, _x, _y, data, _info, time = event[1:]
        paths = presetfiles.dropped(data.get_uris())
        Gtk.drag_finish(context, bool(paths), False, time)
        self._take(paths)

    def _take(self, paths: Sequence[Path]) -> None:
        if paths:
            self._actions.importing.set_sensitive(False)
            self._exchange.read(paths)

    def _on_imported(self, presets: list[Preset], problems: list[str]) -> None:
        self._actions.importing.set_sensitive(True)
        steps = len(self._changes.steps)
        present: list[str] = []
        try:
            _, present = self._changes.add(presets)
        except NeuralPresetError as problem:
            problems.append(translated(problem))
        step = self._changes.steps[-1] if len(self._changes.steps) > steps else None
        tell = self._notice.complain if problems else self._notice.tell
        tell(sentences.imported(step, present, problems), undo=step is not None)
        self._choose_names([*(step.names if step else ()), *present])
        self._list.focus()

    def _ask_for_export(self) -> None:
        items = self._list.chosen
        if not items or any(item.preset is None for item in items):
            return
        luts = self._content is not None or items[0].is_lut
        where = presetfiles.ask_for_export(self._window, items, luts)
        if where is None:
            return
        if len(items) == 1 and where.path.suffix.lower() != SUFFIX:
            self._export_lut(items[0], where)
            return
        store = self._changes.store
        try:
            for item in items:
                store.export_file(item.name, where.path, where.overwrite, where.without_picture)
        except NeuralPresetError as problem:
            self._notice.complain(translated(problem))
        else:
            self._notice.tell(sentences.exported(len(items), where.path))

    def _export_lut(self, item: Item, where: presetfiles.Destination) -> None:
        try:
            # A table needs no picture: it is the same for all.
            content = None if item.is_lut or self._content is None else self._content()
        except NeuralPresetError as problem:
            self._notice.complain(translated(problem))
            return

        def written(path: Path | None, problem: str) -> None:
            if path is None:
                self._notice.complain(problem)
            else:
                self._notice.tell(sentences.exported(1, path, fitted=content is not None))

        assert item.preset is not None
        self._exchange.write_lut(item.preset, content, where.path, where.overwrite, written)

    def _on_realize(self, *_shown: Any) -> None:
        # After the widget that has the keyboard, and also where none has.
        self.get_toplevel().connect_after("key-press-event", self._on_key)

    def _on_key(self, _window: Gtk.Widget, event: Gdk.EventKey) -> bool:
        modifiers = event.state & Gtk.accelerator_get_default_mod_mask()
        action = self._keys().get((event.keyval, int(modifiers)))
        if action is None:
            return False
        action()
        return True

    def _keys(self) -> dict[tuple[int, int], Callable[[], None]]:
        control = int(Gdk.ModifierType.CONTROL_MASK)
        return {
            **self._actions.keys(),
            (Gdk.KEY_F2, 0): self._details.edit_name,
            (Gdk.KEY_f, control): self._list.search,
            (Gdk.KEY_z, control): self._undo,
        }
