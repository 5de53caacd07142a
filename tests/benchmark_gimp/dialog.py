"""Apply Preset on a large photo: from the menu to a full page of pictures, and a slider's answer.

The plug-in itself writes down, with NEURAL_PRESET_DEBUG, when GIMP has shown its progress bar and
when its window and its pictures are painted. The clock begins before the key is sent that chooses
the menu's entry.
"""

from __future__ import annotations

import contextlib
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.gimp.harness import Gimp
from tests.gimp.window import SEARCH, Window, WindowError

DIALOG = "^Apply Preset$"
_SLIDER_END, _SLIDER_STEP, _SLIDER_STEPS = (1028, 452), 12, 16
_PATIENCE = 60.0
_PAGE = r"page of \d+ painted"
_MARK = re.compile(r"neural-preset: (\d+\.\d+) (.*)")


class Desk:
    """A GIMP at a virtual screen with a photo open."""

    def __init__(self, gimp: Gimp, window: Window) -> None:
        self._gimp, self._window = gimp, window

    def open(self) -> dict[str, float]:
        """Open the gallery; when its parts were there, in milliseconds. It stays open."""
        began = self._choose("Apply Preset")
        while not self._opened():  # a key that comes while another window closes is lost
            began = self._choose("Apply Preset")
        self._wait_for(_PAGE, began)
        self._quiet()  # a page may come in two parts
        times = {
            "progress bar": self._wait_for("progress bar up", began)[0],
            "window": self._wait_for("window up", began)[0],
            "page": self._wait_for(_PAGE, began)[-1],
        }
        return {name: (at - began) * 1000 for name, at in times.items()}

    def drag(self) -> list[float]:
        """Move the strength slider of the open window; milliseconds from change to picture."""
        dialog = self._window.wait_for(DIALOG)
        self._quiet()
        began = time.time()
        x, y = _SLIDER_END
        self._window.draw([(x - step * _SLIDER_STEP, y) for step in range(_SLIDER_STEPS)], dialog)
        self._quiet()
        found = (
            re.fullmatch(r"preview painted after ([\d.]+) ms", words)
            for at, words in self._marks()
            if at >= began
        )
        return [float(each[1]) for each in found if each]

    def close(self) -> None:
        """Close the window by its key."""
        self._window.close(DIALOG)

    def _choose(self, label: str) -> float:
        while self._window.find(SEARCH) is None:
            self._window.key("slash", window=self._window.wait_for(self._window.title))
            with contextlib.suppress(WindowError):
                self._window.wait_for(SEARCH, 5)
        self._window.type(label)
        time.sleep(1)  # for the search to find it: not what is measured
        began = time.time()
        self._window.key("Return")
        return began

    def _opened(self) -> bool:
        with contextlib.suppress(WindowError):
            return bool(self._window.wait_for(DIALOG, _PATIENCE / 4))
        return False

    def _marks(self) -> list[tuple[float, str]]:
        text = self._window.log.read_text(errors="replace")
        return [(float(at), words) for at, words in _MARK.findall(text)]

    def _wait_for(self, words: str, after: float) -> list[float]:
        """The times of these marks, of which there is at least one."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            found = [at for at, each in self._marks() if at >= after and re.fullmatch(words, each)]
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"the log does not tell {words!r}: {self._window.log}")
            time.sleep(0.05)

    def _quiet(self) -> None:
        """Wait until nothing has been painted for a while."""
        seen = -1
        while seen != (count := len(self._marks())):
            seen = count
            time.sleep(1)


@contextlib.contextmanager
def desk(gimp: Gimp, photo: Path) -> Iterator[Desk]:
    """A GIMP with the photo, ready for the first key."""
    with Window(gimp, photo, {"NEURAL_PRESET_DEBUG": "1"}) as window:
        yield Desk(gimp, window)


def measure(gimp: Gimp, photo: Path, runs: int) -> list[dict[str, Any]]:
    """Rows: opened once with a cold worker and `runs` times with a warm one, and the slider."""
    slider: list[float] = []
    warm = []
    with desk(gimp, photo) as at:
        cold = at.open()
        for _ in range(runs):
            slider += at.drag()
            at.close()
            warm.append(at.open())
    rows = [_row(f"{name}, cold", [time]) for name, time in cold.items()]
    rows += [_row(f"{name}, warm", [each[name] for each in warm]) for name in cold]
    return [*rows, _row("a change of a slider", slider)]


def _row(what: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    middle = statistics.median(ordered)
    return {
        "what": what,
        "median": middle,
        "least": ordered[0],
        "most": ordered[-1],
        "of": len(times),
    }
