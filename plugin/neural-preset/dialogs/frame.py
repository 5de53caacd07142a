"""What the windows that need the worker have in common: how they open, run and end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from gi.repository import Gimp, GimpUi  # noqa: E402
from widgets.painter import Painter  # noqa: E402

from core.presets import PresetStore  # noqa: E402
from dialogs.loop import until_made  # noqa: E402

if TYPE_CHECKING:
    from arguments import Argument
    from declaration import Declaration
    from dialog import Offer
    from jobs import Job


@dataclass(frozen=True)
class Frame:
    """A window with nothing in it yet, and what its contents work with.

    The record of the arguments (`config`) is the truth: widgets change it, and all that depends
    on it follows its notifications.
    """

    window: GimpUi.ProcedureDialog
    config: Gimp.ProcedureConfig
    declared: Declaration
    offer: Offer
    painter: Painter

    @property
    def arguments(self) -> dict[str, Argument]:
        """The arguments of the procedure by their names."""
        return {each.name: each for each in self.declared.arguments}

    @property
    def store(self) -> PresetStore:
        """The user's presets and the built-in ones."""
        return PresetStore(self.offer.locations.presets, self.offer.locations.builtin)


class Contents:
    """What fills a frame."""

    def __init__(self, frame: Frame) -> None:
        raise NotImplementedError

    @staticmethod
    def prepare(config: Gimp.ProcedureConfig, offer: Offer) -> None:
        """Called before there is a window: GIMP resets to the arguments as they are then."""

    def ready(self) -> bool:
        """Whether the job may be made; it may ask something, and False goes back to the window."""
        return True

    def refused(self) -> None:
        """Called when the job could not be made and the user has read why."""

    def close(self) -> None:
        """Called at the end, while the window still stands."""


def asking(kind: type[Contents]) -> Callable[..., Job | None]:
    """The function `ask` of a dialog, as dialog.py has it, whose window has these contents."""

    def ask(
        procedure: Gimp.Procedure,
        config: Gimp.ProcedureConfig,
        declared: Declaration,
        offer: Offer,
        make: Callable[[], Job],
    ) -> Job | None:
        """Let the user fill in `config`; the job when `make` can make it, None if they cancel."""
        painter = Painter(offer.locations)  # first of all: the worker may have to be started
        try:
            GimpUi.init("neural-preset")
            kind.prepare(config, offer)
            window = GimpUi.ProcedureDialog.new(procedure, config, declared.title)
            contents = kind(Frame(window, config, declared, offer, painter))
            steps = (contents.close, contents.ready, contents.refused)
            return until_made(window, declared.title, make, *steps)
        finally:
            painter.close()

    return ask
