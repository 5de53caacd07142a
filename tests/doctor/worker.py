"""What can stand in the worker's way, and other programs in its place."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from core.locations import private_directory
from tests.doctor.cases import REMOVE, RIGHTS, STOP, Cause, causes
from tests.doctor.patients import Patient
from tests.faults.children import NOBODY

# To start a true worker takes seconds: those cases that are about other things do without.
NO_TRIAL = (
    "from core.doctor import worker; from core.doctor.finding import Finding; "
    "from core.phrase import Phrase; worker.trial = lambda _: Finding('ok', Phrase(''))"
)
IMPATIENT = f"{NO_TRIAL}; worker._PATIENCE = 1"
STRANGER = "Another program listens in the worker's place, {folder}."
FALSE = Path(__file__).with_name("false_worker.py")


@causes(
    "worker",
    "{path} stands in the way of the worker: it is no folder.",
    REMOVE,
    before=NO_TRIAL,
    cured=True,
)
def a_file_in_the_way(patient: Patient) -> None:
    patient.runtime.write_text("")


@causes(
    "worker",
    "The worker's folder {folder} belongs to another user (number {user}).",
    REMOVE,
    before=NO_TRIAL,
    root=True,
    cured=True,
)
def the_folder_is_anothers(patient: Patient) -> None:
    patient.runtime.mkdir()
    os.chown(patient.runtime, NOBODY, NOBODY)


@causes(
    "worker",
    "The worker's folder {folder} was open to other users (mode {mode}): it is closed now.",
    "The background worker works: {model} on {device}, process {pid}",
)
def the_folder_is_open(patient: Patient) -> None:
    patient.runtime.mkdir()
    patient.runtime.chmod(0o777)


@causes(
    "worker",
    "The worker's folder {folder} is closed to you: {path}",
    RIGHTS,
    nobody=True,
    cured=True,
)
def the_folder_is_closed(patient: Patient) -> None:
    patient.runtime.mkdir()
    patient.runtime.chmod(0o500)
    os.chown(patient.runtime, NOBODY, NOBODY)


@causes("worker", "The worker's log {file} cannot be written.", RIGHTS, nobody=True, cured=True)
def the_log_is_roots(patient: Patient) -> None:
    patient.runtime.mkdir(mode=0o700)
    os.chown(patient.runtime, NOBODY, NOBODY)
    log = patient.places.home / "log" / "worker.log"
    log.parent.mkdir()
    log.write_text("")


def _played(how: str) -> Cause:
    """A program that plays the worker in some way."""

    @contextlib.contextmanager
    def play(patient: Patient) -> Iterator[None]:
        private_directory(patient.runtime)
        with subprocess.Popen(
            [sys.executable, str(FALSE), str(patient.runtime), str(patient.places.app), how],
            stdout=subprocess.PIPE,
            env=patient.environ,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"listens\n"
            try:
                yield
            finally:
                process.kill()

    play.__name__ = f"a_worker_that_is_{how}"
    return play


causes(
    "worker",
    "The background worker (process {pid}) does not answer.",
    STOP,
    before=IMPATIENT,
)(_played("silent"))
causes("worker", STRANGER, REMOVE, before=IMPATIENT, cured=True)(_played("foreign"))
causes("worker", STRANGER, REMOVE, before=NO_TRIAL, cured=True)(_played("rude"))
causes(
    "worker",
    "The background worker of another installation runs (process {pid}): {app}",
    STOP,
    before=NO_TRIAL,
    cured=True,
)(_played("elsewhere"))
causes(
    "worker",
    "A background worker of version {found} runs (process {pid}); the next filter replaces it by "
    "{expected}.",
    STOP,
    before=NO_TRIAL,
    cured=True,
)(_played("old"))


@causes(
    "worker",
    "The network's weights in {path} cannot be loaded ({error}). Run install.py --repair to fetch "
    "them again.",
    "If nothing else explains it ({log} may), repair the installation:",
)
def the_worker_has_no_network(patient: Patient) -> None:
    weights = patient.places.app / "core" / "weights" / "neural-preset-b0-k16.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])
