"""The doctor's report about the installation, whatever is broken: also where it cannot be called.

`core.doctor` runs in the installation's own Python. What keeps it from that is a finding of ours.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import installation
import rescue
from gi.repository import Gimp
from translation import _, translated

if TYPE_CHECKING:
    from core.locations import Locations

OK, NOTE, WRONG = VERDICTS = ("ok", "note", "wrong")
LIMIT = 300.0
_FORMAT, _VERSION = "neural-preset-doctor", 1
_BOOT = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('core.doctor', run_name='__main__', alter_sys=True)"
)
_LONGEST = 600
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """What was found and what to do, in the user's language; `english` says it to helpers."""

    verdict: str
    text: str
    remedy: str = ""
    command: str = ""
    english: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Report:
    """The findings; `program` is the version of Neural Preset, if that is known."""

    findings: Sequence[Finding]
    program: str = ""

    @property
    def wrong(self) -> int:
        """How many things are wrong."""
        return sum(finding.verdict == WRONG for finding in self.findings)

    def as_text(self) -> str:
        """For somebody who is to help, or for a script: in English, as far as `core` was there."""
        lines = [
            "Neural Preset for GIMP: diagnostics",
            f"Neural Preset {self.program or '?'}, GIMP {_gimp()}, {platform.platform()}, "
            f"Python {platform.python_version()} ({sys.executable})",
        ]
        for finding in self.findings:
            text, remedy = finding.english
            lines.append(f"{finding.verdict:5}  {text or finding.text}")
            lines += [f"       {each}" for each in (remedy or finding.remedy,) if each]
            lines += [f"           {each}" for each in (finding.command,) if each]
        return "\n".join(lines) + "\n"


class Checkup:
    """One examination; `stop` ends it from another thread."""

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self) -> Report:
        """Examine, which takes some seconds; what goes wrong with that is in the report."""
        try:
            locations = installation.locate()
            return self._examined(locations)
        except installation.NotInstalledError as error:
            return _failure(str(error))
        except OSError as error:
            words = _("The installation's Python cannot be started: {reason}.")
            return _failure(words.format(reason=error))
        except subprocess.TimeoutExpired as error:
            words = _("The check was not done after {seconds} seconds.")
            return _failure(words.format(seconds=f"{error.timeout:g}"))
        except Exception as error:
            _LOG.debug("no report", exc_info=True)
            words = _("The check ended without a report: {reason}.")
            return _failure(words.format(reason=_one_line(error)))

    def stop(self) -> None:
        """Nobody wants to know it any more."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                _kill(self._process)

    def _examined(self, locations: Locations) -> Report:
        command = [str(locations.python), "-I", "-c", _BOOT, str(locations.app)]
        with self._lock:
            if self._stopped:
                return Report(())
            process = self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(locations),
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        with process:
            try:
                output, errors = process.communicate(timeout=self._limit)
            except subprocess.TimeoutExpired:
                _kill(process)
                raise
        if process.returncode:
            said = errors.decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"{process.returncode}; {said[-1] if said else ''}")
        return _read(json.loads(output))


def _gimp() -> str:
    return f"{Gimp.MAJOR_VERSION}.{Gimp.MINOR_VERSION}.{Gimp.MICRO_VERSION}"


def _environment(locations: Locations) -> dict[str, str]:
    """That of a worker; an installation that is all in one folder learns which."""
    from core.locations import HOME_VARIABLE, Locations
    from core.process.launch import environment

    found = environment()
    home = locations.presets.parent
    if Locations.under(home, locations.python, locations.app) == locations:
        found[HOME_VARIABLE] = str(home)
    return found


def _read(document: Any) -> Report:
    """What `core.doctor` says, of today's version of it."""
    if (document["format"], document["version"]) != (_FORMAT, _VERSION):
        raise ValueError("the report is of another version")
    return Report([_finding(each) for each in document["findings"]], str(document["program"]))


def _finding(document: Any) -> Finding:
    from core.phrase import Phrase

    english = str(document["text"]), str(document["remedy"])
    text, remedy = (
        translated(Phrase.from_json(said, document["phrases"][name]))
        for name, said in zip(("text", "remedy"), english, strict=True)
    )
    verdict = document["verdict"] if document["verdict"] in VERDICTS else NOTE
    return Finding(verdict, text, remedy, str(document["command"]), english)


def _failure(text: str) -> Report:
    """The only thing that can be said, and what helps."""
    return Report([Finding(WRONG, text, *rescue.remedy())])


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST].rstrip(".")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End it with the processes that it has started; a worker among them has left its group."""
    try:
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
