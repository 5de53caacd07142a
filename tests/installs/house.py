"""Zoë's home in a scene: she runs install.py there, and we look what has become of it."""

from __future__ import annotations

import re
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.installs.scene import Scene

HOME = Path("/home/user")
PROJECT = Path("/srv/neural-preset")
OLDER = Path("/srv/older")
WHEELS = Path("/srv/wheels")
KILLER = Path("/srv/killer.py")
_LEFT_BEHIND = re.compile(r"(\.np-[0-9a-f]{16}.*|.*\.(new|old)|install-temporary)")
# What running the program makes, and what a run of the installer writes anew.
_CHANGING = {"__pycache__", "install.log", "install-journal.json", "install.lock", ".cache"}


@dataclass(frozen=True)
class House:
    """A scene, the home directory in it, and how install.py is called there."""

    scene: Scene
    home: Path = HOME
    project: Path = PROJECT
    python: str = "python3"
    environment: Mapping[str, str] = field(default_factory=dict)
    umask: int = 0o022

    @property
    def data(self) -> Path:
        return self.home / ".local/share/neural-preset"

    @property
    def launcher(self) -> Path:
        return self.home / ".local/bin/neural-preset"

    @property
    def presets(self) -> Path:
        return self.home / ".config/neural-preset/presets"

    @property
    def settings(self) -> dict[str, str]:
        """The whole environment of what Zoë runs, but PATH where it is the usual one."""
        return {"HOME": str(self.home), "LANG": "C.UTF-8", **self.environment}

    def installer(self, *options: str) -> list[str]:
        return [self.python, str(self.project / "install.py"), *options]

    def install(self, *options: str, user: int = 1000) -> subprocess.CompletedProcess[str]:
        """Run install.py, whatever its exit status."""
        command = self.installer(*options)
        return self.scene.run(command, user, self.settings, self.umask, self.folder)

    def installs(self, *options: str) -> str:
        """What install.py prints; it must succeed."""
        done = self.install(*options)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr and "Error" not in done.stderr, done.stderr
        return done.stdout

    def refuses(self, *options: str, user: int = 1000) -> str:
        """The message of an install.py that must not succeed; it is one of ours."""
        done = self.install(*options, user=user)
        assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
        lines = done.stderr.strip().splitlines()
        assert lines and lines[-1].startswith("install.py: "), done.stderr
        assert "Traceback" not in done.stderr and "Errno" not in done.stderr, done.stderr
        return lines[-1].removeprefix("install.py: ")

    @property
    def folder(self) -> Path:
        """Where Zoë stands when she runs something."""
        return Path("/")

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the installed command."""
        command = [str(self.launcher), *arguments]
        return self.scene.run(command, environment=self.settings, umask=self.umask)

    def is_working(self) -> bool:
        """Whether the installed command starts and finds its built-in presets."""
        done = self.call("preset", "list")
        return done.returncode == 0 and "Golden Hour" in done.stdout

    def make(self, folder: Path, mode: int = 0o755) -> Path:
        """A folder of Zoë's in the scene; the host's path of it."""
        self.scene.run(["mkdir", "-p", str(folder)]).check_returncode()
        self.scene.path(folder).chmod(mode)
        return self.scene.path(folder)

    def files(self, folder: Path | None = None) -> dict[str, str]:
        """What lies in a folder, the home if none is named: kind and size or target of each path.

        Without what changes when the program runs.
        """
        top = self.scene.path(folder or self.home)
        found = {}
        for path in top.rglob("*"):
            name = path.relative_to(top)
            if not _CHANGING.intersection(name.parts) and path.suffix != ".log":
                found[name.as_posix()] = _kind(path)
        return found

    def left_behind(self) -> list[str]:
        """Half-made or outlived files and folders in the home."""
        top = self.scene.path(self.home)
        names = [path.relative_to(top).as_posix() for path in top.rglob("*")]
        return [name for name in names if _LEFT_BEHIND.fullmatch(name.rpartition("/")[2])]


def _kind(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return f"link to {path.readlink()}"
    if stat.S_ISDIR(status.st_mode):
        return "folder"
    return f"{status.st_mode & 0o777:03o}, {status.st_size} bytes"
