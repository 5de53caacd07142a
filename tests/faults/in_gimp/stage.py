"""A GIMP root with a /dev/shm and a temporary folder of its own, small enough to be filled.

All that is started on one stage shares them, so that a GIMP can die and another take its place.
Nobody there may read or write against a file's permissions, though all are root.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.gimp.harness import Gimp
from tests.gimp.roots import PRIVATE_MOUNTS, Root

_MEGABYTES = 48
_SET = """
set -e
size=$1 temporary=$2; shift 2
mount -t tmpfs -o mode=1777,size=$size tmpfs /dev/shm
mount -t tmpfs -o mode=700,size=$size tmpfs "$temporary"
exec "$@"
"""
# cat ends with the pipe that it reads, so no stage outlives the program that made it.
_HOLD = ("sh", "-c", "echo ready; exec cat")
_HUMBLE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")


@dataclass(frozen=True)
class Stage(Root):
    """A root that another process, `holder`, has entered already."""

    holder: int = 0

    def enter(
        self, command: Sequence[str], environment: Mapping[str, str], bind: Sequence[Path] = ()
    ) -> list[str]:
        whole = super().enter([*_HUMBLE, *command], environment, bind)
        nsenter = ["nsenter", "--target", str(self.holder), "--mount", "--root", "--wd"]
        return [*nsenter, "--", *whole[whole.index("/usr/bin/env") :]]

    def path_of(self, path: str | Path) -> Path:
        """How a path on the stage is reached from outside."""
        return Path(f"/proc/{self.holder}/root") / str(path).lstrip("/")


@contextlib.contextmanager
def staged(root: Root) -> Iterator[Gimp]:
    """A GIMP on a stage, without the plug-in yet; all of it is gone afterwards."""
    gimp = Gimp(root)
    small = [*PRIVATE_MOUNTS, "sh", "-c", _SET, "set", f"{_MEGABYTES}m", str(gimp.temporary)]
    command = [*small, *root.enter(_HOLD, {}, [gimp.temporary])]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin is not None and holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"ready\n"
        gimp.root = Stage(root.version, holder.pid)
        yield gimp
    finally:
        gimp.close()
        holder.stdin.close()
        holder.stdout.close()
        holder.wait()
