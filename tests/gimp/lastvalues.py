"""The arguments with which GIMP last ran a procedure, from its own record.

So a test of a dialog still tells the truth when the virtual keyboard has lost a key.
"""

from __future__ import annotations

import re
import time
from typing import Any

from tests.gimp.harness import Gimp
from tests.gimp.window import PATIENCE

_TEXT = re.compile(r'^\(([a-z-]+) "((?:[^"\\]|\\.)*)"\)$', re.MULTILINE)
_NUMBER = re.compile(r"^\(([a-z-]+) (-?[0-9][0-9.e+-]*)\)$", re.MULTILINE)
_FLAG = re.compile(r"^\(([a-z-]+) (yes|no)\)$", re.MULTILINE)


def take(gimp: Gimp, procedure: str) -> dict[str, Any]:
    """The texts, numbers and flags of the last run, once GIMP has written them; forgets them.

    procedure: the end of its name, like "apply". GIMP writes only what is not as usual.
    """
    deadline = time.monotonic() + PATIENCE
    pattern = f"plug-in-settings/*neural-preset-{procedure}.last"
    while not (files := list(gimp.config.glob(pattern))):
        assert time.monotonic() < deadline, "GIMP keeps no last values"
        time.sleep(0.2)
    text = files[0].read_text()
    while "end of settings" not in text:
        assert time.monotonic() < deadline, text
        time.sleep(0.2)
        text = files[0].read_text()
    files[0].unlink()
    found: dict[str, Any] = dict(_TEXT.findall(text))
    found.update((name, float(value)) for name, value in _NUMBER.findall(text))
    found.update((name, value == "yes") for name, value in _FLAG.findall(text))
    return found
