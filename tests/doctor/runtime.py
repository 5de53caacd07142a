"""Packages that are gone, of another version, cut off, hanging, crashing."""

from __future__ import annotations

import shutil

from core.setup import environment
from tests.doctor.cases import LISTED, REPAIR, causes
from tests.doctor.patients import Patient

NUMPY = "from core.doctor import runtime; runtime.COMPILED = ('numpy',)"
IMPATIENT = (
    "from core.doctor import runtime; "
    "runtime.COMPILED, runtime._SECONDS = ('numpy', 'safetensors'), 3"
)


@causes(
    "runtime",
    "The environment {folder} was made for Python {wanted}, but its Python is {found}.",
    REPAIR,
    before=NUMPY,
)
def another_python(patient: Patient) -> None:
    marker = patient.places.venv / environment.MARKER
    patient.rewrite(marker, lambda held: held.update(python="(3, 9)"))


@causes("runtime", "The package {name} is missing.", REPAIR, before=NUMPY)
def a_package_is_gone(patient: Patient) -> None:
    patient.distribution("timm").unlink()
    (patient.packages / "timm").unlink()


@causes("runtime", "The package {name} is missing.", "{name} {version}", LISTED, before=NUMPY)
def the_package_that_knows_the_places_is_gone(patient: Patient) -> None:
    patient.distribution("platformdirs").unlink()
    (patient.packages / "platformdirs").unlink()


@causes(
    "runtime",
    "The package {name} has the version {found}; it must be {wanted}.",
    REPAIR,
    before=NUMPY,
)
def a_package_is_too_new(patient: Patient) -> None:
    link = patient.distribution("numpy")
    newer = link.with_name("numpy-3.1.0.dist-info")
    link.unlink()
    newer.mkdir()
    (newer / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 3.1.0\n")


@causes("runtime", "Files of packages are missing or cut off: {names}.", REPAIR, before=NUMPY)
def files_of_a_package_are_gone(patient: Patient) -> None:
    link = patient.packages / "platformdirs"
    true = link.resolve()
    link.unlink()
    shutil.copytree(true, link)
    (link / "macos.py").unlink()
    (link / "version.py").write_text("")


@causes("runtime", "{module} cannot be loaded: {reason}.", REPAIR)
def a_library_is_cut_off(patient: Patient) -> None:
    link = patient.packages / "PIL"
    true = link.resolve()
    link.unlink()
    shutil.copytree(true, link, ignore=shutil.ignore_patterns("__pycache__"))
    library = next(link.glob("_imaging.*.so"))
    library.write_bytes(library.read_bytes()[:100])


@causes("runtime", "{module} ends the program that loads it ({status}).", REPAIR)
def a_library_crashes(patient: Patient) -> None:
    _replace(patient, "safetensors", "import ctypes\nctypes.string_at(0)\n")


@causes("runtime", "{module} is not loaded after {seconds} seconds.", REPAIR, before=IMPATIENT)
def a_library_hangs(patient: Patient) -> None:
    _replace(patient, "safetensors", "import time\ntime.sleep(1000)\n")


def _replace(patient: Patient, name: str, code: str) -> None:
    """Put another package of that name where the link to it is."""
    (patient.packages / name).unlink()
    (patient.packages / name).mkdir()
    (patient.packages / name / "__init__.py").write_text(code)
