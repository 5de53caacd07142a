"""What tests do in many dialogs, each confirmed by what comes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.gimp import lastvalues
from tests.gimp.harness import Gimp
from tests.gimp.window import AGAIN, COMPLAINT, Window, WindowError

CHOOSER = "^Photo Whose Look Is Wanted$"
INITIAL, FACTORY = "Reset to Initial Values", "Reset to Factory Defaults"


def press_ok(window: Window, dialog: str) -> None:
    """Press OK, again while there is nothing to carry out yet, until the dialog is gone."""
    window.press("alt+o", where=dialog, until=window.gone(dialog), again=1)


def carry_out(
    window: Window, gimp: Gimp, dialog: str, procedure: str, changed: str
) -> dict[str, Any]:
    """Press OK and wait until the image's title tells of a change; the arguments given."""
    press_ok(window, dialog)
    window.wait_for(changed)
    return lastvalues.take(gimp, procedure)


def choose_photo(window: Window, dialog: str, file: Path) -> None:
    """Let a photo file be the reference of Match Look."""
    window.press("alt+f", where=dialog, until=window.there(CHOOSER))
    enter_path(window, CHOOSER, "ctrl+l", file)
    window.until(lambda: reference(window) == file)


def enter_path(window: Window, chooser: str, key: str, path: Path) -> None:
    """Type a path into the entry of a file chooser that this key leads to, and accept it.

    A first Return may go to what the chooser proposes while one types.
    """

    def act() -> None:
        window.strike(chooser, key, "ctrl+a")
        window.type(str(path))
        with contextlib.suppress(WindowError):  # then some of it was lost
            accept = partial(window.strike, chooser, "Return")
            window.until(window.gone(chooser), accept, patience=AGAIN, again=1)

    window.until(window.gone(chooser), act)


def reference(window: Window) -> Path | None:
    """The photo file that is the reference of the open dialog."""
    found = window.told().arguments.get("style-file")
    return Path(found).resolve() if found else None


def reset(window: Window, dialog: str, until: Callable[[], object]) -> None:
    """The second entry of Reset: all as it is at the very first time.

    The button waits a moment before its menu opens, with the keyboard on the first entry.
    """

    def act() -> None:
        window.press("alt+r", where=dialog, until=window.on(INITIAL))
        window.press("Down", where=dialog, until=window.on(FACTORY))
        window.strike(dialog, "Return")

    window.until(until, act)


def read_news(window: Window) -> None:
    """Close the message that tells what was done."""
    window.wait_for(COMPLAINT)
    window.close(COMPLAINT)
