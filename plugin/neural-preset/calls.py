"""What happens when GIMP calls a procedure, and how it ends: the one place that makes a status.

GIMP loads this module with every start of its own, so `core` and the user interface wait until
there is a call.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import installation
from arguments import ArgumentError, read
from gi.repository import Gimp, GLib, GObject
from translation import _, translated

if TYPE_CHECKING:
    from declaration import Declaration
    from jobs import Job

_LOG = logging.getLogger(__name__)


def run(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: Sequence[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    declared: Declaration,
) -> Gimp.ValueArray:
    """Run one call of a procedure; whatever goes wrong becomes a status with a message."""
    return _ended(procedure, lambda: _run(procedure, run_mode, image, drawables, config, declared))


def show(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    _image: Gimp.Image | None,
    drawables: Sequence[Gimp.Drawable],
    _config: Gimp.ProcedureConfig,
    declared: Declaration,
) -> Gimp.ValueArray:
    """Run one call of a procedure that is a window of its own; errors as with `run`."""
    return _ended(procedure, lambda: _show(run_mode, drawables, declared))


def diagnose(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    _image: Gimp.Image | None,
    _drawables: Sequence[Gimp.Drawable],
    _config: Gimp.ProcedureConfig,
    declared: Declaration,
) -> Gimp.ValueArray:
    """Check the installation, in a window or, for a script, to return what was found.

    That something is wrong with it is a result, and no failure of the check.
    """
    import checkup

    found: list[checkup.Report] = []

    def work() -> bool:
        if run_mode == Gimp.RunMode.NONINTERACTIVE:
            found.append(checkup.Checkup().run())
        else:
            importlib.import_module(declared.dialog).show(declared.title)
        return True

    values = _ended(procedure, work)
    for report in found:
        results = (not report.wrong, report.as_text())
        for place, result in enumerate(results, start=1):
            values.remove(place)
            values.insert(place, GObject.Value(type(result), result))
    return values


def _ended(procedure: Gimp.Procedure, work: Callable[[], bool]) -> Gimp.ValueArray:
    """Do the work of a procedure and make the values that it returns."""
    _start_logging()
    _LOG.debug("called")
    try:
        done = work()
        _LOG.debug("done")
    except Exception as error:
        status, message = _explain(error)
        failure = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), message, 0)
        return procedure.new_return_values(status, failure)
    status = Gimp.PDBStatusType.SUCCESS if done else Gimp.PDBStatusType.CANCEL
    return procedure.new_return_values(status, None)


def _start_logging() -> None:
    """To where GIMP was started from; with NEURAL_PRESET_DEBUG also when what has happened."""
    verbose = bool(os.environ.get("NEURAL_PRESET_DEBUG"))
    when = "%(created).3f " if verbose else ""
    logging.basicConfig(
        format=f"neural-preset: {when}%(message)s",
        level=logging.DEBUG if verbose else logging.WARNING,
    )


def _run(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: Sequence[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    declared: Declaration,
) -> bool:
    """False if the user closed the dialog."""
    interactive = run_mode == Gimp.RunMode.INTERACTIVE
    if interactive:
        # The window takes longer than anyone should have to wait for a sign.
        Gimp.progress_init(_("Opening “{title}”").format(title=declared.title))
        _LOG.debug("progress bar up")
    locations = installation.locate()
    # These need `core`, which can be found from here on.
    import filters
    import layers

    from core.client import Session

    chosen = layers.readable(image, drawables)

    def job() -> Job:
        values = read(config, declared.arguments)
        request = filters.Request(image, drawables, values, locations)
        made: Job = getattr(filters, declared.action)(request)
        return made

    if interactive:
        import dialog

        offer = dialog.Offer(locations, chosen)
        asking = importlib.import_module(declared.dialog)
        agreed: Job | None = asking.ask(procedure, config, declared, offer, job)
        if agreed is None:
            return False
    else:
        agreed = job()
    Gimp.progress_init(declared.progress)
    with Session(locations) as session:
        news = agreed.run(session)
    Gimp.progress_end()
    if interactive and news:
        Gimp.message(news)
    return True


def _show(
    run_mode: Gimp.RunMode, drawables: Sequence[Gimp.Drawable], declared: Declaration
) -> bool:
    if run_mode == Gimp.RunMode.NONINTERACTIVE:
        words = _(
            "“{title}” is a window: call it with the run mode RUN-INTERACTIVE. Scripts "
            "manage presets with the command “neural-preset preset”."
        )
        raise ArgumentError(words.format(title=declared.title))
    locations = installation.locate()
    importlib.import_module(declared.dialog).show(locations, drawables, declared.title)
    return True


def _explain(error: Exception) -> tuple[Gimp.PDBStatusType, str]:
    """Whose fault it was, the caller's or ours, and the words for it."""
    if isinstance(error, ArgumentError):
        return Gimp.PDBStatusType.CALLING_ERROR, translated(error)
    if isinstance(error, installation.NotInstalledError):
        return Gimp.PDBStatusType.EXECUTION_ERROR, translated(error)
    # Not imported: `core` may be what cannot be found.
    errors = sys.modules.get("core.errors")
    if errors is not None and isinstance(error, errors.InputError):
        return Gimp.PDBStatusType.CALLING_ERROR, translated(error)
    if errors is not None and isinstance(error, errors.NeuralPresetError):
        return Gimp.PDBStatusType.EXECUTION_ERROR, translated(error)
    logging.exception("unexpected")
    words = _("Something unexpected went wrong in Neural Preset, nothing was changed: {error}.")
    return Gimp.PDBStatusType.EXECUTION_ERROR, words.format(error=repr(error))
