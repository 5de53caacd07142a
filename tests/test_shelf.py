"""The shelf of a gallery: reading in portions, search, filters and orders, without a window."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core import presetfile
from core.presets import PresetStore
from tests.conftest import CHECKOUT
from tests.preset_samples import neural, table

sys.path.insert(0, str(CHECKOUT / "plugin" / "neural-preset"))
import translation
from widgets import shelf as shelf_module
from widgets.shelf import Shelf, similarity

BUILTIN = CHECKOUT / "core" / "presets_builtin"
PATIENCE = 60.0


@pytest.fixture
def store(tmp_path: Path) -> PresetStore:
    """Four of the user's presets, one of them an imported table, and two built-in ones."""
    builtin, user = tmp_path / "builtin", tmp_path / "user"
    builtin.mkdir()
    for name in ("sepia", "warm-film"):
        shutil.copy(BUILTIN / f"{name}.json", builtin)
    made = PresetStore(user, builtin)
    for name, tags, created in (
        ("Été", ("Côte", "summer sea"), "2024-06-01T00:00:00Z"),
        ("Harbor", ("sea",), "2026-01-01T00:00:00Z"),
        ("Alley", (), "2025-01-01T00:00:00Z"),
    ):
        preset = dataclasses.replace(neural(name), tags=tags, created=created)
        made.add(preset)
    made.add(table("Table"))
    return made


def names(items: list[shelf_module.Item]) -> list[str]:
    return [item.name for item in items]


def read(store: PresetStore) -> Shelf:
    shelf = Shelf(store)
    shelf.start()
    return shelf


def test_search_wants_every_word_in_name_or_tags_whatever_the_case(store: PresetStore) -> None:
    shelf = read(store)
    assert names(shelf.select()) == ["Alley", "Harbor", "Sepia", "Table", "Warm Film", "Été"]
    assert names(shelf.select("SEA")) == ["Harbor", "Été"]
    assert names(shelf.select("sea summer")) == ["Été"]
    assert names(shelf.select("e\u0301te\u0301")) == ["Été"]
    assert names(shelf.select("  ")) == names(shelf.select())
    assert shelf.select("sea winter") == []


def test_what_has_the_words_in_its_notes_only_comes_last(store: PresetStore) -> None:
    store.add(dataclasses.replace(neural("Alley by night"), notes="Warm lamps, taken from film."))
    shelf = read(store)
    assert names(shelf.select("warm film")) == ["Warm Film", "Alley by night"]
    assert names(shelf.select("warm lamps film")) == ["Alley by night"]


def test_built_in_presets_are_shown_and_found_in_the_users_language_too(
    store: PresetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = translation.load(["de"], CHECKOUT / "locale")
    monkeypatch.setattr(translation, "_CATALOGUE", german)
    copied = store.duplicate("Sepia", "Mine")
    shelf = read(store)
    sepia, mine = shelf.find("Sepia"), shelf.find("Mine")
    assert sepia is not None and mine is not None
    assert sepia.shown_tags == ("mitgeliefert", "schwarzweiß")
    assert sepia.telling_tags == "schwarzweiß"
    assert sepia.shown_notes == "Das Braun alter Alben."
    # What is the user's own stays as it is in the file.
    assert mine.shown_tags == mine.tags == copied.tags == ("black and white",)
    assert mine.shown_notes == "The brown of old albums."
    assert names(shelf.select("SCHWARZWEISS")) == ["Sepia"]
    assert names(shelf.select("black white")) == ["Mine", "Sepia"]
    assert names(shelf.select("alter Alben")) == ["Sepia"]
    assert names(shelf.select("old albums")) == ["Mine", "Sepia"]


def test_filters_and_orders(store: PresetStore) -> None:
    shelf = read(store)
    assert names(shelf.select(which="builtin")) == ["Sepia", "Warm Film"]
    assert names(shelf.select(which="mine")) == ["Alley", "Harbor", "Table", "Été"]
    assert "Table" in names(shelf.select(which="luts"))
    assert "Harbor" not in names(shelf.select(which="luts"))
    recent = [name for name in names(shelf.select(order="recent")) if name in "Harbor Alley Été"]
    assert recent == ["Harbor", "Alley", "Été"]


def test_similar_looks_stand_first_and_the_same_is_nearest(tmp_path: Path) -> None:
    made = PresetStore(tmp_path / "user", tmp_path / "none")
    plain = neural("Plain")
    near = tuple(value + 0.01 for value in plain.look)
    far = tuple(value + 1 for value in plain.look)
    made.add(plain)
    made.add(dataclasses.replace(plain, name="Almost", look=near))
    made.add(dataclasses.replace(plain, name="Another", look=far))
    made.add(table("Table"))
    shelf = read(made)
    like = shelf.find("Plain")
    assert like is not None
    assert names(shelf.select(order="similar", like=like)) == [
        *("Plain", "Almost", "Another", "Table")
    ]
    like = shelf.find("table")
    assert like is not None
    assert similarity(like, [like]) == [0]
    assert names(shelf.select(order="similar", like=like))[0] == "Table"


def test_damaged_file_is_hidden_unless_asked_for(store: PresetStore) -> None:
    (store.user / "broken.json").write_text("{")
    shelf = read(store)
    assert "broken" not in names(shelf.select())
    (broken,) = (item for item in shelf.select(broken=True) if item.problem is not None)
    assert broken.name == "broken" and broken.preset is None
    assert shelf.find("broken") is None
    found = shelf.find(str(store.user / "harbor.json"))
    assert found is not None and found.name == "Harbor"


def test_first_portion_is_there_at_once_and_the_rest_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "PORTION", 2)
    user = tmp_path / "user"
    user.mkdir()
    for number in range(7):
        presetfile.write(user / f"{number}.json", neural(f"Number {number}"))
    shelf = Shelf(PresetStore(user, tmp_path / "none"))
    arrived = threading.Semaphore(0)
    lock = threading.Lock()
    told: list[int] = []

    def post(call: Callable[[], None]) -> None:
        with lock:
            call()
        arrived.release()

    shelf.start(lambda: told.append(len(shelf.items)), post)
    with lock:
        assert told[0] == 2
    for _ in range(3):
        assert arrived.acquire(timeout=PATIENCE)
    assert told == [2, 4, 6, 7]
    assert shelf.complete
    assert len(shelf.items) == 7


def test_folder_that_cannot_be_read_is_a_problem_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    folder.write_text("no folder")
    shelf = read(PresetStore(folder, tmp_path / "none"))
    assert shelf.complete and shelf.items == []
    assert shelf.problem is not None and str(folder) in shelf.problem


def test_shelf_needs_the_standard_library_alone() -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]; import widgets.shelf; "
        "print(*sorted({'gi', 'numpy', 'torch', 'PIL'} & set(sys.modules)))"
    )
    folders = [str(CHECKOUT / "plugin" / "neural-preset"), str(CHECKOUT)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *folders],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
