"""The record that the plug-in reads, NEURAL_PRESET_HOME, and the worker's private directory."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from core import locations as module
from core.errors import InputError, WorkerError
from core.locations import LONGEST_RUNTIME, Locations, private_directory, short_runtime


@pytest.fixture
def places(tmp_path: Path) -> Locations:
    (tmp_path / "session").mkdir()
    return Locations(
        presets=tmp_path / "Préférences" / "presets",
        builtin=tmp_path / "app" / "core" / "presets_builtin",
        runtime=tmp_path / "session" / "neural-preset",
        log=tmp_path / "cache" / "worker.log",
        python=tmp_path / "venv" / "bin" / "python",
        app=tmp_path / "app",
    )


def test_record_reads_back_as_it_was_saved(places: Locations, tmp_path: Path) -> None:
    record = tmp_path / "installation.json"
    places.save(record)
    places.save(record)
    assert Locations.load(record) == places


def test_session_directory_that_is_gone_gives_way(places: Locations, tmp_path: Path) -> None:
    places.save(tmp_path / "record")
    (tmp_path / "session").rmdir()
    found = Locations.load(tmp_path / "record")
    assert found.runtime == short_runtime(tmp_path / "cache" / "run")
    assert dataclasses.replace(found, runtime=places.runtime) == places


@pytest.mark.parametrize(
    "change",
    [
        {"python": None},
        {"python": 3},
        {"app": "relative/path"},
        {"app": "/a\0b"},
        {"log": "/" + "x" * 5000},
        {"format": "something"},
        {"version": 2},
    ],
)
def test_damaged_record_is_refused(
    places: Locations, tmp_path: Path, change: dict[str, Any]
) -> None:
    record = tmp_path / "installation.json"
    places.save(record)
    record.write_text(json.dumps({**json.loads(record.read_text()), **change}))
    with pytest.raises(InputError, match=r"not completely installed.*Run install.py again"):
        Locations.load(record)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"app": "/a", "app": "/b"}', "[" * 60_000])
def test_record_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    record = tmp_path / "installation.json"
    record.write_text(text)
    with pytest.raises(InputError, match=r"Run install.py again"):
        Locations.load(record)


def test_missing_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file .*installation.json"):
        Locations.load(tmp_path / "installation.json")


def test_without_the_variable_nothing_moves(
    places: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(module.HOME_VARIABLE, raising=False)
    assert places.at_home() is places
    monkeypatch.setenv(module.HOME_VARIABLE, "")
    assert places.at_home() is places


def test_home_moves_everything_but_the_program(
    places: Locations, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = places.at_home()
    assert moved == Locations.under(home, places.python, places.app)
    assert moved.presets == home / "presets"
    assert moved.runtime == home / "runtime"
    assert moved.log == home / "log" / "worker.log"
    assert moved.builtin == places.app / "core" / "presets_builtin"
    monkeypatch.chdir(home.parent)
    monkeypatch.setenv(module.HOME_VARIABLE, home.name)
    assert places.at_home() == moved


def test_home_with_its_own_installation_runs_that(places: Locations, home: Path) -> None:
    installed = Locations.under(home, home / "venv" / "bin" / "python", home / "app")
    installed.save(home / "installation.json")
    assert places.at_home() == installed
    (home / "installation.json").write_text("{")
    with pytest.raises(InputError, match=r"Run install.py again"):
        places.at_home()


def test_socket_has_room_however_long_the_path() -> None:
    long = Path("/home/" + "é" * 60 + "/runtime")
    short = Locations.under(long.parent, Path("/p"), Path("/a")).runtime
    assert len(os.fsencode(short)) <= LONGEST_RUNTIME
    assert short == short_runtime(long)
    assert short != short_runtime(Path("/home/" + "è" * 60 + "/runtime"))
    assert short_runtime(Path("/run/user/1000/np")) == Path("/run/user/1000/np")


def test_private_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "run"
    assert private_directory(path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    path.chmod(0o755)
    private_directory(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_private_directory_refuses_a_link_or_a_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(WorkerError, match=name):
            private_directory(tmp_path / name)
    somebody = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody)
    with pytest.raises(WorkerError, match="belongs to another user"):
        private_directory(tmp_path / "elsewhere")
