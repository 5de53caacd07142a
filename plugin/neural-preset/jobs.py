"""What a procedure has to do once all its arguments are known to be good."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import buffers
import output
import pixels
from gi.repository import Gimp
from layers import Target
from recolor import recolor
from translation import _

from core.client import Session
from core.presets import PresetStore
from core.protocol import Picture


class Job(Protocol):
    """Work for the worker."""

    def run(self, session: Session) -> str:
        """Do it and return what to tell a user at the screen, if anything.

        Reports progress to GIMP. Raises NeuralPresetError, having changed nothing.
        """


@dataclass(frozen=True)
class Look:
    """The source of a look as the worker takes it, and how it is to be used (percent)."""

    source: dict[str, Any]
    strength: float
    intent: float = 0
    keep_luminance: bool = False

    def lut(self, session: Session, content: Picture) -> str:
        """The worker's name of the LUT that gives `content` this look."""
        return session.look(
            content,
            self.source,
            strength=self.strength,
            intent=self.intent,
            keep_luminance=self.keep_luminance,
        )


@dataclass(frozen=True)
class Recolor:
    """Give every target the look, each judged by its own picture: all of them or none.

    The new pixels of all are first made in shadow buffers, which GIMP forgets if anything fails.
    With `copies` (the ending of their names) copies above the originals change instead. There
    the look covers the selected part too, and the rest stays as it was. `dither`: layers of 8 bits.
    """

    image: Gimp.Image
    targets: Sequence[Target]
    look: Look
    copies: str | None = None
    dither: bool = True

    def run(self, session: Session) -> str:
        pictures = [pixels.picture(each.layer, each.name) for each in self.targets]
        if self.look.strength > 0:
            progress = _Progress(sum(each.area.height for each in self.targets))
            for target, content in zip(self.targets, pictures, strict=True):
                with ThreadPoolExecutor(1) as worker:
                    asked = worker.submit(self.look.lut, session, content)
                    progress.begin(target.name)  # while the worker thinks
                    buffers.start()
                    lut = asked.result()
                place = (target.layer, target.area)
                recolor(session, lut, *place, progress.advance, self.dither)
        elif self.copies is None:
            return ""
        if self.copies is None:
            output.change(self.image, self.targets)
        else:
            output.add(self.image, self.targets, self.copies, plain=self.look.strength == 0)
        Gimp.displays_flush()
        return ""


@dataclass(frozen=True)
class CreatePreset:
    """Keep the look of a picture as a preset of the user."""

    picture: Picture
    name: str
    tags: Sequence[str]
    overwrite: bool
    store: PresetStore

    def run(self, session: Session) -> str:
        preset = session.preset_of(self.picture, self.name, self.tags)
        self.store.add(preset, overwrite=self.overwrite)
        return _("The look is kept as the preset “{name}”.").format(name=preset.name)


@dataclass(frozen=True)
class ExportLut:
    """Write the LUT that gives a picture the look as .cube or HaldCLUT .png."""

    picture: Picture
    look: Look
    path: Path
    size: int
    title: str
    overwrite: bool

    def run(self, session: Session) -> str:
        lut = self.look.lut(session, self.picture)
        session.export(
            lut, self.path, size=self.size, title=self.title, overwrite=self.overwrite
        )
        return _("The look is written to {path}.").format(path=self.path)


class _Progress:
    """GIMP's progress bar over the rows of all layers."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._done = 0

    def begin(self, name: str) -> None:
        Gimp.progress_set_text(_("Changing the colors of “{name}”").format(name=name))

    def advance(self, rows: int) -> None:
        self._done += rows
        Gimp.progress_update(self._done / self._rows)
