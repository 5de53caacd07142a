"""Python, the packages and their versions, and whether the compiled ones load on this machine."""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.doctor.finding import Finding, Remedy
from core.doctor.installation import Installation
from core.doctor.program import some
from core.doctor.remedies import renew, repair
from core.phrase import Phrase, listed
from core.setup import environment
from core.setup.requirements import Requirements
from core.setup.versions import packages
from core.setup.wholeness import recorded

COMPILED = (
    *("numpy", "PIL._imaging", "safetensors", "PyOpenColorIO", "OpenImageIO", "torch"),
    "core.service",  # the program's own parts that need these
)
_SECONDS = 120
_TOLD = "neural-preset doctor: "
_LONGEST_REASON = 400
# In a process of its own: a library that does not suit the processor ends it, without a word.
_TRY = """
import importlib, sys
told, app, *names = sys.argv[1:]
sys.path.insert(0, app)
for name in names:
    print(told + name, flush=True)
    try:
        importlib.import_module(name)
    except BaseException as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        print(told + name, ascii(reason)[1:-1], flush=True)
"""


def check(installation: Installation) -> Iterator[Finding]:
    """Python, packages, compiled modules."""
    yield from python(installation)
    yield from installed_packages(installation)
    yield from package_files(installation)
    yield from compiled(installation)


def python(installation: Installation) -> Iterator[Finding]:
    """The interpreter, and whether it is the one that the environment was made for."""
    venv = installation.places.venv
    made = environment.marker(venv)
    here = str(tuple(sys.version_info[:2]))
    if made is not None and made.python != here:
        text = Phrase(
            "The environment {folder} was made for Python {wanted}, but its Python is {found}.",
            folder=venv,
            wanted=made.python.strip("()").replace(", ", "."),
            found=platform.python_version(),
        )
        yield Finding("wrong", text, repair(installation))
        return
    version = platform.python_version()
    yield Finding("ok", Phrase("Python {version}: {file}", version=version, file=sys.executable))


def installed_packages(installation: Installation) -> Iterator[Finding]:
    """Every pinned package, and its version."""
    extras = environment.extras(installation.places.venv)
    needed = Requirements.of(installation.locations.app / "pyproject.toml", extras)
    good = []
    for package in packages(needed.all):
        if package.fits:
            good.append(Phrase("{name} {version}", name=package.name, version=package.found))
        elif package.found is None:
            text = Phrase("The package {name} is missing.", name=package.name)
            yield Finding("wrong", text, repair(installation))
        else:
            text = Phrase(
                "The package {name} has the version {found}; it must be {wanted}.",
                name=package.name,
                found=package.found,
                wanted=package.wanted.removeprefix("=="),
            )
            yield Finding("wrong", text, repair(installation))
    if good:
        yield Finding("ok", Phrase("Packages: {names}", names=listed(*good)))


def package_files(installation: Installation) -> Iterator[Finding]:
    """Whether the files that pip has installed are there, as long as they were.

    `install.py --repair` also reads them; that takes longer.
    """
    packages = Path(sysconfig.get_path("purelib"))
    damaged = [
        file.path.relative_to(packages).as_posix()
        for file in recorded(packages)
        if file.size is not None and _size(file.path) != file.size
    ]
    if damaged:
        text = Phrase("Files of packages are missing or cut off: {names}.", names=some(damaged))
        yield Finding("wrong", text, repair(installation))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def compiled(installation: Installation) -> Iterator[Finding]:
    """Whether what is compiled can be loaded, each module tried, whatever the others do."""
    waiting, whole = list(COMPILED), True
    while waiting:
        trial = _load(installation, waiting)
        for name, reason in trial.reasons.items():
            text = Phrase("{module} cannot be loaded: {reason}.", module=name, reason=reason)
            yield Finding("wrong", text, _remedy(installation, name))
        if trial.end is not None:
            yield Finding("wrong", trial.end, _remedy(installation, trial.last))
        whole = whole and trial.end is None and not trial.reasons
        waiting = waiting[len(trial.begun) :] if trial.end is not None and trial.begun else []
    if whole:
        yield Finding("ok", Phrase("All compiled modules can be loaded."))


@dataclass
class _Trial:
    """The modules begun with, why some cannot be loaded, and what ended it all too early."""

    begun: list[str]
    reasons: dict[str, str]
    end: Phrase | None = None

    @property
    def last(self) -> str:
        return self.begun[-1] if self.begun else "Python"


def _load(installation: Installation, names: list[str]) -> _Trial:
    app = str(installation.locations.app)
    command = [sys.executable, "-I", "-c", _TRY, _TOLD, app, *names]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        trial = _told(error.stdout or b"")
        trial.end = Phrase(
            "{module} is not loaded after {seconds} seconds.",
            module=trial.last,
            seconds=f"{error.timeout:g}",
        )
        return trial
    trial = _told(done.stdout)
    if done.returncode:
        trial.end = Phrase(
            "{module} ends the program that loads it ({status}).",
            module=trial.last,
            status=_in_words(done.returncode),
        )
    return trial


def _in_words(status: int) -> str:
    """SIGSEGV for -11, which is all that a crash tells of itself."""
    try:
        return signal.Signals(-status).name
    except ValueError:
        return str(status)


def _told(output: bytes) -> _Trial:
    trial = _Trial([], {})
    for line in output.decode(errors="replace").splitlines():
        name, _, reason = line.removeprefix(_TOLD).partition(" ")
        if line.startswith(_TOLD) and reason:
            trial.reasons[name] = reason[:_LONGEST_REASON].rstrip(".")
        elif line.startswith(_TOLD):
            trial.begun.append(name)
    return trial


def _remedy(installation: Installation, module: str) -> Remedy:
    return renew(installation) if module.startswith("core.") else repair(installation)
