"""What users of the plug-in read, in the language of their GIMP: `_` and `ngettext`.

Standard library only; used by the widgets too. The catalogues lie in `locale`, made by
`python -m tests.catalogues`. GIMP asks every plug-in anew for its labels when its language has
changed, so those that it keeps are translated like all others.

`core` and the worker speak English, but their errors tell what these are made of: `translated` says
them in the user's language, and `of_builtin` the tags and notes of the presets that come with the
program. Their names stay as they are: a script finds the presets by these.
"""

from __future__ import annotations

import gettext
import os
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

DOMAIN = "neural-preset"
LOCALE = "locale"
_FOLDER = Path(__file__).resolve().parent
_MAC_SETTINGS = Path("Library", "Preferences", ".GlobalPreferences.plist")
_UNTRANSLATED = ("C", "POSIX")


def languages(environ: Mapping[str, str], system: str, home: Path) -> list[str]:
    """The languages that the user reads, best first, as far as they come before English.

    GIMP puts the language of its preferences, and on Windows that of the system, into the
    environment. On macOS, where a program from the Finder has no such variables, the languages
    are among the user's settings.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := environ.get(name))), "")
    wanted = environ.get("LANGUAGE", "").split(":") if locale not in _UNTRANSLATED else []
    found = [each for each in wanted if each] or [locale]
    if found == [""] and system == "darwin":
        found = _of_mac(home)
    english = (number for number, each in enumerate(found) if _is_english(each))
    return [each for each in found[: next(english, len(found))] if each]


def load(wanted: list[str], folder: Path | None) -> gettext.NullTranslations:
    """The catalogue of the first of these languages that has one; none translates nothing."""
    if folder is None or not wanted:
        return gettext.NullTranslations()
    try:
        return gettext.translation(DOMAIN, folder, wanted)
    except (OSError, ValueError, struct.error):  # no such catalogue, or a damaged one
        return gettext.NullTranslations()


def catalogues() -> Path | None:
    """In the plug-in's folder once installed, beside `plugin` in a checkout."""
    candidates = (_FOLDER / LOCALE, _FOLDER.parent.parent / LOCALE)
    return next((each for each in candidates if each.is_dir()), None)


def _is_english(language: str) -> bool:
    return language.replace("-", "_").split("_")[0].split(".")[0] in ("en", *_UNTRANSLATED)


def _of_mac(home: Path) -> list[str]:
    """The order of languages in macOS's settings, like "de-DE", as gettext writes them."""
    import plistlib  # slow, and needed nowhere else

    try:
        with (home / _MAC_SETTINGS).open("rb") as file:
            kept = plistlib.load(file).get("AppleLanguages", [])
    except Exception:  # whatever is wrong with the settings, English can be read
        return []
    return [each.replace("-", "_") for each in kept if isinstance(each, str)]


def translated(problem: object) -> str:
    """An error, or a text of `core`, in the user's language."""
    text = problem.args[0] if isinstance(problem, Exception) and problem.args else problem
    # Not by its class: `core` may not be found yet.
    say = getattr(text, "translated", None)
    return str(problem) if say is None else str(say(_CATALOGUE.gettext))


def of_builtin(text: str) -> str:
    """A tag or a note of a built-in preset in the user's language."""
    return _CATALOGUE.gettext(text) if text else ""


_HOME = Path(os.path.expanduser("~"))  # Path.home() fails where there is none
_CATALOGUE = load(languages(os.environ, sys.platform, _HOME), catalogues())
_ = _CATALOGUE.gettext
ngettext = _CATALOGUE.ngettext
