"""What the scenarios share: copies of the project, wheels, and finished installations as layers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.gimp.roots import CHECKOUT, cache_dir
from tests.installation import copy_project
from tests.installs import wheels
from tests.installs.house import OLDER, PROJECT, WHEELS, House
from tests.installs.scene import Scene
from tests.installs.systems import HOME, USER, System

_FIRST_COMPLETE = "Tests of the installer: a real installation"
_DATA = HOME / ".local/share/neural-preset"


class UnavailableError(Exception):
    """Something that a scenario needs cannot be had here; the message says what."""


@dataclass(frozen=True)
class Workshop:
    """A temporary `folder`; with `reuse`, the environments with torch are those of earlier runs.

    `trials` and `seed` are for the scenarios that do something at random.
    """

    folder: Path
    reuse: bool
    trials: int
    seed: int

    @cache  # noqa: B019 - there is one workshop
    def project(self) -> Path:
        """A copy of the checkout as Zoë has it."""
        copy = self.folder / "project"
        copy_project(copy)
        return _belongs_to_zoe(copy)

    @cache  # noqa: B019
    def older(self) -> Path:
        """An older version: another number, another file here and there, one file more."""
        copy = self.folder / "older"
        shutil.copytree(self.project(), copy)
        package = copy / "core/__init__.py"
        text = re.sub(r'__version__ = ".*"', '__version__ = "0.0.9"', package.read_text())
        package.write_text(text)
        (copy / "core/dropped_since.py").write_text("")
        with (copy / "plugin/neural-preset/recolor.py").open("a") as file:
            file.write("\n# as it was\n")
        (copy / "plugin/neural-preset/dropped_since.py").write_text("")
        return _belongs_to_zoe(copy)

    @cache  # noqa: B019
    def first(self) -> Path:
        """The first version of the project that could be installed, from its history."""
        git = ["git", "-C", str(CHECKOUT)]
        found = subprocess.run(
            [*git, "log", "--format=%H", f"--grep=^{_FIRST_COMPLETE}"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        if not found:
            raise UnavailableError("this checkout has no history")
        copy = self.folder / "first"
        copy.mkdir()
        with subprocess.Popen([*git, "archive", found[-1]], stdout=subprocess.PIPE) as archive:
            subprocess.run(["tar", "-x", "-C", str(copy)], stdin=archive.stdout, check=True)
        return _belongs_to_zoe(copy)

    def wheels(self, system: System) -> Path:
        """Real wheels for this system."""
        return wheels.real(system.python)

    @cache  # noqa: B019
    def stand_ins(self, system: System) -> Path:
        return wheels.stand_ins(self.wheels(system), self.folder / f"stand-ins-{system.name}")

    def environment(self, system: System) -> Path:
        """A layer with an environment that install.py made of real packages; minutes, once."""
        layer = cache_dir() / "installs" / f"{system.name}-environment"
        if layer.is_dir() and (self.reuse or layer in _made):
            return layer
        half = layer.with_name(f".{layer.name}")
        shutil.rmtree(half, ignore_errors=True)
        shown = {PROJECT: self.project(), WHEELS: self.wheels(system)}
        with Scene(system.layers(), shown, keep=half) as scene:
            said = House(scene).install("--offline", str(WHEELS))
            assert said.returncode == 0, said.stdout + said.stderr
        shutil.rmtree(layer, ignore_errors=True)
        half.rename(layer)
        _made.add(layer)
        return layer

    @cache  # noqa: B019
    def installed(self, system: System, older: bool = False) -> list[Path]:
        """The layers of a home with a finished installation of the project, or the older one."""
        layers = [self.environment(system), *system.layers()]
        upper = self.folder / f"installed-{system.name}-{older}"
        project = OLDER if older else PROJECT
        with Scene(layers, self.shown(), keep=upper) as scene:
            done = House(scene, project=project).install()
            assert done.returncode == 0, done.stdout + done.stderr
        return [upper, *layers]

    def packages(self, system: System) -> Path:
        """Where the host has the installed packages that stand-ins point at."""
        environment = self.environment(system) / _DATA.relative_to("/") / "venv/lib"
        return environment / f"python{system.python}" / "site-packages"

    def shown(self, **more: Path) -> dict[Path, Path]:
        """Both versions of the project, for a scene; `more` by name below /srv."""
        shown = {PROJECT: self.project(), OLDER: self.older()}
        return shown | {Path("/srv") / name: path for name, path in more.items()}

    def shown_with_stand_ins(self, system: System) -> dict[Path, Path]:
        """The same with stand-ins as the folder of wheels."""
        packages = {wheels.PACKAGES: self.packages(system)}
        return self.shown() | packages | {WHEELS: self.stand_ins(system)}


_made: set[Path] = set()


def _belongs_to_zoe(folder: Path) -> Path:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, USER, USER, follow_symlinks=False)
    return folder
