"""The large picture: before and after, by press and hold or on both sides of a line."""

from __future__ import annotations

from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

from core.protocol import Picture  # noqa: E402
from widgets import pictures  # noqa: E402
from widgets.pulse import Pulse  # noqa: E402

_LEAST = (320, 240)
_STEP = 0.02
_FOCUSED = "neural-preset-focused"
# Themes draw no focus around a place that scrolls, and the keyboard's user must see it.
_STYLE = b"""
frame > border { padding: 2px; }
frame.neural-preset-focused > border { box-shadow: inset 0 0 0 2px alpha(currentColor, 0.7); }
"""
_PATIENCE_MS = 400
_WHITE, _BLACK = 0xFFFFFFFF, 0x303030FF
# Photos are not blown up beyond this: a small layer stays recognisably small.
_ENLARGE = 3.0


class Preview(Gtk.Box):
    """A picture before and after, as large as there is room.

    Pressing the mouse on it, or the space key, shows the picture before for as long as it lasts.
    With the line switched on both are seen at once, and the line follows the mouse and the
    arrow keys.
    """

    def __init__(self, name: str = _("Preview")) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._before: GdkPixbuf.Pixbuf | None = None
        self._after: GdkPixbuf.Pixbuf | None = None
        self._fitted: dict[str, GdkPixbuf.Pixbuf] = {}
        self._size = (0, 0)
        self._held = False
        self._line = 0.5
        self._redraw = 0
        self._image = Gtk.Image()
        self._place = _Place(self._image)
        self._place.get_accessible().set_name(name)
        self._place.get_accessible().set_description(
            _(
                "Hold the space key to see the picture before. "
                "With the line on, the arrow keys move it."
            )
        )
        self._busy = Pulse(_PATIENCE_MS, valign=Gtk.Align.END)
        overlay = Gtk.Overlay()
        overlay.add(self._place)
        overlay.add_overlay(self._busy)
        overlay.set_overlay_pass_through(self._busy, True)
        frame = Gtk.Frame(shadow_type=Gtk.ShadowType.IN)
        frame.add(overlay)
        self._ring = frame.get_style_context()
        style = Gtk.CssProvider()
        style.load_from_data(_STYLE)
        self._ring.add_provider(style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        self.pack_start(frame, True, True, 0)
        self.pack_start(self._buttons(), False, False, 0)
        self._listen()

    def set_before(self, picture: Picture) -> None:
        """The picture as it is now."""
        self._before = pictures.pixbuf(picture)
        self._fitted.clear()
        self._show_soon()

    def set_after(self, picture: Picture | None) -> None:
        """The picture as it would become; None: not known (yet), so the present one is shown."""
        self._after = None if picture is None else pictures.pixbuf(picture)
        self._fitted.pop("after", None)
        self._show_soon()

    def set_busy(self, busy: bool) -> None:
        """Tell that a newer picture is on its way, without hiding the present one."""
        (self._busy.start if busy else self._busy.stop)()

    def set_caption(self, text: str, problem: bool = False) -> None:
        """A line below the picture: what is seen, or why it cannot be."""
        self._caption.set_text(text)
        self._caption.set_tooltip_text(text)
        style = self._caption.get_style_context()
        (style.add_class if problem else style.remove_class)("error")

    @property
    def split(self) -> bool:
        """Whether before and after are seen at once."""
        return bool(self._split.get_active())

    def _buttons(self) -> Gtk.Box:
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        self._caption = Gtk.Label(xalign=0, wrap=True, lines=2, ellipsize=Pango.EllipsizeMode.END)
        row.pack_start(self._caption, True, True, 0)
        self._hold = Gtk.Button.new_with_mnemonic(_("_Before"))
        self._hold.set_tooltip_text(_("Hold down to see the picture as it was"))
        self._split = Gtk.ToggleButton.new_with_mnemonic(_("Split _View"))
        words = _("Before on the left of a line, after on the right: drag it")
        self._split.set_tooltip_text(words)
        row.pack_end(self._split, False, False, 0)
        row.pack_end(self._hold, False, False, 0)
        return row

    def _listen(self) -> None:
        self._place.connect("size-allocate", self._on_size)
        self._place.connect("notify::scale-factor", self._on_density)
        self._place.connect("button-press-event", self._on_press)
        self._place.connect("button-release-event", self._on_release)
        self._place.connect("motion-notify-event", self._on_motion)
        self._place.connect("key-press-event", self._on_key)
        self._place.connect("key-release-event", self._on_key_up)
        self._place.connect("focus-in-event", lambda *_: self._ring.add_class(_FOCUSED))
        self._place.connect("focus-out-event", self._on_focus_out)
        self._hold.connect("pressed", lambda *_: self._set_held(True))
        self._hold.connect("released", lambda *_: self._set_held(False))
        self._hold.connect("key-press-event", self._on_key)
        self._hold.connect("key-release-event", self._on_key_up)
        self._split.connect("toggled", lambda *_: self._show_soon())

    def _on_focus_out(self, *_gone: Any) -> None:
        self._ring.remove_class(_FOCUSED)
        self._set_held(False)

    def _on_size(self, _widget: Gtk.Widget, area: Gdk.Rectangle) -> None:
        if (area.width, area.height) != self._size:
            self._size = (area.width, area.height)
            self._fitted.clear()
            self._show_soon()

    def _on_density(self, *_changed: Any) -> None:
        self._fitted.clear()
        self._show_soon()

    def _on_press(self, _widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        if event.button != 1:
            return False
        self._place.grab_focus()
        if self.split:
            self._move_line(event.x)
        else:
            self._set_held(True)
        return True

    def _on_release(self, _widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        if event.button == 1:
            self._set_held(False)
        return False

    def _on_motion(self, _widget: Gtk.Widget, event: Gdk.EventMotion) -> bool:
        if self.split and event.state & Gdk.ModifierType.BUTTON1_MASK:
            self._move_line(event.x)
        return False

    def _on_key(self, widget: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.keyval == Gdk.KEY_space:
            self._set_held(True)
            return True
        if widget is self._place and self.split:
            steps = {Gdk.KEY_Left: -_STEP, Gdk.KEY_Right: _STEP, Gdk.KEY_Home: -1, Gdk.KEY_End: 1}
            if event.keyval in steps:
                self._set_line(self._line + steps[event.keyval])
                return True
        return False

    def _on_key_up(self, _widget: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.keyval == Gdk.KEY_space:
            self._set_held(False)
        return False

    def _set_held(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self._show_soon()

    def _move_line(self, x: float) -> None:
        """Put the line under the mouse; the picture lies in the middle of its place."""
        shown = self._fit("before")
        if shown is not None:
            width = shown.get_width() / pictures.density(self._image)
            self._set_line((x - (self._size[0] - width) / 2) / width)

    def _set_line(self, line: float) -> None:
        self._line = min(1.0, max(0.0, line))
        self._show_soon()

    def _show_soon(self) -> None:
        """Several changes in a row are painted once."""
        if not self._redraw:
            self._redraw = GLib.idle_add(self._show, priority=GLib.PRIORITY_HIGH_IDLE)

    def _show(self) -> bool:
        self._redraw = 0
        before, after = self._fit("before"), self._fit("after")
        if before is None:
            self._image.clear()
        elif self.split and not self._held:
            pictures.show(self._image, _split(before, after or before, self._line))
        else:
            pictures.show(self._image, before if self._held or after is None else after)
        return False

    def _fit(self, which: str) -> GdkPixbuf.Pixbuf | None:
        """Before or after in the size of the place, made once."""
        source = self._before if which == "before" else self._after
        if source is None or min(self._size) < 2:
            return None
        if which not in self._fitted:
            scale = pictures.density(self._image)
            width, height = (n * scale for n in self._size)
            self._fitted[which] = pictures.fitted(source, width, height, _ENLARGE * scale)
        return self._fitted[which]


class _Place(Gtk.ScrolledWindow):
    """Room for the image that may become smaller than the image is at the moment."""

    def __init__(self, image: Gtk.Image) -> None:
        super().__init__(
            hscrollbar_policy=Gtk.PolicyType.EXTERNAL, vscrollbar_policy=Gtk.PolicyType.EXTERNAL
        )
        self.set_size_request(*_LEAST)
        self.set_can_focus(True)
        self.add_events(
            Gdk.EventMask.BUTTON_PRESS_MASK
            | Gdk.EventMask.BUTTON_RELEASE_MASK
            | Gdk.EventMask.BUTTON1_MOTION_MASK
        )
        self.add(image)


def _split(
    before: GdkPixbuf.Pixbuf, after: GdkPixbuf.Pixbuf, line: float
) -> GdkPixbuf.Pixbuf:
    """The left of one picture, the right of the other, and a line with a grip between."""
    both = after.copy()
    width, height = both.get_width(), both.get_height()
    at = round(line * width)
    if at > 0:
        before.copy_area(0, 0, at, height, both, 0, 0)
    grip = min(40, height // 4)
    pictures.fill(both, at - 2, 0, 4, height, _BLACK)
    pictures.fill(both, at - 5, (height - grip) // 2 - 1, 10, grip + 2, _BLACK)
    pictures.fill(both, at - 4, (height - grip) // 2, 8, grip, _WHITE)
    pictures.fill(both, at - 1, 0, 2, height, _WHITE)
    return both
