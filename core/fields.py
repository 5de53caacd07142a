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

    def wrong(self, key: str, expected: Phrase) -> NeuralPresetError:
        """The error that says what the field `key` had to be."""
        return self._error(
            '{what} is damaged: "{field}" must be {expected}.',
            what=self.what,
            field=f"{self._prefix}{key}",
            expected=expected,
        )

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.document.get(key) is not None

    def text(self, key: str, *, longest: int = 200, default: str = _REQUIRED) -> str:
        """A string of at most `longest` characters that can be written again as UTF-8."""
        expected = Phrase("a text of at most {longest} characters", longest=longest)
        value = self._get(key, expected, default)
        if not isinstance(value, str) or len(value) > longest:
            raise self.wrong(key, expected)
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.wrong(key, Phrase("a text without broken characters"))
        return value

    def choice(self, key: str, choices: Collection[str], *, default: str = _REQUIRED) -> str:
        """One of the strings `choices`."""
        quoted = ", ".join(f'"{choice}"' for choice in choices)
        expected = Phrase("one of {choices}", choices=quoted)
        value = self._get(key, expected, default)
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(key, expected)
        return value

    def number(self, key: str, low: float, high: float, *, default: float = _REQUIRED) -> float:
        """A finite number from `low` to `high`, ends included."""
        expected = Phrase("a number from {low} to {high}", low=f"{low:g}", high=f"{high:g}")
        value = _finite(self._get(key, expected, default))
        if value is None or not low <= value <= high:
            raise self.wrong(key, expected)
        return value

    def integer(self, key: str, low: int, high: int, *, default: int = _REQUIRED) -> int:
        """A whole number from `low` to `high`, ends included."""
        expected = Phrase("a whole number from {low} to {high}", low=low, high=high)
        value = self._get(key, expected, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, expected)
        return value

    def boolean(self, key: str, *, default: bool = _REQUIRED) -> bool:
        """True or false, not 0 or 1."""
        expected = Phrase("true or false")
        value = self._get(key, expected, default)
        if not isinstance(value, bool):
            raise self.wrong(key, expected)
        return value

    def floats(self, key: str, count: int, *, largest: float = 1e6) -> tuple[float, ...]:
        """Exactly `count` finite numbers, none larger in magnitude than `largest`."""
        expected = Phrase(
            "a list of {count} numbers of at most {largest}", count=count, largest=f"{largest:g}"
        )
        value = self._get(key, expected, _REQUIRED)
        if not isinstance(value, list | tuple) or len(value) != count:
            raise self.wrong(key, expected)
        numbers = [_finite(item) for item in value]
        if any(number is None or abs(number) > largest for number in numbers):
            raise self.wrong(key, expected)
        return tuple(cast(list[float], numbers))

    def texts(self, key: str, *, most: int, longest: int) -> tuple[str, ...]:
        """At most `most` strings of at most `longest` characters; none if the field is absent."""
        expected = Phrase("a list of at most {most} texts", most=most)
        value = self._get(key, expected, [])
        if not isinstance(value, list | tuple) or len(value) > most:
            raise self.wrong(key, expected)
        items = Fields(
            {str(index): item for index, item in enumerate(value)},
            what=self.what,
            error=self._error,
            prefix=f"{self._prefix}{key}.",
        )
        return tuple(items.text(index, longest=longest) for index in items.document)

    def base64(self, key: str, largest: int, *, default: bytes = _REQUIRED) -> bytes:
        """Bytes written as base64, at most `largest` of them."""
        expected = Phrase("at most {largest} bytes as base64", largest=largest)
        value = self._get(key, expected, default)
        if value is default:
            return default
        if not isinstance(value, str) or len(value) > (largest + 2) // 3 * 4:
            raise self.wrong(key, expected)
        try:
            data = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as problem:
            raise self.wrong(key, expected) from problem
        if len(data) > largest:
            raise self.wrong(key, expected)
        return data

    def fields(self, key: str) -> Fields:
        """The fields of the object that stands at `key`."""
        value = self._get(key, Phrase("a JSON object"), _REQUIRED)
        prefix = f"{self._prefix}{key}."
        return Fields(value, what=self.what, error=self._error, prefix=prefix)

    def _get(self, key: str, expected: Phrase, default: Any) -> Any:
        value = self.document.get(key, default)
        if value is _REQUIRED:
            raise self.wrong(key, Phrase("there, {expected}", expected=expected))
        return value


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
