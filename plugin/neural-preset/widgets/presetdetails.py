"""One preset at a closer look: its picture, name and tags, and where it comes from."""

from __future__ import annotations

from typing import Any, ClassVar

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, GLib, GObject, Gtk, Pango  # noqa: E402
from translation import _, ngettext  # noqa: E402

from core.presetfile import Preset  # noqa: E402
from core.presetnames import split_tags  # noqa: E402
from widgets import pictures  # noqa: E402
from widgets.portraits import Portraits  # noqa: E402
from widgets.samplelooks import SampleLooks  # noqa: E402
from widgets.shelf import Item  # noqa: E402

_SIDE = 160
_FACTS = {
    "kind": _("Kind"),
    "created": _("Created"),
    "author": _("Made by"),
    "model": _("Model"),
    "notes": _("Notes"),
    "file": _("File"),
}


class PresetDetails(Gtk.Box):
    """Shows one preset, or says how many are chosen.

    Emits `renamed` with the item and the text, and `tagged` with the item and a tuple of tags,
    when the user has typed something else; `finished` after Enter. Whoever changes the preset shows
    it again.
    """

    __gsignals__: ClassVar[dict[str, Any]] = {
        "renamed": (GObject.SignalFlags.RUN_FIRST, None, (object, str)),
        "tagged": (GObject.SignalFlags.RUN_FIRST, None, (object, object)),
        "finished": (GObject.SignalFlags.RUN_FIRST, None, ()),
    }

    def __init__(self, samples: SampleLooks) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        self._item: Item | None = None
        self._portraits = Portraits(_SIDE * pictures.density(self), self, samples)
        self._picture = Gtk.Image()
        self._picture.set_size_request(_SIDE, _SIDE)
        self._picture.get_accessible().set_name(_("Picture of the preset"))
        self._problem = Gtk.Label(wrap=True, xalign=0, selectable=True, max_width_chars=40)
        self._problem.set_line_wrap_mode(Pango.WrapMode.WORD_CHAR)
        self._problem.set_no_show_all(True)
        self._problem.get_accessible().set_name(_("Why it cannot be read"))
        self._several = Gtk.Label(wrap=True, max_width_chars=30)
        one = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        one.pack_start(self._picture, False, False, 0)
        one.pack_start(self._problem, False, False, 0)
        one.pack_start(self._grid(), False, False, 0)
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scrolled.add(one)
        self._pages = Gtk.Stack()
        self._pages.add_named(scrolled, "one")
        self._pages.add_named(self._several, "several")
        self.pack_start(self._pages, True, True, 0)

    def show_items(self, items: list[Item]) -> None:
        """Show the chosen presets, if it is a single one; one that has not changed stays as it is.

        What was typed is forgotten with another preset.
        """
        if len(items) == 1 and items[0] == self._item:
            return
        self._item = items[0] if len(items) == 1 else None
        if self._item is None:
            count = len(items)
            words = ngettext("{count} preset is chosen.", "{count} presets are chosen.", count)
            self._several.set_text(words.format(count=count) if count else _("No preset."))
            self._pages.set_visible_child_name("several")
            return
        item, preset = self._item, self._item.preset
        self.repaint()
        self._problem.set_visible(item.problem is not None)
        self._problem.set_text(item.problem or "")
        self.revert()
        mine = preset is not None and not item.builtin
        for entry in (self._name, self._tags):
            entry.set_sensitive(mine)
        facts = _facts(item, preset)
        for name, (label, value) in self._facts.items():
            value.set_text(facts.get(name, ""))
            label.set_visible(bool(facts.get(name)))
            value.set_visible(bool(facts.get(name)))
        self._facts["file"][1].set_tooltip_text(str(item.path))
        self._pages.set_visible_child_name("one")

    def repaint(self) -> None:
        """Show the preset's picture, which may have come only now."""
        if self._item is not None:
            pictures.show(self._picture, self._portraits.of(self._item))

    def revert(self) -> None:
        """Forget what was typed."""
        if self._item is not None:
            self._name.set_text(self._item.name)
            self._tags.set_text(", ".join(self._item.shown_tags))

    def edit_name(self) -> None:
        """Let the user type another name."""
        if self._item is not None and self._name.get_sensitive():
            self._name.grab_focus()

    def commit(self) -> None:
        """Tell what was typed and not told yet."""
        self._commit_name()
        self._commit_tags()

    def _grid(self) -> Gtk.Widget:
        self._name = Gtk.Entry(hexpand=True)
        self._tags = Gtk.Entry(hexpand=True)
        self._tags.set_placeholder_text(_("Tags with commas between"))
        self._tags.set_tooltip_text(_("Words to find the preset by, with commas between"))
        grid = Gtk.Grid(row_spacing=6, column_spacing=12)
        rows = (
            (_("_Name"), self._name, self._commit_name),
            (_("_Tags"), self._tags, self._commit_tags),
        )
        for row, (text, entry, commit) in enumerate(rows):
            label = Gtk.Label.new_with_mnemonic(text)
            label.set_xalign(1)
            label.set_mnemonic_widget(entry)
            entry.get_accessible().set_name(text.replace("_", ""))
            # The focus goes, and that commits.
            entry.connect("activate", lambda *_: self.emit("finished"))
            entry.connect("focus-out-event", _calling(commit))
            entry.connect("key-press-event", self._on_entry_key)
            grid.attach(label, 0, row, 1, 1)
            grid.attach(entry, 1, row, 1, 1)
        self._facts: dict[str, tuple[Gtk.Label, Gtk.Label]] = {}
        for row, (name, text) in enumerate(_FACTS.items(), start=len(rows)):
            label = Gtk.Label(label=text, xalign=1, yalign=0)
            label.get_style_context().add_class("dim-label")
            value = Gtk.Label(xalign=0, selectable=True, wrap=True, max_width_chars=32)
            value.set_line_wrap_mode(Pango.WrapMode.WORD_CHAR)
            # A text that can be selected takes the focus, and a row of them many presses of Tab.
            value.set_can_focus(False)
            value.get_accessible().set_name(text)
            for widget, column in ((label, 0), (value, 1)):
                widget.set_no_show_all(True)
                grid.attach(widget, column, row, 1, 1)
            self._facts[name] = label, value
        path = self._facts["file"][1]
        path.set_line_wrap(False)
        path.set_ellipsize(Pango.EllipsizeMode.MIDDLE)
        return grid

    def _commit_name(self) -> None:
        item, text = self._item, self._name.get_text().strip()
        if item is not None and item.preset is not None and text != item.name:
            self.emit("renamed", item, text)

    def _commit_tags(self) -> None:
        item = self._item
        tags = split_tags(self._tags.get_text())
        if item is not None and item.preset is not None and tags != item.shown_tags:
            self.emit("tagged", item, tags)

    def _on_entry_key(self, entry: Gtk.Entry, event: Gdk.EventKey) -> bool:
        """Escape takes back what was typed before it closes the window."""
        if event.keyval != Gdk.KEY_Escape or self._item is None:
            return False
        before = self._item.name if entry is self._name else ", ".join(self._item.shown_tags)
        if entry.get_text() == before:
            return False
        entry.set_text(before)
        return True


def _calling(function: Any) -> Any:
    def call(*_event: Any) -> bool:
        function()
        return False

    return call


def _facts(item: Item, preset: Preset | None) -> dict[str, str]:
    facts = {"file": str(item.path)}
    if preset is None:
        return facts
    if preset.lattice is not None:
        words = _("Color table (LUT) with {count} nodes along each edge")
        facts["kind"] = words.format(count=preset.lattice_size)
    elif preset.reference is None:
        facts["kind"] = _("Look of a photo, without its picture")
    else:
        facts["kind"] = _("Look of a photo")
    if item.builtin:
        facts["author"] = preset.author or _("Comes with Neural Preset")
    elif preset.author:
        facts["author"] = preset.author
    if preset.created:
        facts["created"] = _local_time(preset.created)
    if preset.model_id:
        facts["model"] = preset.model_id
    if item.shown_notes:
        facts["notes"] = item.shown_notes
    return facts


def _local_time(created: str) -> str:
    """The time of a preset in this place's time zone and way of writing."""
    time = GLib.DateTime.new_from_iso8601(created, GLib.TimeZone.new_utc())
    return time.to_local().format("%x %H:%M") if time is not None else created
