"""What presets there are: two folders of files, the user's and the built-in one.

The folders are the truth: files may be copied into them by hand or by another program at any time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core import presetfile
from core.errors import PresetError
from core.phrase import Phrase, either, listed
from core.presetfile import SUFFIX, Preset
from core.presetnames import comparable, slug

_RECENT = 3 * 10**9  # nanoseconds; the modification time of FAT counts by two seconds
_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True)
class Entry:
    """A file in the list of presets: readable (`preset`) or not (`problem` says why).

    The name of an unreadable one is that of its file.
    """

    name: str
    path: Path
    builtin: bool
    preset: Preset | None = None
    problem: Phrase | None = None


def arranged(entries: Iterable[Entry]) -> list[Entry]:
    """The entries of `PresetFolders.scan` by name, as `PresetFolders.list` gives them.

    Where two have the same name the second is a problem, or hidden if it is a built-in one.
    """
    named: dict[str, Entry] = {}
    damaged: list[Entry] = []
    for found in entries:
        entry = found
        if entry.problem is not None:
            damaged.append(entry)
            continue
        first = named.setdefault(comparable(entry.name), entry)
        if first.builtin != entry.builtin or first is entry:
            continue
        if entry.path.stem == slug(entry.name):
            named[comparable(entry.name)] = entry
            first, entry = entry, first
        problem = Phrase(
            "{path} has the same name as {file}, “{name}”.",
            path=entry.path,
            file=first.path.name,
            name=first.name,
        )
        damaged.append(Entry(entry.path.stem, entry.path, entry.builtin, problem=problem))
    everything = [*named.values(), *damaged]
    return sorted(everything, key=lambda entry: (comparable(entry.name), str(entry.path)))


class PresetFolders:
    """Presets by name. Names are equal that differ in case or Unicode composition only.

    A preset of the user hides a built-in one of the same name. Every method raises PresetError in
    a photographer's words.
    """

    def __init__(self, user: Path, builtin: Path) -> None:
        self.user = Path(user)
        self.builtin = Path(builtin)
        self._read: dict[Path, tuple[_Stamp, Entry]] = {}

    def list(self) -> list[Entry]:
        """All presets in the order of their names; a damaged file is an entry with a problem."""
        return arranged(self.scan())

    def scan(self) -> Iterator[Entry]:
        """Every file, read one after the other; names are compared by `arranged`."""
        for folder in (self.user, self.builtin):
            for path in _files(folder):
                yield self.entry(path)

    def get(self, name_or_path: str) -> Preset:
        """Return a preset by its name or from a file.

        A text that ends with .json or holds a path separator is a path; where there is no such
        file it is tried as a name.
        """
        text = str(name_or_path)
        if _looks_like_path(text):
            path = Path(os.path.expanduser(text))
            if "\0" in text or not os.path.lexists(path):
                entry = self.find(text)
                if entry is None:
                    raise PresetError("There is no preset file “{file}”.", file=text[:200])
                return readable(entry)
            return presetfile.read(path)
        return readable(self.known(text))

    def has(self, name: str) -> bool:
        """Whether there is a readable preset of this name, the user's or built in."""
        entry = self.find(name)
        return entry is not None and entry.preset is not None

    def find(self, name: str) -> Entry | None:
        """The preset of this name, or else the damaged file listed under it."""
        wanted, damaged = comparable(name), []
        for folder in (self.user, self.builtin):
            # The usual file first: reading a hundred presets to find one takes a tenth of a second.
            usual = folder / (slug(name) + SUFFIX)
            if os.path.lexists(usual):
                entry = self.entry(usual)
                if entry.preset is not None and comparable(entry.name) == wanted:
                    return entry
            for entry in arranged(self.entry(path) for path in _files(folder)):
                if comparable(entry.name) == wanted:
                    if entry.preset is not None:
                        return entry
                    damaged.append(entry)
        return next(iter(damaged), None)

    def known(self, name: str) -> Entry:
        """As `find`; PresetError, with the names that may have been meant, if there is none."""
        entry = self.find(name)
        if entry is not None:
            return entry
        entries = self.list()
        for damaged in entries:
            if damaged.problem is not None and damaged.path.stem == slug(name):
                return damaged
        names = {comparable(entry.name): entry.name for entry in entries}
        import difflib  # not at the top: the plug-in would wait for it at every call

        close = difflib.get_close_matches(comparable(name[:200]), names, n=3, cutoff=0.5)
        if close:
            meant = either(*(_quoted(names[key]) for key in close))
            advice = Phrase("Did you mean {names}?", names=meant)
        elif names:
            known = listed(*(_quoted(name) for name in list(names.values())[:8]))
            advice = Phrase("There are: {names}.", names=known)
            if len(names) > 8:
                advice = Phrase("There are: {names}, and more.", names=known)
        else:
            advice = Phrase(
                "There are no presets yet: create one from a photo whose look you love."
            )
        raise PresetError("There is no preset “{name}”. {advice}", name=name[:80], advice=advice)

    def entry(self, path: Path) -> Entry:
        """What the file holds; one that has not changed since it was read is not read again."""
        stamp = _stamp(path)
        known = self._read.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        entry = self._fresh_entry(path)
        if stamp is not None:
            self._read[path] = stamp, entry
        return entry

    def _fresh_entry(self, path: Path) -> Entry:
        builtin = path.parent == self.builtin
        try:
            preset = presetfile.read(path)
        except PresetError as problem:
            return Entry(path.stem, path, builtin, problem=problem.phrase)
        return Entry(preset.name, path, builtin, preset)


def _stamp(path: Path) -> _Stamp | None:
    """What changes with the file's content; None where that cannot be relied upon."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    # Clocks of file systems tick slowly: a file changed just now may change again unnoticed.
    if abs(time.time_ns() - status.st_mtime_ns) < _RECENT:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _files(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return
    except OSError as problem:
        raise PresetError(
            "The folder of presets {folder} cannot be read: {reason}.",
            folder=folder,
            reason=problem.strerror or problem,
        ) from problem
    for name in names:
        # A hidden file is one that is being written.
        if name.lower().endswith(SUFFIX) and not name.startswith("."):
            yield folder / name


def _looks_like_path(text: str) -> bool:
    separators = {"/", os.sep, os.altsep or os.sep}
    return text.lower().endswith(SUFFIX) or any(separator in text for separator in separators)


def readable(entry: Entry) -> Preset:
    """Its preset; PresetError, saying what is wrong, for a damaged file."""
    if entry.preset is None:
        raise PresetError(entry.problem or Phrase("{path} cannot be read.", path=entry.path))
    return entry.preset


def _quoted(name: str) -> Phrase:
    return Phrase("“{name}”", name=name)
