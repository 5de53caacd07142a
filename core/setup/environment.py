"""The virtual environment with torch and the other packages."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from core.setup import application, checks, pip, swap
from core.setup.machine import SetupError
from core.setup.places import python_of
from core.setup.requirements import Requirements

MARKER = "neural-preset.json"
_STORE = "PythonSoftwareFoundation.Python."
_SECONDS = 600
_log = logging.getLogger(__name__)

# Says what was installed; importing these is also the proof that their libraries load.
_TRY = """
import json, importlib.util, sys
import numpy, PIL, platformdirs, safetensors, PyOpenColorIO, OpenImageIO, torch
assert importlib.util.find_spec("timm")
print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda or ""}))
"""

# Quick, for every run: an environment whose packages were cleared away still has a Python.
_VERSION = """
import sys
from importlib.util import find_spec
names = "numpy", "PIL", "platformdirs", "safetensors", "timm", "torch", "torchvision"
print(sys.version_info[:2] if all(map(find_spec, names)) else "packages are missing")
"""

_OURS = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {ours!a})
"""
_DAMAGED = _OURS + """
from core.setup.wholeness import damaged, installed_here, notes
if {notes!r} not in ("", notes(installed_here())):
    print("notes")
for path in damaged(installed_here()):
    print(ascii(str(path)))
"""
_NOTES = _OURS + """
from core.setup.wholeness import installed_here, notes
print(notes(installed_here()))
"""
_UNFIT = _OURS + """
from core.setup.versions import packages
print(*(package.name for package in packages({requirements!r}) if not package.fits))
"""


@dataclass(frozen=True)
class Marker:
    """Written into the environment last of all: what it holds."""

    requirements: str
    python: str
    torch: str
    cuda: str
    extras: str = ""  # separated by commas
    notes: str = ""  # see `wholeness.notes`; environments of older versions have none


def check_python() -> None:
    """Raises SetupError when this Python cannot make environments that GIMP can use."""
    if _STORE in sys.base_prefix:
        raise SetupError(
            "This is the Python of the Microsoft Store, which hides what it writes from other "
            "programs, GIMP among them. Install Python from python.org and run install.py by it: "
            "py -3 install.py"
        )
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise SetupError(
        f"This Python {version} cannot make virtual environments. On Debian and Ubuntu install "
        f"the package python{version}-venv (sudo apt install python{version}-venv); elsewhere "
        "use the Python of python.org or of your distribution. Then run install.py again."
    )


def marker(venv: Path) -> Marker | None:
    """What the environment says of itself; None if it is missing or was never finished."""
    try:
        content = json.loads((venv / MARKER).read_text(encoding="utf-8"))
        known = Marker.__annotations__
        return Marker(**{name: str(content[name]) for name in known if name in content})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def extras(venv: Path) -> set[str]:
    """The optional parts that the environment was made with."""
    found = marker(venv)
    return set(filter(None, found.extras.split(","))) if found else set()


def is_current(venv: Path, windows: bool, requirements: Requirements, backend: str) -> bool:
    """Whether the environment holds just these requirements and its Python still runs."""
    found = marker(venv)
    if found is None or found.requirements != requirements.digest:
        return False
    if (backend == "cpu" and found.cuda) or (backend == "cuda" and not found.cuda):
        return False
    answer = _run(python_of(venv, windows), _VERSION)
    return answer is not None and answer.strip() == found.python


def is_damaged(venv: Path, windows: bool, requirements: Requirements) -> bool:
    """Whether a package is missing or of another version, its files are not whole, or won't load.

    Compiled code counts as whole.
    """
    python, made = python_of(venv, windows), marker(venv)
    damaged = _DAMAGED.format(ours=_ours(), notes=made.notes if made else "")
    unfit = _UNFIT.format(ours=_ours(), requirements=requirements.all)
    answers = (_run(python, code) for code in (damaged, unfit))
    return any(found is None or found.strip() for found in answers) or _run(python, _TRY) is None


