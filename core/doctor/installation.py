"""The installation that is examined: where its parts are, and how its user calls them."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.locations import HOME_VARIABLE, Locations
from core.setup import launcher
from core.setup.application import INSTALLER
from core.setup.journal import Journal
from core.setup.machine import Machine
from core.setup.places import Places


@dataclass(frozen=True)
class Installation:
    """`locations` as the running program sees them, `places` as the installer does."""

    locations: Locations
    places: Places
    machine: Machine

    @classmethod
    def here(cls) -> Installation:
        """The one that runs. Raises InputError where its places are not known."""
        machine = Machine.here()
        places = Places.on(machine)
        try:
            from core.paths import locations

            return cls(locations(), places, machine)
        except ImportError:  # a package is missing: the record knows the same
            return cls(Locations.load(places.record).at_home(), places, machine)

    @property
    def is_copy(self) -> bool:
        """Whether the program is the installed copy, not a checkout."""
        return _same(self.locations.app, self.places.app)

    @property
    def journal(self) -> Journal | None:
        """What the installer has noted; None where it has never been here."""
        return Journal.read(self.places.journal)

    @property
    def own_installer(self) -> Path | None:
        """The install.py beside the program: it repairs all but the program itself."""
        return _existing(self.locations.app)

    @property
    def other_installer(self) -> Path | None:
        """The install.py of the checkout that it was installed from, if that is still there."""
        journal = self.journal
        if journal is None or not journal.checkout or _same(journal.checkout, self.places.app):
            return None
        return _existing(Path(journal.checkout))

    def install_command(self, installer: str | Path, *options: str) -> str:
        """What to type to run an install.py for this installation."""
        python = "py" if self.machine.is_windows else "python3"
        return self._at_home(self.shell(python, installer, *options))

    def own_command(self, *words: str) -> str:
        """What to type to call `neural-preset` with these words."""
        script = self.places.launcher
        if launcher.is_ours(script):
            found = shutil.which(script.stem, path=self.machine.environ.get("PATH"))
            known = found is not None and _same(found, script)
            return self.shell(script.stem if known else script, *words)
        python = self.shell(self.locations.python, "-m", "core", *words)
        return self._at_home(python, self.shell("cd", self.locations.app))

    def shell(self, *words: str | Path) -> str:
        """Words as they are typed at a command line."""
        if self.machine.is_windows:
            return " ".join(_quoted_for_windows(str(word)) for word in words)
        return shlex.join(map(str, words))

    def _at_home(self, command: str, *before: str) -> str:
        """The command in the folder that NEURAL_PRESET_HOME names, if it does."""
        if self.places.moved and self.machine.is_windows:
            before = (*before, f'set "{HOME_VARIABLE}={self.places.home}"')
        elif self.places.moved:
            command = f"{HOME_VARIABLE}={shlex.quote(str(self.places.home))} {command}"
        return " && ".join((*before, command))


def _existing(folder: Path) -> Path | None:
    script = folder / INSTALLER
    return script if script.is_file() else None


def _same(first: str | Path, second: str | Path) -> bool:
    return Path(first).resolve() == Path(second).resolve()


def _quoted_for_windows(word: str) -> str:
    plain = word and all(letter.isalnum() or letter in "-_.=:\\/" for letter in word)
    return word if plain else f'"{word}"'
