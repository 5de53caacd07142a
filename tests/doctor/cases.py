"""The table of what can be wrong: how it is caused, and what the doctor says then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.doctor.patients import Patient

REPAIR, AGAIN = "Repair the installation:", "Install it again:"
ANEW = "Get Neural Preset again from where you have it from, and type in its folder:"
RIGHTS = "Give yourself the right to:"
MOVE = "Put a good copy in its place, or move it away:"
REMOVE, STOP = "Remove it:", "Stop it:"
DELETE = "Delete what you do not need there."
LISTED = "{some}, {other}"

Cause = Callable[[Patient], "AbstractContextManager[object] | None"]


@dataclass(frozen=True)
class Case:
    """Makes the check of `group` say something: the templates of that text and of others with it.

    What the cause gives back, if anything, lasts while the doctor looks. `before`: code that the
    doctor's process runs first; `by`: a command that it is run by; `nobody`: another user is
    examined; `root`: only root can cause it; `cured`: the command that is named helps at once.
    """

    group: str
    cause: Cause
    text: str
    others: tuple[str, ...]
    before: str = ""
    by: Callable[[Patient], list[str]] | None = None
    nobody: bool = False
    root: bool = False
    cured: bool = False


CASES: list[Case] = []


def causes(group: str, text: str, *others: str, **more: object) -> Callable[[Cause], Cause]:
    """The function below is the cause of these words."""

    def add(cause: Cause) -> Cause:
        CASES.append(Case(group, cause, text, others, **more))  # type: ignore[arg-type]
        return cause

    return add
