"""GIMP with its windows, on a virtual screen, driven by keys and clicks.

Nothing here sleeps for a fixed time and hopes: every wait polls until a deadline. A key can be
lost, before a window listens or while another closes, and one that comes while a menu opens goes
elsewhere: so a test says with `press` and its like what is to come of its keys.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.gimp.harness import Gimp
from tests.gimp.screen import PATIENCE, Screen, WindowError
from tests.gimp.told import Told, read

__all__ = ["PATIENCE", "Window", "WindowError"]
AGAIN = 5.0  # seconds after which keys that had no effect are pressed again
STARTED = 30.0  # and an entry of the menu is chosen again
SEARCH = "^Search Actions$"
EMPTY = "^GNU Image Manipulation Program$"
COMPLAINT = "^GIMP Message$"


class Window(Screen):
    """GIMP showing one image, or none; use as a context manager."""

    def __init__(
        self, gimp: Gimp, image: Path | None, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings`: more variables of GIMP's environment."""
        super().__init__(gimp, {"NEURAL_PRESET_DEBUG": "1", **(settings or {})})
        self._images = [] if image is None else [str(image)]
        self.title = f"{re.escape(image.stem)}.*GIMP" if image else EMPTY

    def __enter__(self) -> Window:
        try:
            self._spare_welcome()
            self.start()
            self.beside(["dbus-run-session", "--", "gimp", "-n", "-s", *self._images])
            self.wait_for(self.title)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            with contextlib.suppress(Exception):
                self.screenshot("failed")
        self.stop()

    def until(
        self,
        reached: Callable[[], object],
        act: Callable[[], object] = lambda: None,
        patience: float = PATIENCE,
        again: float = AGAIN,
    ) -> None:
        """Return once `reached()` holds; `act`, at once and whenever nothing came of it for long.

        Raises WindowError after so many seconds, or if GIMP has ended.
        """
        deadline = time.monotonic() + patience
        while not reached():
            act()
            turn = min(time.monotonic() + again, deadline)
            while not reached() and time.monotonic() < turn:
                self.check_alive()
                time.sleep(0.1)
            if time.monotonic() >= deadline and not reached():
                raise WindowError(f"{self.told()}; see {self.screenshot('late')}")

    def press(
        self, *keys: str, where: str, until: Callable[[], object], again: float = AGAIN
    ) -> None:
        """Press keys in the window of this title until something comes of them.

        Give more time, `again`, where pressing them twice would do more than pressing them once.
        """
        self.until(until, lambda: self.strike(where, *keys), again=again)

    def strike(self, title: str, *keys: str) -> None:
        """Press keys once, in the window of this title if it is there."""
        window = self.find(title)
        if window is not None:
            self.key(*keys, window=window)

    def write(
        self, key: str, text: str, where: str, until: Callable[[], object], end: str = ""
    ) -> None:
        """Replace what stands in the entry of this key, and press the key `end`, likewise."""

        def act() -> None:
            self.key(key, "ctrl+a")
            self.type(text)
            if end:
                self.key(end)

        self.until(until, lambda: self._at(where, act))

    def told(self) -> Told:
        """What the newest window of the plug-in tells of itself."""
        return read(self.log.read_text(errors="replace"))

    def says(self, **arguments: Any) -> Callable[[], bool]:
        """A condition: that the newest window has these arguments, `_` for `-` in their names."""
        wanted = {name.replace("_", "-"): value for name, value in arguments.items()}
        return lambda: wanted.items() <= self.told().arguments.items()

    def on(self, widget: str) -> Callable[[], bool]:
        """A condition: that the widget of this name has the keyboard, in the newest window."""
        return lambda: self.told().keyboard == widget

    def gone(self, title: str) -> Callable[[], bool]:
        """A condition: that no window has this title."""
        return lambda: self.find(title) is None

    def there(self, title: str) -> Callable[[], bool]:
        """A condition: that a window has this title."""
        return lambda: self.find(title) is not None

    def wait_for(self, title: str, patience: float = PATIENCE) -> str:
        """The id of the window with this title, once it is there."""
        found: list[str | None] = []

        def there() -> bool:
            found.append(self.find(title))
            return found[-1] is not None

        self.until(there, patience=patience)
        return str(found[-1])

    def wait_until_gone(self, title: str, patience: float = PATIENCE) -> None:
        """Return once no window has this title any more."""
        self.until(self.gone(title), patience=patience)

    def open_dialog(self, label: str, title: str) -> str:
        """Start a filter by GIMP's action search, as its menu `label` (without "...") names it.

        Returns the id of its dialog, whose title must match `title`, once it listens to keys.
        """
        calls = self.told().calls

        def keys() -> None:
            self.key("ctrl+a")
            self.type(label)
            self.key("Return")

        def act() -> None:
            self.press("slash", where=self.title, until=self.there(SEARCH))
            self.until(self.gone(SEARCH), lambda: self._at(SEARCH, keys))

        def called() -> bool:
            return self.told().calls > calls or self.find(COMPLAINT) is not None

        self.until(called, act, again=STARTED)
        self.until(lambda: self.told().up or self.find(COMPLAINT))
        if self.find(COMPLAINT) is not None:
            raise WindowError(f"GIMP complains; see {self.screenshot('complaint')}")
        return self.wait_for(title)

    def close(self, title: str) -> None:
        """Close a window by its key."""
        self.press("Escape", where=title, until=self.gone(title))

    def _spare_welcome(self) -> None:
        """A configuration of another version, or of none, makes GIMP open a welcome window."""
        version = self.gimp.run(["gimp-console", "--version"]).stdout.split()[-1]
        settings = self.gimp.config / "gimprc"
        if "(config-version" not in settings.read_text():
            settings.write_text(f'{settings.read_text()}(config-version "{version}")\n')

    def _at(self, title: str, keys: Callable[[], object]) -> None:
        """Let keys go to the window of this title, if it is there."""
        window = self.find(title)
        if window is not None:
            self._xdotool("windowactivate", "--sync", window)
            keys()


def press_until(window: Window, keys: str, before: str, after: str) -> None:
    """Press keys, again if they were lost, until the title of the image's window has changed."""
    window.press(keys, where=before, until=window.there(after), again=15)
