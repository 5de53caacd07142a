"""Everything that users of the plug-in read can be translated, and the translations are whole."""

from __future__ import annotations

import gettext
import importlib
import io
import plistlib
import re
import string
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from core.errors import PhotoError, PresetError
from core.presets import PresetStore
from tests import catalogues, texts

CHECKOUT = Path(__file__).resolve().parents[1]
UPDATE = "run: python -m tests.catalogues"
sys.path.insert(0, str(catalogues.PLUGIN))
translation = importlib.import_module("translation")

# Words that are no text for a user: names of things in programs, and a report for helpers.
SILENT = {
    "checkup.py": r"import runpy.*|Neural Preset (for GIMP: diagnostics|\{\}, GIMP .*)",
    "recolor.py": r"RGBA? (u8|u16|f32)",
    "rescue.py": r"Library|Application Support",
    "declaration.py": r"<.*|The Neural Preset for GIMP project",
    "procedures.py": r"<.*",
    "translation.py": r"Library|Preferences|AppleLanguages",
    "widgets/painter.py": r"Neural Preset for GIMP: diagnostics|Python .*|[a-z -]+: \{\}.*",
    "widgets/presetfiles.py": r"ShowItems",
    "widgets/presetlist.py": r"\{\}\n<span .*",
    "widgets/preview.py": r"\nframe > border .*",
}
# In core: sizes, and a keyword of a file.
SILENT_IN_CORE = {
    "atomic.py": r"\{\} [KM]iB",
    "cubefile.py": r"LUT_3D_SIZE \{\}",
}
LANGUAGES = [path.parent.parent.name for path in catalogues.translations()]
# The labels with a key that are seen together, and the keys of GIMP's own buttons beside them: _OK,
# _Cancel, _Help, _Reset, _Load Saved Settings, _Save Settings; in German _OK, Abbre_chen, _Hilfe,
# _Zurücksetzen, _Gespeicherte Einstellungen laden, Einstellungen _speichern.
GIMPS_KEYS = {"en": "ochrls", "de": "ochzgs"}
_RECOLOR = ("Stren_gth", "Color _match", "_Keep luminance")
_PREVIEW = ("_Before", "Split _View")
_WORKER = ("Copy _Diagnostics", "Try _Again")
SEEN_TOGETHER = {
    "apply": (
        *(*_RECOLOR, "O_utput", "Mi_x with", "M_ix", *_PREVIEW, *_WORKER),
        *("Sho_w All Presets", "_No Second Preset"),
    ),
    "match": (
        *(*_RECOLOR, "O_utput", "M_ethod", *_PREVIEW, *_WORKER),
        *("Whose look? A la_yer:", "Photo _File...", "Cl_ipboard", "S_wap", "Save as _Preset..."),
    ),
    "match, swapped": ("Give it to this la_yer instead:", "Photo _File...", "Cl_ipboard", "S_wap"),
    "create": ("_Name", "_Tags", *_WORKER),
    "export": (
        *(*_RECOLOR, "_Format", "Si_ze", "Fold_er", "File _name", *_PREVIEW, *_WORKER),
        "Sho_w All Presets",
    ),
}
MANAGER = (
    *("_Name", "_Tags", "_Import...", "Du_plicate", "_Export...", "Show _File", "De_lete"),
    *("_Undo", "_Close", *_WORKER),
)
DIAGNOSTICS = ("Cop_y Report", "_Run Again", "_Close")


def of(language: str) -> Catalog:
    return catalogues.read(
        catalogues.LOCALE / language / "LC_MESSAGES" / f"{catalogues.DOMAIN}.po"
    )


def pairs(message: Message) -> list[tuple[str, str]]:
    """Every form of a translation with the text that it translates."""
    if not catalogues.done(message):
        return []  # another test tells
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    forms = list(message.string or ())
    return [(message.id[min(number, 1)], form) for number, form in enumerate(forms)]


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def key(label: str) -> str:
    """The letter after the underscore, if there is one."""
    found = re.search(r"_(\w)", label)
    return found[1].lower() if found else ""