def build(
    venv: Path,
    app: Path,
    windows: bool,
    requirements: Requirements,
    backend: str,
    source: pip.Source,
) -> None:
    """Makes the environment anew beside the old one, and takes its place when it is complete.

    It imports from the directory `app` at once: an interruption after this leaves a program that
    starts, if there was one.
    """
    with swap.replacing(venv) as new:
        found = _fill(new, venv, windows, requirements, backend, source)
        application.link(new, app)
        (new / MARKER).write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")
        _rename_inside_scripts(python_of(new, windows).parent, new, venv)
        if hasattr(os, "sync"):
            os.sync()  # a power cut later must not find empty files where nobody looks for them


def _fill(
    new: Path,
    venv: Path,
    windows: bool,
    requirements: Requirements,
    backend: str,
    source: pip.Source,
) -> Marker:
    """An environment with all packages in `new`, which will be `venv`."""
    made = subprocess.run(
        [sys.executable, "-I", "-m", "venv", str(new)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        close_fds=False,  # the lock
        env=source.environment(),
    )
    if made.returncode:
        said = f"{made.stdout}{made.stderr}"
        # It runs pip, of which it says only that it failed.
        words = pip.DISK_FULL if checks.is_full(venv) else pip.full_disk(said)
        raise SetupError(words or f"The virtual environment cannot be made in {venv}: {said}")
    python = python_of(new, windows)
    installer = pip.Pip(python, source)
    _install_torch(installer, requirements.torch, backend, venv)
    _log.info("  Installing the other packages")
    installer.install([*requirements.others, f"torch=={requirements.torch}"])
    answer = _run(python, _TRY)
    if answer is None:
        raise SetupError(
            f"The packages were installed but do not load; {source.log} ends with the reason."
        )
    holds = json.loads(answer)
    if backend == "cuda" and not holds["cuda"]:
        raise SetupError(
            "pip found no torch with CUDA for this machine. Take --backend cpu, or name the "
            "index with CUDA builds that pytorch.org/get-started shows: --torch-index URL."
        )
    return Marker(
        requirements.digest,
        str(tuple(sys.version_info[:2])),
        holds["torch"],
        holds["cuda"],
        ",".join(requirements.extras),
        (_run(python, _NOTES.format(ours=_ours())) or "").strip(),
    )


def _ours() -> str:
    return str(Path(__file__).resolve().parents[2])


def _install_torch(installer: pip.Pip, version: str, backend: str, venv: Path) -> None:
    """torch goes first and alone: whatever needs it then takes it as it is, CPU build or not."""
    _log.info("  Installing torch %s", version)
    if not sys.platform.startswith("linux"):
        installer.install([f"torch=={version}"])
    elif backend == "cuda":
        installer.install([f"torch=={version},!={version}+cpu"])
    elif not installer.try_install([f"torch=={version}+cpu"]):
        if backend == "cpu":
            raise SetupError(
                f"pip finds no CPU build of torch {version}. Name the index that "
                "pytorch.org/get-started shows for the platform CPU, --torch-index URL; or take "
                "--backend auto, whose torch runs on the CPU too but is a download of several GB."
            )
        _log.info("  pip knows no CPU build: taking the standard one, maybe several GB with CUDA")
        _log.info("  (smaller: --torch-index URL, with the CPU index of pytorch.org/get-started)")
        checks.check_room(venv, "cuda")
        installer.install([f"torch=={version}"])


def _run(python: Path, code: str) -> str | None:
    """What the code prints; None if it fails."""
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", code],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return None if answer.returncode else answer.stdout


def _rename_inside_scripts(directory: Path, old: Path, new: Path) -> None:
    """Lets pip and activate, which contain their own path, follow the environment's renaming."""
    before, after = os.fsencode(old), os.fsencode(new)
    for script in directory.iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        content = script.read_bytes()
        if before in content and b"\0" not in content:
            script.write_bytes(content.replace(before, after))
