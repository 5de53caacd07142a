"""Files of presets as the user points at them: choosers, dropped files, the file manager."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gio, GLib, Gtk  # noqa: E402
from translation import _, ngettext  # noqa: E402

from core.presetfile import SUFFIX  # noqa: E402
from core.presetnames import slug  # noqa: E402
from widgets.shelf import Item  # noqa: E402

CUBE, HALD = ".cube", ".png"
_SAVED_AS = {
    SUFFIX: _("Preset (*.json)"),
    CUBE: _("LUT (*.cube)"),
    HALD: _("HaldCLUT (*.png)"),
}
_SHOW_ITEMS = (
    *("org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"),
    *("org.freedesktop.FileManager1", "ShowItems"),
)
# The folder in use last, as long as the window is open.
_folder = {"last": GLib.get_home_dir()}
_LEAVE_OUT = _("Leave out the _picture: it is a small copy of the photo")


@dataclass(frozen=True)
class Destination:
    """Where presets go: a file, or a folder for several; with or without their pictures."""

    path: Path
    without_picture: bool = False
    overwrite: bool = False


def ask_for_import(parent: Gtk.Window | None) -> list[Path]:
    """The files that the user wants to import; none if they cancel."""
    chooser = _chooser(_("Import Presets"), parent, Gtk.FileChooserAction.OPEN, _("_Import"))
    chooser.set_select_multiple(True)
    kinds = [(_("Presets and LUTs"), ("json", "cube", "png")), (_("All files"), None)]
    for name, suffixes in kinds:
        chooser.add_filter(_filter(name, suffixes))
    files = _answer(chooser, chooser.get_files)
    return _paths(files or ())


def ask_for_export(
    parent: Gtk.Window | None, items: Sequence[Item], luts: bool
) -> Destination | None:
    """Where the user wants these presets, with `luts` perhaps as .cube or .png; None: nowhere."""
    several = len(items) > 1
    action = Gtk.FileChooserAction.SELECT_FOLDER if several else Gtk.FileChooserAction.SAVE
    count = len(items)
    title = _("Export “{name}”").format(name=items[0].name)
    if several:
        words = ngettext("Export {count} Preset", "Export {count} Presets", count)
        title = words.format(count=count)
    chooser = _chooser(title, parent, action, _("_Export"))
    leave_out = Gtk.CheckButton.new_with_mnemonic(_LEAVE_OUT)
    if any(item.preset and item.preset.reference for item in items):
        chooser.set_extra_widget(leave_out)
    kinds: dict[Any, str] = {}
    if not several:
        for suffix in _SAVED_AS if luts else (SUFFIX,):
            kind = _filter(_SAVED_AS[suffix], (suffix[1:],))
            kinds[kind] = suffix
            chooser.add_filter(kind)
        stem = slug(items[0].name)
        chooser.set_current_name(stem + SUFFIX)
        chooser.set_do_overwrite_confirmation(True)

        def follow(*_changed: Any) -> None:
            """The name gets the suffix of the kind of file that is chosen."""
            suffix = kinds[chooser.get_filter()]
            name = Path(chooser.get_current_name() or stem)
            known = name.suffix.lower() in _SAVED_AS
            chooser.set_current_name((name.stem if known else name.name) + suffix)
            leave_out.set_sensitive(suffix == SUFFIX)

        chooser.connect("notify::filter", follow)
    def read() -> Destination | None:
        paths = _paths([chooser.get_file()])
        if not paths:
            return None
        path, without = paths[0], leave_out.get_active()
        if several:
            return Destination(path, without)
        if path.suffix.lower() in _SAVED_AS:
            return Destination(path, without, overwrite=True)
        # The chooser has asked about the name without a suffix only.
        return Destination(path.with_name(path.name + kinds[chooser.get_filter()]), without)

    destination: Destination | None = _answer(chooser, read)
    return destination


def dropped(uris: Iterable[str]) -> list[Path]:
    """The files on this computer among those that were dropped."""
    return _paths(Gio.File.new_for_uri(uri) for uri in uris)


def reveal(path: Path, on_problem: Callable[[str], None]) -> None:
    """Show a file in the file manager: chosen there, or else its folder; the reason if neither."""
    path = path.absolute()

    def open_folder() -> None:
        try:
            Gio.AppInfo.launch_default_for_uri(path.parent.as_uri(), None)
        except GLib.Error as problem:
            on_problem(problem.message)

    def answered(bus: Gio.DBusConnection, result: Gio.AsyncResult) -> None:
        try:
            bus.call_finish(result)
        except GLib.Error as problem:
            # One that is slow to start will show the file yet.
            if not problem.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT):
                open_folder()

    try:
        if sys.platform == "darwin":
            subprocess.Popen(["open", "-R", str(path)])
        elif os.name == "nt":
            subprocess.Popen(["explorer", f"/select,{path}"])
        else:
            bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
            question = GLib.Variant("(ass)", ([path.as_uri()], ""))
            bus.call(*_SHOW_ITEMS, question, None, Gio.DBusCallFlags.NONE, -1, None, answered)
    except GLib.Error:  # no bus
        open_folder()
    except OSError as problem:
        on_problem(str(problem))


def _chooser(
    title: str, parent: Gtk.Window | None, action: Gtk.FileChooserAction, accept: str
) -> Any:
    chooser = Gtk.FileChooserDialog(title=title, transient_for=parent, action=action, modal=True)
    chooser.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    chooser.add_button(accept, Gtk.ResponseType.ACCEPT)
    chooser.set_default_response(Gtk.ResponseType.ACCEPT)
    chooser.set_local_only(True)
    chooser.set_current_folder(_folder["last"])
    return chooser


def _answer(chooser: Any, read: Callable[[], Any]) -> Any:
    """What `read` finds in the chooser if the user accepts it, or None; the chooser goes."""
    answer = None
    if chooser.run() == Gtk.ResponseType.ACCEPT:
        answer = read()
        _folder["last"] = chooser.get_current_folder() or _folder["last"]
    chooser.destroy()
    return answer


def _filter(name: str, suffixes: Sequence[str] | None) -> Gtk.FileFilter:
    made = Gtk.FileFilter()
    made.set_name(name)
    if suffixes is None:
        made.add_pattern("*")
    for suffix in suffixes or ():
        # Patterns know no case, but files from elsewhere are called .CUBE.
        made.add_pattern("*." + "".join(f"[{c}{c.upper()}]" for c in suffix))
    return made


def _paths(files: Iterable[Any]) -> list[Path]:
    found = [file.get_path() for file in files if file is not None]
    return [Path(path) for path in found if path]
