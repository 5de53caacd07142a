"""What every dialog is offered, and the plain dialog: a row for each argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from dialogs import binding  # noqa: E402
from dialogs.loop import until_made  # noqa: E402
from gi.repository import Gimp, GimpUi  # noqa: E402
from widgets.controls import Controls  # noqa: E402

from core.locations import Locations  # noqa: E402

if TYPE_CHECKING:
    from declaration import Declaration
    from jobs import Job

_WIDTH = 460


@dataclass(frozen=True)
class Offer:
    """What a dialog works with: our places, and the layers that are to change or to be read."""

    locations: Locations
    changing: Sequence[Gimp.Layer]


def ask(
    procedure: Gimp.Procedure,
    config: Gimp.ProcedureConfig,
    declared: Declaration,
    offer: Offer,
    make: Callable[[], Job],
) -> Job | None:
    """Let the user fill in `config` until `make` can make a job of it; None if they cancel."""
    GimpUi.init("neural-preset")
    window = GimpUi.ProcedureDialog.new(procedure, config, declared.title)
    controls = Controls()
    for argument in declared.arguments:
        binding.add(controls, argument)
    binding.bind(controls, config, [argument.name for argument in declared.arguments])
    controls.set_size_request(_WIDTH, -1)
    window.get_content_area().pack_start(controls, True, True, 6)
    controls.show_all()
    return until_made(window, declared.title, make)
