"""Makes the test environment and the GIMPs, then runs every check.

    python3 tests/run.py                      everything
    python3 tests/run.py tests/test_lut.py    these tests alone (any arguments of pytest)
    python3 tests/run.py --no-gimp            without GIMP

Needs Python 3.10 and a network the first time; on Debian, as root, it installs mmdebstrap and
makes two roots with GIMP 3.0 and 3.2. What it makes is kept in ~/.cache/neural-preset-tests
(or $NEURAL_PRESET_TEST_CACHE).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from tests import environment  # noqa: E402
from tests.gimp import roots  # noqa: E402

PYTEST = [
    *("-m", "pytest", "-p", "no:cacheprovider", "-rs", "--durations=15"),
    *("-o", "faulthandler_timeout=600", "-o", "faulthandler_exit_on_timeout=true"),
]
STEP_TIMEOUT = 2400
# Two steps run side by side: torch's threads must neither crowd nor spin.
SHARING = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
IN_CI = os.environ.get("CI") == "true"


class Report:
    """What ran, for how long, and whether it was good."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failed = False

    def step(self, name: str, action: Callable[[], bool]) -> bool:
        """Run one named and timed step; `action` says whether it went well."""
        print(f"\n=== {name}", flush=True)
        start = time.monotonic()
        good = action()
        self._finished(name, good, time.monotonic() - start)
        return good

    def meanwhile(self, name: str, action: Callable[[TextIO], bool]) -> Callable[[], None]:
        """Start a step beside the next ones; the function returned waits and shows its output."""
        output = tempfile.TemporaryFile("w+", errors="replace")
        outcome: list[tuple[bool, float]] = []

        def work() -> None:
            start = time.monotonic()
            good = action(output)
            outcome.append((good, time.monotonic() - start))

        thread = threading.Thread(target=work)
        thread.start()

        def finish() -> None:
            thread.join()
            with output:
                output.seek(0)
                print(f"\n=== {name}\n{output.read()}", flush=True)
            good, seconds = outcome[0] if outcome else (False, 0.0)
            self._finished(name, good, seconds)

        return finish

    def _finished(self, name: str, good: bool, seconds: float) -> None:
        self.failed |= not good
        verdict = "ok" if good else "FAILED"
        self.lines.append(f"{verdict:>6}  {seconds:6.1f} s  {name}")
        print(self.lines[-1], flush=True)

    def note(self, text: str, fatal: bool) -> None:
        """A remark for the end of the output."""
        self.failed |= fatal
        self.lines.append(text)


def say(text: str) -> None:
    print(text, flush=True)


def command(
    arguments: Sequence[str], extra: dict[str, str] | None = None, output: TextIO | None = None
) -> bool:
    """Run a command in the checkout, output shown or kept; whether its exit status is 0."""
    settings = {**os.environ, **SHARING, **(extra or {})}
    for name in ("NEURAL_PRESET_HOME", "PYTHONPATH", "PYTHONHOME"):
        settings.pop(name, None)
    try:
        return not subprocess.run(
            arguments,
            cwd=CHECKOUT,
            env=settings,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            timeout=STEP_TIMEOUT,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        say(f"not done within {STEP_TIMEOUT} s: {' '.join(arguments)}")
        return False


def install_system_packages(gimp: bool) -> bool:
    """Get from Debian what is missing, where we may; the steps that need it say so otherwise."""
    wanted = []
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], check=False).returncode:
        wanted.append("python3-venv")
    if gimp and shutil.which("mmdebstrap") is None:
        wanted.append("mmdebstrap")
    if not wanted:
        return True
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        say(f"missing, and only root can install with apt-get: {', '.join(wanted)}")
        return "python3-venv" not in wanted
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted]
    for _ in range(2):
        command(["apt-get", "update", "-qq"], quiet)  # one broken source need not matter
        if command(install, quiet):
            return True
    return False


def prepare(gimp: bool) -> tuple[Path | None, dict[str, str]]:
    """The environment's Python, and why a GIMP could not be had; both are made side by side."""
    missing: dict[str, str] = {}

    def make_roots() -> None:
        start = time.monotonic()
        missing.update(roots.build_all(roots.cache_dir()))
        say(f"GIMP roots: {time.monotonic() - start:.1f} s")

    python = None
    with environment.only_one():
        thread = threading.Thread(target=make_roots)
        if gimp:
            thread.start()
        start = time.monotonic()
        try:
            python = environment.prepare()
            say(f"environment: {time.monotonic() - start:.1f} s")
        except environment.SetupError as error:
            say(str(error))
        finally:
            if gimp:
                thread.join()
    return python, missing


def run_checks(report: Report, python: str, chosen: list[str], gimp: dict[str, str]) -> None:
    """Lint, types and tests; `gimp` holds settings for the tests that need one.

    Much of the time in GIMP is waiting for windows and new processes: the rest runs beside the
    first GIMP, the next GIMP after that.
    """
    if chosen:
        report.step("chosen tests", lambda: command([python, *PYTEST, *chosen], gimp))
        return

    def inside(which: str, output: TextIO | None = None) -> bool:
        return command([python, *PYTEST, "tests/gimp", "-k", which], gimp, output)

    *_, last = roots.SUITES
    finish = report.meanwhile(
        "tests in the other GIMPs", lambda output: inside(f"not {last}", output)
    )
    report.step("ruff", lambda: command([python, "-m", "ruff", "check", "."]))
    report.step("mypy", lambda: command([python, "-m", "mypy"]))
    plain = [python, *PYTEST, "tests", "--ignore=tests/gimp"]
    report.step("tests without GIMP", lambda: command(plain))
    report.step(f"tests in GIMP {last}", lambda: inside(last))
    finish()


def main() -> int:
    parser = argparse.ArgumentParser(description="Run every check of Neural Preset for GIMP.")
    parser.add_argument("--no-gimp", action="store_true", help="leave out the tests in GIMP")
    options, chosen = parser.parse_known_args()
    no_gimp = options.no_gimp and "--no-gimp was asked for"
    wanted = not no_gimp and (not chosen or any("tests/gimp" in path for path in chosen))

    report = Report()
    start = time.monotonic()
    settings: dict[str, str] = {}
    python: Path | None = None
    missing: dict[str, str] = {}

    def setup() -> bool:
        nonlocal python
        python, why = prepare(wanted)
        missing.update(why)
        return python is not None and not (missing and IN_CI)

    report.step("system packages", lambda: install_system_packages(wanted))
    report.step("environment and GIMPs", setup)
    if no_gimp:
        missing.update(dict.fromkeys(roots.SUITES, no_gimp))
        settings["NEURAL_PRESET_NO_GIMP"] = no_gimp
    if python is not None:
        run_checks(report, str(python), chosen, settings)
    for version, reason in missing.items():
        report.note(f"GIMP {version} IS NOT TESTED: {reason}", fatal=IN_CI)

    say("\n=== summary")
    say("\n".join(report.lines))
    say(f"{'FAILED' if report.failed else 'ok':>6}  {time.monotonic() - start:6.1f} s  in all")
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())
