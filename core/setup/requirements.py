"""The pinned dependencies: pyproject.toml is the one list of them."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from core.setup.machine import SetupError

# tomllib came with Python 3.11; the list of strings reads the same in TOML and in Python.
_DEPENDENCIES = re.compile(r"^\[project\]$.*?^dependencies = (\[.*?^\])$", re.MULTILINE | re.DOTALL)
_EXTRAS = re.compile(r"^\[project\.optional-dependencies\]$(.*?)(?=^\[)", re.MULTILINE | re.DOTALL)
_TORCH = re.compile(r"torch==([0-9][0-9.]*)")


@dataclass(frozen=True)
class Requirements:
    """torch's version, which decides the size of the download, and all the other requirements.

    `extras` are the names of the optional parts that are among them.
    """

    torch: str
    others: tuple[str, ...]
    extras: tuple[str, ...] = ()

    @classmethod
    def of(cls, pyproject: Path, extras: Collection[str] = ()) -> Requirements:
        """Reads the `dependencies` of a pyproject.toml and those of some optional parts."""
        try:
            text = pyproject.read_text(encoding="utf-8")
        except OSError as error:
            raise SetupError(
                f"{pyproject} cannot be read ({error.strerror}): run install.py from a complete "
                "copy of the project."
            ) from error
        block = _DEPENDENCIES.search(text)
        listed = [str(entry) for entry in ast.literal_eval(block.group(1))] if block else []
        versions = [match.group(1) for entry in listed if (match := _TORCH.fullmatch(entry))]
        if len(versions) != 1:
            raise SetupError(f"{pyproject} does not say which torch to install: it is damaged.")
        others = [entry for entry in listed if not _TORCH.fullmatch(entry)]
        for extra in sorted(extras):
            others += _extra(extra, text, pyproject)
        return cls(versions[0], tuple(others), tuple(sorted(extras)))

    @property
    def all(self) -> tuple[str, ...]:
        """Every requirement as pip takes it."""
        return (f"torch=={self.torch}", *self.others)

    @property
    def digest(self) -> str:
        """Changes whenever a requirement does."""
        return hashlib.sha256("\n".join((self.torch, *self.others)).encode()).hexdigest()


def _extra(name: str, text: str, pyproject: Path) -> list[str]:
    block = _EXTRAS.search(text)
    found = block and re.search(rf"^{re.escape(name)} = (\[.*\])$", block.group(1), re.MULTILINE)
    if not found:
        raise SetupError(f"{pyproject} does not say what “{name}” needs: it is damaged.")
    return [str(entry) for entry in ast.literal_eval(found.group(1))]
