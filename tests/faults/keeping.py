"""Everything that writes files a user keeps, and what may be found after it was interrupted.

Each action knows what a folder holds before it; what it holds afterwards is found out by doing it
undisturbed. Interrupted, every file has to be the old or the new one, byte for byte, under its
own name, and nothing may be lost that the action did not mean to remove.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core import images, lutfile
from core.locations import Locations
from core.lut import bake
from core.presetchanges import Changes
from core.presets import PresetStore
from tests import preset_samples
from tests.faults.children import in_child
from tests.faults.scene import check

neural = lru_cache(preset_samples.neural)
table = lru_cache(preset_samples.table)
Files = Mapping[str, bytes]
_TEMPORARY = re.compile(r"\.np-[0-9a-f]{16}(\.\w+)?")
_REMOVED = re.compile(r"\.removed-[0-9a-f]{16}\.json")
_TIME = re.compile(rb"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_PREPARED: dict[str, bytes] = {}
_GIVEN = "given"  # files that an action reads and must not touch


@dataclass(frozen=True)
class Keeping:
    """`do(folder)` writes below `folder`, whose presets lie in "presets".

    `midway` does the first part of it, where there are two.
    """

    name: str
    do: Callable[[Path], object]
    midway: Callable[[Path], object] | None = None


def _store(folder: Path) -> PresetStore:
    return PresetStore(folder / "presets", folder / "none")


def prepare(folder: Path) -> None:
    """What an action finds: three presets, a damaged file, files to import and to replace."""
    if not _PREPARED:
        _prepare_first(folder)
        paths = (path for path in folder.rglob("*") if path.is_file())
        _PREPARED.update((str(path.relative_to(folder)), path.read_bytes()) for path in paths)
        return
    for name in ("", "presets", _GIVEN):
        (folder / name).mkdir()
    for name, data in _PREPARED.items():
        (folder / name).write_bytes(data)


def _prepare_first(folder: Path) -> None:
    folder.mkdir()
    store = _store(folder)
    for preset in (neural("Golden hour"), table("Cold film"), neural("Faded", seed=3)):
        store.add(preset)
    (store.user / "broken.json").write_text("{", encoding="ascii")
    given = folder / _GIVEN
    given.mkdir()
    PresetStore(given, folder / "none").add(neural("From a friend", seed=4))
    for name in ("look.cube", "hald.png", "photo.jpg", "photo.tif", "out.json"):
        (folder / name).write_bytes(b"what stood here before")


def _change(act: Callable[[Changes], object]) -> Callable[[Path], object]:
    """A change in a gallery that is closed then."""

    def do(folder: Path) -> None:
        changes = Changes(_store(folder))
        act(changes)
        changes.close()

    return do


def _taken_back(name: str, act: Callable[[Changes], object]) -> Keeping:
    """A change that is undone."""

    def both(changes: Changes) -> None:
        act(changes)
        changes.undo()

    return Keeping(f"{name} and undo", _change(both), _change(act))


def _delete(changes: Changes) -> None:
    names = ("broken", "Golden hour")
    changes.delete([entry for entry in changes.store.list() if entry.name in names])


def _lut(name: str, overwrite: bool) -> Callable[[Path], object]:
    def do(folder: Path) -> None:
        lut = bake(lambda colors: colors**1.2, 9)
        lutfile.write_lut(folder / name, lut, title="A look", overwrite=overwrite)

    return do


def photo(depth: str = "uint8") -> images.Photo:
    """Noise, so that files are as large as their pixels."""
    noise = np.random.default_rng(7).integers(0, np.iinfo(depth).max, (48, 64, 3), dtype=depth)
    return images.Photo(noise)


def _photo(name: str, depth: str = "uint8") -> Callable[[Path], object]:
    def do(folder: Path) -> None:
        images.write(folder / name, photo(depth), overwrite=(folder / name).exists())

    return do


def _record(folder: Path) -> None:
    places = [folder / name for name in ("presets", "builtin", "run", "log", "python", "app")]
    Locations(*places).save(folder / "installation.json")


PRESETS = (
    Keeping("add", lambda folder: _store(folder).add(neural("New", seed=2))),
    Keeping("add a large one", lambda folder: _store(folder).add(table("Large", 33))),
    Keeping("replace", lambda folder: _store(folder).add(neural("Faded", seed=9), overwrite=True)),
    Keeping("rename", lambda folder: _store(folder).rename("Golden hour", "Dusk")),
    Keeping("rename in case", lambda folder: _store(folder).rename("Faded", "FADED")),
    Keeping("retag", lambda folder: _store(folder).retag("Cold film", ["cold", "film"])),
    Keeping("duplicate", lambda folder: _store(folder).duplicate("Cold film")),
    Keeping(
        "import",
        lambda folder: _store(folder).import_file(folder / _GIVEN / "from-a-friend.json"),
    ),
    Keeping(
        "export",
        lambda folder: _store(folder).export_file("Faded", folder / "out.json", overwrite=True),
    ),
    Keeping("export anew", lambda folder: _store(folder).export_file("Faded", folder)),
    Keeping("delete", lambda folder: _store(folder).delete("Faded")),
    Keeping("delete in a gallery", _change(_delete)),
    Keeping("add in a gallery", _change(lambda each: each.add([neural("New", 2)]))),
    _taken_back("delete", _delete),
    _taken_back("rename", lambda each: each.rename("Faded", "Dusk")),
    _taken_back("retag", lambda each: each.retag("Faded", ["x"])),
    _taken_back("duplicate", lambda each: each.duplicate(["Faded"])),
)
LUTS = (
    Keeping("write a .cube", _lut("new.cube", False)),
    Keeping("replace a .cube", _lut("look.cube", True)),
    Keeping("write a HaldCLUT", _lut("new.png", False)),
    Keeping("replace a HaldCLUT", _lut("hald.png", True)),
)
PHOTOS = (
    Keeping("write a .jpg", _photo("new.jpg")),
    Keeping("replace a .jpg", _photo("photo.jpg")),
    Keeping("write a .png", _photo("new.png")),
    Keeping("write a 16-bit .png", _photo("new.png", "uint16")),
    Keeping("replace a .tif", _photo("photo.tif", "uint16")),
    Keeping("write a .tif", _photo("new.tif")),
    Keeping("write a .webp", _photo("new.webp")),
    Keeping("write an .exr", _photo("new.exr", "uint16")),
    Keeping("write the record", _record),
)


States = tuple[Files, ...]


class Knowledge:
    """What every action does undisturbed; each is tried once."""

    def __init__(self) -> None:
        self._known: dict[str, States] = {}

    def of(self, action: Keeping, folder: Path) -> States:
        """What `folder` holds before, midway and after the action; it is prepared afterwards."""
        if action.name not in self._known:
            steps = [each for each in (action.midway, action.do) if each is not None]
            self._known[action.name] = tuple(_after(step, folder) for step in (None, *steps))
        prepare(folder)
        return self._known[action.name]


def _after(step: Callable[[Path], object] | None, folder: Path) -> Files:
    prepare(folder)
    if step is not None:
        # Not here: threads that a library starts would be missing in processes forked later.
        answer = in_child(lambda: _done(step, folder))
        check(answer == "", answer)
        check(not hidden(folder), f"{hidden(folder)} are left")
    found = visible(folder)
    shutil.rmtree(folder)
    return found


def visible(folder: Path) -> dict[str, bytes]:
    """Every file that a user sees, by its path in `folder`; the time of writing is left out."""
    return {
        str(path.relative_to(folder)): _TIME.sub(b"", path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def hidden(folder: Path) -> list[Path]:
    """Files that only an interrupted program leaves."""
    return [path for path in folder.rglob(".*") if path.is_file()]


def check_whole(folder: Path, known: States) -> None:
    """Every file is the old or the new one, and none is lost; only known names are hidden."""
    found = visible(folder)
    old, new = known[0], known[-1]
    for name, data in found.items():
        check(any(name in state for state in known), f"a file {name} appeared")
        check(any(data == state.get(name) for state in known), f"{name} is damaged")
    for name in set.intersection(*(set(state) for state in known)):
        check(name in found, f"{name} is lost")
    for name in old.keys() - found.keys():
        # Under a new name, or deleted in a gallery and only hidden; gone if that was the aim.
        moved = any(each in found for each in set().union(*known) - old.keys())
        meant = name not in new or bool(_hidden_data(folder, old[name]))
        check(moved or meant, f"{name} is lost")
    renamed, names = new.keys() - old.keys(), old.keys() - new.keys()
    if renamed and names:
        check(bool(found.keys() & (names | renamed)), f"neither {names} nor {renamed} is there")
    for path in hidden(folder):
        swept = _TEMPORARY.fullmatch(path.name) or _REMOVED.fullmatch(path.name)
        check(swept is not None, f"a file {path.name} that nothing sweeps")


def _hidden_data(folder: Path, data: bytes) -> list[Path]:
    return [path for path in hidden(folder) if path.read_bytes() == data]


def _done(step: Callable[[Path], object], folder: Path) -> str:
    step(folder)
    return ""