@pytest.mark.parametrize(
    "path", catalogues.sources(), ids=lambda path: path.relative_to(catalogues.PLUGIN).as_posix()
)
def test_no_text_of_a_module_is_kept_from_translators(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    silent = SILENT.get(path.relative_to(catalogues.PLUGIN).as_posix(), "(?!)")
    found = texts.untranslated(source)
    assert [each for each in found if not re.fullmatch(silent, each[1], re.DOTALL)] == []
    assert texts.badly_marked(source) == []
    assert texts.hidden_markers(source) == []


@pytest.mark.parametrize(
    "path",
    catalogues.core_sources(),
    ids=lambda path: path.relative_to(catalogues.CORE).as_posix(),
)
def test_no_error_of_core_is_kept_from_translators(path: Path) -> None:
    silent = SILENT_IN_CORE.get(path.relative_to(catalogues.CORE).as_posix(), "(?!)")
    found = texts.unworded(path.read_text(encoding="utf-8"))
    assert [each for each in found if not re.fullmatch(silent, each[1])] == []


@pytest.mark.parametrize(
    "source",
    [
        'raise InputError(f"There is no file {path}.")',
        'raise InputError("There is no file " + path)',
        'raise InputError("There is no file {}.".format(path))',
        'raise InputError("There is no file {path}.")',
        'raise InputError("There is no file {path!r}.", path=path)',
        'raise InputError("There is no file {path}.", file=path)',
        'raise InputError("It fails: {reason}.", reason=reason or "the disk may be full")',
        'raise error("Nothing here." if nothing else "Too much here.")',
        'raise self._error(f"{what} is damaged.")',
        'raise fields.wrong("size", f"a number up to {most}")',
        'text = "There is nothing here."\nraise InputError(text)',
        'def refusal(path):\n    return f"There is no file {path}."',
        'Phrase(f"There is no file {path}.")',
    ],
)
def test_scan_finds_errors_that_cannot_be_translated(source: str) -> None:
    assert texts.unworded(source)


@pytest.mark.parametrize(
    ("source", "templates"),
    [
        ('raise InputError("No file {path}.", path=path)', ["No file {path}."]),
        (
            'raise error("It fails: {reason}.", reason=found or Phrase("the disk is full"))',
            ["It fails: {reason}.", "the disk is full"],
        ),
        ('raise fields.wrong("size", "a number up to {most}", most=9)', ["a number up to {most}"]),
        ("raise PresetError(entry.problem or refusal(path)) from error", []),
        ('log.error(f"There is no file {path}.")', []),
        ('raise ValueError(f"There is no file {path}.")', []),
    ],
)
def test_scan_takes_the_templates_of_errors(source: str, templates: list[str]) -> None:
    assert [text for _, text in texts.templates(source)] == templates
    assert texts.unworded(source) == []


def test_presets_that_come_with_the_program_can_be_translated() -> None:
    asked = {each.id for each in catalogues.messages(catalogues.extract())}
    assert {"Greens turn to rust and gold.", "built-in", "black and white"} <= asked


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('label.set_text("empty" if x else "")', ["empty"]),
        ('Gtk.Label(label="Si_ze")', ["Si_ze"]),
        ('NAMES = {"mine": "My presets", "luts": "LUTs"}', ["LUTs", "My presets"]),
        ('raise InputError(f"There is no file {path}.")', ["There is no file {}."]),
        ('x.get_accessible().set_name("search")', ["search"]),
        ('label.set_text(f"{count}")', []),
        ('label.set_text(_("Nothing here"))', []),
        ('"""A module about texts."""\nx = gi.require_version("Gtk", "3.0")', []),
        ('_LOG.info("pixels are copied, not mapped: %s", problem)', []),
        ('widget.connect("size-allocate", follow)\nname = "keep-luminance"', []),
    ],
)
def test_scan_tells_texts_from_other_literals(source: str, found: list[str]) -> None:
    assert sorted(words for _, words in texts.untranslated(source)) == found


