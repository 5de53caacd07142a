"""Folders of wheels to install from without a network.

The real ones are downloaded once for each Python into wheels/cp311 and so on in the cache; a folder
that was filled there by hand is taken as it is. Stand-ins have the same names and versions, and
hold nothing but a pointer to a folder where the real packages are installed already: with them an
environment is made in seconds, works, and can be killed or filled up hundreds of times.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

from core.setup.requirements import Requirements
from tests.gimp.roots import CHECKOUT, cache_dir

PACKAGES = Path("/opt/packages")
"""Where a scene with stand-ins shows the installed packages."""

_PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 25, 18, 17, 12, 5)]
_PLATFORMS += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]


class NoWheelsError(Exception):
    """The wheels for a Python cannot be had here; the message says why."""


def real(python: str) -> Path:
    """A folder with everything that pyproject.toml asks for, for this Python ("3.11")."""
    tag = "cp" + python.replace(".", "")
    folder = cache_dir() / "wheels" / tag
    if any(folder.glob("torch-*.whl")) and any(folder.glob("timm-*.whl")):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(folder)]
    command += ["--find-links", str(folder), "--python-version", python, "--only-binary=:all:"]
    command += [f"--abi={abi}" for abi in (tag, "abi3", "none")]
    command += [f"--platform={platform}" for platform in _PLATFORMS]
    needed = Requirements.of(CHECKOUT / "pyproject.toml")
    listed = [f"torch=={needed.torch}+cpu", *needed.others]
    done = subprocess.run([*command, *listed], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoWheelsError(f"no wheels for Python {python}: {done.stderr.strip()[-500:]}")
    return folder


def stand_ins(real_wheels: Path, folder: Path) -> Path:
    """Fill `folder` with a stand-in for each wheel of `real_wheels`."""
    folder.mkdir()
    for wheel in real_wheels.glob("*.whl"):
        name, version = wheel.name.split("-")[:2]
        _stand_in(folder, name, version)
    return folder


def _stand_in(folder: Path, name: str, version: str) -> None:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}_stand_in.pth": f"{PACKAGES}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items()
    )
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as made:
        for path, text in files.items():
            made.writestr(path, text)
        made.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
