"""Preset files and LUT files of other programs, read and written beside the window.

A preset file needs nothing; a LUT file needs the worker, which is started for the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gtk  # noqa: E402
from translation import _, translated  # noqa: E402

from core import presetfile  # noqa: E402
from core.client import Session, preset_source  # noqa: E402
from core.errors import NeuralPresetError  # noqa: E402
from core.locations import Locations  # noqa: E402
from core.presetfile import SUFFIX, Preset  # noqa: E402
from core.protocol import Picture  # noqa: E402
from widgets.painter import Painter  # noqa: E402
from widgets.worker_state import WorkerState  # noqa: E402

_LUTS = (".cube", ".png")


class Exchange:
    """Reads and writes; `state` is a widget that tells of the worker while that is not ready."""

    def __init__(
        self,
        locations: Locations,
        on_read: Callable[[list[Preset], list[str]], None],
    ) -> None:
        """`on_read` gets the presets and the problems of one `read`."""
        self._locations = locations
        self._on_read = on_read
        self._painter: Painter | None = None
        self.state = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)

    def read(self, paths: Sequence[Path]) -> None:
        """Make presets of these files, and of what lies in these folders."""
        presets: list[Preset] = []
        problems: list[str] = []
        luts: list[Path] = []
        for path in _within(paths):
            suffix = path.suffix.lower()
            if suffix in _LUTS:
                luts.append(path)
            elif suffix == SUFFIX:
                try:
                    presets.append(presetfile.read(path))
                except NeuralPresetError as problem:
                    problems.append(translated(problem))
            else:
                words = _(
                    "{path} is neither a preset (.json) nor a LUT (.cube, or .png as HaldCLUT)."
                )
                problems.append(words.format(path=path))

        def done(result: Any) -> None:
            luts.pop()
            if isinstance(result, Preset):
                presets.append(result)
            else:
                problems.append(translated(result))
            if not luts:
                self._on_read(presets, problems)

        if not luts:
            self._on_read(presets, problems)
        for path in list(luts):
            self._ask(_reading(path), done)

    def write_lut(
        self,
        preset: Preset,
        content: Picture | None,
        path: Path,
        overwrite: bool,
        on_written: Callable[[Path | None, str], None],
    ) -> None:
        """Write the look that a preset gives to `content` as .cube or HaldCLUT .png.

        `on_written` gets the file, or a problem.
        """

        def write(session: Session) -> Path:
            lut = session.look(content, preset_source(preset))
            return session.export(lut, path, title=preset.name, overwrite=overwrite)

        def done(result: Any) -> None:
            if isinstance(result, Path):
                on_written(result, "")
            else:
                on_written(None, translated(result))

        self._ask(write, done)

    def close(self) -> None:
        """Forget what is still to be read or written."""
        if self._painter is not None:
            self._painter.close()
            self._painter = None

    def _ask(self, function: Callable[[Session], Any], on_done: Callable[[Any], None]) -> None:
        if self._painter is None:
            self._painter = Painter(self._locations)
            self.state.pack_start(WorkerState(self._painter), False, False, 0)
            self.state.show()
        self._painter.call(function, on_done)


def _reading(path: Path) -> Callable[[Session], Preset]:
    return lambda session: session.preset_of_lut(path, path.stem)


def _within(paths: Iterable[Path]) -> list[Path]:
    """The files; a folder stands for all in it that can be read."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        if path.is_dir():
            inside = [each for each in inside if each.suffix.lower() in (SUFFIX, *_LUTS)]
        found.update(dict.fromkeys(inside))
    return list(found)
