"""Where the installer puts things, and what it checks before it does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest

from core import paths
from core.setup import checks, environment, launcher
from core.setup.machine import Machine, SetupError
from core.setup.places import Places

NAME = "neural-preset"


def machine(platform: str, home: Path, **environ: str) -> Machine:
    return Machine(platform, home, environ)


@pytest.mark.parametrize("xdg", [False, True])
@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_default_places_are_those_of_platformdirs(
    platform: str, xdg: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "relative/is/ignored"}
    if xdg:
        environ = {
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
    for name, value in {**environ, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    kind = platformdirs.unix.Unix if platform == "linux" else platformdirs.macos.MacOS
    theirs = kind(NAME, appauthor=False)

    places = Places.on(machine(platform, tmp_path, **environ))

    assert places.home == Path(theirs.user_data_dir)
    assert places.presets == Path(theirs.user_config_dir) / "presets"
    assert places.launcher == tmp_path / ".local" / "bin" / NAME


def test_default_places_on_windows_are_those_of_platformdirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = str(tmp_path / "AppData" / "Local")
    monkeypatch.setenv("LOCALAPPDATA", local)
    monkeypatch.setattr(
        platformdirs.windows, "get_win_folder", platformdirs.windows.get_win_folder_from_env_vars
    )
    theirs = platformdirs.windows.Windows(NAME, appauthor=False)

    places = Places.on(machine("win32", tmp_path, LOCALAPPDATA=local))

    assert places.home == Path(theirs.user_data_dir)
    assert places.presets == Path(theirs.user_config_dir) / "presets"
    assert places.python == places.home / "venv" / "Scripts" / "python.exe"
    assert places == Places.on(machine("win32", tmp_path))


def test_installer_and_program_agree_about_this_computer(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Places.on(Machine.here()).home == paths.data_dir() == home
    assert Places.on(Machine.here()).presets == paths.locations().presets
    monkeypatch.delenv("NEURAL_PRESET_HOME")
    assert Places.on(Machine.here()).home == paths.data_dir()
    assert Places.on(Machine.here()).presets == paths.locations().presets


def test_launcher_passes_its_arguments_on_and_knows_its_home(tmp_path: Path) -> None:
    home = tmp_path / "It's Zoë's $HOME"
    places = Places.on(machine("linux", tmp_path, NEURAL_PRESET_HOME=str(home)))
    places.python.parent.mkdir(parents=True)
    places.python.write_text('#!/bin/sh\nprintf "%s\\n" "$NEURAL_PRESET_HOME" "$@"\n')
    places.python.chmod(0o755)

    launcher.install(places)
    said = subprocess.run(
        [places.launcher, "apply", "two words"],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout

    assert said.splitlines() == [str(home), "-I", "-m", "core", "apply", "two words"]
    assert launcher.is_current(places)
    assert launcher.is_ours(places.launcher)


def test_launcher_on_windows_is_a_command_file(tmp_path: Path) -> None:
    places = Places.on(machine("win32", tmp_path, LOCALAPPDATA=str(tmp_path / "Local")))
    assert places.launcher.name == "neural-preset.cmd"
    assert f'"{places.python}" -I -m core %*\r\n' in launcher.text(places)
    assert "NEURAL_PRESET_HOME" not in launcher.text(places)


def test_launcher_on_windows_survives_percent_signs(tmp_path: Path) -> None:
    home = tmp_path / "100% mine"
    places = Places.on(machine("win32", tmp_path, NEURAL_PRESET_HOME=str(home)))
    said = launcher.text(places)
    assert f'set "NEURAL_PRESET_HOME={tmp_path}{os.sep}100%% mine"' in said
    assert "100% mine" not in said


def test_what_a_full_disk_left_of_the_launcher_is_replaced(tmp_path: Path) -> None:
    places = Places.on(machine("linux", tmp_path))
    launcher.install(places)
    whole = places.launcher.read_bytes()
    for left in (b"", whole[:50], b"\0" * 60 + whole[60:]):
        places.launcher.write_bytes(left)
        assert not launcher.is_current(places)
        launcher.install(places)
        assert launcher.is_current(places)


def test_python_of_the_microsoft_store_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    environment.check_python()
    folder = "PythonSoftwareFoundation.Python.3.12_3.12.2800.0_x64__qbz5n2kfra8p0"
    monkeypatch.setattr(sys, "base_prefix", rf"C:\Program Files\WindowsApps\{folder}")
    with pytest.raises(SetupError, match=r"Install Python from python\.org"):
        environment.check_python()


def test_a_foreign_file_in_the_launchers_place_stays(tmp_path: Path) -> None:
    places = Places.on(machine("linux", tmp_path))
    places.launcher.parent.mkdir(parents=True)
    places.launcher.write_text("something of the user's")
    with pytest.raises(SetupError, match="is not ours: rename it"):
        launcher.install(places)
    assert not launcher.is_ours(places.launcher)
    assert places.launcher.read_text() == "something of the user's"


def test_path_is_searched_for_the_launchers_directory(tmp_path: Path) -> None:
    linux = machine("linux", tmp_path, PATH=os.pathsep.join(["/bin", f"{tmp_path}/.local/bin/"]))
    assert launcher.is_on_path(Places.on(linux), linux)
    bare = machine("linux", tmp_path, PATH="/bin")
    assert not launcher.is_on_path(Places.on(bare), bare)


def test_a_full_disk_is_noticed_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def nearly_full(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(free=5 << 30)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    checks.check_room(tmp_path / "not" / "yet", "cpu")
    with pytest.raises(SetupError, match=r"5\.0 GiB free, but installing needs 12 GiB"):
        checks.check_room(tmp_path / "not" / "yet", "cuda")
    assert asked == [tmp_path, tmp_path]


def test_a_file_where_a_folder_is_needed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    checks.check_writable(tmp_path / "new" / "folder")
    with pytest.raises(SetupError, match="a folder is needed there"):
        checks.check_writable(tmp_path / "file" / "below")


def test_a_folder_without_the_right_to_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root, who runs many a test machine, may write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(SetupError, match=f"You are not allowed to write into {tmp_path}"):
        checks.check_writable(tmp_path / "new" / "folder")


def test_a_path_that_environments_do_not_take_is_refused(tmp_path: Path) -> None:
    home = tmp_path / f"a{os.pathsep}b"
    places = Places.on(machine("linux", tmp_path, NEURAL_PRESET_HOME=str(home)))
    with pytest.raises(SetupError, match="environments do not take"):
        checks.check_places(places, [])


@pytest.mark.parametrize(
    ("name", "value"), [("SUDO_USER", "zoe"), ("DOAS_USER", "zoe"), ("PKEXEC_UID", "1000")]
)
def test_sudo_is_refused(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    checks.check_user(machine("linux", tmp_path))
    checks.check_user(machine("linux", tmp_path, SUDO_USER="root"))
    with pytest.raises(SetupError, match="without sudo"):
        checks.check_user(machine("linux", tmp_path, **{name: value}))


def test_an_almost_full_disk_explains_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, full in ((1 << 20, True), (1 << 30, False)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert checks.is_full(tmp_path / "not yet") is full
