"""A GIMP whose language is German: what it keeps of the plug-in, its errors and its dialogs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.gimp.harness import Gimp
from tests.gimp.window import Window

LABELS = """
    import re
    pdb = Gimp.get_pdb()
    for name in pdb.query_procedures("plug-in-neural-preset-.*", *[".*"] * 7):
        procedure = pdb.lookup_procedure(name)
        arguments = [spec for spec in procedure.get_arguments() if "_" in (spec.get_nick() or "")]
        result[name] = {
            "menu": procedure.get_menu_label(),
            "blurb": procedure.get_blurb(),
            "keys": [re.search("_(.)", spec.get_nick())[1].lower() for spec in arguments],
        }
"""
# Keys of the buttons that GIMP's own dialogs have in German: _OK, Abbre_chen, _Hilfe,
# _Zurücksetzen, _Gespeicherte Einstellungen laden, Einstellungen _speichern.
TAKEN = set("ochzgs")


@pytest.fixture
def german(bare_gimp: Gimp) -> Iterator[Gimp]:
    """A GIMP that knew the plug-in in English, and whose user has now chosen German."""
    gimp = Gimp(bare_gimp.root)
    try:
        gimp.install()
        english = gimp.run_python(LABELS)
        assert english["plug-in-neural-preset-apply"]["menu"] == "_Apply Preset..."
        settings = gimp.config / "gimprc"
        settings.write_text(f'{settings.read_text()}(language "de")\n')
        yield gimp
    finally:
        gimp.close()


@pytest.fixture
def photo(german: Gimp) -> Path:
    path = german.scratch / "Brücke.png"
    Image.effect_mandelbrot((300, 200), (-2, -1.5, 1, 1.5), 30).convert("RGB").save(path)
    return path


def test_german_gimp_shows_german(german: Gimp, photo: Path) -> None:
    labels = german.run_python(LABELS)
    assert labels["plug-in-neural-preset-apply"]["menu"] == "Preset _anwenden …"
    assert labels["plug-in-neural-preset-apply"]["blurb"].startswith("Den gewählten Ebenen")
    menu = [re.search("_(.)", each["menu"])[1].lower() for each in labels.values()]  # type: ignore[index]
    assert len(menu) == len(set(menu)) >= 6
    for name, each in labels.items():
        assert len(each["keys"]) == len(set(each["keys"])), (name, each["keys"])
        assert not TAKEN & set(each["keys"]), (name, each["keys"])

    refused = german.run_python(
        """
        image, layer = new_image(8, 8)
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer], preset="")
        result.update(outcome.as_dict())
        """
    )
    assert refused["message"].startswith("»preset« ist leer. Geben Sie den Namen"), refused

    with Window(german, photo) as window:
        window.open_dialog("Preset anwenden", "^Preset anwenden$")
        window.screenshot("german")
