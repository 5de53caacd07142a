"""The presets that a gallery shows: read beside the window, searched, filtered and sorted.

Standard library only. A file is read once; a thousand of them come in portions, so that the first
are seen at once.
"""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from translation import of_builtin, translated

from core.errors import PresetError
from core.presetfile import BUILTIN, LUT, Preset
from core.presetfolders import Entry, arranged
from core.presetnames import comparable
from core.presets import PresetStore

PORTION = 64
WHICH = ("all", "builtin", "mine", "luts")
ORDERS = ("name", "recent", "similar")
# A lattice is compared by the colours at so many places along each axis.
_PLACES = 3


@dataclass(frozen=True)
class Item:
    """A preset in a gallery. One that cannot be read has a `problem` and no `preset`."""

    name: str
    path: Path
    builtin: bool
    tags: tuple[str, ...] = ()
    kind: str = ""
    created: str = ""
    problem: str | None = None
    preset: Preset | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, entry: Entry) -> Item:
        """The item for a file of the store."""
        preset = entry.preset
        if preset is None:
            problem = entry.problem and translated(entry.problem)
            return cls(entry.name, entry.path, entry.builtin, problem=problem)
        return cls(
            *(entry.name, entry.path, entry.builtin),
            *(preset.tags, preset.kind, preset.created),
            preset=preset,
        )

    @property
    def is_lut(self) -> bool:
        return self.kind == LUT

    @property
    def shown_tags(self) -> tuple[str, ...]:
        """The tags to be read: those of a built-in preset in the user's language."""
        return tuple(map(of_builtin, self.tags)) if self.builtin else self.tags

    @property
    def telling_tags(self) -> str:
        """The tags in one line, but for the one that every built-in preset has."""
        shown = zip(self.tags, self.shown_tags, strict=True)
        return ", ".join(words for tag, words in shown if tag != BUILTIN)

    @property
    def shown_notes(self) -> str:
        """The notes to be read: those of a built-in preset in the user's language."""
        notes = self.preset.notes if self.preset else ""
        return of_builtin(notes) if self.builtin else notes


class Shelf:
    """All presets of a store. `items` is what has been read so far, by name.

    `start` reads in a thread and tells of every portion through `post`, which must pass a call on
    to the thread of the widgets (GLib.idle_add); without it `start` returns when all is read.
    """

    def __init__(self, store: PresetStore) -> None:
        self._store = store
        self._reading = 0
        self.items: list[Item] = []
        self.complete = False
        self.problem: str | None = None

    def start(
        self,
        on_change: Callable[[], None] | None = None,
        post: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        """Read everything (again). What an earlier start still reads is forgotten."""
        self._reading += 1
        mine, entries = self._reading, self._store.scan()
        seen: list[Entry] = []

        def read() -> bool:
            """Read one portion; False after the last."""
            problem, portion = None, []
            try:
                portion = list(islice(entries, PORTION))
            except PresetError as error:
                problem = translated(error)
            seen.extend(portion)
            items = [Item.of(entry) for entry in arranged(seen)]
            complete = len(portion) < PORTION

            def take() -> None:
                if mine == self._reading:
                    self.items, self.complete, self.problem = items, complete, problem
                    if on_change is not None:
                        on_change()

            if post is None or first:
                take()
            else:
                post(take)
            return not complete

        # The first portion at once: a window that opens has something to show and to choose.
        first = True
        more = read()
        first = False
        if post is None:
            while more:
                more = read()
        elif more:

            def work() -> None:
                while mine == self._reading and read():
                    pass

            threading.Thread(target=work, name="shelf", daemon=True).start()

    def stop(self) -> None:
        """Read no further."""
        self._reading += 1

    def find(self, name: str) -> Item | None:
        """The readable preset of this name, or of this file."""
        wanted = comparable(name)
        for item in self.items:
            if item.problem is None and (comparable(item.name) == wanted or str(item.path) == name):
                return item
        return None

    def select(
        self,
        text: str = "",
        which: str = "all",
        order: str = "name",
        like: Item | None = None,
        broken: bool = False,
    ) -> list[Item]:
        """The items that have every word of `text` in their name, tags or notes.

        which: one of WHICH. order: one of ORDERS; "name" has those last that have it in their notes
        only, "recent" is newest first, "similar" has the looks nearest to that of `like` first.
        broken: also what cannot be read.
        """
        words = comparable(text).split()
        found = [
            item
            for item in self.items
            if (broken or item.problem is None)
            and _belongs(item, which)
            and _has(words, *_title(item), *_notes(item))
        ]
        if order == "name" and words:
            found.sort(key=lambda item: not _has(words, *_title(item)))
        elif order == "recent":
            found.sort(key=lambda item: item.created, reverse=True)
        elif order == "similar" and like is not None:
            distances = similarity(like, found)
            found = [item for _, item in sorted(zip(distances, found, strict=True), key=_first)]
        return found


def similarity(like: Item, items: Iterable[Item]) -> list[float]:
    """How far the look of each item is from that of `like`, 0 for the same.

    Codes of the network are compared with codes, tables of colours with tables; the two kinds
    cannot be compared without the network, so the other kind is infinitely far.
    """
    mine = _features(like)
    return [
        math.dist(mine, theirs)
        if item.kind == like.kind and len(theirs := _features(item)) == len(mine) > 0
        else math.inf
        for item in items
    ]


def _features(item: Item) -> Sequence[float]:
    preset = item.preset
    if preset is None:
        return ()
    if preset.lattice is None:
        return preset.look
    size = preset.lattice_size
    steps = [round(i * (size - 1) / (_PLACES - 1)) for i in range(_PLACES)]
    places = (((r * size + g) * size + b) * 6 for r in steps for g in steps for b in steps)
    return [
        value for place in places for value in struct.unpack_from("<3e", preset.lattice, place)
    ]


def _first(pair: tuple[float, Item]) -> float:
    return pair[0]


def _belongs(item: Item, which: str) -> bool:
    if which == "builtin":
        return item.builtin
    if which == "mine":
        return not item.builtin
    return which != "luts" or item.is_lut


def _title(item: Item) -> tuple[str, ...]:
    """Its name and tags, as they are kept and as they are shown."""
    return item.name, *item.tags, *(item.shown_tags if item.builtin else ())


def _notes(item: Item) -> tuple[str, ...]:
    kept = item.preset.notes if item.preset else ""
    return (kept, item.shown_notes) if item.builtin else (kept,)


def _has(words: Sequence[str], *texts: str) -> bool:
    """Whether every word is somewhere in the texts."""
    everything = " ".join(map(comparable, texts)) if words else ""
    return all(word in everything for word in words)
