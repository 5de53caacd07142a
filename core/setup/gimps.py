"""Finding every GIMP 3 of the user: its configuration directories and its programs.

Each GIMP 3.x keeps its own directory ("3.0", "3.2"). Flatpak, Snap and the Microsoft Store keep
theirs apart; a Flatpak may also use the one of the distribution's GIMP.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.setup.machine import Machine

FLATPAK_ID = "org.gimp.GIMP"
_VERSION_DIRECTORY = re.compile(r"3\.\d{1,3}")
_VERSION_TEXT = re.compile(r"(?:^|\s)(3\.\d{1,3})\.\d")
_VERSION_SECONDS = 60


@dataclass(frozen=True)
class Gimp:
    """A GIMP program that runs without a window, and its version, as "3.0"."""

    program: Path
    version: str


def configuration_roots(machine: Machine) -> list[Path]:
    """The directories, present or not, that may hold a "3.x" of some GIMP; GIMP's own first."""
    if machine.is_windows:
        # What a program of the Microsoft Store writes into AppData\Roaming lands in its package.
        packages = sorted((_local(machine) / "Packages").glob("*GIMP*"))
        stored = [package / "LocalCache" / "Roaming" / "GIMP" for package in packages]
        return [_roaming(machine) / "GIMP", *stored]
    if machine.is_mac:
        return [machine.home / "Library" / "Application Support" / "GIMP"]
    return [
        machine.directory("XDG_CONFIG_HOME", machine.home / ".config") / "GIMP",
        machine.home / ".var" / "app" / FLATPAK_ID / "config" / "GIMP",
        machine.home / "snap" / "gimp" / "current" / ".config" / "GIMP",
    ]


def named_directory(machine: Machine) -> Path | None:
    """The one directory that GIMP3_DIRECTORY makes GIMP use, relative to the home directory."""
    value = machine.environ.get("GIMP3_DIRECTORY", "").strip()
    return machine.home / value if value else None


def configurations(machine: Machine) -> list[Path]:
    """The configuration directories of every GIMP 3 that has run here, without doubles."""
    found = []
    named = named_directory(machine)
    if named is not None:
        found.append(named)
    for root in configuration_roots(machine):
        if root.is_dir():
            found += sorted(
                entry
                for entry in root.iterdir()
                if is_version(entry.name) and entry.is_dir()
            )
    unique: dict[Path, Path] = {}
    for directory in found:
        unique.setdefault(directory.resolve(), directory)
    return list(unique.values())


def with_new_gimps(machine: Machine, found: list[Path], gimps: list[Gimp]) -> list[Path]:
    """`found`, and the directories that programs which never ran will make at their first start."""
    if named_directory(machine) is not None:
        return found
    root = configuration_roots(machine)[0]
    new = [root / version for version in dict.fromkeys(gimp.version for gimp in gimps)]
    return found + [directory for directory in new if directory not in found]


def programs(machine: Machine) -> list[Gimp]:
    """The GIMP 3 programs on PATH and where the platforms' installers put them, newest first."""
    gimps: dict[Path, Gimp] = {}
    for candidate in _candidates(machine):
        real = candidate.resolve()
        if real not in gimps:
            version = _version(candidate)
            if version is not None:
                gimps[real] = Gimp(candidate, version)
    return sorted(gimps.values(), key=lambda gimp: _number(gimp.version), reverse=True)


def is_version(name: str) -> bool:
    """Whether a directory's name is that of a GIMP 3 version."""
    return _VERSION_DIRECTORY.fullmatch(name) is not None


def is_sandboxed(directory: Path) -> bool:
    """Whether the directory is that of a GIMP from Flatpak or Snap."""
    pairs = zip(directory.parts, directory.parts[1:], strict=False)
    return FLATPAK_ID in directory.parts or ("snap", "gimp") in pairs


def sandboxes(machine: Machine) -> dict[str, str]:
    """The GIMP 3 that Flatpak and Snap have installed, started or not: "Flatpak" -> "3.0".

    Neither may be asked for its version: that starts a sandbox. The name of its program tells.
    """
    if machine.is_windows or machine.is_mac:
        return {}
    data = machine.directory("XDG_DATA_HOME", machine.home / ".local" / "share")
    active = Path("app", FLATPAK_ID, "current", "active", "files", "bin")
    places = {
        "Flatpak": [data / "flatpak" / active, machine.root / "var" / "lib" / "flatpak" / active],
        "Snap": [
            machine.root / snaps / "gimp" / "current" / "usr" / "bin"
            for snaps in ("snap", "var/lib/snapd/snap")
        ],
    }
    found = {}
    for kind, folders in places.items():
        names = [path.name for folder in folders for path in folder.glob("gimp-console-3.*")]
        versions = filter(is_version, (name.removeprefix("gimp-console-") for name in names))
        newest = max(versions, key=_number, default=None)
        if newest is not None:
            found[kind] = newest
    return found


def _candidates(machine: Machine) -> list[Path]:
    """Programs that exist; gimp-console before gimp, which would want a display."""
    path = machine.environ.get("PATH", "")
    names = ["gimp-console", "gimp-console-3.2", "gimp-console-3.0", "gimp-console-3", "gimp"]
    found = [Path(hit) for name in names if (hit := shutil.which(name, path=path))]
    if machine.is_mac:
        for applications in (machine.root / "Applications", machine.home / "Applications"):
            found += sorted(applications.glob("GIMP*.app/Contents/MacOS/gimp-console*"))
            found += sorted(applications.glob("GIMP*.app/Contents/MacOS/gimp"))
    if machine.is_windows:
        # A Python of 32 bits is told another ProgramFiles than where GIMP is.
        names = ["ProgramW6432", "ProgramFiles", "LOCALAPPDATA"]
        roots = [machine.environ.get(name, "") for name in names]
        for root in dict.fromkeys(filter(None, roots)):
            for pattern in ("GIMP 3*/bin", "Programs/GIMP 3*/bin"):
                found += sorted(Path(root).glob(f"{pattern}/gimp-console*.exe"))
    return found


def _version(program: Path) -> str | None:
    """ "3.0" for a GIMP 3.0.x; None for another GIMP or a program that does not answer."""
    try:
        answer = subprocess.run(
            [str(program), "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return version_of(answer.stdout)


def version_of(answer: str) -> str | None:
    """The version directory that a `gimp --version` text stands for."""
    match = _VERSION_TEXT.search(answer)
    return match.group(1) if match else None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _local(machine: Machine) -> Path:
    value = machine.environ.get("LOCALAPPDATA", "").strip()
    return Path(value) if value else machine.home / "AppData" / "Local"


def _roaming(machine: Machine) -> Path:
    value = machine.environ.get("APPDATA", "").strip()
    return Path(value) if value else machine.home / "AppData" / "Roaming"
