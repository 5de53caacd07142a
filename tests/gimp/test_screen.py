"""How tests look at the screen: what is told of a window is read well, and nothing is missed."""

from __future__ import annotations

import pytest

from tests.gimp import told
from tests.gimp.errands import ErrandError, Errands
from tests.gimp.harness import Gimp
from tests.gimp.screen import Screen
from tests.gimp.window import Window, WindowError

LOG = """\
neural-preset: 1.000 called
neural-preset: 1.100 argument strength 50.0
neural-preset: 1.200 window up
neural-preset: 1.300 done
GIMP says something
neural-preset: 2.000 called
neural-preset: 2.100 argument preset "Sepia \\u00e9"
neural-preset: 2.200 keyboard on Presets on your picture
neural-preset: 2.300 chosen One, Two
neural-preset: 2.400 told All is well.
neural-preset: 2.500 argument strength 9"""


def test_the_newest_window_is_read_and_no_line_that_is_still_written() -> None:
    found = told.read(LOG)
    assert (found.calls, found.up) == (2, False)
    assert found.arguments == {"preset": "Sepia é"}
    assert (found.keyboard, found.chosen) == ("Presets on your picture", "One, Two")
    assert found.lines[-1] == "told All is well."
    assert told.read(LOG + "9.0\n").arguments["strength"] == 99
    assert told.read("") == told.Told()


def test_errands_run_one_after_the_other(bare_gimp: Gimp) -> None:
    errands = Errands(bare_gimp.root, {"WORD": "it's"})
    try:
        assert errands.run(["printenv", "WORD"]) == "it's\n"
        assert errands.run(["sh", "-c", "printf open; echo wrong >&2; exit 3"]) == "openwrong\n"
        assert errands.run(["cat"]) == ""  # nothing to read
        with pytest.raises(ErrandError, match="no end of"):
            errands.run(["sleep", "1000"], timeout=0.1)
    finally:
        errands.close()


def test_a_window_that_goes_while_it_is_looked_for_hides_no_other(
    bare_gimp: Gimp, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["X Error of failed request:  BadWindow\n  Serial number 7\n", "12\n34\n", ""])
    monkeypatch.setattr(Screen, "_xdotool", lambda *_arguments: next(answers))
    screen = Screen(bare_gimp, {})
    assert screen.find("one") == "34"
    assert screen.find("one") is None


def test_keys_are_pressed_again_until_something_comes_of_them(
    bare_gimp: Gimp, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed: list[str] = []
    monkeypatch.setattr(Screen, "find", lambda _screen, _title: "1")
    monkeypatch.setattr(Screen, "screenshot", lambda _screen, name: name)
    monkeypatch.setattr(Screen, "key", lambda _screen, *keys, window: pressed.extend(keys))
    window = Window(bare_gimp, None)
    window.log.write_bytes(b"")
    window.press("a", where="one", until=lambda: len(pressed) == 3, again=0)
    assert pressed == ["a"] * 3
    window.press("b", where="one", until=lambda: True)
    assert pressed == ["a"] * 3
    with pytest.raises(WindowError):
        window.until(lambda: False, patience=0)
