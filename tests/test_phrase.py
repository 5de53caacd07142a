"""Texts that know how they were made: filled in once, translated later, read from anybody."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from core.errors import InputError, PhotoError
from core.phrase import Phrase, either, listed

GERMAN = {
    "There is no file {path}.": "Es gibt keine Datei {path}.",
    "{file} cannot be used. {problem}": "{problem} Darum ist {file} nicht zu verwenden.",
    "{some} or {other}": "{some} oder {other}",
    "": "Project-Id-Version: a catalogue's header",
}


def german(template: str) -> str:
    return GERMAN.get(template, template)


def test_phrase_is_a_text_and_can_be_said_in_another_language() -> None:
    phrase = Phrase("There is no file {path}.", path="/a/b.jpg")
    assert phrase == "There is no file /a/b.jpg."
    assert phrase.translated(german) == "Es gibt keine Datei /a/b.jpg."
    assert Phrase("Nobody knows {this}.", this=3).translated(german) == "Nobody knows 3."
    assert Phrase("").translated(german) == ""


def test_error_within_an_error_is_translated_too() -> None:
    inner = InputError("There is no file {path}.", path="b.jpg")
    outer = PhotoError("{file} cannot be used. {problem}", file="a.json", problem=inner)
    assert str(outer) == f"{outer}" == "a.json cannot be used. There is no file b.jpg."
    said = outer.phrase.translated(german)
    assert said == "Es gibt keine Datei b.jpg. Darum ist a.json nicht zu verwenden."
    # Also where an exception of Python's own brings it.
    reason = ValueError(Phrase("There is no file {path}.", path="c.jpg"))
    assert Phrase("{file}: {why}", file="d", why=reason).translated(german) == (
        "d: Es gibt keine Datei c.jpg."
    )


@pytest.mark.parametrize("value", ["{path}", "{0.__class__}", "{", "%s", "{{x}}", r"\1 \g<0>"])
def test_value_is_put_in_as_it_is(value: str) -> None:
    phrase = Phrase("There is no file {path}.", path=value)
    assert phrase == f"There is no file {value}."
    assert phrase.translated(german) == f"Es gibt keine Datei {value}."
    assert str(InputError(value)) == value
    assert Phrase("{file} cannot be used. {problem}", file=value, problem=phrase) == (
        f"{value} cannot be used. There is no file {value}."
    )


def test_nothing_but_names_is_filled_in() -> None:
    for field in ("{0.__class__}", "{path.parent}", "{path!r}", "{path:>999999}", "{other}", "{}"):
        assert Phrase(f"This is {field}.", path="x") == f"This is {field}."


def test_choices_and_lists_are_phrases_of_phrases() -> None:
    assert either("a") == "a"
    choices = either("a", Phrase("There is no file {path}.", path="b"), "c")
    assert choices == "a or There is no file b. or c"
    assert Phrase("{x}", x=choices).translated(german) == "a oder Es gibt keine Datei b. oder c"
    assert listed("a", "b", 3) == "a, b, 3"


def test_errors_can_be_copied_with_their_phrases() -> None:
    error = PhotoError("There is no file {path}.", path="b.jpg")
    for same in (copy.deepcopy(error), copy.copy(error)):
        assert type(same) is PhotoError
        assert same.phrase.translated(german) == "Es gibt keine Datei b.jpg."


def test_phrase_comes_back_from_a_message() -> None:
    inner = Phrase("There is no file {path}.", path="b {path}.jpg")
    outer = Phrase("{file} cannot be used. {problem}", file="a", problem=inner)
    for phrase in (outer, inner, Phrase("Nothing to fill in.")):
        document = json.loads(json.dumps(phrase.to_json()))
        made = Phrase.from_json(str(phrase), document)
        assert made == phrase
        assert made.translated(german) == phrase.translated(german)


def nested(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {"template": "x", "values": {}}
    for _ in range(levels):
        document = {"template": "{a}", "values": {"a": document}}
    return document


BOMB: dict[str, Any] = {"template": "{a}" * 300, "values": {"a": "x" * 3000}}
for _ in range(5):
    BOMB = {"template": "{a}" * 300, "values": {"a": BOMB}}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"template": "There is no file {path}."},
        {"template": "There is no file {path}.", "values": {}},
        {"template": "There is no file {path}.", "values": {"file": "x"}},
        {"template": "There is no file {path}.", "values": {"path": "another"}},
        {"template": "There is no file {path}.", "values": {"path": 7}},
        {"template": "There is no file {path}.", "values": {"path": None}},
        {"template": "There is no file {path}.", "values": ["x"]},
        {"template": 7, "values": {}},
        {"template": "There is no file {path.__class__}.", "values": {"path": "x"}},
        {"template": "There is no file {path:>99999999999}.", "values": {"path": "x"}},
        {"template": "{a}" * 5000, "values": {"a": ""}},
        {"template": "{a}", "values": {"a": "x" * 10_000_000}},
        {"template": "x", "values": {str(number): "" for number in range(100)}},
        nested(50),
        BOMB,
    ],
)
def test_message_that_says_something_else_counts_as_its_text(document: dict[str, Any]) -> None:
    made = Phrase.from_json("There is no file x.", document)
    assert made == "There is no file x."
    assert made.translated(german) == "There is no file x."
    assert made.to_json() == {"template": "There is no file x.", "values": {}}


def test_text_of_any_length_is_kept() -> None:
    long = "x" * 1_000_000
    assert Phrase.from_json(long, {"template": "{a}", "values": {"a": long}}).template == long
