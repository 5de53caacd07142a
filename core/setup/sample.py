"""The proof of an installation: a built-in preset applied to the photo that comes with it."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.locations import HOME_VARIABLE, Locations
from core.setup.gimps import Gimp
from core.setup.machine import SetupError
from core.setup.places import Places

PRESET = "golden-hour"
_SECONDS = 600
_INSIDE = Path(__file__).with_name("inside_gimp.py")
_PROBLEM = re.compile(r"^neural-preset: (.+)$", re.MULTILINE)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proof:
    """The photo, its copy with the look, and which way that came about."""

    photo: Path
    result: Path
    way: str


def through_gimp(places: Places, gimp: Gimp, directory: Path) -> Proof:
    """Applies the look in a headless GIMP that uses this configuration directory."""
    photo, preset, result = _sample(places)
    _log.info("  in GIMP %s (%s), without a window", gimp.version, gimp.program)
    command = [str(gimp.program), "-idf", "--quit", "--batch-interpreter", "python-fu-eval"]
    command += ["-b", f"exec(compile(open({str(_INSIDE)!a}).read(), 'inside_gimp.py', 'exec'))"]
    _run(
        command,
        result,
        {
            "GIMP3_DIRECTORY": str(directory),
            "NEURAL_PRESET_SAMPLE_PHOTO": str(photo),
            "NEURAL_PRESET_SAMPLE_PRESET": preset,
            "NEURAL_PRESET_SAMPLE_RESULT": str(result),
        },
    )
    return Proof(photo, result, f"GIMP {gimp.version}")


def through_command_line(places: Places) -> Proof:
    """Applies the look with the installed command `neural-preset`."""
    photo, preset, result = _sample(places)
    command = [str(places.python), "-I", "-m", "core", "apply", str(photo), "--preset", preset]
    _run([*command, "-o", str(result), "--overwrite"], result, _home_of(places))
    return Proof(photo, result, "the command line")


def _sample(places: Places) -> tuple[Path, str, Path]:
    """The photo, a built-in preset's file and where the result goes; an old result goes first."""
    locations = Locations.load(places.record)
    photo = locations.app / "core" / "sample" / "coffee.jpg"
    places.sample.mkdir(exist_ok=True)
    result = places.sample / f"coffee-{PRESET}.jpg"
    result.unlink(missing_ok=True)
    return photo, str(locations.builtin / f"{PRESET}.json"), result


def _home_of(places: Places) -> dict[str, str]:
    return {HOME_VARIABLE: str(places.home)} if places.moved else {}


def _run(command: list[str], result: Path, environment: dict[str, str]) -> None:
    """Runs it; SetupError with its own words unless it succeeds and makes `result`."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            env={**os.environ, **environment},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SetupError(
            f"Everything is installed, but the trial did not end within {_SECONDS // 60} minutes."
        ) from error
    if done.returncode == 0 and result.is_file():
        return
    problem = _PROBLEM.search(done.stderr) or _PROBLEM.search(done.stdout)
    words = problem.group(1) if problem else (done.stdout + done.stderr).strip()[-2000:]
    raise SetupError(f"Everything is installed, but the trial failed: {words}")
