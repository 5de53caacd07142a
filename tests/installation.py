"""An installation made by a test: a copy of the project, a home, and how install.py is called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from core.setup.places import Places
from tests.gimp.roots import CHECKOUT

PATIENCE = 900
_PARTS = ("install.py", "pyproject.toml", "core", "plugin", "icons", "locale")


def copy_project(target: Path) -> None:
    """A copy of the checkout as a user gets it."""
    target.mkdir()
    for part in _PARTS:
        if (CHECKOUT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "installation.json")
            shutil.copytree(CHECKOUT / part, target / part, ignore=ignored)
        else:
            shutil.copy2(CHECKOUT / part, target / part)


@dataclass(frozen=True)
class Installation:
    """A checkout, the home that it is installed into, and the directories of two GIMPs."""

    folder: Path
    places: Places

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def gimps(self) -> list[Path]:
        return [self.folder / "GIMP" / version for version in ("3.0", "3.2")]

    @property
    def environ(self) -> dict[str, str]:
        # No GIMP on PATH: what it does in a real one is the subject of tests/gimp.
        return {**os.environ, "NEURAL_PRESET_HOME": str(self.places.home), "PATH": os.defpath}

    def command(self, *options: str, by: Path | None = None) -> list[str]:
        directories = [f"--gimp-dir={directory}" for directory in self.gimps]
        return [sys.executable, str(by or self.checkout / "install.py"), *directories, *options]

    def attempt(self, *options: str, by: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs install.py, the checkout's unless it is `by` another, whatever its exit status."""
        return subprocess.run(
            self.command(*options, by=by),
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def run(self, *options: str, by: Path | None = None) -> str:
        """What install.py prints; its exit status must be 0."""
        done = self.attempt(*options, by=by)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def call(self, *arguments: str) -> str:
        """What the installed command `neural-preset` prints, without NEURAL_PRESET_HOME."""
        done = subprocess.run(
            [self.places.launcher, *arguments],
            env={name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def app_of(self, gimp: Path) -> str:
        record = gimp / "plug-ins" / "neural-preset" / "installation.json"
        return str(json.loads(record.read_text("utf-8"))["app"])
