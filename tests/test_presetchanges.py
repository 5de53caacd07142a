"""Changes to presets are on the disk at once and can be taken back until they are closed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core import atomic
from core.errors import PresetError
from core.presetchanges import Changes
from core.presetfile import read, write
from core.presets import PresetStore
from tests.preset_samples import neural, table


@pytest.fixture
def store(tmp_path: Path) -> PresetStore:
    """Two presets and a damaged file of the user's, and a built-in preset."""
    builtin = tmp_path / "builtin"
    builtin.mkdir()
    write(builtin / "faded.json", neural("Faded"))
    store = PresetStore(tmp_path / "presets", builtin)
    store.add(neural("Golden hour"))
    store.add(table("Cold film"))
    (store.user / "broken.json").write_bytes(b"{ no preset")
    return store


@pytest.fixture
def changes(store: PresetStore) -> Changes:
    return Changes(store)


def files(store: PresetStore) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.user.iterdir()}


def names(store: PresetStore) -> list[str]:
    return [entry.name for entry in store.list()]


def test_every_change_is_taken_back_in_turn(store: PresetStore, changes: Changes) -> None:
    before = files(store)
    changes.rename("Golden hour", "Dusk")
    changes.retag("Dusk", ["sea"])
    assert changes.duplicate(["Dusk", "Faded"]) == ["Dusk (2)", "Faded (2)"]
    changes.delete([entry for entry in store.list() if entry.name in ("broken", "Cold film")])
    added = changes.add([table("Noir", 3), neural("Faded", seed=2), neural("Faded")])
    assert added == (["Noir", "Faded (3)"], ["Faded"])

    assert names(store) == ["Dusk", "Dusk (2)", "Faded", "Faded (2)", "Faded (3)", "Noir"]
    assert store.get("Dusk (2)").tags == ("sea",)
    undone = [changes.undo() for _ in range(5)]
    assert [step.kind for step in undone] == ["add", "delete", "duplicate", "retag", "rename"]
    assert undone[1].names == undone[1].before == ("broken", "Cold film")
    assert (undone[4].names, undone[4].before) == (("Dusk",), ("Golden hour",))
    assert files(store) == before
    assert changes.steps == []


def test_closing_makes_deletion_final(store: PresetStore, changes: Changes) -> None:
    changes.delete([entry for entry in store.list() if not entry.builtin])
    assert names(store) == ["Faded"]
    assert len(files(store)) == 3
    changes.close()
    assert files(store) == {}
    assert changes.steps == []


def test_a_damaged_file_is_deleted_and_not_the_preset_of_its_name(
    store: PresetStore, changes: Changes
) -> None:
    store.add(neural("broken"))
    damaged = [entry for entry in store.list() if entry.problem is not None]
    changes.delete(damaged)
    changes.close()
    assert store.get("broken") == neural("broken")
    assert "broken.json" not in files(store)


def test_built_in_presets_and_folders_stay(store: PresetStore, changes: Changes) -> None:
    (store.user / "folder.json").mkdir()
    wanted = {entry.name: entry for entry in store.list()}
    for name, problem in [("Faded", "built-in"), ("folder", "is a folder")]:
        with pytest.raises(PresetError, match=problem):
            changes.delete([wanted["Golden hour"], wanted[name]])
        assert changes.undo().names == ("Golden hour",)
    assert set(names(store)) == set(wanted)


def test_what_has_got_the_name_meanwhile_is_not_replaced(
    store: PresetStore, changes: Changes
) -> None:
    changes.delete([entry for entry in store.list() if entry.name == "Golden hour"])
    store.add(neural("Golden hour", seed=2))
    with pytest.raises(PresetError, match="could not be brought back"):
        changes.undo()
    assert store.get("Golden hour") == neural("Golden hour", seed=2)


def test_what_a_crash_left_is_removed_a_day_later(
    store: PresetStore, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes.delete([entry for entry in store.list() if not entry.builtin])
    Changes(store)
    assert len(files(store)) == 3
    monkeypatch.setattr(atomic, "_KEPT_SECONDS", -60)
    Changes(store)
    assert files(store) == {}


def test_a_refused_change_leaves_no_step(store: PresetStore, changes: Changes) -> None:
    for refused in [
        lambda: changes.rename("Golden hour", "Faded"),
        lambda: changes.rename("Faded", "Other"),
        lambda: changes.retag("Faded", ["sea"]),
        lambda: changes.retag("Golden hour", ["x" * 100]),
        lambda: changes.duplicate(["broken"]),
    ]:
        with pytest.raises(PresetError):
            refused()
    assert changes.steps == []
    assert read(store.user / "golden-hour.json") == neural("Golden hour")


@pytest.mark.skipif(os.name == "nt", reason="Windows makes no links")
def test_a_link_comes_back_as_a_link(
    store: PresetStore, changes: Changes, tmp_path: Path
) -> None:
    write(tmp_path / "elsewhere.json", neural("Elsewhere"))
    link = store.user / "elsewhere.json"
    link.symlink_to(tmp_path / "elsewhere.json")
    changes.delete([entry for entry in store.list() if entry.name == "Elsewhere"])
    assert not os.path.lexists(link)
    changes.undo()
    assert link.is_symlink()
    assert store.get("Elsewhere") == neural("Elsewhere")
