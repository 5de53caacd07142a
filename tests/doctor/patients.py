"""An installation to be damaged, for tests of the doctor: whole, of real files, without a download.

Its environment is a real one whose packages are links to those of this Python: a test may take one
away. The doctor runs in it as the installed command does.
"""

from __future__ import annotations

import encodings.ascii
import encodings.utf_8_sig
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.doctor import gimp, presets, program, room, runtime, worker
from core.doctor.examination import examine
from core.doctor.finding import report
from core.locations import Locations
from core.setup import application, environment, launcher, plugin
from core.setup.journal import Journal
from core.setup.machine import Machine
from core.setup.places import Places
from core.setup.requirements import Requirements
from tests.conftest import CHECKOUT
from tests.faults.children import in_child
from tests.processes import stop_worker

# Another user's process cannot import from everywhere: all is there before.
PRELOADED = (gimp, presets, program, room, runtime, worker, encodings.ascii, encodings.utf_8_sig)
_PATIENCE = 300
_EXAMINE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from core.doctor.examination import GROUPS, examine
from core.doctor.finding import report
{before}
print(json.dumps(report(list(examine(sys.argv[2:] or GROUPS)))))
"""
Report = dict[str, Any]


@dataclass(frozen=True)
class Patient:
    """Everything under one folder, whose name needs quotes; `gimp` is GIMP's configuration."""

    folder: Path
    places: Places

    @property
    def environ(self) -> dict[str, str]:
        """The user's environment: nothing of this machine's but its basic programs."""
        return {
            "HOME": str(self.folder / "user"),
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.defpath]),
            "TMPDIR": str(self.folder / "tmp"),
            "NEURAL_PRESET_HOME": str(self.places.home),
            "OMP_WAIT_POLICY": "PASSIVE",
        }

    @property
    def gimp(self) -> Path:
        return self.folder / "user" / ".config" / "GIMP" / "3.0"

    @property
    def plugin(self) -> Path:
        return plugin.place(self.gimp)

    @property
    def runtime(self) -> Path:
        return Locations.load(self.places.record).runtime

    @property
    def packages(self) -> Path:
        return next(self.places.venv.glob("lib/*/site-packages"))

    def distribution(self, name: str) -> Path:
        """The folder of a package's metadata."""
        return next(self.packages.glob(f"{name}-*.dist-info"))

    def examined(self, *groups: str, before: str = "", by: Sequence[str] = ()) -> Report:
        """What the doctor reports; `before` is code to run first, `by` a command to run it by."""
        code = _EXAMINE.format(before=before)
        command = [str(self.places.python), "-I", "-c", code, str(self.places.app), *groups]
        done = self.run([*by, *command])
        assert done.returncode == 0, done.stderr
        found: Report = json.loads(done.stdout)
        return found

    def examined_by_another(self, *groups: str) -> Report:
        """The same as another user of the machine sees it; only root can become one."""

        def do() -> str:
            os.environ.update(self.environ)
            return json.dumps(report(list(examine(groups))))

        found: Report = json.loads(in_child(do, as_nobody=True))
        return found

    def type(self, command: str) -> str:
        """Type a command at a shell, as the user would; what it prints."""
        done = self.run(["sh", "-c", command.replace("sudo ", "")])
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def rewrite(self, file: Path, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a JSON file."""
        document = json.loads(file.read_text(encoding="utf-8"))
        change(document)
        file.write_text(json.dumps(document), encoding="utf-8")

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
        )


def make() -> Patient:
    """A whole installation; `discard` it."""
    # Short, for a socket's path must be; seen by other users, as a home often is.
    folder = Path(tempfile.mkdtemp(prefix="np-")).resolve()
    folder.chmod(0o755)
    home = folder / "Zoë's"
    for path in (home, folder / "bin", folder / "tmp", folder / "user"):
        path.mkdir()
    machine = Machine(sys.platform, folder / "user", {"NEURAL_PRESET_HOME": str(home)})
    patient = Patient(folder, Places.on(machine))
    places = patient.places
    application.copy(CHECKOUT, places.app)
    _make_environment(patient)
    Locations.under(home, places.python, places.app).save(places.record)
    launcher.install(places)
    patient.gimp.mkdir(parents=True)
    plugin.install(places.app, patient.gimp, places.record, editable=False)
    console = folder / "bin" / "gimp-console"
    console.write_text("#!/bin/sh\necho GNU Image Manipulation Program version 3.0.4\n")
    console.chmod(0o755)
    journal = replace(Journal(version="0.1.0"), checkout=str(CHECKOUT))
    journal.also_in([patient.gimp]).write(places.journal)
    return patient


def discard(patient: Patient) -> None:
    """End what still runs there, and remove it."""
    stop_worker(patient.places.home)
    shutil.rmtree(patient.folder, ignore_errors=True)


def templates(found: Report) -> set[str]:
    """The templates of all texts in a report, those of texts within texts too."""
    waiting: list[Any] = [each["phrases"] for each in found["findings"]]
    seen = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            seen.add(str(part.get("template", "")))
            waiting += part.values()
    return seen


def commands(found: Report, template: str) -> list[str]:
    """What is to be typed for the findings of this template."""
    return [
        each["command"]
        for each in found["findings"]
        if each["phrases"]["text"]["template"] == template
    ]


def in_namespace(script: str, *values: Path) -> list[str]:
    """A command to run others by, once a script has changed what is mounted, for them alone."""
    quoted = " ".join(shlex.quote(str(value)) for value in values)
    count = len(values)
    start = f'set -- {quoted} "$@"; {script}; shift {count}; exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", f"set -e; {start}", "sh"]


def _make_environment(patient: Patient) -> None:
    places = patient.places
    venv.EnvBuilder(symlinks=True).create(places.venv)
    ours = Path(next(path for path in sys.path if path.endswith("site-packages")))
    for path in ours.iterdir():
        # Not what leads to the checkout.
        if path.name != "checkout.pth" and "neural" not in path.name:
            (patient.packages / path.name).symlink_to(path)
    application.link(places.venv, places.app)
    version = str(tuple(sys.version_info[:2]))
    needed = Requirements.of(CHECKOUT / "pyproject.toml")
    made = environment.Marker(needed.digest, version, needed.torch, "")
    (places.venv / environment.MARKER).write_text(json.dumps(asdict(made)), encoding="utf-8")
