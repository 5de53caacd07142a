"""What a check has seen, and what to do about it; how that travels to scripts and to the plug-in.

(Standard library only.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core import __version__
from core.phrase import Phrase

FORMAT, VERSION = "neural-preset-doctor", 1

Verdict = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Remedy:
    """What to do, and the command to be typed for it, where there is one."""

    text: Phrase
    command: str = ""


def anew(command: str = "python3 install.py --repair") -> Remedy:
    """What helps always: the program from where it came from."""
    words = Phrase("Get Neural Preset again from where you have it from, and type in its folder:")
    return Remedy(words, command)


@dataclass(frozen=True)
class Finding:
    """What one check has seen.

    `note` is worth knowing and hinders nothing; `wrong` makes the exit status 1. `group` is the
    module of `core.doctor` that has seen it.
    """

    verdict: Verdict
    text: Phrase
    remedy: Remedy | None = None
    group: str = ""

    def to_json(self) -> dict[str, Any]:
        """The finding as in `report`; "phrases" say how its texts were made, see core.phrase."""
        remedy = self.remedy or Remedy(Phrase(""))
        return {
            "group": self.group,
            "verdict": self.verdict,
            "text": self.text,
            "remedy": remedy.text,
            "command": remedy.command,
            "phrases": {"text": self.text.to_json(), "remedy": remedy.text.to_json()},
        }


def report(findings: Sequence[Finding]) -> dict[str, Any]:
    """What `neural-preset doctor --json` prints; `neural-preset doctor --help` describes it."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "wrong": sum(finding.verdict == "wrong" for finding in findings),
        "findings": [finding.to_json() for finding in findings],
    }
