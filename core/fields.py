"""Checked reading of JSON that somebody else wrote.

Nothing is taken from a preset, a record or a message of the protocol but through these readers:
each names the field, states what it had to be, and bounds what it accepts.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn, cast

from core.errors import InputError, NeuralPresetError
from core.phrase import Phrase

THIS_FILE = Phrase("This file")
_REQUIRED: Any = object()


def parse(
    data: bytes, *, what: Phrase | Path = THIS_FILE, error: type[NeuralPresetError] = InputError
) -> Fields:
    """Read a JSON object from UTF-8 bytes strictly: no NaN, no Infinity, no key twice.

    `what` begins the message of every `error` raised here and by the fields read later.
    """

    def object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError(Phrase("a key stands there twice"))
        return found

    def no_constant(name: str) -> NoReturn:
        raise ValueError(Phrase("{name} is no number", name=name))

    try:
        document = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=object_without_doubles,
            parse_constant=no_constant,
        )
    except RecursionError as problem:
        raise error("{what} is damaged: it is nested too deeply.", what=what) from problem
    except UnicodeDecodeError as problem:
        raise error("{what} is damaged: it is not a text file.", what=what) from problem
    except ValueError as problem:
        raise error("{what} is damaged: {problem}.", what=what, problem=problem) from problem
    return Fields(document, what=what, error=error)


class Fields:
    """The fields of one JSON object; each reader checks one and raises `error` if it is wrong.

    A field that is absent gives `default` where one is named, else an error. Fields that nobody
    asks for are ignored.
    """

    def __init__(
        self,
        document: object,
        *,
        what: Phrase | Path = THIS_FILE,
        error: type[NeuralPresetError] = InputError,
        prefix: str = "",
    ) -> None:
        self.what = what
        self._error = error
        self._prefix = prefix
        if not isinstance(document, dict):
            place = f'"{prefix[:-1]}"' if prefix else Phrase("it")
            raise error("{what} is damaged: {place} must be a JSON object.", what=what, place=place)
        self.document: dict[str, Any] = document

    def wrong(self, key: str, expected: str, /, **values: object) -> NeuralPresetError:
        """The error that says what the field `key` had to be: a template and its values."""
        wanted = Phrase(expected, **values)
        if key not in self.document:
            wanted = Phrase("there, {expected}", expected=wanted)
        return self._error(
            '{what} is damaged: "{field}" must be {expected}.',
            what=self.what,
            field=f"{self._prefix}{key}",
            expected=wanted,
        )

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.document.get(key) is not None

    def text(self, key: str, *, longest: int = 200, default: str = _REQUIRED) -> str:
        """A string of at most `longest` characters that can be written again as UTF-8."""
        value = self.document.get(key, default)
        if not isinstance(value, str) or len(value) > longest:
            raise self.wrong(key, "a text of at most {longest} characters", longest=longest)
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.wrong(key, "a text without broken characters")
        return value

    def choice(self, key: str, choices: Collection[str], *, default: str = _REQUIRED) -> str:
        """One of the strings `choices`."""
        value = self.document.get(key, default)
        if not isinstance(value, str) or value not in choices:
            quoted = ", ".join(f'"{choice}"' for choice in choices)
            raise self.wrong(key, "one of {choices}", choices=quoted)
        return value

    def number(self, key: str, low: float, high: float, *, default: float = _REQUIRED) -> float:
        """A finite number from `low` to `high`, ends included."""
        value = _finite(self.document.get(key, default))
        if value is None or not low <= value <= high:
            limits = {"low": f"{low:g}", "high": f"{high:g}"}
            raise self.wrong(key, "a number from {low} to {high}", **limits)
        return value

    def integer(self, key: str, low: int, high: int, *, default: int = _REQUIRED) -> int:
        """A whole number from `low` to `high`, ends included."""
        value = self.document.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, "a whole number from {low} to {high}", low=low, high=high)
        return value

    def boolean(self, key: str, *, default: bool = _REQUIRED) -> bool:
        """True or false, not 0 or 1."""
        value = self.document.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def floats(self, key: str, count: int, *, largest: float = 1e6) -> tuple[float, ...]:
        """Exactly `count` finite numbers, none larger in magnitude than `largest`."""
        value = self.document.get(key)
        given = value if isinstance(value, list | tuple) else ()
        numbers = [_finite(item) for item in given] if len(given) == count else []
        if not numbers or any(number is None or abs(number) > largest for number in numbers):
            limits = {"count": count, "largest": f"{largest:g}"}
            raise self.wrong(key, "a list of {count} numbers of at most {largest}", **limits)
        return tuple(cast(list[float], numbers))

    def texts(self, key: str, *, most: int, longest: int) -> tuple[str, ...]:
        """At most `most` strings of at most `longest` characters; none if the field is absent."""
        value = self.document.get(key, [])
        if not isinstance(value, list | tuple) or len(value) > most:
            raise self.wrong(key, "a list of at most {most} texts", most=most)
        items = Fields(
            {str(index): item for index, item in enumerate(value)},
            what=self.what,
            error=self._error,
            prefix=f"{self._prefix}{key}.",
        )
        return tuple(items.text(index, longest=longest) for index in items.document)

    def base64(self, key: str, largest: int, *, default: bytes = _REQUIRED) -> bytes:
        """Bytes written as base64, at most `largest` of them."""
        value = self.document.get(key, default)
        if value is default and default is not _REQUIRED:
            return default
        wrong = self.wrong(key, "at most {largest} bytes as base64", largest=largest)
        if not isinstance(value, str) or len(value) > (largest + 2) // 3 * 4:
            raise wrong
        try:
            data = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as problem:
            raise wrong from problem
        if len(data) > largest:
            raise wrong
        return data

    def fields(self, key: str) -> Fields:
        """The fields of the object that stands at `key`."""
        if key not in self.document:
            raise self.wrong(key, "a JSON object")
        prefix = f"{self._prefix}{key}."
        return Fields(self.document[key], what=self.what, error=self._error, prefix=prefix)


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
