"""What each procedure asks: one table that feeds the PDB, the dialog and headless use.

GIMP replaces an unknown choice and a number outside its limits by the default without a word.
So choices are registered as strings and numbers with wide limits, and both are checked here.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gi.repository import Gimp, GObject
from translation import _

_FLAGS = GObject.ParamFlags.READWRITE
_WIDE = 1e6
_WIDE_WHOLE = 2**31 - 1


class ArgumentError(ValueError):
    """An argument that cannot be used; the message says which and what to give instead."""


@dataclass(frozen=True, kw_only=True)
class Argument(ABC):
    """One argument: its PDB name, its label (the underscore marks the key) and its explanation."""

    name: str
    label: str
    blurb: str

    @abstractmethod
    def add_to(self, procedure: Gimp.Procedure) -> None:
        """Register the argument with the PDB."""

    def check(self, value: Any) -> Any:
        """The value, if it can be used. ArgumentError with the name and the remedy, if not."""
        return value


@dataclass(frozen=True, kw_only=True)
class Text(Argument):
    """A free text; with `required` it may not be empty."""

    default: str = ""
    required: bool = False

    def add_to(self, procedure: Gimp.Procedure) -> None:
        procedure.add_string_argument(self.name, self.label, self.blurb, self.default, _FLAGS)

    def check(self, value: Any) -> str:
        text = (value or "").strip()
        if self.required and not text:
            words = _("“{name}” is empty. {advice}.")
            raise ArgumentError(words.format(name=self.name, advice=self.blurb))
        return text


@dataclass(frozen=True, kw_only=True)
class PresetName(Text):
    """The name or the file of a preset; the dialog lists those that there are."""

    required: bool = True


@dataclass(frozen=True, kw_only=True)
class NewName(Text):
    """A name for what is made; the dialog suggests that of the layer."""

    required: bool = True


@dataclass(frozen=True, kw_only=True)
class OneOf(Text):
    """One of a few words; `options` maps each to its label in the dialog."""

    options: Mapping[str, str]

    def check(self, value: Any) -> str:
        if value not in self.options:
            problem = _("“{name}” cannot be “{value}”: give one of {words}.").format(
                name=self.name, value=value, words=", ".join(self.options)
            )
            raise ArgumentError(problem)
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Number(Argument):
    """A number from `lowest` to `highest`, both included; `whole` ones are integers."""

    default: float
    lowest: float = 0
    highest: float = 100
    whole: bool = False

    def add_to(self, procedure: Gimp.Procedure) -> None:
        words = (self.name, self.label, self.blurb)
        if self.whole:
            limits = (-_WIDE_WHOLE, _WIDE_WHOLE)
            procedure.add_int_argument(*words, *limits, int(self.default), _FLAGS)
        else:
            procedure.add_double_argument(*words, -_WIDE, _WIDE, self.default, _FLAGS)

    def check(self, value: Any) -> float:
        if not math.isfinite(value) or not self.lowest <= value <= self.highest:
            words = _("“{name}” cannot be {value}: give a number from {lowest} to {highest}.")
            limits = {"lowest": f"{self.lowest:g}", "highest": f"{self.highest:g}"}
            raise ArgumentError(words.format(name=self.name, value=f"{value:g}", **limits))
        return int(value) if self.whole else float(value)


@dataclass(frozen=True, kw_only=True)
class Flag(Argument):
    """Yes or no."""

    default: bool = False

    def add_to(self, procedure: Gimp.Procedure) -> None:
        procedure.add_boolean_argument(self.name, self.label, self.blurb, self.default, _FLAGS)


@dataclass(frozen=True, kw_only=True)
class LayerChoice(Argument):
    """A layer of any open image, or none."""

    def add_to(self, procedure: Gimp.Procedure) -> None:
        procedure.add_layer_argument(self.name, self.label, self.blurb, True, _FLAGS)


@dataclass(frozen=True, kw_only=True)
class FileChoice(Argument):
    """A file, or none; with `save` one to be written."""

    save: bool = False

    def add_to(self, procedure: Gimp.Procedure) -> None:
        # OPEN would have GIMP refuse a missing file without naming the reason.
        action = Gimp.FileChooserAction.SAVE if self.save else Gimp.FileChooserAction.ANY
        procedure.add_file_argument(
            self.name, self.label, self.blurb, action, True, None, _FLAGS
        )


def read(config: Gimp.ProcedureConfig, arguments: Sequence[Argument]) -> dict[str, Any]:
    """The checked value of every argument by its name. ArgumentError names the first bad one."""
    return {each.name: each.check(config.get_property(each.name)) for each in arguments}
