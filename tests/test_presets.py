"""The user's presets: found by name, never lost, whatever lies in the folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import core
from core.errors import PresetError
from core.presetfile import BUILTIN, read, write
from core.presetnames import slug
from core.presets import PresetStore
from tests.preset_samples import neural, table

APP = Path(core.__file__).resolve().parent.parent


@pytest.fixture
def store(tmp_path: Path) -> PresetStore:
    """An empty folder of the user's, not yet made, and two built-in presets."""
    builtin = tmp_path / "builtin"
    builtin.mkdir()
    write(builtin / "faded.json", neural("Faded"))
    write(builtin / "noir.json", table("Noir"))
    return PresetStore(tmp_path / "config" / "presets", builtin)


def names(store: PresetStore) -> list[str]:
    return [entry.name for entry in store.list()]


def test_presets_of_both_folders_are_listed_by_name(store: PresetStore) -> None:
    assert names(store) == ["Faded", "Noir"]
    path = store.add(neural("golden hour"))
    assert path == store.user / "golden-hour.json"
    assert [(entry.name, entry.builtin) for entry in store.list()] == [
        ("Faded", True),
        ("golden hour", False),
        ("Noir", True),
    ]
    assert store.get("golden hour") == neural("golden hour")


def test_missing_folders_are_an_empty_list(tmp_path: Path) -> None:
    store = PresetStore(tmp_path / "a", tmp_path / "b")
    assert store.list() == []
    with pytest.raises(PresetError, match="There are no presets yet"):
        store.get("Golden hour")


@pytest.mark.parametrize("name", ["ÉTÉ 1", " été 1", "e\u0301te\u0301 1"])
def test_names_are_compared_as_people_do(store: PresetStore, name: str) -> None:
    store.add(neural("Été 1"))
    assert store.get(name).name == "Été 1"
    with pytest.raises(PresetError, match="already"):
        store.add(neural(name))


def test_taken_name_is_replaced_only_when_asked(store: PresetStore) -> None:
    first = store.add(neural("Golden hour", seed=1))
    with pytest.raises(PresetError, match="already: choose another name or allow overwriting"):
        store.add(neural("golden HOUR", seed=2))
    assert store.get("Golden hour") == neural("Golden hour", seed=1)
    assert store.add(neural("golden HOUR", seed=2), overwrite=True) == first
    assert store.get("Golden hour") == neural("golden HOUR", seed=2)
    assert len(list(store.user.iterdir())) == 1


def test_users_preset_hides_the_built_in_one(store: PresetStore) -> None:
    with pytest.raises(PresetError, match="already"):
        store.add(neural("faded", seed=9))
    store.add(neural("faded", seed=9), overwrite=True)
    assert store.get("Faded") == neural("faded", seed=9)
    assert names(store) == ["faded", "Noir"]
    assert read(store.builtin / "faded.json") == neural("Faded")
    store.delete("Faded")
    assert store.get("Faded") == neural("Faded")


def test_built_in_presets_are_read_only(store: PresetStore) -> None:
    with pytest.raises(PresetError, match="built-in preset and cannot be renamed"):
        store.rename("Noir", "Black")
    with pytest.raises(PresetError, match="built-in preset and cannot be deleted"):
        store.delete("noir")
    assert names(store) == ["Faded", "Noir"]


def test_two_names_with_one_slug_are_both_kept(store: PresetStore) -> None:
    first = "Abc!"
    second = slug(first).replace("-", " ")
    assert slug(first) == slug(second)
    paths = {store.add(neural(first, seed=1)), store.add(neural(second, seed=2))}
    assert len(paths) == 2
    assert store.get(first) == neural(first, seed=1)
    assert store.get(second) == neural(second, seed=2)


def test_rename_moves_and_keeps_all_else(store: PresetStore) -> None:
    store.add(neural("Old"))
    store.add(neural("Other"))
    with pytest.raises(PresetError, match="already"):
        store.rename("Old", "OTHER")
    with pytest.raises(PresetError, match="name"):
        store.rename("Old", " ")
    assert names(store) == ["Faded", "Noir", "Old", "Other"]
    assert store.rename("old", " New ") == store.user / "new.json"
    assert store.get("New") == neural("New")
    assert names(store) == ["Faded", "New", "Noir", "Other"]
    store.rename("new", "NEW")
    assert store.get("new").name == "NEW"
    assert sorted(path.name for path in store.user.iterdir()) == ["new.json", "other.json"]


