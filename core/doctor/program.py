"""The program: finished, recorded and callable; its files and the network's weights unharmed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from core import __version__
from core.doctor.finding import Finding
from core.doctor.installation import Installation
from core.doctor.remedies import remove, renew, repair
from core.errors import InputError
from core.locations import Locations
from core.phrase import Phrase, listed
from core.setup import application, launcher, record

WEIGHTS = Path("core") / "weights"
SUMS = "SHA256SUMS"
_NAMED = 3


def check(installation: Installation) -> Iterator[Finding]:
    """The installation's own papers, its files, the weights."""
    yield from installed(installation)
    yield from files(installation)
    yield from weights(installation)


def installed(installation: Installation) -> Iterator[Finding]:
    """Whether the installer came to its end, and what it wrote is still there."""
    places, app = installation.places, installation.locations.app
    text = Phrase("Neural Preset {version}: {folder}", version=__version__, folder=app)
    yield Finding("ok", text)
    journal = installation.journal
    if journal is None and not installation.is_copy:
        return  # a checkout that was never installed
    if journal is None:
        text = Phrase("{file} is missing: who knows what is installed?", file=places.journal)
        yield Finding("wrong", text, repair(installation))
    elif not journal.finished:
        yield Finding("wrong", Phrase("The installation was not finished."), repair(installation))
    try:
        Locations.load(places.record)
        if not record.is_current(places, app):
            text = Phrase("{file} names another installation.", file=places.record)
            yield Finding("wrong", text, repair(installation))
    except InputError as problem:
        yield Finding("wrong", problem.phrase, repair(installation))
    if not places.launcher.exists():
        text = Phrase("The command {file} is missing.", file=places.launcher)
        yield Finding("wrong", text, repair(installation))
    elif not launcher.is_ours(places.launcher):
        text = Phrase("{file} is not the command of Neural Preset.", file=places.launcher)
        yield Finding("wrong", text, remove(installation, places.launcher))
    elif not launcher.is_current(places):
        text = Phrase("The command {file} belongs to another installation.", file=places.launcher)
        yield Finding("wrong", text, repair(installation))


def files(installation: Installation) -> Iterator[Finding]:
    """Whether the copy is as it was made; the weights have a check of their own."""
    app = installation.locations.app
    noted = application.noted_sums(app)
    if not installation.is_copy:
        return
    if noted is None:
        text = Phrase("{file} is missing, or damaged.", file=app / application.SUMS)
        yield Finding("wrong", text, renew(installation))
        return
    present = application.sums(app)
    own = {name for name in noted if not Path(name).match("*.safetensors")}
    missing = sorted(name for name in own if name not in present)
    changed = sorted(name for name in own & present.keys() if present[name] != noted[name])
    foreign = sorted(present.keys() - noted.keys())
    if missing:
        text = Phrase("Files of the program are missing: {names}.", names=some(missing))
        yield Finding("wrong", text, renew(installation))
    if changed:
        text = Phrase("Files of the program are damaged: {names}.", names=some(changed))
        yield Finding("wrong", text, renew(installation))
    if foreign:
        text = Phrase("Files do not belong to the program: {names}.", names=some(foreign))
        yield Finding("wrong", text, renew(installation))
    if not missing and not changed and not foreign:
        yield Finding("ok", Phrase("All {count} files of the program are whole.", count=len(noted)))


def weights(installation: Installation) -> Iterator[Finding]:
    """The network's files, by the sums that were taken when they were made."""
    folder = installation.locations.app / WEIGHTS
    try:
        text = (folder / SUMS).read_text(encoding="ascii")
    except (OSError, ValueError):
        missing = Phrase("{file} is missing, or damaged.", file=folder / SUMS)
        yield Finding("wrong", missing, renew(installation))
        return
    for line in text.splitlines():
        expected, _, name = line.partition("  ")
        yield _weights(installation, folder / name, expected)


def expected_network(installation: Installation) -> str | None:
    """The sum of the network's weights, which presets name; None where it is not known."""
    try:
        text = (installation.locations.app / WEIGHTS / SUMS).read_text(encoding="ascii")
        return text.split()[0]
    except (OSError, ValueError, IndexError):
        return None


def _weights(installation: Installation, path: Path, expected: str) -> Finding:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        text = Phrase("The network's weights {file} are missing.", file=path)
        return Finding("wrong", text, renew(installation))
    if found != expected:
        text = Phrase(
            "The network's weights {file} are damaged: their SHA-256 sum is {found} instead of "
            "{expected}.",
            file=path,
            found=found,
            expected=expected,
        )
        return Finding("wrong", text, renew(installation))
    return Finding("ok", Phrase("Weights: {file} (SHA-256 {sum})", file=path, sum=found[:16]))


def some(names: list[str]) -> str:
    """The first few names; the others are counted."""
    some = listed(*names[:_NAMED])
    if len(names) <= _NAMED:
        return some
    return Phrase("{names} and {count} more", names=some, count=len(names) - _NAMED)
