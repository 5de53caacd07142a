"""The virtual environment in which the tests run; standard library only.

torch is installed first and alone, so that pip takes the wheel of its own configuration, and is
then held at that version while everything else of pyproject.toml follows.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.gimp.roots import CHECKOUT, cache_dir

PIP_TIMEOUT = 1800


class SetupError(Exception):
    """The test environment cannot be made; the message holds the end of the log."""


def requirements(pyproject: str) -> list[str]:
    """What the project and its tests need, from the text of pyproject.toml.

    Python 3.10 has no tomllib; a TOML array of plain strings is a Python list too.
    """
    found: list[str] = []
    for name in ("dependencies", "test", "dask"):
        match = re.search(rf"^{name} = (\[.*?\])$", pyproject, re.MULTILINE | re.DOTALL)
        if match is None:
            raise SetupError(f"pyproject.toml has no list {name!r}")
        found += ast.literal_eval(match.group(1))
    return found


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the cache for this process, waiting while another one prepares it."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (cache_dir() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare() -> Path:
    """Make the environment, or keep the one made from the same requirements; its Python."""
    needed = requirements((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    recipe = hashlib.sha256("\n".join([*needed, str(base), sys.version]).encode()).hexdigest()
    venv = cache_dir() / "venv"
    python = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = venv / ".recipe"
    if not (stamp.is_file() and stamp.read_text() == recipe and python.exists()):
        shutil.rmtree(venv, ignore_errors=True)
        _build(venv, base, python, needed)
        stamp.write_text(recipe)
    _see_checkout(venv)
    return python


def _build(venv: Path, base: Path, python: Path, needed: Sequence[str]) -> None:
    log = cache_dir() / "pip.log"
    log.write_text("")
    _logged([str(base), "-m", "venv", str(venv)], log)
    torch = next(line for line in needed if re.match(r"torch\b", line))
    held = venv / "held.txt"
    held.write_text(torch + "\n")
    _pip(python, [torch], log)
    _pip(python, ["-c", str(held), *needed], log)


def _see_checkout(venv: Path) -> None:
    """Let this environment import `core` from this checkout, from any directory."""
    if sys.platform == "win32":
        packages = venv / "Lib" / "site-packages"
    else:
        packages = next((venv / "lib").glob("python3.*")) / "site-packages"
    (packages / "checkout.pth").write_text(f"{CHECKOUT}\n", encoding="utf-8")


def _pip(python: Path, what: Sequence[str], log: Path) -> None:
    command = [str(python), "-m", "pip", "install", "--no-input", "--progress-bar", "off", *what]
    try:
        _logged(command, log)
    except SetupError:  # the network, most often
        time.sleep(5)
        _logged(command, log)


def _logged(command: Sequence[str], log: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with log.open("ab") as out:
        try:
            status = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=PIP_TIMEOUT,
                env=clean,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            status = -1
    if status:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise SetupError(f"{' '.join(command)} failed ({status}):\n{tail}")
