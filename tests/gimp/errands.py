"""A shell in a root for many short commands: to enter a root takes longer than they do."""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from tests.gimp.roots import Root

_END = b"--- status "


class ErrandError(Exception):
    """The shell has ended, or a command did not end in time; no other can be run then."""


class Errands:
    """Runs one command after the other in the same root and environment; needs `close`."""

    def __init__(self, root: Root, environment: Mapping[str, str]) -> None:
        self._shell = subprocess.Popen(
            root.enter(["sh"], environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )

    def run(self, command: Sequence[str], timeout: float = 60) -> str:
        """What the command writes, to its stderr also, whatever its exit status."""
        assert self._shell.stdin is not None and self._shell.stdout is not None
        line = f'{shlex.join(command)} </dev/null; echo "{_END.decode()}$?"\n'
        found = b""
        deadline = time.monotonic() + timeout
        try:
            self._shell.stdin.write(line.encode())
            while not (found.endswith(b"\n") and _END in found.splitlines()[-1]):
                left = deadline - time.monotonic()
                ready, _, _ = select.select([self._shell.stdout], [], [], max(left, 0))
                part = self._shell.stdout.read(65536) if ready else b""
                if not part:
                    raise ErrandError(f"no end of {command}: {found!r}")
                found += part
        except BrokenPipeError:
            raise ErrandError(f"no shell for {command}") from None
        return found[: found.rindex(_END)].decode(errors="replace")

    def close(self) -> None:
        """End the shell and what it runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.wait()
        for stream in (self._shell.stdin, self._shell.stdout):
            assert stream is not None
            stream.close()