def test_tags_are_trimmed_and_each_stands_once(store: PresetStore) -> None:
    store.add(neural("Golden hour"))
    path = store.retag("golden HOUR", [" sea ", "Évening", "", "SEA", "e\u0301vening"])
    assert path == store.user / "golden-hour.json"
    assert store.get("Golden hour").tags == ("sea", "Évening")
    with pytest.raises(PresetError, match="built-in preset and cannot be tagged"):
        store.retag("Faded", ["sea"])
    with pytest.raises(PresetError, match="tags"):
        store.retag("Golden hour", ["x" * 100])
    assert store.get("Golden hour").tags == ("sea", "Évening")


def test_has_knows_readable_presets_of_both_folders(store: PresetStore) -> None:
    store.add(neural("Golden hour"))
    (store.user / "broken.json").write_text("{")
    assert store.has(" golden HOUR ") and store.has("FADED")
    assert not store.has("broken") and not store.has("Sepai") and not store.has("")


def test_copies_get_the_next_free_name(store: PresetStore) -> None:
    assert [store.duplicate("noir").name for _ in range(2)] == ["Noir (2)", "Noir (3)"]
    assert store.duplicate("Noir (2)").name == "Noir (4)"
    assert store.duplicate("Noir", "Black").name == "Black"
    assert store.get("Noir (3)") == table("Noir (3)")
    assert store.get("Black") == table("Black")
    with pytest.raises(PresetError, match="already"):
        store.duplicate("Noir", "faded")
    long = "x" * 80
    store.add(neural(long))
    assert store.duplicate(long).name == "x" * 76 + " (2)"
    assert store.free_name("Portra 400") == "Portra 400"


def test_a_copy_of_a_builtin_preset_is_not_called_built_in(tmp_path: Path) -> None:
    builtin = PresetStore(tmp_path / "builtin", tmp_path / "none")
    builtin.add(replace(table("Noir"), tags=(BUILTIN, "dark")))
    store = PresetStore(tmp_path / "mine", builtin.user)
    copy = store.duplicate("Noir", "Mine")
    assert copy.tags == store.get("Mine").tags == ("dark",)
    assert store.get("Noir").tags == (BUILTIN, "dark")


def test_changed_files_are_read_anew(store: PresetStore) -> None:
    path = store.add(neural("Golden hour"))
    old = path.stat().st_mtime - 100
    os.utime(path, (old, old))
    assert store.list() == store.list()
    path.write_bytes(path.read_bytes().replace(b"Golden hour", b"Silver hour"))
    assert "Silver hour" in names(store)
    os.utime(path, (old, old))
    path.write_bytes(b"{")
    assert [entry.name for entry in store.list() if entry.problem] == ["golden-hour"]
    path.unlink()
    assert names(store) == ["Faded", "Noir"]


def test_damaged_files_are_listed_and_never_replaced(store: PresetStore) -> None:
    store.user.mkdir(parents=True)
    broken = store.user / "golden-hour.json"
    broken.write_text('{"format": "neural-preset", "version": 1, ')
    (store.user / "folder.json").mkdir()
    (store.user / "loop.json").symlink_to("loop.json")
    (store.user / "future.json").write_text(json.dumps({**neural().to_json(), "version": 9}))
    listed = {entry.name: entry.problem or "" for entry in store.list()}
    assert "damaged" in listed["golden-hour"]
    assert "ordinary file" in listed["folder"]
    assert "could not be read" in listed["loop"]
    assert "newer" in listed["future"]
    with pytest.raises(PresetError, match="is damaged"):
        store.get("Golden hour")
    before = broken.read_bytes()
    path = store.add(neural("Golden hour"), overwrite=True)
    assert path.name == "golden-hour-2.json"
    assert broken.read_bytes() == before
    assert store.get("golden hour") == neural("Golden hour")
    store.delete("golden-hour")
    assert not broken.exists()


def test_files_being_written_and_other_files_are_not_listed(store: PresetStore) -> None:
    store.add(neural("A"))
    (store.user / ".np-0123.json").write_text("{")
    (store.user / "notes.txt").write_text("hello")
    assert names(store) == ["A", "Faded", "Noir"]


def test_copy_under_another_file_name_is_shown_as_a_double(store: PresetStore) -> None:
    path = store.add(neural("Golden hour", seed=1))
    write(store.user / "a copy.json", neural("Golden hour", seed=2))
    entry = next(entry for entry in store.list() if entry.name == "Golden hour")
    assert entry.path == path
    assert store.get("Golden hour") == neural("Golden hour", seed=1)
    double = next(entry for entry in store.list() if entry.name == "a copy")
    assert double.problem is not None
    assert "same name" in double.problem
    store.delete("a copy")
    assert names(store) == ["Faded", "Golden hour", "Noir"]