def test_scan_finds_texts_that_no_tool_can_take() -> None:
    assert texts.badly_marked('_(f"{name} is gone")') and texts.badly_marked("_(words)")
    assert texts.badly_marked('ngettext("one", other, 3)')
    assert not texts.badly_marked('ngettext("one", "two", count)')
    assert texts.hidden_markers('def f():\n    _, x = pair\n    return _("Yes")')
    assert not texts.hidden_markers('def f():\n    y = [x for _, x in z]\n    return _("Yes")')


def test_template_holds_the_texts_of_the_sources() -> None:
    template = catalogues.read(catalogues.TEMPLATE)
    assert catalogues.same_texts(template, catalogues.extract()), UPDATE


def test_there_is_a_translation() -> None:
    assert "de" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_translates_every_text(language: str) -> None:
    catalogue = of(language)
    wanted = {each.id for each in catalogues.messages(catalogues.read(catalogues.TEMPLATE))}
    assert {each.id for each in catalogues.messages(catalogue)} == wanted, UPDATE
    assert not catalogue.obsolete
    assert [each.id for each in catalogues.messages(catalogue) if not catalogues.done(each)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_of_the_same_make(language: str) -> None:
    """The same values are put in; keys, ellipses and ends of lines are where they were."""
    wrong = []
    for message in catalogues.messages(of(language)):
        for text, translated in pairs(message):
            optional = {"count"} if isinstance(message.id, (list, tuple)) else set()
            if placeholders(text) - optional != placeholders(translated) - optional:
                wrong.append((text, "placeholders"))
            # A label; in the errors of core an underscore belongs to a word like LUT_3D_SIZE.
            label = any(place.startswith("plugin/") for place, _ in message.locations)
            if label and (bool(key(text)) != bool(key(translated)) or translated.count("_") > 1):
                wrong.append((text, "key"))
            if text.endswith("...") != translated.rstrip().endswith(("…", "...")):
                wrong.append((text, "ellipsis"))
            if text.count("\n") != translated.count("\n"):
                wrong.append((text, "lines"))
            if text[-1:] in ".?!" and text[-1:] != translated[-1:] and text[-3:] != "...":
                wrong.append((text, "end"))
    assert wrong == []


def seen(language: str, texts: Iterable[str]) -> list[str]:
    """These texts as the user reads them, who may read English."""
    return [str(of(language)[text].string) if language != "en" else text for text in texts]


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("window", SEEN_TOGETHER)
def test_no_two_labels_of_a_window_have_the_same_key(language: str, window: str) -> None:
    keys = sorted(map(key, seen(language, SEEN_TOGETHER[window])))
    assert len(keys) == len(set(keys)), keys
    assert not set(keys) & set(GIMPS_KEYS.get(language, "")), keys


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("labels", [MANAGER, DIAGNOSTICS], ids=["manager", "diagnostics"])
def test_no_two_labels_of_a_window_of_ours_have_the_same_key(
    language: str, labels: tuple[str, ...]
) -> None:
    keys = sorted(map(key, seen(language, labels)))
    assert len(keys) == len(set(keys)), keys


def test_german_is_written_as_in_gimp() -> None:
    for message in catalogues.messages(of("de")):
        for text, translated in pairs(message):
            assert not re.search(r"[“”„\"]", translated), translated
            opened = len(re.findall(r"“|[\"'](?={)", text))
            assert opened == translated.count("»") == translated.count("«"), translated
            assert not re.search(r"\S…|[.]{3}", translated), translated


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_that_of_the_translators(language: str) -> None:
    path = catalogues.LOCALE / language / "LC_MESSAGES" / f"{catalogues.DOMAIN}.po"
    made = io.BytesIO()
    write_mo(made, catalogues.read(path))
    kept = catalogues.compiled(path).read_bytes()
    assert _texts(kept) == _texts(made.getvalue()), UPDATE


def _texts(mo: bytes) -> dict[object, str]:
    found: dict[object, str] = dict(vars(gettext.GNUTranslations(io.BytesIO(mo)))["_catalog"])
    found.pop("", None)  # the header with its dates
    return found


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "de_DE.UTF-8"}, ["de_DE.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de_AT:fr"}, ["de_AT", "fr"]),
        # GIMP's preferences put the language itself into both.
        ({"LANG": "de", "LANGUAGE": "de"}, ["de"]),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "en_US:de"}, []),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:en:de"}, ["fr"]),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR"}, ["fr_FR"]),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"}, []),
        ({"LANG": "C.UTF-8"}, []),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de"}, ["de"]),
        ({}, []),
    ],
)
def test_language_is_that_of_gimps_environment(
    environ: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    assert translation.languages(environ, "linux", tmp_path) == expected


def test_macs_language_is_that_of_the_settings(tmp_path: Path) -> None:
    assert translation.languages({}, "darwin", tmp_path) == []
    settings = tmp_path / "Library" / "Preferences" / ".GlobalPreferences.plist"
    settings.parent.mkdir(parents=True)
    languages = ["de-DE", "fr-FR", "en-US", "es"]
    settings.write_bytes(plistlib.dumps({"AppleLanguages": languages}, fmt=plistlib.FMT_BINARY))
    assert translation.languages({}, "darwin", tmp_path) == ["de_DE", "fr_FR"]
    assert translation.languages({"LANG": "it_IT"}, "darwin", tmp_path) == ["it_IT"]
    settings.write_bytes(b"damaged")
    assert translation.languages({}, "darwin", tmp_path) == []


@pytest.fixture
def in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    german = translation.load(["de"], catalogues.LOCALE)
    monkeypatch.setattr(translation, "_CATALOGUE", german)


@pytest.mark.usefixtures("in_german")
def test_errors_of_core_are_told_in_the_users_language() -> None:
    missing = PhotoError("There is no file {path}.", path="/b {path}.jpg")
    assert translation.translated(missing) == "Es gibt keine Datei /b {path}.jpg."
    unusable = PhotoError("{file} cannot be used. {problem}", file="Grün", problem=missing)
    assert translation.translated(unusable) == (
        "Grün ist nicht zu verwenden. Es gibt keine Datei /b {path}.jpg."
    )
    assert translation.translated(missing.phrase) == "Es gibt keine Datei /b {path}.jpg."
    # Words of others, and those that the plug-in has translated itself.
    for problem in (ValueError("Strength"), ValueError(), PhotoError("Die Ebene ist leer.")):
        assert translation.translated(problem) == str(problem)
    assert translation.of_builtin("black and white") == "schwarzweiß"
    assert translation.of_builtin("") == ""


@pytest.mark.usefixtures("in_german")
def test_advice_with_names_is_one_german_sentence(tmp_path: Path) -> None:
    store = PresetStore(tmp_path, catalogues.CORE / "presets_builtin")
    for name, said in (
        ("Sepi", "Es gibt kein Preset »Sepi«. Meinten Sie »Sepia« oder »Selenium« oder »"),
        ("", "Es gibt kein Preset »«. Es gibt: »Autumn«, »Black and White«, »Bleach Bypass«"),
    ):
        with pytest.raises(PresetError) as caught:
            store.get(name)
        assert translation.translated(caught.value).startswith(said)


@pytest.mark.parametrize("wanted", ["de", "de_AT.UTF-8", "de_CH"])
def test_every_kind_of_german_is_german(wanted: str) -> None:
    german = translation.load([wanted], catalogues.LOCALE)
    assert german.gettext("_Apply Preset...") == "Preset _anwenden …"
    assert german.ngettext("{count} preset is deleted.", "{count} presets are deleted.", 2) == (
        "{count} Presets sind gelöscht."
    )


def test_without_a_usable_catalogue_the_texts_are_english(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for damage in (b"", b"\xde\x12\x04\x95", b"no catalogue at all, but long enough for a header"):
        (folder / "neural-preset.mo").write_bytes(damage)
        assert translation.load(["de"], tmp_path).gettext("Strength") == "Strength"
    for wanted, place in ((["xx"], catalogues.LOCALE), ([], catalogues.LOCALE), (["de"], None)):
        assert translation.load(wanted, place).gettext("Si_ze") == "Si_ze"
