"""A preset in the making: the picture that it keeps, what is to be said of it, name and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gtk, Pango  # noqa: E402
from translation import _, translated  # noqa: E402

from core.client import Session  # noqa: E402
from core.presetfile import Preset  # noqa: E402
from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402
from widgets.advice import advice  # noqa: E402
from widgets.controls import Controls  # noqa: E402
from widgets.painter import Painter  # noqa: E402
from widgets.worker_state import WorkerState  # noqa: E402

_SIDE = 256
_WIDTH, _NOTE_WIDTH = 36, 30


class PresetForm(Gtk.Box):
    """`controls` holds the values "name" and "tags" (with commas between) by their names.

    `preset` is what the worker has made of the picture, under a name that is of no account, once
    it is there; `on_made` is called then, also where there is a problem instead.
    """

    def __init__(self, painter: Painter, is_taken: Callable[[str], bool]) -> None:
        """`is_taken` tells whether there is a preset of a name."""
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=18)
        self._painter, self._is_taken = painter, is_taken
        self.preset: Preset | None = None
        self.on_made: Callable[[], None] = lambda: None
        self.controls = Controls()
        self._name = self._entry("name", _("_Name"), _("What the preset will be called"))
        self._tags = self._entry(
            "tags", _("_Tags"), _("Words to find the preset by, with commas between")
        )
        self._name.connect("changed", lambda *_changed: self._say_taken())
        self._taken, self._advice = _sentence(), _sentence()
        self.pack_start(self._stored(), False, False, 0)
        words = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=9)
        words.pack_start(self.controls, False, False, 0)
        for each in (self._taken, self._advice, WorkerState(painter)):
            words.pack_start(each, False, False, 0)
        self.pack_start(words, True, True, 0)

    def make(self, picture: Picture) -> None:
        """Let the worker make the preset of a picture, and show what it keeps."""

        def read(session: Session) -> Preset:
            return session.preset_of(picture, "preset")

        def done(made: Any) -> None:
            if isinstance(made, Preset):
                self.preset = made
                self._show(picture, made)
            else:
                _tell(self._advice, [translated(made)])
            self.on_made()

        own = pictures.pixbuf(picture)
        self._put(pictures.faint(pictures.fitted(own, _SIDE, _SIDE)))
        self._painter.call(read, done)

    def focus(self) -> None:
        """Let the user type the name."""
        self._name.grab_focus()

    def _show(self, picture: Picture, made: Preset) -> None:
        kept = pictures.from_jpeg(made.reference) if made.reference else None
        if kept is not None:
            self._put(kept)
        _tell(self._advice, advice(picture, made.toning))

    def _put(self, source: Any) -> None:
        side = _SIDE * pictures.density(self._image)
        pictures.show(self._image, pictures.fitted(source, side, side, 2))

    def _stored(self) -> Gtk.Widget:
        self._image = Gtk.Image()
        self._image.set_size_request(_SIDE, _SIDE)
        self._image.get_accessible().set_name(_("The picture that the preset keeps"))
        frame = Gtk.Frame(shadow_type=Gtk.ShadowType.IN)
        frame.add(self._image)
        note = Gtk.Label(
            label=_("The preset keeps this small copy beside the look."),
            wrap=True,
            max_width_chars=_NOTE_WIDTH,
            xalign=0,
        )
        note.get_style_context().add_class("dim-label")
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        box.pack_start(frame, False, False, 0)
        box.pack_start(note, False, False, 0)
        return box

    def _entry(self, name: str, label: str, blurb: str) -> Gtk.Entry:
        entry = Gtk.Entry(activates_default=True, width_chars=30)
        tell = self.controls.custom(
            *(name, label, blurb, entry),
            get=entry.get_text,
            put=lambda text: entry.set_text(text or ""),
        )
        entry.connect("changed", lambda *_changed: tell())
        return entry

    def _say_taken(self) -> None:
        taken = self._is_taken(self._name.get_text())
        words = _("There is a preset of this name already: it can be replaced.")
        _tell(self._taken, [words] if taken else [])


def _sentence() -> Gtk.Label:
    """Words that are seen only while there are any."""
    label = Gtk.Label(wrap=True, xalign=0, width_chars=_WIDTH, max_width_chars=_WIDTH)
    label.set_line_wrap_mode(Pango.WrapMode.WORD_CHAR)
    label.set_no_show_all(True)
    return label


def _tell(label: Gtk.Label, sentences: list[str]) -> None:
    label.set_text("\n\n".join(sentences))
    label.set_visible(bool(sentences))
