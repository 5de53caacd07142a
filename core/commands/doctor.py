"""`neural-preset doctor`: looks at every part of the installation and says what to do."""

from __future__ import annotations

import argparse
import json

from core.commands import options
from core.commands.console import FAILED, Console
from core.doctor.examination import examine
from core.doctor.finding import Finding, report
from core.errors import NeuralPresetError

_EPILOG = """\
exit status: 0 nothing is wrong, 1 something is

--json prints one object:
  format    "neural-preset-doctor"
  version   1; it changes when what is described here does
  program   the version of Neural Preset
  wrong     how many things are wrong
  findings  a list of objects, each with
    group     runtime, program, presets, room, gimp or worker
    verdict   "ok", "note" (worth knowing, hinders nothing) or "wrong"
    text      what was found, in English
    remedy    what to do about it; empty if there is nothing to be done
    command   what to type for that; empty if there is no such command
    phrases   how text and remedy were made: template and values, for translations"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = options.command(
        commands, "doctor", _run, "check the installation and say what is wrong", _EPILOG
    )
    parser.add_argument("--json", action="store_true", help="for programs: one JSON object")


def _run(arguments: argparse.Namespace, console: Console) -> None:
    findings = []
    for finding in examine():
        findings.append(finding)
        if not arguments.json:
            _say(finding, console)
    wrong = sum(finding.verdict == "wrong" for finding in findings)
    if arguments.json:
        console.say(json.dumps(report(findings), indent=1))
        console.status = FAILED if wrong else 0
    elif wrong:
        things = "1 thing is" if wrong == 1 else f"{wrong} things are"
        raise NeuralPresetError(f"{things} wrong: see above for what to do.")
    else:
        console.say("Everything works.")


def _say(finding: Finding, console: Console) -> None:
    console.say(f"{finding.verdict:5}  {finding.text}")
    if finding.remedy is not None:
        console.say(f"       {finding.remedy.text}")
        if finding.remedy.command:
            console.say(f"           {finding.remedy.command}")
