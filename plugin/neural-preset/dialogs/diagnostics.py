"""The window of Diagnostics: it is there at once, and tells what is wrong when that is known."""

from __future__ import annotations

import logging
import threading

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")

from arguments import ArgumentError  # noqa: E402
from checkup import OK, WRONG, Checkup, Report  # noqa: E402
from gi.repository import Gdk, GimpUi, GLib, Gtk, Pango  # noqa: E402
from translation import _, ngettext  # noqa: E402
from widgets.findings import Findings, icon  # noqa: E402
from widgets.notice import Notice  # noqa: E402
from widgets.pulse import Pulse  # noqa: E402
from widgets.screen import within_screen  # noqa: E402

from dialogs import journal  # noqa: E402

_LOG = logging.getLogger(__name__)
_WIDTH, _HEIGHT = 720, 600
_COPY, _AGAIN = 1, 2


def show(title: str) -> None:
    """Open the window and return once it is closed."""
    if not Gtk.init_check([])[0]:
        words = _("“{title}” is a window, and there is no screen to show it on.")
        raise ArgumentError(words.format(title=title))
    GimpUi.init("neural-preset")
    window = GimpUi.Dialog(title=title, role="neural-preset-diagnostics")
    buttons = [
        window.add_button(_("Cop_y Report"), _COPY),
        window.add_button(_("_Run Again"), _AGAIN),
    ]
    window.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
    buttons[0].set_tooltip_text(
        _("For somebody who is to help: what is seen here, and the versions of everything")
    )
    contents = Diagnostics(buttons)
    contents.set_border_width(12)
    journal.keep(window)
    window.get_content_area().pack_start(contents, True, True, 0)
    window.set_default_size(*within_screen(window, _WIDTH, _HEIGHT))
    window.set_default_response(Gtk.ResponseType.CLOSE)
    window.show_all()
    contents.start()
    actions = {_COPY: contents.copy, _AGAIN: contents.start}
    try:
        while (answer := window.run()) in actions:
            actions[answer]()
    finally:
        contents.close()
        window.destroy()


class Diagnostics(Gtk.Box):
    """The findings of a checkup that runs beside; needs `close` when its window goes.

    buttons: they are of use only when there is a report.
    """

    def __init__(self, buttons: list[Gtk.Button]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        self._buttons = buttons
        self._checkup = Checkup()
        self._report = Report(())
        self._pulse = Pulse(valign=Gtk.Align.CENTER)
        self._head = Gtk.Stack(vhomogeneous=False)
        self._head.add_named(self._make_busy(), "busy")
        self._head.add_named(self._make_verdict(), "verdict")
        self._findings = Findings(self._copy_command)
        self._notice = Notice()
        self.pack_start(self._head, False, False, 0)
        self.pack_start(self._findings, True, True, 0)
        self.pack_start(self._notice, False, False, 0)

    def start(self) -> None:
        """Examine everything, again if need be."""
        _LOG.debug("examining")
        self._checkup = Checkup()
        self._notice.clear()
        self._head.set_visible_child_name("busy")
        self._pulse.start()
        for widget in (*self._buttons, self._findings):
            widget.set_sensitive(False)
        threading.Thread(target=self._examine, args=(self._checkup,), daemon=True).start()

    def copy(self) -> None:
        """Put the whole report into the clipboard."""
        _to_clipboard(self._report.as_text())
        self._notice.tell(_("The report is in the clipboard."))

    def close(self) -> None:
        """What is not known yet will not be told any more."""
        self._checkup.stop()
        self._pulse.stop()

    def _make_busy(self) -> Gtk.Widget:
        label = Gtk.Label(label=_("Looking at every part of Neural Preset..."), xalign=0)
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12)
        row.pack_start(label, False, False, 0)
        row.pack_start(self._pulse, True, True, 0)
        return row

    def _make_verdict(self) -> Gtk.Widget:
        self._sign = Gtk.Box()
        self._words = Gtk.Label(xalign=0, wrap=True)
        large = Pango.AttrList()
        large.insert(Pango.attr_weight_new(Pango.Weight.BOLD))
        large.insert(Pango.attr_scale_new(1.2))
        self._words.set_attributes(large)
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12)
        row.pack_start(self._sign, False, False, 0)
        row.pack_start(self._words, True, True, 0)
        return row

    def _examine(self, checkup: Checkup) -> None:
        report = checkup.run()

        def deliver() -> bool:
            if checkup is self._checkup and self.get_mapped():
                self._show(report)
            return False

        GLib.idle_add(deliver)

    def _show(self, report: Report) -> None:
        self._report = report
        self._pulse.stop()
        for child in self._sign.get_children():
            child.destroy()
        self._sign.add(icon(WRONG if report.wrong else OK, Gtk.IconSize.DND))
        self._sign.show_all()
        self._words.set_text(_headline(report))
        self._head.set_visible_child_name("verdict")
        self._findings.show_all_of(report.findings)
        for widget in (*self._buttons, self._findings):
            widget.set_sensitive(True)
        _LOG.debug("examined")

    def _copy_command(self, command: str) -> None:
        _to_clipboard(command)
        self._notice.tell(_("The command is in the clipboard: paste it into a terminal."))


def _headline(report: Report) -> str:
    if not report.wrong:
        return _("Everything works.")
    words = ngettext("{count} thing is wrong.", "{count} things are wrong.", report.wrong)
    return words.format(count=report.wrong)


def _to_clipboard(text: str) -> None:
    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
    clipboard.set_text(text, -1)
    clipboard.store()
