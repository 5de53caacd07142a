"""Photos from elsewhere: a file chooser that shows them, dropped files, the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GdkPixbuf", "2.0")

from gi.repository import Gdk, GdkPixbuf, Gio, GLib, Gtk  # noqa: E402
from translation import _  # noqa: E402

from widgets import pictures  # noqa: E402

_SIDE = 220
_THUMBNAIL = "thumbnail::path"
# What some file managers offer instead of a list of URIs: a word, "copy" or "cut", before it.
_COPIED_FILES = Gdk.Atom.intern("x-special/gnome-copied-files", False)


def ask_for_photo(parent: Gtk.Window | None, title: str, folder: Path | None) -> Path | None:
    """The photo file that the user chooses; None if they cancel."""
    chooser: Any = Gtk.FileChooserDialog(
        title=title, transient_for=parent, action=Gtk.FileChooserAction.OPEN, modal=True
    )
    chooser.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    chooser.add_button(_("_Open"), Gtk.ResponseType.ACCEPT)
    chooser.set_default_response(Gtk.ResponseType.ACCEPT)
    chooser.set_local_only(True)
    for name, kind in ((_("Pictures"), "image/*"), (_("All files"), None)):
        files = Gtk.FileFilter()
        files.set_name(name)
        if kind is None:
            files.add_pattern("*")
        else:
            files.add_mime_type(kind)
        chooser.add_filter(files)
    _add_preview(chooser)
    if folder is not None and folder.is_dir():
        chooser.set_current_folder(str(folder))
    accepted = chooser.run() == Gtk.ResponseType.ACCEPT
    path = chooser.get_filename() if accepted else None
    chooser.destroy()
    return Path(path) if path else None


def dropped(uris: Iterable[str]) -> Path | None:
    """The first file on this computer among those that were dropped or copied."""
    paths = (Gio.File.new_for_uri(uri).get_path() for uri in uris)
    return next((Path(path) for path in paths if path), None)


def read_clipboard(
    on_image: Callable[[GdkPixbuf.Pixbuf], None],
    on_file: Callable[[Path], None],
    on_nothing: Callable[[], None],
) -> None:
    """Look at the clipboard and call back with the picture, or the file, that was copied."""
    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)

    def take_image(_clipboard: Any, image: GdkPixbuf.Pixbuf | None, *_data: Any) -> None:
        if image is not None:
            on_image(image)
        else:
            clipboard.request_uris(take_files)

    def take_files(_clipboard: Any, uris: Any, *_data: Any) -> None:
        path = dropped(uris or ())
        if path is not None:
            on_file(path)
        else:
            clipboard.request_contents(_COPIED_FILES, take_copied)

    def take_copied(_clipboard: Any, found: Gtk.SelectionData, *_data: Any) -> None:
        # Of what is not there the length is -1, and to ask for its bytes is a crash.
        data = found.get_data() if found.get_length() > 0 else b""
        _action, *uris = data.decode(errors="replace").split("\n")
        path = dropped(uris)
        if path is not None:
            on_file(path)
        else:
            on_nothing()

    clipboard.request_image(take_image)


def _add_preview(chooser: Any) -> None:
    image = Gtk.Image()
    image.set_size_request(_SIDE, _SIDE)
    size = Gtk.Label()
    size.get_style_context().add_class("dim-label")
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin=6)
    box.set_valign(Gtk.Align.CENTER)
    box.pack_start(image, False, False, 0)
    box.pack_start(size, False, False, 0)
    box.show_all()
    chooser.set_preview_widget(box)
    chooser.set_use_preview_label(False)

    def update(_chooser: Any) -> None:
        path = chooser.get_preview_filename()
        found = _preview(path, _SIDE * pictures.density(image)) if path else None
        chooser.set_preview_widget_active(found is not None)
        if found is not None:
            pictures.show(image, found)
            _, width, height = GdkPixbuf.Pixbuf.get_file_info(path)
            size.set_text(f"{width} × {height}" if width > 0 else "")  # noqa: RUF001

    chooser.connect("update-preview", update)


def _preview(path: str, side: int) -> GdkPixbuf.Pixbuf | None:
    """The photo itself, or else the picture that a file manager has made of it."""
    if not Path(path).is_file():
        return None
    candidates: list[str | None] = [path]
    try:
        about = Gio.File.new_for_path(path).query_info(_THUMBNAIL, 0, None)
        candidates.append(about.get_attribute_byte_string(_THUMBNAIL))
    except GLib.Error:
        pass
    for each in filter(None, candidates):
        try:
            photo = GdkPixbuf.Pixbuf.new_from_file_at_size(each, side, side)
        except GLib.Error:
            continue
        turned = photo.apply_embedded_orientation() or photo
        return pictures.fitted(turned, side, side)
    return None
