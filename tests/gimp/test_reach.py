"""What the keyboard and a screen reader find in each dialog, in English and in German."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.gimp.harness import Gimp

ACTIONS = ["apply", "transfer", "create", "export_lut", "manage", "normalize"]
# The roots know GIMP's own words in English only; its keys there, and those it has in German.
GIMPS_OWN = {"OK", "Cancel", "Help", "Reset", "Load Saved Settings", "Save Settings"}
GIMPS_KEYS = {"en": "ochrls", "de": "ochzgs"}
LOOK = """
    from tests.gimp.inside import np_dialogs
    screen = np_dialogs.start_screen()
    try:
        image, layer = load(args["photo"])
        write(add_layer(image, 60, 40, name="other"), gradient(60, 40), "R'G'B' u8")
        for action in args["actions"]:
            result[action] = np_dialogs.look(args["plugin"], action, image, [layer])
    finally:
        screen.kill()
"""


def _nameless(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What takes the keyboard without a word for a screen reader: a label's word is its text."""
    return [
        each
        for each in widgets
        if each["focus"] and each["kind"] != "Label" and not (each["name"] or any(each["labels"]))
    ]


def _doubled(widgets: list[dict[str, Any]], language: str) -> list[str]:
    """The keys that lead to two places."""
    keys = Counter(each["key"] for each in widgets if each["key"] and each["name"] not in GIMPS_OWN)
    if any(each["name"] == "Save Settings" for each in widgets):
        keys.update(GIMPS_KEYS[language])
    return [key for key, count in keys.items() if count > 1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_all_that_takes_the_keyboard_has_a_name_and_a_key_of_its_own(
    gimp: Gimp, photo: Callable[[str], Path], language: str
) -> None:
    """Also what is seen only now and then: no presets found, the worker failed, undo."""
    file = gimp.scratch / "reached.png"
    with Image.open(photo("coffee")) as picture:
        picture.resize((120, 80)).save(file)
    found = gimp.run_python(
        LOOK,
        photo=file,
        plugin=gimp.plugin,
        actions=ACTIONS,
        environment={"LANGUAGE": language, "NO_AT_BRIDGE": "1"},
    )
    for action in ACTIONS:
        widgets = found[action]
        assert len(widgets) > 10, (action, widgets)
        assert _nameless(widgets) == [], action
        assert _doubled(widgets, language) == [], (action, language)
        galleries = [each["first"] for each in widgets if each["first"] is not None]
        assert galleries == (["Autumn"] if action in ("apply", "export_lut") else []), action
    names = {each["name"] for each in found["transfer"]}
    assert {"en": "Split View", "de": "Geteilte Ansicht"}[language] in names
