"""A GIMP whose language is German: what it keeps of the plug-in, its errors and its dialogs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.presetfile import write
from tests.gimp.harness import Gimp
from tests.gimp.window import Window
from tests.preset_samples import neural

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


@pytest.fixture(scope="module")
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


REFUSALS = """
    image, layer = new_image(8, 8)
    for case, preset in args["presets"].items():
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer], preset=preset)
        result[case] = outcome.message
"""


def test_german_gimp_tells_errors_in_german(german: Gimp) -> None:
    """Those of the plug-in, of `core` beside it, and of the worker."""
    stale = german.scratch / "Grün.json"
    write(stale, neural("Grün {name}").without_picture())
    presets = {"plug-in": "", "core": "Sepai", "worker": stale}
    told = german.run_python(REFUSALS, presets=presets)
    assert told["plug-in"].startswith("»preset« ist leer. Geben Sie den Namen"), told
    assert told["core"].startswith("Es gibt kein Preset »Sepai«. Meinten Sie »Sepia«"), told
    assert told["worker"] == (
        "Das Preset »Grün {name}« wurde für ein anderes Netz gemacht (np-b0-k16-v1) und enthält "
        "kein Bild, aus dem es neu entstehen könnte. Erstellen Sie es noch einmal aus seinem Foto."
    )


def test_german_gimp_shows_german(german: Gimp, photo: Path) -> None:
    labels = german.run_python(LABELS)
    assert labels["plug-in-neural-preset-apply"]["menu"] == "Preset _anwenden …"
    assert labels["plug-in-neural-preset-apply"]["blurb"].startswith("Den gewählten Ebenen")
    menu = [re.search("_(.)", each["menu"])[1].lower() for each in labels.values()]  # type: ignore[index]
    assert len(menu) == len(set(menu)) >= 6
    for name, each in labels.items():
        assert len(each["keys"]) == len(set(each["keys"])), (name, each["keys"])
        assert not TAKEN & set(each["keys"]), (name, each["keys"])

    with Window(german, photo) as window:
        window.open_dialog("Preset anwenden", "^Preset anwenden$")
        window.screenshot("german")