def test_unknown_name_suggests_close_ones(store: PresetStore) -> None:
    store.add(neural("Golden hour"))
    with pytest.raises(PresetError, match="Did you mean “Golden hour”"):
        store.get("goldn huor")
    with pytest.raises(PresetError, match="There are: “Faded”, “Golden hour”, “Noir”"):
        store.get("xyz")
    for change in (lambda: store.delete("Nior"), lambda: store.rename("Nior", "A")):
        with pytest.raises(PresetError, match="Did you mean “Noir”"):
            change()


def test_path_is_told_from_a_name(
    store: PresetStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mailed.json", neural("From a friend"))
    for path in ("mailed.json", "./mailed.json", str(tmp_path / "mailed.json")):
        assert store.get(path).name == "From a friend"
    (tmp_path / "mailed.json").rename(tmp_path / "mailed")
    assert store.get("./mailed").name == "From a friend"
    with pytest.raises(PresetError, match="no preset “mailed”"):
        store.get("mailed")
    with pytest.raises(PresetError, match=r"no preset file “mailed\.json”"):
        store.get("mailed.json")
    store.add(neural("Summer/Winter"))
    assert store.get("summer/winter").name == "Summer/Winter"
    for text in ("a\0/b", "\ud800/b", "/" * 5000, "", str(tmp_path)):
        with pytest.raises(PresetError):
            store.get(text)


def test_export_and_import_make_a_round_trip(store: PresetStore, tmp_path: Path) -> None:
    store.add(neural("Golden hour"))
    path = store.export_file("golden hour", tmp_path / "mine.json")
    with pytest.raises(PresetError, match="exists already"):
        store.export_file("golden hour", path)
    with pytest.raises(PresetError, match="already"):
        store.import_file(path)
    assert store.import_file(path, name="Copy") == neural("Copy")
    assert store.get("Copy") == neural("Copy")
    store.export_file("Noir", path, overwrite=True)
    assert read(path) == table("Noir")


def test_export_may_leave_out_the_photo(store: PresetStore, tmp_path: Path) -> None:
    path = store.export_file("Faded", tmp_path, without_picture=True)
    assert path == tmp_path / "faded.json"
    assert read(path) == neural("Faded").without_picture()
    assert store.get("Faded").reference is not None


def test_export_and_import_refuse_other_kinds_of_file(store: PresetStore, tmp_path: Path) -> None:
    with pytest.raises(PresetError, match=r"exported as a \.json file"):
        store.export_file("Faded", tmp_path / "look.cube")
    (tmp_path / "look.cube").write_text("LUT_3D_SIZE 2\n")
    with pytest.raises(PresetError, match=r"look\.cube is damaged"):
        store.import_file(tmp_path / "look.cube")
    assert names(store) == ["Faded", "Noir"]


def test_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = PresetStore(tmp_path / "file" / "presets", tmp_path / "none")
    with pytest.raises(PresetError, match="folder of presets"):
        store.add(neural())


def test_programs_at_the_same_time_lose_nothing(store: PresetStore, tmp_path: Path) -> None:
    """Four programs add their own presets and all want one name, which one of them gets."""
    write(tmp_path / "source.json", neural())
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from core.errors import PresetError\n"
        "from core.presets import PresetStore\n"
        "store = PresetStore(Path(sys.argv[2]), Path(sys.argv[3])); won = 0\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for number in range(6):\n"
        "    store.import_file(sys.argv[4], f'{sys.argv[5]} {number}')\n"
        "    store.import_file(sys.argv[4], 'Favourite', overwrite=True)\n"
        "    try: store.import_file(sys.argv[4], f'Wanted {number}'); won += 1\n"
        "    except PresetError: pass\n"
        "print(won)\n"
    )
    arguments = [str(APP), str(store.user), str(store.builtin), str(tmp_path / "source.json")]
    writers = [
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", program, *arguments, f"Writer {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    won = [int(writer.communicate("\n", timeout=300)[0]) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    assert sum(won) == 6
    entries = [entry for entry in store.list() if not entry.builtin]
    assert [entry.problem for entry in entries] == [None] * len(entries)
    expected = {f"Writer {writer} {number}" for writer in range(4) for number in range(6)}
    expected |= {f"Wanted {number}" for number in range(6)} | {"Favourite"}
    assert {entry.name for entry in entries} == expected
    assert not list(store.user.glob(".np-*"))
