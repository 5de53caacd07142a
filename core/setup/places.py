"""Where each part of an installation lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.locations import HOME_VARIABLE, RECORD
from core.setup.machine import Machine

APP_NAME = "neural-preset"


@dataclass(frozen=True)
class Places:
    """The files and directories that the installer makes, all under `home` but for the launcher."""

    home: Path
    presets: Path
    launcher: Path
    windows: bool
    moved: bool  # NEURAL_PRESET_HOME keeps everything in one directory of the user's choice

    @classmethod
    def on(cls, machine: Machine) -> Places:
        """The places of this user: those of `platformdirs`, or under $NEURAL_PRESET_HOME."""
        name = APP_NAME + (".cmd" if machine.is_windows else "")
        moved = machine.environ.get(HOME_VARIABLE, "").strip()
        if moved:
            home = Path(os.path.abspath(os.path.expanduser(moved)))
            return cls(home, home / "presets", home / "bin" / name, machine.is_windows, True)
        home = _user_directory(machine, "XDG_DATA_HOME", ".local/share") / APP_NAME
        config = _user_directory(machine, "XDG_CONFIG_HOME", ".config") / APP_NAME
        binaries = home / "bin" if machine.is_windows else machine.home / ".local" / "bin"
        return cls(home, config / "presets", binaries / name, machine.is_windows, False)

    @property
    def venv(self) -> Path:
        return self.home / "venv"

    @property
    def app(self) -> Path:
        return self.home / "app"

    @property
    def record(self) -> Path:
        """The locations that the plug-in and the command line read."""
        return self.home / RECORD

    @property
    def journal(self) -> Path:
        return self.home / "install-journal.json"

    @property
    def lock(self) -> Path:
        return self.home / "install.lock"

    @property
    def temporary(self) -> Path:
        """Where pip unpacks its downloads."""
        return self.home / "install-temporary"

    @property
    def log(self) -> Path:
        return self.home / "install.log"

    @property
    def sample(self) -> Path:
        return self.home / "sample"

    @property
    def python(self) -> Path:
        return python_of(self.venv, self.windows)


def python_of(venv: Path, windows: bool) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "Scripts" / "python.exe" if windows else venv / "bin" / "python"


def _user_directory(machine: Machine, variable: str, default: str) -> Path:
    """The directory that `platformdirs`, which is not installed yet, gives for data and settings.

    Linux keeps the two apart; XDG's variables count on macOS too.
    """
    if machine.is_windows:
        local = machine.environ.get("LOCALAPPDATA", "").strip()
        return Path(local) if local else machine.home / "AppData" / "Local"
    if machine.is_mac:
        default = "Library/Application Support"
    return machine.directory(variable, machine.home / default)
