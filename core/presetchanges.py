"""Changes to the user's presets that can be taken back until they are closed, newest first.

A deleted file is only hidden beside the others at first, under a name that no list shows, so that
any file at all comes back as it was: a damaged one too. `close` removes these for good; what a
crash leaves behind goes the next time, a day later.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from core import atomic
from core.errors import PresetError
from core.presetfile import SUFFIX, Preset
from core.presetnames import clean_name, comparable
from core.presets import PresetStore

_HIDDEN = ".removed-"
_HIDDEN_NAME = re.compile(re.escape(_HIDDEN) + r"[0-9a-f]{16}" + re.escape(SUFFIX))


@dataclass(frozen=True)
class Step:
    """One change: its kind, "rename", "retag", "duplicate", "add" or "delete", and whose names.

    `before`: the names of the same presets before it, and again once it is taken back.
    """

    kind: str
    names: tuple[str, ...]
    before: tuple[str, ...]
    take_back: Callable[[], object]


class Listed(Protocol):
    """A file in a list of presets."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def builtin(self) -> bool: ...


class Changes:
    """Changes the presets of a store; `steps` holds those that `undo` can take back."""

    def __init__(self, store: PresetStore) -> None:
        self.store = store
        self.steps: list[Step] = []
        self._hidden: set[Path] = set()
        atomic.sweep(store.user, _HIDDEN_NAME)

    def rename(self, old: str, new: str) -> Path:
        """As `PresetStore.rename`."""
        path = self.store.rename(old, new)
        self._done("rename", [clean_name(new)], [old], lambda: self.store.rename(new, old))
        return path

    def retag(self, name: str, tags: Iterable[str]) -> None:
        """As `PresetStore.retag`."""
        before = self.store.get(name).tags
        self.store.retag(name, tags)
        self._done("retag", [name], [name], lambda: self.store.retag(name, before))

    def duplicate(self, names: Iterable[str]) -> list[str]:
        """Copies under the next free names, which are returned."""
        made: list[str] = []
        try:
            for name in names:
                made.append(self.store.duplicate(name).name)
        finally:
            self._added("duplicate", made)
        return made

    def add(self, presets: Iterable[Preset]) -> tuple[list[str], list[str]]:
        """Keep presets from elsewhere; a taken name gets a number behind it.

        Returns the names of those that were added, and of those that were there already.
        """
        added: list[str] = []
        present: list[str] = []
        try:
            for preset in presets:
                if self._is_present(preset):
                    present.append(preset.name)
                    continue
                wanted = preset.renamed(self.store.free_name(preset.name))
                self.store.add(wanted)
                added.append(wanted.name)
        finally:
            self._added("add", added)
        return added, present

    def delete(self, entries: Sequence[Listed]) -> None:
        """Take these files, readable or damaged, out of the user's presets."""
        moved: list[tuple[Path, Path]] = []
        try:
            for entry in entries:
                if entry.builtin:
                    raise PresetError(
                        "“{name}” is a built-in preset and cannot be deleted.", name=entry.name
                    )
                moved.append((entry.path, self._hide(entry.path)))
        finally:
            if moved:
                names = [entry.name for entry in entries[: len(moved)]]
                self._done("delete", names, names, lambda: self._show_again(moved))

    def undo(self) -> Step:
        """Take the newest change back and return it; PresetError where it cannot be any more."""
        step = self.steps.pop()
        step.take_back()
        return step

    def close(self) -> None:
        """Nothing can be taken back from now on: remove what was deleted."""
        self.steps.clear()
        for path in self._hidden:
            with contextlib.suppress(OSError):
                path.unlink()
        self._hidden.clear()

    def _done(
        self,
        kind: str,
        names: Sequence[str],
        before: Sequence[str],
        take_back: Callable[[], object],
    ) -> None:
        self.steps.append(Step(kind, tuple(names), tuple(before), take_back))

    def _added(self, kind: str, names: list[str]) -> None:
        if names:
            self._done(kind, names, [], lambda: self._remove(names))

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self.store.delete(name)

    def _is_present(self, preset: Preset) -> bool:
        """Whether this look is kept already, whenever it was made a preset."""
        for entry in self.store.list():
            if entry.preset is not None and comparable(entry.name) == comparable(preset.name):
                return replace(entry.preset, created=preset.created, name=preset.name) == preset
        return False

    def _hide(self, path: Path) -> Path:
        hidden = path.with_name(f"{_HIDDEN}{os.urandom(8).hex()}{SUFFIX}")
        if os.path.isdir(path) and not os.path.islink(path):
            raise PresetError("{path} is a folder: remove it in a file manager.", path=path)
        try:
            os.rename(path, hidden)
        except OSError as problem:
            raise PresetError(
                "{path} could not be removed: {reason}.",
                path=path,
                reason=problem.strerror or problem,
            ) from problem
        self._hidden.add(hidden)
        return hidden

    def _show_again(self, moved: Iterable[tuple[Path, Path]]) -> None:
        for path, hidden in moved:
            try:
                # The name is taken in one step, or found to be another file's by now.
                atomic.publish(hidden, path)
                hidden.unlink(missing_ok=True)
            except OSError as problem:
                raise PresetError(
                    "{path} could not be brought back: {reason}.",
                    path=path,
                    reason=problem.strerror or problem,
                ) from problem
            self._hidden.discard(hidden)
