"""What the manager says after a change of presets, and after taking one back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from translation import _, ngettext

from core.presetchanges import Step

# For one preset, whose name is known, and for a number of them.
_Pair = tuple[str, Callable[[int], str]]
_DONE: Mapping[str, _Pair] = {
    "rename": (_("The preset is called “{name}” now."), lambda _count: ""),
    "retag": (_("“{name}” has other tags now."), lambda _count: ""),
    "duplicate": (
        _("“{name}” is a copy of your own."),
        lambda count: ngettext(
            "{count} copy is among your own presets.",
            "{count} copies are among your own presets.",
            count,
        ),
    ),
    "add": (
        _("“{name}” is imported."),
        lambda count: ngettext(
            "{count} preset is imported.", "{count} presets are imported.", count
        ),
    ),
    "delete": (
        _("“{name}” is deleted."),
        lambda count: ngettext("{count} preset is deleted.", "{count} presets are deleted.", count),
    ),
}
_UNDONE: Mapping[str, _Pair] = {
    "rename": (_("“{name}” has its old name again."), lambda _count: ""),
    "retag": (_("“{name}” has its old tags again."), lambda _count: ""),
    "duplicate": (
        _("The copy “{name}” is gone again."),
        lambda count: ngettext(
            "{count} copy is gone again.", "{count} copies are gone again.", count
        ),
    ),
    "add": (
        _("“{name}” is gone again."),
        lambda count: ngettext(
            "{count} imported preset is gone again.",
            "{count} imported presets are gone again.",
            count,
        ),
    ),
    "delete": (
        _("“{name}” is back."),
        lambda count: ngettext("{count} preset is back.", "{count} presets are back.", count),
    ),
}
_PRESENT: _Pair = (
    _("“{name}” was among the presets already."),
    lambda count: ngettext(
        "{count} was among the presets already.", "{count} were among the presets already.", count
    ),
)
_EXPORTED: _Pair = (
    _("It is written to {place}."),
    lambda count: ngettext(
        "{count} preset is written to {place}.", "{count} presets are written to {place}.", count
    ),
)
_FITTED = _("The LUT suits the chosen layer: other photos need one of their own.")


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


def exported(count: int, place: Path, fitted: bool = False) -> str:
    """Where one preset, or several, were written; `fitted`: as a LUT for the picture at hand."""
    one, many = _EXPORTED
    words = (one if count == 1 else many(count)).format(count=count, place=place)
    return f"{words} {_FITTED}" if fitted else words


def _say(pair: _Pair, names: Sequence[str]) -> str:
    one, many = pair
    count = len(names)
    return (one if count == 1 else many(count)).format(name=names[0], count=count)
