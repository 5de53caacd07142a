"""Whether the packages of the running Python are the ones that were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

_REQUIREMENT = re.compile(r"([\w.-]+?)\s*((?:[=<>]=?).*)?")
_CLAUSE = re.compile(r"\s*(==|>=|<)\s*([\w.]+)\s*")
_RELEASE = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Package:
    """A package that was asked for ("numpy", ">=2.2,<3") and the version that is there, if any."""

    name: str
    wanted: str
    found: str | None

    @property
    def fits(self) -> bool:
        """Whether it is there in a version that was asked for."""
        return self.found is not None and all(
            _fits(self.found, clause) for clause in filter(None, self.wanted.split(","))
        )


def packages(requirements: Iterable[str]) -> Iterator[Package]:
    """What the running Python has of requirements like "torch==2.13.0" and "numpy>=2.2,<3"."""
    for requirement in requirements:
        parts = _REQUIREMENT.fullmatch(requirement)
        if parts is None:
            raise ValueError(f"{requirement!r} is no requirement")
        name, wanted = parts[1], parts[2] or ""
        try:
            # A folder of a package that was half removed has metadata without a version.
            found = metadata.version(name) or None
        except (metadata.PackageNotFoundError, KeyError):
            found = None
        yield Package(name, wanted, found)


def _fits(version: str, clause: str) -> bool:
    """Versions count by their numbers alone, which all of ours have; a build (+cpu) is any."""
    parts = _CLAUSE.fullmatch(clause)
    if parts is None:
        raise ValueError(f"{clause!r} limits no version")
    public, limit = version.partition("+")[0], parts[2]
    if parts[1] == "==":
        return public == limit
    found, bound = _numbers(public), _numbers(limit)
    return found >= bound if parts[1] == ">=" else found < bound


def _numbers(version: str) -> tuple[int, ...]:
    release = _RELEASE.match(version)
    numbers = [int(part) for part in release[0].split(".")] if release else []
    while numbers and numbers[-1] == 0:
        numbers.pop()  # 3.0 is 3
    return tuple(numbers)
