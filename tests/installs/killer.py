"""Runs a Python script and kills it before its Nth change of the disk, as `kill -9` would.

    python3 killer.py N SCRIPT ARGUMENTS...

N = 0 kills nothing and prints the number of changes. Every second file that is about to be
written is left with half of a word in it. Standard library only: it runs in the scenes.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys

_CHANGES = {
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "os.utime",
    "subprocess.Popen",
}
_WRITING = os.O_WRONLY | os.O_RDWR


class Killer:
    """An audit hook that counts changes."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        written = _written(event, arguments)
        if written is None and event not in _CHANGES:
            return
        self.count += 1
        if self.count == self.last:
            if written is not None and self.count % 2:
                descriptor = os.open(written, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o666)
                os.write(descriptor, b"{\"ha")
            os.kill(os.getpid(), signal.SIGKILL)


def _written(event: str, arguments: tuple[object, ...]) -> str | None:
    """The file that is opened for writing, if that is what the event says."""
    if event != "open":
        return None
    path, _, flags = arguments
    return str(path) if isinstance(flags, int) and flags & _WRITING else None


def main() -> None:
    """Counts or kills."""
    killer = Killer(int(sys.argv[1]))
    del sys.argv[:2]
    sys.addaudithook(killer)
    status: object = 0
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        status = end.code
    if not killer.last:
        print(f"changes: {killer.count}")
    sys.exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    main()
