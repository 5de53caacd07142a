"""Names of presets, layers and files by somebody who wants a file elsewhere, or two in one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import NeuralPresetError
from core.lut import Lut
from core.lutfile import write_lut
from core.presetnames import comparable, proposed_name, slug
from core.presets import PresetStore
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.mutation import changed_text
from tests.preset_samples import table

_FORBIDDEN = set('<>:"/\\|?*') | {chr(code) for code in range(32)}
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"}
_DEVICES |= {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}


def _seeds() -> list[bytes]:
    names = (
        "Golden hour",
        "golden HOUR",
        "Été",
        "E\u0301te\u0301",
        "夕焼け",
        "IMG_1234.jpg",
        "nul",
    )
    return [json.dumps([name, "Other"]).encode() for name in names]


def _changed(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    names = json.loads(data)
    return json.dumps([changed_text(chance, name)[:400] for name in names]).encode()


@contextmanager
def _opened(folder: Path) -> Iterator[Execute]:
    def execute(data: bytes) -> None:
        first, second = json.loads(data)
        user = folder / "presets"
        problem: NeuralPresetError | None = None
        try:
            for action in _actions(PresetStore(user, folder / "builtin"), folder, first, second):
                try:
                    action()
                except NeuralPresetError as error:
                    problem = error
            _check(user)
        finally:
            for path in [*user.glob("[!.]*"), *folder.glob("[!.]*")]:
                if path != user:
                    path.unlink()
            if user.is_dir():
                user.rmdir()
        if problem is not None:
            raise problem

    yield execute


def _actions(
    store: PresetStore, folder: Path, first: str, second: str
) -> Iterator[Callable[[], object]]:
    yield lambda: store.add(table(first, size=2))
    yield lambda: store.add(table(proposed_name(second), size=2))
    yield lambda: store.duplicate(first)
    yield lambda: store.rename(first, second)
    yield lambda: store.export_file(second, folder)
    yield lambda: store.get(second)
    yield lambda: store.delete(first)
    inside = second.replace("/", "")
    yield lambda: write_lut(folder / f"a{inside}.cube", Lut.identity(2), title=second)


def _check(user: Path) -> None:
    """Every file has a name that all systems take, and that is the preset's own."""
    for path in user.iterdir() if user.is_dir() else ():
        stem, name = path.stem, path.name
        assert path.suffix == ".json" and len(name) <= 64, name
        assert not _FORBIDDEN & set(name) and name.isascii() and name == name.lower(), name
        assert not name.startswith((".", "-")) and stem == stem.rstrip(" ."), name
        assert stem.partition(".")[0] not in _DEVICES, name
    entries = PresetStore(user, user / "none").list()
    assert all(entry.preset is not None for entry in entries), entries
    names = [comparable(entry.name) for entry in entries]
    assert len(set(names)) == len(names), names
    assert all(entry.path.stem.startswith(slug(entry.name)) for entry in entries), entries


TARGETS = {"names": Target("names", _seeds, _opened, _changed)}
