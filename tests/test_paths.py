"""The running environment's own places, by the customs of the system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import core
from core import paths
from core.locations import Locations, short_runtime

APP = Path(core.__file__).resolve().parent.parent


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose XDG directories are all in one folder."""
    monkeypatch.delenv("NEURAL_PRESET_HOME", raising=False)
    for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    return tmp_path


def test_program_and_built_in_presets_are_those_of_this_checkout(desktop: Path) -> None:
    places = paths.locations()
    assert places.app == APP
    assert places.builtin == APP / "core" / "presets_builtin"
    assert places.python == Path(sys.executable)


def test_presets_cache_and_data_follow_xdg(desktop: Path) -> None:
    places = paths.locations()
    assert places.presets == desktop / "config" / "neural-preset" / "presets"
    assert places.log == desktop / "cache" / "neural-preset" / "worker.log"
    assert paths.data_dir() == desktop / "data" / "neural-preset"


@pytest.mark.filterwarnings("error")
def test_without_a_session_directory_the_cache_serves(
    desktop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        paths.platformdirs, "user_runtime_dir", lambda *_, **__: str(desktop / "gone" / "np")
    )
    expected = short_runtime(desktop / "cache" / "neural-preset" / "run")
    assert paths.locations().runtime == expected

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError("another user's")

    monkeypatch.setattr(paths.platformdirs, "user_runtime_dir", refuse)
    assert paths.locations().runtime == expected


def test_session_directory_is_used_where_there_is_one(
    desktop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = desktop / "s"
    session.mkdir(mode=0o700)
    monkeypatch.setattr(
        paths.platformdirs, "user_runtime_dir", lambda *_, **__: str(session / "np")
    )
    assert paths.locations().runtime == short_runtime(session / "np")


def test_nothing_is_created_by_asking(desktop: Path) -> None:
    paths.locations()
    paths.data_dir()
    assert list(desktop.iterdir()) == []


def test_home_variable_moves_everything(home: Path) -> None:
    assert paths.locations() == Locations.under(home, Path(sys.executable), APP)
    assert paths.data_dir() == home


def test_record_of_these_places_is_what_the_plug_in_reads(home: Path) -> None:
    places = paths.locations()
    places.save(home / "installation.json")
    assert Locations.load(home / "installation.json") == places
    assert places.at_home() == places
