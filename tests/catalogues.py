"""The plug-in's texts for translators: extracts them, and keeps every language's catalogue current.

    python -m tests.catalogues    after any change of a text, and after translating

What the plug-in shows is written in its own modules, in the errors of `core` and in the presets
that come with it. Writes locale/neural-preset.pot from these, takes new texts over into each .po
and makes the .mo files that the plug-in reads. What still needs a translation is told.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests import texts

CHECKOUT = Path(__file__).resolve().parents[1]
PLUGIN = CHECKOUT / "plugin" / "neural-preset"
CORE = CHECKOUT / "core"
LOCALE = CHECKOUT / "locale"
DOMAIN = "neural-preset"
TEMPLATE = LOCALE / f"{DOMAIN}.pot"
REMARK = "Translators:"
# Whoever trains, installs, measures or types commands reads English.
_ENGLISH = ("training", "setup", "commands")
_NOTES = f"{REMARK} a note on a preset that comes with the program"
_TAG = f"{REMARK} a tag of presets that come with the program"
_HEADER = """\
# What the plug-in Neural Preset for GIMP shows its users.
# This file is distributed under the same license as Neural Preset for GIMP.
#"""


def sources() -> list[Path]:
    """The plug-in's modules."""
    return sorted(path for path in PLUGIN.rglob("*.py") if "__pycache__" not in path.parts)


def core_sources() -> list[Path]:
    """The modules of `core` whose errors somebody in GIMP may see."""
    modules = ((path, path.relative_to(CORE).parts) for path in CORE.rglob("*.py"))
    return sorted(
        path
        for path, parts in modules
        if parts[0] not in _ENGLISH and not parts[0].startswith("benchmark")
    )


def builtin_presets() -> list[Path]:
    """The presets that come with the program."""
    return sorted((CORE / "presets_builtin").glob("*.json"))


def extract() -> Catalog:
    """All texts in the sources, with the files in which they stand."""
    catalogue = Catalog(
        project="Neural Preset for GIMP",
        version="1",
        copyright_holder="The Neural Preset for GIMP project",
        header_comment=_HEADER,
        fuzzy=False,
    )
    for path in sources():
        place = path.relative_to(CHECKOUT).as_posix()
        for _line, text, remarks, context in extract_from_file(
            "python", path, comment_tags=(REMARK,), strip_comment_tags=False
        ):
            catalogue.add(text, None, [(place, 0)], auto_comments=remarks, context=context)
    for path in core_sources():
        place = path.relative_to(CHECKOUT).as_posix()
        for _line, template in texts.templates(path.read_text(encoding="utf-8")):
            catalogue.add(template, None, [(place, 0)])
    for path in builtin_presets():
        preset = json.loads(path.read_text(encoding="utf-8"))
        place = path.relative_to(CHECKOUT).as_posix()
        catalogue.add(preset["notes"], None, [(place, 0)], [_NOTES])
        for tag in preset["tags"]:
            catalogue.add(tag, None, [(place, 0)], [_TAG])
    return catalogue


def read(path: Path) -> Catalog:
    """The catalogue in a .po or .pot file."""
    with path.open("rb") as file:
        return read_po(file, domain=DOMAIN, abort_invalid=True)


def compiled(path: Path) -> Path:
    """Where the .mo of a .po lies."""
    return path.with_suffix(".mo")


def translations() -> list[Path]:
    """The .po file of every language."""
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def messages(catalogue: Catalog) -> Iterator[Message]:
    """All messages but the header."""
    return (each for each in catalogue if each.id)


def same_texts(first: Catalog, second: Catalog) -> bool:
    """Whether two templates ask translators for the same."""
    return _asked(first) == _asked(second)


def _asked(catalogue: Catalog) -> list[tuple[object, ...]]:
    return [
        (each.id, each.context, sorted(name for name, _ in each.locations), each.auto_comments)
        for each in messages(catalogue)
    ]


def update() -> list[str]:
    """Bring all catalogues up to date; returns what is still to be translated."""
    template = extract()
    if TEMPLATE.exists():
        old = read(TEMPLATE)
        # A new date alone is no change.
        template.creation_date = (template if not same_texts(template, old) else old).creation_date
    _write(TEMPLATE, template)
    missing = []
    for path in translations():
        catalogue = read(path)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=True)
        catalogue.obsolete.clear()
        _write(path, catalogue)
        with compiled(path).open("wb") as file:
            write_mo(file, catalogue)
        language = path.parent.parent.name
        missing += [f"{language}: {each.id}" for each in messages(catalogue) if not done(each)]
    return missing


def done(message: Message) -> bool:
    """Whether a message is translated, in all its forms."""
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return bool(texts) and all(texts) and not message.fuzzy


def _write(path: Path, catalogue: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=False, include_lineno=False)


if __name__ == "__main__":
    untranslated = update()
    print("\n".join(untranslated) or "Everything is translated.")
    sys.exit(bool(untranslated))
