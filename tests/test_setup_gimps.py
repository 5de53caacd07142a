"""Finding every GIMP 3 on every platform; a made-up home stands for each."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.setup import gimps
from core.setup.gimps import Gimp
from core.setup.machine import Machine


def make(*directories: Path) -> list[Path]:
    for directory in directories:
        directory.mkdir(parents=True)
    return list(directories)


def test_linux_packages_flatpak_and_snap_are_found_in_this_order(tmp_path: Path) -> None:
    expected = make(
        tmp_path / ".config/GIMP/3.0",
        tmp_path / ".config/GIMP/3.2",
        tmp_path / ".var/app/org.gimp.GIMP/config/GIMP/3.0",
        tmp_path / "snap/gimp/current/.config/GIMP/3.0",
    )
    make(tmp_path / ".config/GIMP/2.10", tmp_path / ".config/GIMP/backup of 3.0")
    (tmp_path / ".config/GIMP/3.4").write_text("a file")

    found = gimps.configurations(Machine("linux", tmp_path, {}))

    assert found == expected
    assert [gimps.is_sandboxed(directory) for directory in found] == [False, False, True, True]


def test_xdg_config_home_moves_the_directory(tmp_path: Path) -> None:
    make(tmp_path / ".config/GIMP/3.0")
    moved = make(tmp_path / "elsewhere/GIMP/3.0")
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "elsewhere")}
    assert gimps.configurations(Machine("linux", tmp_path, environ)) == moved


@pytest.mark.parametrize("value", ["my gimp", "{home}/my gimp"])
def test_gimp3_directory_comes_first_and_may_be_relative_to_home(
    tmp_path: Path, value: str
) -> None:
    usual = make(tmp_path / ".config/GIMP/3.0")
    machine = Machine("linux", tmp_path, {"GIMP3_DIRECTORY": value.format(home=tmp_path)})
    assert gimps.configurations(machine) == [tmp_path / "my gimp", *usual]


def test_the_same_directory_by_two_ways_is_one(tmp_path: Path) -> None:
    usual = make(tmp_path / ".config/GIMP/3.0")
    machine = Machine("linux", tmp_path, {"GIMP3_DIRECTORY": str(usual[0])})
    assert gimps.configurations(machine) == usual


def test_mac_and_windows_directories(tmp_path: Path) -> None:
    mac = make(tmp_path / "Library/Application Support/GIMP/3.0")
    assert gimps.configurations(Machine("darwin", tmp_path, {})) == mac
    windows = make(tmp_path / "AppData/Roaming/GIMP/3.2")
    assert gimps.configurations(Machine("win32", tmp_path, {})) == windows
    roaming = make(tmp_path / "profile/GIMP/3.0")
    environ = {"APPDATA": str(tmp_path / "profile")}
    assert gimps.configurations(Machine("win32", tmp_path, environ)) == roaming


def test_a_gimp_that_never_ran_gets_the_directory_it_will_make(tmp_path: Path) -> None:
    machine = Machine("linux", tmp_path, {})
    old, new = Gimp(Path("/usr/bin/gimp-console"), "3.0"), Gimp(Path("/opt/gimp"), "3.2")
    found = make(tmp_path / ".config/GIMP/3.0")
    expected = [*found, tmp_path / ".config/GIMP/3.2"]
    assert gimps.with_new_gimps(machine, found, [new, old]) == expected

    only_there = Machine("linux", tmp_path, {"GIMP3_DIRECTORY": "my gimp"})
    configured = gimps.configurations(only_there)
    assert gimps.with_new_gimps(only_there, configured, [new]) == configured


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("GNU Image Manipulation Program version 3.0.4\n", "3.0"),
        ("GNU Image Manipulation Program version 3.2.6\ngit-describe: GIMP_3_2_6\n", "3.2"),
        ("GNU Image Manipulation Program version 2.10.34\n", None),
        ("GIMP 12.3.0.4", None),
        ("", None),
    ],
)
def test_version_answers(answer: str, version: str | None) -> None:
    assert gimps.version_of(answer) == version


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")
def test_programs_on_path_are_asked_for_their_version(tmp_path: Path) -> None:
    for folder, answer in {"a": "version 2.10.38", "b": "version 3.2.6", "c": "broken"}.items():
        program = tmp_path / folder / ("gimp" if folder == "a" else "gimp-console-3.2")
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "GNU Image Manipulation Program {answer}"\n')
        program.chmod(0o755)
    (tmp_path / "b" / "gimp-console").symlink_to("gimp-console-3.2")
    path = os.pathsep.join(str(tmp_path / folder) for folder in "abc")

    found = gimps.programs(Machine("linux", tmp_path, {"PATH": path}))

    assert found == [Gimp(tmp_path / "b" / "gimp-console", "3.2")]


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return path


ACTIVE = "app/org.gimp.GIMP/current/active/files/bin"


@pytest.mark.parametrize(
    ("layout", "found"),
    [
        (f"var/lib/flatpak/{ACTIVE}/gimp-console-3.0", {"Flatpak": "3.0"}),
        (f"home/.local/share/flatpak/{ACTIVE}/gimp-console-3.2", {"Flatpak": "3.2"}),
        (f"var/lib/flatpak/{ACTIVE}/gimp-console-2.10", {}),
        ("var/lib/flatpak/app/org.kde.krita/current/active/files/bin/gimp-console-3.0", {}),
        ("snap/gimp/current/usr/bin/gimp-console-3.0", {"Snap": "3.0"}),
        ("var/lib/snapd/snap/gimp/current/usr/bin/gimp-console-3.2", {"Snap": "3.2"}),
        ("home/.config/GIMP/3.0/gimp-console-3.0", {}),
    ],
)
def test_sandboxed_gimps_are_known_without_starting_them(
    tmp_path: Path, layout: str, found: dict[str, str]
) -> None:
    program(tmp_path / layout)
    machine = Machine("linux", tmp_path / "home", {}, tmp_path)
    assert gimps.sandboxes(machine) == found
    assert gimps.programs(machine) == []
    # Snap makes ~/snap/gimp/current a link when GIMP first runs: nothing may be there before.
    assert gimps.with_new_gimps(machine, gimps.configurations(machine), []) == (
        [tmp_path / "home/.config/GIMP/3.0"] if "/.config/" in layout else []
    )


def test_a_snap_that_has_run_under_two_revisions_has_one_directory(tmp_path: Path) -> None:
    make(tmp_path / "snap/gimp/501/.config/GIMP/3.0", tmp_path / "snap/gimp/512/.config/GIMP/3.0")
    current = tmp_path / "snap/gimp/current"
    if os.name == "nt":
        pytest.skip("Windows has no Snap and makes no links")
    current.symlink_to("512")
    found = gimps.configurations(Machine("linux", tmp_path, {}))
    assert found == [current / ".config/GIMP/3.0"]


def test_a_user_called_snap_is_not_in_a_sandbox() -> None:
    home = Path("/home") / "snap"
    assert not gimps.is_sandboxed(home / ".config/GIMP/3.0")
    assert gimps.is_sandboxed(home / "snap/gimp/current/.config/GIMP/3.0")


def test_gimp_of_the_microsoft_store_keeps_its_directory_in_its_package(tmp_path: Path) -> None:
    local = "AppData/Local/Packages"
    expected = make(
        tmp_path / "AppData/Roaming/GIMP/3.0",
        tmp_path / local / "GIMP.GIMP_abcdefghijklm/LocalCache/Roaming/GIMP/3.0",
    )
    make(tmp_path / local / "Another.Program_abc/LocalCache/Roaming/GIMP/3.0")
    assert gimps.configurations(Machine("win32", tmp_path, {})) == expected


def test_programs_of_mac_and_windows_are_looked_for_where_installers_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"GIMP.app": "3.0", "GIMP-2.10.app": None, "GIMP 3": "3.2", "GIMP 3.0": "3.0"}

    def version(path: Path) -> str | None:
        return next(versions[part] for part in path.parts if part in versions)

    monkeypatch.setattr(gimps, "_version", version)
    mac = program(tmp_path / "Applications/GIMP.app/Contents/MacOS/gimp-console-3.0")
    program(tmp_path / "Applications/GIMP-2.10.app/Contents/MacOS/gimp-console-2.10")
    machine = Machine("darwin", tmp_path / "home", {"PATH": ""}, tmp_path)
    assert gimps.programs(machine) == [Gimp(mac, "3.0")]

    everybody = program(tmp_path / "Program Files/GIMP 3/bin/gimp-console-3.2.exe")
    mine = program(tmp_path / "Local/Programs/GIMP 3.0/bin/gimp-console-3.0.exe")
    program(tmp_path / "Program Files/GIMP 2/bin/gimp-console-2.10.exe")
    environ = {
        "PATH": "",
        "ProgramFiles": str(tmp_path / "Program Files (x86)"),
        "ProgramW6432": str(tmp_path / "Program Files"),
        "LOCALAPPDATA": str(tmp_path / "Local"),
    }
    found = gimps.programs(Machine("win32", tmp_path / "home", environ, tmp_path))
    assert found == [Gimp(everybody, "3.2"), Gimp(mine, "3.0")]
