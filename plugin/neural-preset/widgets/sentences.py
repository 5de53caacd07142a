"""What the manager says after a change of presets, and after taking one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.presetchanges import Step

_Pair = tuple[str, str]
_DONE: Mapping[str, _Pair] = {
    "rename": ("The preset is called “{name}” now.", ""),
    "retag": ("“{name}” has other tags now.", ""),
    "duplicate": ("“{name}” is a copy of your own.", "{count} copies are among your own presets."),
    "add": ("“{name}” is imported.", "{count} presets are imported."),
    "delete": ("“{name}” is deleted.", "{count} presets are deleted."),
}
_UNDONE: Mapping[str, _Pair] = {
    "rename": ("“{name}” has its old name again.", ""),
    "retag": ("“{name}” has its old tags again.", ""),
    "duplicate": ("The copy “{name}” is gone again.", "{count} copies are gone again."),
    "add": ("“{name}” is gone again.", "{count} imported presets are gone again."),
    "delete": ("“{name}” is back.", "{count} presets are back."),
}
_PRESENT: _Pair = (
    "“{name}” was among the presets already.",
    "{count} were among the presets already.",
)
_EXPORTED: _Pair = ("It is written to {place}.", "{count} presets are written to {place}.")


def done(step: Step) -> str:
    """What was done."""
    return _say(_DONE[step.kind], step.names)


def undone(step: Step) -> str:
    """What was taken back."""
    return _say(_UNDONE[step.kind], step.before or step.names)


def imported(added: Step | None, present: Sequence[str], problems: Sequence[str]) -> str:
    """How an import of several files went."""
    lines = [] if added is None else [done(added)]
    if present:
        lines.append(_say(_PRESENT, present))
    return "\n".join([*lines, *problems])


def exported(count: int, place: Path) -> str:
    """Where one preset, or several, were written."""
    one, many = _EXPORTED
    return (one if count == 1 else many).format(count=count, place=place)


def _say(pair: _Pair, names: Sequence[str]) -> str:
    one, many = pair
    count = len(names)
    return (one if count == 1 else many).format(name=names[0], count=count)
