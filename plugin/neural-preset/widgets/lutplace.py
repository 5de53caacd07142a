"""Where a LUT is written and how: rows for the format, its fineness, the folder and the name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import GLib, Gtk  # noqa: E402
from translation import _  # noqa: E402

from widgets.controls import Controls  # noqa: E402

CUBE, HALD = ".cube", ".png"
_USUAL = {CUBE: 33, HALD: 64}
_SIZES = {CUBE: (17, 33, 65, 129), HALD: (64, 81, 100, 121)}
_UNUSABLE = re.compile(r'[/\\:*?"<>|\x00-\x1f]+')


class LutPlace:
    """Adds its rows to `controls`; these tell of the changes "format", "folder" and "file-name".

    The name follows that of the preset until the user gives another. `path` is the file that the
    rows say, None while there is no name.
    """

    def __init__(self, controls: Controls, size_name: str, size_blurb: str) -> None:
        """`size_name`: the value of the controls that is the number of nodes."""
        self._controls, self._size_name = controls, size_name
        self._folder, self._follows, self._proposed = _pictures_folder(), True, ""
        self._size = _USUAL[CUBE]
        formats = {CUBE: _("Cube LUT (.cube)"), HALD: _("HaldCLUT picture (.png)")}
        controls.choice("format", _("_Format"), _("What the other program reads"), formats)
        controls.put("format", CUBE)
        self._add_sizes(size_blurb)
        self._add_folder()
        self._add_name()
        controls.on_change(self._on_change)

    @property
    def path(self) -> Path | None:
        name = self._name.get_text().strip()
        return self._folder / f"{name}{self._suffix}" if name else None

    def put(self, path: Path) -> None:
        """Let the rows say this file."""
        if path == self.path:
            return
        suffix = path.suffix.lower()
        self._controls.put("format", suffix if suffix in _USUAL else CUBE)
        self._offer_sizes()
        self._folder = path.parent
        self._chooser.set_current_folder(str(path.parent))
        name = path.name[: -len(suffix)] if suffix in _USUAL else path.name
        self._controls.put("file-name", name)
        self._follows = name == self._proposed

    def reset(self) -> None:
        """Let all be as at first, and the name follow that of the preset."""
        self._follows = True
        self._folder = _pictures_folder()
        self._chooser.set_current_folder(str(self._folder))
        self._controls.put("format", CUBE)
        self._offer_sizes()

    def propose(self, name: str) -> None:
        """Name the file after a preset, if the user has not named it."""
        proposed = _UNUSABLE.sub("-", name).strip(" .")
        if self._follows or self._name.get_text() == proposed:
            self._controls.put("file-name", proposed)
            self._follows = True
        self._proposed = proposed

    @property
    def _suffix(self) -> str:
        return str(self._controls.value("format"))

    def _add_sizes(self, blurb: str) -> None:
        self._sizes = Gtk.ComboBoxText()
        tell = self._controls.custom(
            *(self._size_name, _("Si_ze"), blurb, self._sizes),
            get=lambda: self._size,
            put=self._put_size,
        )

        def picked(*_changed: Any) -> None:
            size = self._sizes.get_active_id()
            if size is not None and not self._filling:
                self._size = int(size)
                tell()

        self._filling = False
        self._sizes.connect("changed", picked)
        self._offer_sizes()

    def _put_size(self, size: int) -> None:
        self._size = size
        self._offer_sizes()

    def _offer_sizes(self) -> None:
        """The sizes of the format, and the present one where it is another."""
        suffix = self._suffix
        labels = _hald_sizes() if suffix == HALD else _cube_sizes(self._size)
        # A HaldCLUT has one of a few sizes: the next that holds what is wanted.
        fitting = [size for size in labels if size >= self._size] or [max(labels)]
        self._filling = True
        self._sizes.remove_all()
        for size, label in labels.items():
            self._sizes.append(str(size), label)
        self._sizes.set_active_id(str(fitting[0]))
        self._filling = False

    def _add_folder(self) -> None:
        title = _("Folder for the LUT")
        self._chooser = Gtk.FileChooserButton.new(title, Gtk.FileChooserAction.SELECT_FOLDER)
        self._chooser.set_current_folder(str(self._folder))
        tell = self._controls.custom(
            *("folder", _("Fold_er"), title, self._chooser),
            get=lambda: self._folder,
            put=lambda folder: None,
        )

        def chosen(*_changed: Any) -> None:
            folder = self._chooser.get_filename()
            if folder:
                self._folder = Path(folder)
                tell()

        self._chooser.connect("file-set", chosen)

    def _add_name(self) -> None:
        self._name = Gtk.Entry(activates_default=True)
        tell = self._controls.custom(
            *("file-name", _("File _name"), _("The file's name, without its ending"), self._name),
            get=self._name.get_text,
            put=lambda name: self._name.set_text(name or ""),
        )
        self._name.connect("changed", lambda *_changed: tell())

    def _on_change(self, name: str, _value: Any) -> None:
        if name == "file-name":
            self._follows = self._name.get_text() in ("", self._proposed)
        elif name == "format":
            self._size = _USUAL[self._suffix]
            self._offer_sizes()


def _cube_sizes(present: int) -> Mapping[int, str]:
    words = {
        17: _("17 nodes: small, for smooth looks"),
        33: _("33 nodes: usual"),
        65: _("65 nodes: fine"),
        129: _("129 nodes: very fine, a large file"),
    }
    other = _("{count} nodes")
    return {
        size: words.get(size, other.format(count=size)) for size in sorted({*words, present})
    }


def _hald_sizes() -> Mapping[int, str]:
    words = _("{count} nodes, {side} by {side} pixels")
    return {size: words.format(count=size, side=round(size**1.5)) for size in _SIZES[HALD]}


def _pictures_folder() -> Path:
    found = GLib.get_user_special_dir(GLib.UserDirectory.DIRECTORY_PICTURES)
    return Path(found) if found else Path.home()
