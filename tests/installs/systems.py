"""The systems that the installer is tried on: Debians as a user has them, with a bare Python.

Each is a root directory made by mmdebstrap, a layer with the user Zoë, and one with what a
photographer installs besides (python3-venv). Layers are kept in the cache as `overlayfs` wants
them: no scenario ever writes into one.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.gimp.roots import Root, RootUnavailableError, cache_dir, find
from tests.installs.scene import Scene

USER = 1000
HOME = Path("/home/user")


@dataclass(frozen=True)
class Bare(Root):
    """A Debian with Python and no GIMP; `version` is the name of its suite."""

    @property
    def suite(self) -> str:
        return self.version

    @property
    def packages(self) -> tuple[str, ...]:
        return ("python3",)


@dataclass(frozen=True)
class System:
    """One of the systems: its root, the version of its Python and that of its GIMP."""

    name: str
    python: str
    gimp: str | None = None

    @property
    def root(self) -> Root:
        return Bare(self.name) if self.gimp is None else Root(self.gimp)

    def prepare(self) -> None:
        """Make the root and the layers, or keep those of an earlier run; needs the network."""
        folder = _cache()
        folder.mkdir(parents=True, exist_ok=True)
        if self.gimp is None:
            self.root.build(folder / f"{self.name}.log")
        else:
            find(self.gimp)
        _make_layer(self._user_layer, self._add_user)
        if self.name != "bullseye":  # its Python is too old: nothing else is asked there
            _make_layer(self._venv_layer, self._add_venv)

    def layers(self, venv: bool = True) -> list[Path]:
        """What a scene on this system stands on, the topmost first; without `venv` a bare one."""
        upper = [self._venv_layer] if venv else []
        return [*upper, self._user_layer, self.root.path.resolve()]

    @property
    def _user_layer(self) -> Path:
        return _cache() / f"{self.name}-user"

    @property
    def _venv_layer(self) -> Path:
        return _cache() / f"{self.name}-venv"

    def _add_user(self, layer: Path) -> None:
        passwd = (self.root.path / "etc/passwd").read_text()
        (layer / "etc").mkdir()
        (layer / "etc/passwd").write_text(f"{passwd}zoe:x:{USER}:{USER}:Zoe:{HOME}:/bin/sh\n")
        home = layer / HOME.relative_to("/")
        home.mkdir(parents=True)
        shutil.chown(home, USER, USER)

    def _add_venv(self, layer: Path) -> None:
        # The mirror keeps forky's Release file past its date of validity.
        options = "-o Acquire::Check-Valid-Until=false -o Acquire::Retries=3"
        with Scene(self.layers(venv=False), network=True, keep=layer) as scene:
            done = scene.run(
                ["sh", "-c", f"apt-get {options} update && apt-get -y {options} install "
                 "--no-install-recommends python3-venv && apt-get clean"],
                user=0,
                environment={"DEBIAN_FRONTEND": "noninteractive"},
            )
            if done.returncode:
                raise RootUnavailableError(f"{self.name}: {done.stdout}{done.stderr}")


BOOKWORM = System("bookworm", "3.11")
BULLSEYE = System("bullseye", "3.9")
TRIXIE = System("trixie", "3.13", "3.0")
FORKY = System("forky", "3.14", "3.2")
ALL = (BOOKWORM, BULLSEYE, TRIXIE, FORKY)


def _cache() -> Path:
    return cache_dir() / "installs"


def _make_layer(layer: Path, fill: Callable[[Path], None]) -> None:
    """Make a layer as a whole or not at all."""
    if layer.is_dir():
        return
    half = layer.with_name(f".{layer.name}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(shutil.rmtree, half, ignore_errors=True)
        fill(half)
        on_failure.pop_all()
    half.rename(layer)
