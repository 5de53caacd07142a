"""What the plug-in's windows tell the log: their arguments, and which widget has the keyboard.

So a test sees what its keys did, and need not press them blindly. See plugin/.../journal.py.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_LINE = re.compile(r"^neural-preset: \d+\.\d+ (.*)$", re.MULTILINE)


@dataclass
class Told:
    """The newest window: whether it is `up`, its arguments, what has the `keyboard`.

    `chosen` are the names chosen in Manage Presets; `lines` is all that was told.
    """

    calls: int = 0
    up: bool = False
    keyboard: str = ""
    chosen: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def read(log: str) -> Told:
    """What the last call of a procedure has told; `calls` is their number."""
    calls = 0
    told = Told()
    whole = log[: log.rfind("\n") + 1]  # the last line may still be written
    for line in _LINE.findall(whole):
        what, _, rest = line.partition(" ")
        told.lines.append(line)
        if line == "called":
            calls += 1
            told = Told(calls)
        elif line == "window up":
            told.up = True
        elif line.startswith("keyboard on "):
            told.keyboard = rest.removeprefix("on ")
        elif what == "argument":
            name, _, value = rest.partition(" ")
            told.arguments[name] = json.loads(value)
        elif what == "chosen":
            told.chosen = rest
    return told
