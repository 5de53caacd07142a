"""Replacing directories as a whole, and clearing up after replacements that were cut off."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from core.setup import leftovers, swap
from core.setup.journal import Journal
from core.setup.machine import Machine
from core.setup.places import Places
from tests.test_other_users import as_another_user, folder  # noqa: F401 - a fixture


def names(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*"))


def test_what_the_block_makes_takes_the_place(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "old").write_text("")
    with swap.replacing(tmp_path / "app") as new:
        new.mkdir()
        (new / "new").write_text("")
    assert names(tmp_path) == ["app", "app/new"]


@pytest.mark.parametrize("there", [True, False])
def test_after_a_failure_the_old_one_stands_and_the_half_made_one_is_gone(
    tmp_path: Path, there: bool
) -> None:
    if there:
        (tmp_path / "app").mkdir()
    before = names(tmp_path)
    with pytest.raises(KeyboardInterrupt), swap.replacing(tmp_path / "app") as new:
        new.mkdir()
        (new / "half").write_text("")
        raise KeyboardInterrupt
    assert names(tmp_path) == before


def test_the_old_one_comes_back_when_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    with pytest.raises(FileNotFoundError), swap.replacing(tmp_path / "app"):
        pass  # nothing was made that could be renamed
    assert names(tmp_path) == ["app"]


def test_a_copy_of_write_protected_files_can_be_changed(tmp_path: Path) -> None:
    source = tmp_path / "disc"
    (source / "below").mkdir(parents=True)
    (source / "below" / "file").write_text("content")
    for path in (source / "below" / "file", source / "below", source):
        path.chmod(0o555 if path.is_dir() else 0o444)
    swap.copy_tree(source, tmp_path / "copy")
    for name in ("", "below", "below/file"):
        mode = stat.S_IMODE((tmp_path / "copy" / name).stat().st_mode)
        assert mode & stat.S_IWUSR, (name, oct(mode))
    assert (tmp_path / "copy/below/file").read_text() == "content"


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0,
    reason="only root can act as a user who may not write everywhere",
)
def test_write_protected_folders_are_removed(folder: Path) -> None:  # noqa: F811
    folder.chmod(0o777)

    def remove() -> str:
        (folder / "app" / "below").mkdir(parents=True)
        (folder / "app" / "below" / "file").write_text("")
        (folder / "app" / "link").symlink_to("/etc")
        for path in (folder / "app" / "below", folder / "app"):
            path.chmod(0o500)
        swap.remove(folder / "app")
        return str(names(folder))

    assert as_another_user(remove) == "[]"


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0,
    reason="only root can act as a user who may not write everywhere",
)
def test_a_write_protected_journal_is_replaced(folder: Path) -> None:  # noqa: F811
    folder.chmod(0o777)

    def write_twice() -> str:
        path = folder / "journal.json"
        Journal().write(path)
        path.chmod(0)
        assert Journal.read(path) == Journal(finished=False)
        Journal(version="2").write(path)
        return str(Journal.read(path))

    assert as_another_user(write_twice) == str(Journal(version="2"))


def test_leftovers_of_a_killed_installation_go(tmp_path: Path) -> None:
    places = Places.on(Machine(sys.platform, tmp_path, {"NEURAL_PRESET_HOME": str(tmp_path)}))
    placed = tmp_path / "GIMP" / "neural-preset"
    packages = places.venv / "lib" / "python3.11" / "site-packages"
    for directory in (packages, placed, places.app.with_name("app.old"), places.launcher.parent):
        directory.mkdir(parents=True)
    wanted = {*names(tmp_path), "app"} - {"app.old"}
    places.venv.with_name("venv.new").mkdir()
    placed.with_name("neural-preset.old").mkdir()
    places.temporary.mkdir()
    for directory in (packages, places.home, places.launcher.parent):
        (directory / ".np-0123456789abcdef.json").write_text("{")
        (directory / ".np-0123456789abcdef").write_text("{")
    (tmp_path / ".np-mine").write_text("not one of ours")

    leftovers.clean(places, [placed])

    assert set(names(tmp_path)) == wanted | {".np-mine"}
