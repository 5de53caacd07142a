"""What the installer asks of the computer, as a value that tests can make up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import NeuralPresetError


class SetupError(NeuralPresetError):
    """The installation cannot go on; the message says what to do."""

    code = "setup"


@dataclass(frozen=True)
class Machine:
    """A platform (`sys.platform`), the user's home directory, the environment and the disk."""

    platform: str
    home: Path
    environ: Mapping[str, str]
    root: Path = Path("/")

    @classmethod
    def here(cls) -> Machine:
        """This computer."""
        try:
            home = Path.home()
        except RuntimeError as error:
            raise SetupError(
                "Your home folder is not known: set the variable HOME to its path and run "
                "install.py again."
            ) from error
        return cls(sys.platform, home, dict(os.environ))

    @property
    def is_windows(self) -> bool:
        return self.platform == "win32"

    @property
    def is_mac(self) -> bool:
        return self.platform == "darwin"

    def directory(self, variable: str, default: Path) -> Path:
        """The absolute directory that an environment variable names, else `default`.

        A relative path in an XDG variable is to be ignored (XDG Base Directory Specification).
        """
        value = self.environ.get(variable, "").strip()
        return Path(value) if value and Path(value).is_absolute() else default
