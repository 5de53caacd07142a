"""A real GIMP for tests: installs the plug-in from the checkout and runs code inside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.gimp.roots import CHECKOUT, Root
from tests.processes import stop_worker

NAME = "neural-preset"
TIMEOUT = 300


class GimpError(Exception):
    """GIMP, or the code it ran, failed; the message holds both outputs."""


class Gimp:
    """One GIMP with its own configuration, its own presets and its own worker.

    `home` is its NEURAL_PRESET_HOME, `config` its GIMP3_DIRECTORY, `scratch` a folder for a
    test's files. All three are seen at the same paths by the host and by GIMP.
    """

    def __init__(self, root: Root) -> None:
        self.root = root
        self.version = root.version
        self.folder = Path(tempfile.mkdtemp(prefix="npg-", dir="/tmp"))
        self.home = self.folder / "home"
        self.config = self.folder / "gimp"
        self.scratch = self.folder / "scratch"
        self.user = self.folder / "user"
        self.temporary = self.folder / "tmp"
        self.printed = ""  # by the last job, on its stderr
        for folder in (self.home, self.config, self.scratch, self.user, self.temporary):
            folder.mkdir()
        (self.config / "gimprc").write_text(
            "(show-welcome-dialog no)\n(check-updates no)\n(num-processors 2)\n"
            '(prev-language "C.UTF-8")\n'  # with another, GIMP asks all plug-ins again
        )
        self._learn_plugins()

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a process in the root, beside PATH and language."""
        return {
            "HOME": str(self.user),
            "TMPDIR": str(self.temporary),
            "GIMP3_DIRECTORY": str(self.config),
            "NEURAL_PRESET_HOME": str(self.home),
            "OMP_WAIT_POLICY": "PASSIVE",
            "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),
        }

    @property
    def plugin(self) -> Path:
        """The folder of the installed plug-in."""
        return self.config / "plug-ins" / NAME

    def install(self) -> None:
        """Install the checkout's plug-in as install.py would, to work with this interpreter."""
        from core.locations import Locations

        shutil.rmtree(self.plugin, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(CHECKOUT / "plugin" / NAME, self.plugin, ignore=ignored)
        for folder in ("icons", "locale"):
            unread = shutil.ignore_patterns("*.po", "*.pot")
            shutil.copytree(CHECKOUT / folder, self.plugin / folder, ignore=unread)
        (self.plugin / f"{NAME}.py").chmod(0o755)
        here = Locations.under(self.home, python=Path(sys.executable), app=CHECKOUT)
        here.save(self.plugin / "installation.json")

    def run(
        self,
        command: Sequence[str],
        *,
        timeout: float = TIMEOUT,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the root, whatever its exit status; GimpError if it does not end.

        What the command started in its own process group ends with a timeout; a worker, which
        left the group, lives on.
        """
        settings = {**self.environment, **(environment or {})}
        # Files, not pipes: a process that outlives the command must not hold us up.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                self.root.enter(command, settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            late = False
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                late = True
            finally:
                _kill_group(process)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode(errors="replace"))
        done = subprocess.CompletedProcess(list(command), process.returncode, *texts)
        if late:
            raise GimpError(_report(f"not done within {timeout} s", done))
        return done

    def batch(
        self,
        interpreter: str,
        code: str,
        *,
        timeout: float = TIMEOUT,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run code without a window by one of GIMP's batch interpreters, whatever the outcome."""
        command = ["gimp-console", "-idf", "--quit", "--batch-interpreter", interpreter, "-b", code]
        return self.run(command, timeout=timeout, environment=environment)

    def run_python(
        self,
        code: str | Path,
        *,
        timeout: float = TIMEOUT,
        environment: Mapping[str, str] | None = None,
        **args: Any,
    ) -> dict[str, Any]:
        """Run Python inside GIMP and return the dict `result` that the code filled.

        The code (text, indented or not, or a file) sees `args` (JSON values and paths, paths
        as str), `result`, GIMP's modules and all of inside/np_inside.py. `result` takes JSON
        values: bytes go as `.hex()`. Raises GimpError, with the traceback, if the code raises.
        """
        job = Path(tempfile.mkdtemp(prefix="job-", dir=self.folder))  # also from several threads
        text = code.read_text() if isinstance(code, Path) else textwrap.dedent(code)
        (job / "job.py").write_text(text)
        (job / "args.json").write_text(json.dumps(args, default=os.fspath))
        start = (
            f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); "
            f"from tests.gimp.inside import np_job; np_job.run({str(job)!r})"
        )
        done = self.batch("python-fu-eval", start, timeout=timeout, environment=environment)
        self.printed = done.stderr
        error, answer = job / "error.txt", job / "result.json"
        if error.exists():
            raise GimpError(_report(error.read_text(), done))
        if done.returncode or not answer.exists():
            raise GimpError(_report(f"exit status {done.returncode}", done))
        result: dict[str, Any] = json.loads(answer.read_text())
        return result

    def run_script_fu(
        self, code: str, *, timeout: float = TIMEOUT
    ) -> subprocess.CompletedProcess[str]:
        """Run Script-Fu as a user's shell script would; look at `returncode` and the outputs."""
        return self.batch("plug-in-script-fu-eval", textwrap.dedent(code).strip(), timeout=timeout)

    def _learn_plugins(self) -> None:
        """Let it know its own plug-ins already: to ask a hundred of them takes a new one long."""
        known, mine = self.root.path / ".pluginrc", self.config / "pluginrc"
        if not known.exists():
            self.run(["gimp-console", "-idf", "--quit"])
            half = self.root.path / f".pluginrc-{os.getpid()}"
            shutil.copy(mine, half)
            half.replace(known)
        shutil.copy(known, mine)

    def stop_worker(self) -> None:
        """End this GIMP's worker, so that the next call starts a new one."""
        stop_worker(self.home)

    def close(self) -> None:
        """End what still runs for this GIMP and remove its files."""
        stop_worker(self.home)
        shutil.rmtree(self.folder, ignore_errors=True)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _report(what: str, done: subprocess.CompletedProcess[str]) -> str:
    return f"{what}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
