"""The presets of one user and what can be done with them; the built-in ones are read-only.

Nothing here locks the folder; a file gets its name in one step that refuses a taken one, so
writers at the same time lose nothing.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from core import presetfile
from core.errors import PresetError
from core.phrase import Phrase
from core.presetfile import BUILTIN, SUFFIX, Preset
from core.presetfolders import Entry, PresetFolders, readable
from core.presetnames import LONGEST_NAME, clean_name, comparable, slug

_NUMBER_BEHIND = re.compile(r"(?<=.) \(\d{1,4}\)$")


class PresetStore(PresetFolders):
    """The presets of one user, and what can be done with them.

    Every method raises PresetError in a photographer's words.
    """

    def add(self, preset: Preset, overwrite: bool = False) -> Path:
        """Keep a preset as the user's and return its file.

        A taken name is refused without `overwrite`. With it the user's preset of that name is
        replaced, a built-in one hidden. A file that cannot be read is never replaced.
        """
        present = self.find(preset.name)
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
            other = self.entry(path)
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
        renamed = readable(entry).renamed(new)
        if comparable(renamed.name) == comparable(entry.name):
            presetfile.write(entry.path, renamed, overwrite=True)
            return entry.path
        path = self.add(renamed)
        _remove(entry.path)
        return path

    def retag(self, name: str, tags: Iterable[str]) -> Path:
        """Give the user's preset `name` these tags in place of its own and return its file."""
        entry = self._own(name, Phrase("tagged"))
        presetfile.write(entry.path, readable(entry).tagged(tags), overwrite=True)
        return entry.path

    def duplicate(self, name: str, new: str | None = None) -> Preset:
        """Keep a copy of the preset `name`, which may be built in, as the user's.

        It is called `new`, or else by the next free name.
        """
        entry = self.known(name)
        copy = readable(entry)
        if entry.builtin:
            copy = copy.tagged(tag for tag in copy.tags if tag != BUILTIN)
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
        if os.path.isdir(path):
            path /= slug(preset.name) + SUFFIX
        if path.suffix.lower() != SUFFIX:
            raise PresetError(
                "A preset is exported as a .json file: {file} is not one.", file=path.name
            )
        presetfile.write(path, preset.without_picture() if without_picture else preset, overwrite)
        return path

    def _own(self, name: str, verb: Phrase) -> Entry:
        entry = self.known(name)
        if entry.builtin:
            raise PresetError(
                "“{name}” is a built-in preset and cannot be {verb}: export it, then import it "
                "under another name.",
                name=entry.name,
                verb=verb,
            )
        return entry


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    stem = slug(name)
    yield folder / (stem + SUFFIX)
    for number in range(2, 1000):
        yield folder / f"{stem}-{number}{SUFFIX}"


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
