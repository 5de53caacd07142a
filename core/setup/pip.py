"""Running the pip of the virtual environment, and saying in plain words why it failed."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.setup.machine import SetupError

_log = logging.getLogger(__name__)
_SHOWN = re.compile(r"\s*(Downloading \S+ \([0-9.]+ [MG]B\))")
_UNREACHABLE = (
    "connection broken by",
    "NewConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "Name or service not known",
    "Temporary failure in name resolution",
    "getaddrinfo failed",
    "ProxyError",
    "Max retries exceeded",
    "SSLError",
)
DISK_FULL = "The disk is full. Make room and run install.py again; nothing was changed."
_NO_ROOM = (
    "No space left on device",
    "Disk quota exceeded",
    "There is not enough space",  # Windows
    "[Errno 28]",
    "[Errno 122]",
)
_NOT_FOUND = ("No matching distribution found", "Could not find a version")


@dataclass(frozen=True)
class Source:
    """Where packages come from, and where pip's words and its temporary files go."""

    log: Path
    temporary: Path
    wheels: Path | None = None
    torch_index: str | None = None

    @property
    def arguments(self) -> list[str]:
        if self.wheels is not None:
            return ["--no-index", "--find-links", str(self.wheels)]
        return ["--extra-index-url", self.torch_index] if self.torch_index else []


    def environment(self) -> dict[str, str]:
        """The user's, less what would send the packages elsewhere than into the environment."""
        unwanted = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_DRY_RUN"}
        environment = {key: value for key, value in os.environ.items() if key not in unwanted}
        # /tmp is often a small part of the memory, and torch is large.
        self.temporary.mkdir(parents=True, exist_ok=True)
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.temporary))
        return environment | {"PIP_USER": "0"} | places


class Pip:
    """The pip of one environment."""

    def __init__(self, python: Path, source: Source) -> None:
        self._python = python
        self._source = source

    def install(self, requirements: list[str]) -> None:
        """Installs them; SetupError says what to do about a failure."""
        output = self._run(requirements)
        if output is not None:
            raise SetupError(explain(output, self._source))

    def try_install(self, requirements: list[str]) -> bool:
        """Installs them if pip can find them; False if it cannot, SetupError for other failures."""
        output = self._run(requirements)
        if output is None:
            return True
        if any(words in output for words in _NOT_FOUND) and not _has(output, _UNREACHABLE):
            return False
        raise SetupError(explain(output, self._source))

    def _run(self, requirements: list[str]) -> str | None:
        """What pip said, if it failed; None if all went well."""
        command = [str(self._python), "-I", "-m", "pip", "--no-input", "install"]
        # Most of torch's thousands of files are never imported: Python compiles those that are.
        command += ["--no-compile", "--disable-pip-version-check", "--progress-bar", "off"]
        command += [*self._source.arguments, *requirements]
        lines = []
        with self._source.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n")
            with subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                close_fds=False,  # the lock: the next install.py waits for a pip that outlives us
                env=self._source.environment(),
            ) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    log.write(line)
                    lines.append(line)
                    if shown := _SHOWN.match(line):
                        _log.info("    %s", shown.group(1))
        return "".join(lines) if process.returncode else None


def explain(output: str, source: Source) -> str:
    """A failure of pip in words that help."""
    if (words := full_disk(output)) is not None:
        return words
    if "Long Path support" in output:
        return (
            "The path of the installation is too long for Windows. Choose a short folder with the "
            "variable NEURAL_PRESET_HOME (as C:\\NP) and run install.py again."
        )
    if _has(output, _UNREACHABLE):
        return (
            "The packages cannot be downloaded: no connection to the package index. Check the "
            "network (and the proxy) and run install.py again, or install without a network from "
            "a folder of wheels: --offline WHEELS."
        )
    missing = re.search(r"No matching distribution found for (\S+)", output)
    if missing and source.wheels is not None:
        return (
            f"{source.wheels} has no wheel of {missing.group(1)} for this Python and system. Fill "
            "it on a machine like this one, with the same Python: pip download -d WHEELS ..."
        )
    if missing:
        return (
            f"There is no package {missing.group(1)} for this Python and system. Run install.py "
            "with another Python, from 3.10 to 3.14."
        )
    last = "\n".join(output.strip().splitlines()[-8:])
    return f"pip failed (all of it in {source.log}):\n{last}"


def full_disk(output: str) -> str | None:
    """What to say if this is the output of a program that the disk had no room for."""
    return DISK_FULL if _has(output, _NO_ROOM) else None


def _has(output: str, words: tuple[str, ...]) -> bool:
    return any(word in output for word in words)
