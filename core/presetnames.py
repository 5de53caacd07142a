"""Names of presets: any Unicode text, compared as people do, and stored under safe file names."""

from __future__ import annotations

import re
import unicodedata

from core.errors import PresetError

LONGEST_NAME = 80

# Marks that reorder the text around them: with one, a name could pass for another.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LONGEST_SLUG = 48
_FILE_SUFFIX = re.compile(r"(?<=.)[.][A-Za-z][A-Za-z0-9]{1,4}$")
_PLAIN = re.compile(r"[a-z0-9]+( [a-z0-9]+)*")
# Windows refuses these as file names, whatever the suffix.
_RESERVED = re.compile(r"con|prn|aux|nul|conin|conout|com[0-9]|lpt[0-9]")


def clean_name(name: str) -> str:
    """Return the name in Unicode's composed form (NFC) without spaces around it.

    Raises PresetError for an empty name, one of more than 80 characters, or one with line
    breaks, control characters or marks that reorder text.
    """
    if not isinstance(name, str):
        raise PresetError("The name of a preset must be a text.")
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not any(unicodedata.category(character)[0] in "LNPS" for character in cleaned):
        raise PresetError("The name of the preset is empty: type a name.")
    if len(cleaned) > LONGEST_NAME:
        raise PresetError(
            "The name “{start}...” is too long: a preset's name has at most {most} characters.",
            start=cleaned[:30],
            most=LONGEST_NAME,
        )
    for character in cleaned:
        # Cc: control, Cs: half of a character, Zl and Zp: line and paragraph breaks
        unusable = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        if unusable or character in _REORDERING:
            raise PresetError(
                "A preset's name must be one line of text without control characters: "
                "U+{code} is one. Type the name anew.",
                code=f"{ord(character):04X}",
            )
    return cleaned


def comparable(name: str) -> str:
    """The form in which two names are equal that differ in case or composition only."""
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name.strip()).casefold())
    return unicodedata.normalize("NFC", folded)


def proposed_name(text: str) -> str:
    """A preset's name after a layer or a photo: its own, without a suffix like .jpg."""
    return _FILE_SUFFIX.sub("", text)[:LONGEST_NAME].strip()


def split_tags(text: str) -> tuple[str, ...]:
    """The tags in a text that has commas between them."""
    return tuple(tag.strip() for tag in text.split(",") if tag.strip())


def slug(name: str) -> str:
    """A file name for a preset, without suffix: lower-case ASCII letters, digits and dashes.

    Valid on Linux, macOS and Windows, at most 57 characters, the same for names that are equal by
    `comparable`. A name that is not words of such letters alone gets a digest of it appended, so
    that "Été" and "Ete" have two slugs.
    """
    compared = comparable(name)
    ascii_only = unicodedata.normalize("NFKD", compared).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")
    shortened = words[:_LONGEST_SLUG].strip("-")
    if _PLAIN.fullmatch(compared) and shortened == words and not _RESERVED.fullmatch(words):
        return words
    import hashlib  # not at the top: the plug-in would wait for it at every call

    digest = hashlib.sha256(compared.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{shortened or 'preset'}-{digest}"
