"""What the doctor has found, one below the other: what is wrong first, with its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import gi

gi.require_version("Gtk", "3.0")

from checkup import NOTE, OK, VERDICTS, WRONG, Finding  # noqa: E402
from gi.repository import Gtk, Pango  # noqa: E402
from translation import _  # noqa: E402

ICONS = {
    OK: "object-select-symbolic",
    NOTE: "dialog-information-symbolic",
    WRONG: "dialog-warning-symbolic",
}
_COLORS = {OK: b"#4a9a5b", NOTE: b"#4a86c8", WRONG: b"#d9822b"}
_SPOKEN = {OK: _("fine"), NOTE: _("worth knowing"), WRONG: _("wrong")}
_WIDTH_CHARS = 60
_OPTION = re.compile(r"--[\w-]+")


class Findings(Gtk.ScrolledWindow):
    """A list; `on_copy` is called with a command that the user wants to paste elsewhere."""

    def __init__(self, on_copy: Callable[[str], None]) -> None:
        super().__init__(shadow_type=Gtk.ShadowType.IN)
        self.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        self._on_copy = on_copy
        self.rows = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        self.add(self.rows)

    def show_all_of(self, findings: Sequence[Finding]) -> None:
        """Show these in place of what is shown."""
        for row in self.rows.get_children():
            row.destroy()
        for verdict in reversed(VERDICTS):
            for finding in findings:
                if finding.verdict == verdict:
                    self.rows.pack_start(self._row(finding), False, False, 0)
                    self.rows.pack_start(Gtk.Separator(), False, False, 0)
        self.rows.show_all()

    def _row(self, finding: Finding) -> Gtk.Widget:
        texts = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        texts.pack_start(_label(finding.text), False, False, 0)
        if finding.remedy:
            remedy = _label(finding.remedy)
            remedy.get_style_context().add_class("dim-label")
            texts.pack_start(remedy, False, False, 0)
        if finding.command:
            texts.pack_start(self._command(finding.command), False, False, 0)
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12, border_width=9)
        row.pack_start(icon(finding.verdict), False, False, 0)
        row.pack_start(texts, True, True, 0)
        row.get_accessible().set_name(f"{_SPOKEN[finding.verdict]}: {finding.text}")
        return row

    def _command(self, command: str) -> Gtk.Widget:
        label = _label(command)
        label.set_attributes(_as_code(command))
        button = Gtk.Button.new_from_icon_name("edit-copy-symbolic", Gtk.IconSize.BUTTON)
        button.set_tooltip_text(_("Copy this command, to paste it into a terminal"))
        button.get_accessible().set_name(_("Copy the command"))
        button.set_valign(Gtk.Align.CENTER)
        button.connect("clicked", lambda *_clicked: self._on_copy(command))
        box = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        box.pack_start(label, True, True, 0)
        box.pack_start(button, False, False, 0)
        return box


def icon(verdict: str, size: Gtk.IconSize = Gtk.IconSize.BUTTON) -> Gtk.Image:
    """The sign of a verdict, in its colour."""
    image = Gtk.Image.new_from_icon_name(ICONS[verdict], size)
    image.set_valign(Gtk.Align.START)
    provider = Gtk.CssProvider()
    provider.load_from_data(b"image { color: " + _COLORS[verdict] + b"; }")
    image.get_style_context().add_provider(provider, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
    return image


def _label(text: str) -> Gtk.Label:
    label = Gtk.Label(label=text, xalign=0, wrap=True, selectable=True, hexpand=True)
    label.set_line_wrap_mode(Pango.WrapMode.WORD_CHAR)
    label.set_width_chars(_WIDTH_CHARS)
    label.set_max_width_chars(_WIDTH_CHARS)
    return label


def _as_code(command: str) -> Pango.AttrList:
    """Of one width, and no option is cut in two."""
    found = Pango.AttrList()
    found.insert(Pango.attr_family_new("monospace"))
    for option in _OPTION.finditer(command):
        whole = Pango.attr_allow_breaks_new(False)
        whole.start_index = len(command[: option.start()].encode())
        whole.end_index = len(command[: option.end()].encode())
        found.insert(whole)
    return found
