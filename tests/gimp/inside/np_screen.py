"""A screen, and GTK's main loop at work, for checks of widgets in a GIMP root's Python."""

# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0


def run(checks: Iterable[Callable[[], None]]) -> None:
    """Run the check that the command line names, on a screen of its own, and print "fine"."""
    sys.path.insert(0, str(CHECKOUT / "plugin" / "neural-preset"))
    check = {each.__name__: each for each in checks}[sys.argv[1]]
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert screen.stdout is not None
        os.environ["DISPLAY"] = f":{screen.stdout.readline().strip()}"
        check()
    finally:
        screen.terminate()
        screen.wait()
    print("fine")


def until(condition: Callable[[], Any]) -> None:
    """Let GTK work until the condition holds."""
    from gi.repository import Gtk

    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, condition
        while Gtk.events_pending():
            Gtk.main_iteration()
        time.sleep(0.005)


def settle(seconds: float = 0.3) -> None:
    """Let GTK work for a while: for what must not happen."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)


def picture(width: int, height: int, value: int = 90) -> Any:
    from core.protocol import Picture

    return Picture(width, height, 3, bytes((value, 120, 30)) * (width * height))


def shown(widget: Any, width: int, height: int) -> Any:
    """The widget in a window of this size."""
    import gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import Gtk

    window = Gtk.Window(type=Gtk.WindowType.TOPLEVEL)
    window.set_default_size(width, height)
    window.add(widget)
    window.show_all()
    until(window.get_mapped)
    return window
