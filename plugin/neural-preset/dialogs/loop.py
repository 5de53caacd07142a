"""A dialog stays open until what the user filled in can be carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from arguments import ArgumentError  # noqa: E402
from gi.repository import Gimp, GimpUi, Gtk  # noqa: E402
from translation import _, translated  # noqa: E402
from widgets import busy  # noqa: E402

from core.errors import NeuralPresetError  # noqa: E402
from dialogs import journal  # noqa: E402

if TYPE_CHECKING:
    from jobs import Job


def until_made(
    window: GimpUi.ProcedureDialog,
    title: str,
    make: Callable[[], Job],
    at_end: Callable[[], None] | None = None,
    ready: Callable[[], bool] = lambda: True,
    refused: Callable[[], None] = lambda: None,
) -> Job | None:
    """Run the dialog until `make` can make a job; None if the user cancels.

    `ready` is called before `make`: it may ask something, and False goes back to the dialog.
    `refused` is called when the user has read why there is no job. Calls `at_end`, while the
    window still stands, and destroys it.
    """
    journal.keep(window, window.get_property("config"))
    busy.once_drawn(window, Gimp.progress_end)  # it has told of a window to come
    try:
        while window.run():
            if not ready():
                continue
            try:
                return make()
            except (ArgumentError, NeuralPresetError) as problem:
                tell(window, title, problem)
                refused()
        return None
    finally:
        if at_end is not None:
            at_end()
        window.destroy()


def agree(window: Gtk.Window, title: str, question: str, accept: str) -> bool:
    """Ask something above the window; `accept` is the button for yes."""
    message = Gtk.MessageDialog(
        title=title,
        transient_for=window,
        modal=True,
        message_type=Gtk.MessageType.QUESTION,
        text=question,
    )
    message.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    message.add_button(accept, Gtk.ResponseType.ACCEPT)
    agreed = message.run() == Gtk.ResponseType.ACCEPT
    message.destroy()
    return agreed


def tell(window: Gtk.Window, title: str, problem: Exception) -> None:
    """Show a problem above the window of this title and wait until it is closed."""
    message = Gtk.MessageDialog(
        title=_("{title}: a problem").format(title=title),
        transient_for=window,
        modal=True,
        message_type=Gtk.MessageType.ERROR,
        buttons=Gtk.ButtonsType.CLOSE,
        text=translated(problem),
    )
    message.run()
    message.destroy()
