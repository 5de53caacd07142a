"""The presets of one user: a folder of files, and beside it the built-in ones, read-only.

The folder is the truth: files may be copied into it by hand or by another program at any time.
Nothing here locks it; a file gets its name in one step that refuses a taken one, so writers at
the same time lose nothing.
"""

from __future__ import annotations

import difflib
import itertools
import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core import presetfile
from core.errors import PresetError
from core.phrase import Phrase, either, listed
from core.presetfile import SUFFIX, Preset
from core.presetnames import LONGEST_NAME, clean_name, comparable, slug

_RECENT = 3 * 10**9  # nanoseconds; the modification time of FAT counts by two seconds
_NUMBER_BEHIND = re.compile(r"(?<=.) \(\d{1,4}\)$")
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
    """The entries of `PresetStore.scan` by name, as `PresetStore.list` gives them.

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


class PresetStore:
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
                yield self._entry(path)

    def get(self, name_or_path: str) -> Preset:
        """Return a preset by its name or from a file.

        A text that ends with .json or holds a path separator is a path; where there is no such
        file it is tried as a name.
        """
        text = str(name_or_path)
        if _looks_like_path(text):
            path = Path(os.path.expanduser(text))
            if "\0" in text or not os.path.lexists(path):
                entry = self._find(text)
                if entry is None:
                    raise PresetError("There is no preset file “{file}”.", file=text[:200])
                return _readable(entry)
            return presetfile.read(path)
        return _readable(self._known(text))

    def has(self, name: str) -> bool:
        """Whether there is a readable preset of this name, the user's or built in."""
        entry = self._find(name)
        return entry is not None and entry.preset is not None

    def add(self, preset: Preset, overwrite: bool = False) -> Path:
        """Keep a preset as the user's and return its file.

        A taken name is refused without `overwrite`. With it the user's preset of that name is
        replaced, a built-in one hidden. A file that cannot be read is never replaced.
        """
        present = self._find(preset.name)
        if present is not None and present.preset is not None:
            if not overwrite:
                raise _taken(preset.name)
            if not present.builtin:
                presetfile.write(present.path, preset, overwrite=True)
                return present.path
        _make_folder(self.user)
        for path in _candidates(self.user, preset.name):
            try:
                presetfile.write(path, preset)
                return path
            except PresetError as problem:
                if not isinstance(problem.__cause__, FileExistsError):
                    raise
            # Another file has this name, perhaps since a moment: it matters what it holds.
            other = self._entry(path)
            if other.preset is None or comparable(other.name) != comparable(preset.name):
                continue
            if not overwrite:
                raise _taken(preset.name)
            presetfile.write(path, preset, overwrite=True)
            return path
        raise PresetError("There are too many presets with a name like “{name}”.", name=preset.name)

    def rename(self, old: str, new: str) -> Path:
        """Give the user's preset `old` the name `new` and return its file; a taken one is refused.

        The new file is complete before the old one goes.
        """
        entry = self._own(old, Phrase("renamed"))
        renamed = _readable(entry).renamed(new)
        if comparable(renamed.name) == comparable(entry.name):
            presetfile.write(entry.path, renamed, overwrite=True)
            return entry.path
        path = self.add(renamed)
        _remove(entry.path)
        return path

    def retag(self, name: str, tags: Iterable[str]) -> Path:
        """Give the user's preset `name` these tags in place of its own and return its file."""
        entry = self._own(name, Phrase("tagged"))
        presetfile.write(entry.path, _readable(entry).tagged(tags), overwrite=True)
        return entry.path

    def duplicate(self, name: str, new: str | None = None) -> Preset:
        """Keep a copy of the preset `name`, which may be built in, as the user's.

        It is called `new`, or else by the next free name.
        """
        copy = _readable(self._known(name))
        copy = copy.renamed(self.free_name(copy.name) if new is None else new)
        self.add(copy)
        return copy

    def free_name(self, name: str) -> str:
        """The name itself, or with the first number behind it that is not taken: “Sepia (2)”."""
        taken = {comparable(entry.name) for entry in self.list()}
        if comparable(name) not in taken:
            return name
        stem = _NUMBER_BEHIND.sub("", clean_name(name))
        for number in itertools.count(2):
            ending = f" ({number})"
            wanted = stem[: LONGEST_NAME - len(ending)].rstrip() + ending
            if comparable(wanted) not in taken:
                return wanted
        raise AssertionError("numbers do not end")

    def delete(self, name: str) -> None:
        """Remove the user's preset `name`, or the damaged file listed under that name."""
        _remove(self._own(name, Phrase("deleted")).path)

    def import_file(self, path: Path, name: str | None = None, overwrite: bool = False) -> Preset:
        """Check the preset file `path` and keep a copy, under `name` if one is given."""
        preset = presetfile.read(Path(path))
        if name is not None:
            preset = preset.renamed(name)
        self.add(preset, overwrite)
        return preset

    def export_file(
        self, name: str, path: Path, overwrite: bool = False, without_picture: bool = False
    ) -> Path:
        """Write the preset `name` for somebody else and return the file.

        `path` is a .json file or a folder. `without_picture` leaves out the small copy of the
        photo that the look came from.
        """
        path = Path(path)
        preset = self.get(name)
        if path.is_dir():
            path /= slug(preset.name) + SUFFIX
        if path.suffix.lower() != SUFFIX:
            raise PresetError(
                "A preset is exported as a .json file: {file} is not one.", file=path.name
            )
        presetfile.write(path, preset.without_picture() if without_picture else preset, overwrite)
        return path

    def _entry(self, path: Path) -> Entry:
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

    def _find(self, name: str) -> Entry | None:
        wanted, damaged = comparable(name), []
        for folder in (self.user, self.builtin):
            # The usual file first: reading a hundred presets to find one takes a tenth of a second.
            usual = folder / (slug(name) + SUFFIX)
            if os.path.lexists(usual):
                entry = self._entry(usual)
                if entry.preset is not None and comparable(entry.name) == wanted:
                    return entry
            for entry in arranged(self._entry(path) for path in _files(folder)):
                if comparable(entry.name) == wanted:
                    if entry.preset is not None:
                        return entry
                    damaged.append(entry)
        return next(iter(damaged), None)

    def _known(self, name: str) -> Entry:
        entry = self._find(name)
        if entry is not None:
            return entry
        entries = self.list()
        for damaged in entries:
            if damaged.problem is not None and damaged.path.stem == slug(name):
                return damaged
        names = {comparable(entry.name): entry.name for entry in entries}
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

    def _own(self, name: str, verb: Phrase) -> Entry:
        entry = self._known(name)
        if entry.builtin:
            raise PresetError(
                "“{name}” is a built-in preset and cannot be {verb}: export it, then import it "
                "under another name.",
                name=entry.name,
                verb=verb,
            )
        return entry


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


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    stem = slug(name)
    yield folder / (stem + SUFFIX)
    for number in range(2, 1000):
        yield folder / f"{stem}-{number}{SUFFIX}"


def _looks_like_path(text: str) -> bool:
    separators = {"/", os.sep, os.altsep or os.sep}
    return text.lower().endswith(SUFFIX) or any(separator in text for separator in separators)


def _readable(entry: Entry) -> Preset:
    if entry.preset is None:
        raise PresetError(entry.problem or Phrase("{path} cannot be read.", path=entry.path))
    return entry.preset


def _quoted(name: str) -> Phrase:
    return Phrase("“{name}”", name=name)


def _taken(name: str) -> PresetError:
    return PresetError(
        "There is a preset “{name}” already: choose another name or allow overwriting.",
        name=clean_name(name),
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise PresetError(
            "The folder of presets {folder} could not be made: {reason}.",
            folder=folder,
            reason=problem.strerror or problem,
        ) from problem


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise PresetError(
            "{path} could not be removed: {reason}.", path=path, reason=problem.strerror or problem
        ) from problem
