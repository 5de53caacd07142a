"""Every message of the doctor, caused for real; and what it advises helps."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import core
from core import model
from core.cli import main
from core.doctor import remedies
from core.doctor.finding import FORMAT, VERSION, Finding, Remedy
from core.doctor.installation import Installation
from core.locations import Locations
from core.phrase import Phrase
from core.setup import plugin
from core.setup.journal import Journal
from core.setup.machine import Machine
from core.setup.places import Places
from tests import texts
from tests.conftest import CHECKOUT
from tests.doctor import gimp, patients, presets, program, room, runtime, worker
from tests.doctor.cases import CASES, Case
from tests.doctor.patients import Patient, commands, templates

CAUSES = (gimp, presets, program, room, runtime, worker)
# What is seen where nothing is wrong.
WHOLE = {
    *("Python {version}: {file}", "Packages: {names}", "{name} {version}", "{some}, {other}"),
    *("All compiled modules can be loaded.", "Neural Preset {version}: {folder}"),
    *("All {count} files of the program are whole.", "Weights: {file} (SHA-256 {sum})"),
    "Presets: {own} of yours in {folder}, {builtin} built in",
    "Room on the disk of {folder}: {free} GiB",
    "Room for the pixels of large layers: {size} MiB",
    *("GIMP {version}: {file}", "GIMP plug-in: {folder}"),
    *("The background worker works: {model} on {device}, process {pid}", ""),
}

linux = pytest.mark.skipif(sys.platform != "linux", reason="causes are made of Linux' own means")


@pytest.fixture
def patient() -> Iterator[Patient]:
    made = patients.make()
    yield made
    patients.discard(made)


@linux
def test_nothing_is_wrong_with_a_whole_installation(patient: Patient) -> None:
    done = patient.run([str(patient.places.launcher), "doctor", "--json"])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    found = json.loads(done.stdout)
    assert {each["verdict"] for each in found["findings"]} == {"ok"}
    assert templates(found) == WHOLE
    assert (found["format"], found["version"], found["wrong"]) == (FORMAT, VERSION, 0)
    groups = [each["group"] for each in found["findings"]]
    assert list(dict.fromkeys(groups)) == [
        *("runtime", "program", "presets", "room", "gimp", "worker"),
    ]


@linux
def test_the_command_works_where_nearly_all_packages_are_gone(patient: Patient) -> None:
    for path in patient.packages.iterdir():
        if path.is_symlink():
            path.unlink()
    done = patient.run([str(patient.places.launcher), "doctor"])
    assert done.returncode == 1
    for name in ("torch", "numpy", "platformdirs"):
        assert f"wrong  The package {name} is missing.\n" in done.stdout
    assert "wrong  numpy cannot be loaded: ModuleNotFoundError" in done.stdout
    assert "things are wrong: see above for what to do." in done.stderr


@linux
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.cause.__name__)
def test_message_is_caused(patient: Patient, case: Case) -> None:
    if (case.root or case.nobody or case.by) and os.geteuid() != 0:
        pytest.skip("only root has a second user, and mounts")
    with case.cause(patient) or contextlib.nullcontext():
        found = _examined(patient, case)
        assert templates(found) >= {case.text, *case.others}, found["findings"]
        (told,) = {
            each["verdict"]
            for each in found["findings"]
            if each["phrases"]["text"]["template"] == case.text
        }
        assert told in ("note", "wrong")
        if case.cured:
            for command in commands(found, case.text):
                patient.type(command)
            assert case.text not in templates(_examined(patient, case))


def _examined(patient: Patient, case: Case) -> patients.Report:
    if case.nobody:
        return patient.examined_by_another(case.group)
    by = case.by(patient) if case.by else ()
    return patient.examined(case.group, before=case.before, by=by)


@linux
def test_the_one_command_repairs_whatever_install_py_has_made(patient: Patient) -> None:
    """The doctor names it again and again; typed once, nothing is wrong any more."""
    (patient.folder / "bin" / "gimp-console").unlink()  # which only says its version
    for cause in (program.it_was_interrupted, program.the_command_is_gone, gimp.the_plugin_is_old):
        cause(patient)
    found = patient.examined("program", "gimp")
    (command,) = {each["command"] for each in found["findings"] if each["verdict"] == "wrong"}
    assert str(patient.places.app / "install.py") in shlex.split(command)
    # Nothing is wrong with the packages: not one is to be fetched.
    patient.type(f"{command} --offline {shlex.quote(str(patient.folder / 'tmp'))}")
    assert patient.examined("program", "gimp")["wrong"] == 0


@linux
def test_a_gimp_elsewhere_is_named_to_the_installer(patient: Patient) -> None:
    elsewhere = patient.folder / "It's GIMP"
    plugin.install(patient.places.app, elsewhere, patient.places.record, editable=False)
    (elsewhere / "plug-ins" / "neural-preset" / "jobs.py").unlink()
    journal = Journal.read(patient.places.journal)
    assert journal is not None
    journal.also_in([elsewhere]).write(patient.places.journal)
    (command,) = {each["command"] for each in patient.examined("gimp")["findings"]} - {""}
    assert shlex.split(command)[-2:] == ["--gimp-dir", str(elsewhere)]


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Finding]]:
    """What the doctor is made to find."""
    made: list[Finding] = [Finding("ok", Phrase("Fine: {name}", name="é"), group="room")]
    monkeypatch.setattr("core.commands.doctor.examine", lambda: iter(made))
    yield made


def test_everything_is_said_in_lines(
    findings: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "ok     Fine: é\nEverything works.\n"
    findings.append(Finding("note", Phrase("Odd."), Remedy(Phrase("Look."))))
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        *("note   Odd.", "       Look.", "Everything works."),
    ]
    findings.append(Finding("wrong", Phrase("Broken."), Remedy(Phrase("Type:"), "mend 'it'")))
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines()[3:] == ["wrong  Broken.", "       Type:", "           mend 'it'"]
    assert said.err == "neural-preset: 1 thing is wrong: see above for what to do.\n"
    findings.append(findings[-1])
    assert main(["doctor"]) == 1
    assert "2 things are wrong" in capsys.readouterr().err


def test_programs_get_one_object(
    findings: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "format": "neural-preset-doctor",
        "version": 1,
        "program": core.__version__,
        "wrong": 0,
        "findings": [
            {
                "group": "room",
                "verdict": "ok",
                "text": "Fine: é",
                "remedy": "",
                "command": "",
                "phrases": {
                    "text": {"template": "Fine: {name}", "values": {"name": "é"}},
                    "remedy": {"template": "", "values": {}},
                },
            }
        ],
    }
    findings.append(Finding("wrong", Phrase("Broken."), Remedy(Phrase("Type:"), "mend 'it'")))
    assert main(["doctor", "--json"]) == 1
    said = capsys.readouterr()
    assert (json.loads(said.out)["wrong"], said.err) == (1, "")


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("linux", "NEURAL_PRESET_HOME='/h/It'\"'\"'s' python3 '/a b/install.py' --repair"),
        ("darwin", "NEURAL_PRESET_HOME='/h/It'\"'\"'s' python3 '/a b/install.py' --repair"),
        ("win32", 'set "NEURAL_PRESET_HOME=/h/It\'s" && py "/a b/install.py" --repair'),
    ],
)
def test_commands_are_those_of_the_system(platform: str, command: str, tmp_path: Path) -> None:
    moved = Machine(platform, tmp_path, {"NEURAL_PRESET_HOME": "/h/It's"})
    locations = Locations.under(tmp_path, tmp_path / "python", tmp_path)
    there = Installation(locations, Places.on(moved), moved)
    assert there.install_command("/a b/install.py", "--repair") == command
    usual = Machine(platform, tmp_path, {"LOCALAPPDATA": str(tmp_path)})
    here = Installation(locations, Places.on(usual), usual)
    python = "py" if platform == "win32" else "python3"
    assert here.install_command("/a/install.py") == f"{python} /a/install.py"
    assert here.own_command("worker", "stop") == (
        f"cd {tmp_path} && {tmp_path / 'python'} -m core worker stop"
    )


def test_windows_has_commands_of_its_own(tmp_path: Path) -> None:
    machine = Machine("win32", tmp_path, {"LOCALAPPDATA": str(tmp_path), "USERNAME": "Zoë"})
    locations = Locations.under(tmp_path, tmp_path / "python", tmp_path)
    installation = Installation(locations, Places.on(machine), machine)
    path = tmp_path / "a b.json"
    assert remedies.move_away(installation, path).command == f'move "{path}" "{path}.old"'
    assert remedies.remove(installation, path).command == f'del "{path}"'
    assert remedies.permit(installation, path).command == (
        f'icacls "{path}" /grant "Zoë:(OI)(CI)F"'
    )


def test_sums_of_the_weights_are_true() -> None:
    folder = CHECKOUT / "core" / "weights"
    lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    sums = {line.split("  ")[1]: line.split("  ")[0] for line in lines}
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*.safetensors")
    }
    assert next(iter(sums)) == model.WEIGHTS.name  # the network, whose sum presets name


def test_no_message_is_left_out() -> None:
    caused = {text for case in CASES for text in (case.text, *case.others)} | WHOLE
    written = {
        text
        for path in (CHECKOUT / "core" / "doctor").glob("*.py")
        for _line, text in texts.templates(path.read_text(encoding="utf-8"))
    }
    assert written - caused == set()
