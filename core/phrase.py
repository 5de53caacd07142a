"""Words that know how they were made, so that a program can say them in its user's language.

(Standard library only.) Nothing is translated here: the plug-in does that, with its catalogues.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

_FIELD = re.compile(r"\{(\w+)\}")
_LONGEST_TEXT, _LONGEST_TEMPLATE = 20_000, 1000
_MOST_VALUES, _DEEPEST = 16, 16


class Phrase(str):
    """The English text of a template like "There is no file {path}." with its values put in.

    A value is any object; a phrase, or an exception whose text is one, stays a phrase. Values are
    put in once and as they are: braces in them mean nothing, nor do others in the template.
    """

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, /, **values: object) -> Phrase:
        if isinstance(template, Phrase) and not values:
            return template
        kept = {name: _kept(value) for name, value in values.items()}
        phrase = super().__new__(cls, _filled(template, kept))
        phrase.template, phrase.values = str(template), kept
        return phrase

    def translated(self, translate: Callable[[str], str]) -> str:
        """The text in another language: `translate` has words for templates, as gettext does."""
        values = {
            name: value.translated(translate) if isinstance(value, Phrase) else value
            for name, value in self.values.items()
        }
        # To gettext nothing at all is the name of a catalogue's header.
        return _filled(translate(self.template), values) if self.template else ""

    def to_json(self) -> dict[str, Any]:
        """How the text was made, to travel beside it in a message."""
        values = {
            name: value.to_json() if isinstance(value, Phrase) else value
            for name, value in self.values.items()
        }
        return {"template": self.template, "values": values}

    @classmethod
    def from_json(cls, text: str, document: Mapping[str, Any]) -> Phrase:
        """The text of a message as the phrase that the message says it is.

        Where that does not make exactly this text, or is out of proportion, it is the text alone.
        """
        made = _made(document, _DEEPEST, len(text)) if len(text) <= _LONGEST_TEXT else None
        return cls(text) if made is None or made != text else made


def either(*choices: object) -> str:
    """The choices as words: “a”, “a or b”, “a or b or c”."""
    return functools.reduce(
        lambda some, other: Phrase("{some} or {other}", some=some, other=other),
        map(_kept, choices),
    )


def listed(*things: object) -> str:
    """The things with commas between them."""
    return functools.reduce(
        lambda some, other: Phrase("{some}, {other}", some=some, other=other), map(_kept, things)
    )


def _made(document: object, levels: int, longest: int) -> Phrase | None:
    if not isinstance(document, Mapping) or not levels:
        return None
    template, values = document.get("template"), document.get("values")
    if not isinstance(template, str) or not isinstance(values, dict):
        return None
    if len(template) > _LONGEST_TEMPLATE or len(values) > _MOST_VALUES:
        return None
    kept: dict[str, str] = {}
    for name, value in values.items():
        part = value if isinstance(value, str) else _made(value, levels - 1, longest)
        # What is longer than the whole is no part of it; so nothing can grow beyond measure.
        if part is None or len(part) > longest:
            return None
        kept[name] = part
    return Phrase(template, **kept)


def _kept(value: object) -> str:
    if isinstance(value, BaseException) and value.args and isinstance(value.args[0], Phrase):
        value = value.args[0]
    return value if isinstance(value, Phrase) else str(value)


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda field: values.get(field[1], field[0]), template)
