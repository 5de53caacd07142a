"""All checks in their order; what a check itself stumbles over is a finding too."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from core.doctor.finding import Finding, Remedy, anew
from core.errors import NeuralPresetError
from core.phrase import Phrase

# The worker last: what is wrong with it has mostly been seen by then.
GROUPS = ("runtime", "program", "presets", "room", "gimp", "worker")


def examine(groups: Sequence[str] = GROUPS) -> Iterator[Finding]:
    """The findings about the installation that runs."""
    try:
        # Not at the top: a file of these may be what is damaged.
        from core.doctor.installation import Installation
        from core.doctor.remedies import renew, repair

        installation = Installation.here()
    except Exception as error:
        yield replace(_failed(error, "program"), remedy=anew())
        return
    for group in groups:

        def look(group: str = group) -> Iterable[Finding]:
            found: Iterable[Finding] = importlib.import_module(f"core.doctor.{group}").check(
                installation
            )
            return found

        yield from guarded(look, group, repair(installation), renew(installation))


def guarded(
    look: Callable[[], Iterable[Finding]], group: str, repair: Remedy, renew: Remedy
) -> Iterator[Finding]:
    """The findings of one group; `renew` is for a check that is itself not whole."""
    try:
        for finding in look():
            yield replace(finding, group=group)
    except (NeuralPresetError, OSError) as error:
        yield replace(_failed(error, group), remedy=repair)
    except Exception as error:
        yield replace(_failed(error, group), remedy=renew)


def _failed(error: Exception, group: str) -> Finding:
    if isinstance(error, NeuralPresetError):
        return Finding("wrong", error.phrase, group=group)
    text = Phrase(
        "This could not be checked wholly ({kind}: {error}).",
        kind=type(error).__name__,
        error=error,
    )
    return Finding("wrong", text, group=group)
