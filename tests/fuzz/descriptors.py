"""Descriptors that a client may pass along with a request: memory of every sort, and no memory."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.process.pixelmemory import LARGEST

_KEPT = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
_SEAL_FUTURE_WRITE = 0x10  # fcntl has no name for it before Python 3.13


def _memory(size: int, folder: Path, seals: int = _KEPT, mode: int = 0o600) -> int:
    fd = os.memfd_create("fuzz", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.fchmod(fd, mode)
    os.ftruncate(fd, size)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def _reopened(size: int, folder: Path, flags: int) -> int:
    fd = _memory(size, folder, seals=0)
    try:
        return os.open(f"/proc/self/fd/{fd}", flags)
    finally:
        os.close(fd)


def _pipe(size: int, folder: Path) -> int:
    reader, writer = os.pipe()
    os.close(writer)
    return reader


_KINDS: dict[str, Callable[[int, Path], int]] = {
    "sealed": _memory,
    "growing": partial(_memory, seals=fcntl.F_SEAL_SHRINK),
    "frozen": partial(_memory, seals=_KEPT | fcntl.F_SEAL_WRITE),
    "soon frozen": partial(_memory, seals=_KEPT | _SEAL_FUTURE_WRITE),
    "loose": partial(_memory, seals=0),
    "public": partial(_memory, mode=0o644),
    "short": lambda size, folder: _memory(size - 1, folder),
    "vast": lambda size, folder: _memory(LARGEST, folder),
    "vast and loose": lambda size, folder: _memory(LARGEST, folder, seals=0),
    "read": partial(_reopened, flags=os.O_RDONLY),
    "write": partial(_reopened, flags=os.O_WRONLY),
    "append": partial(_reopened, flags=os.O_RDWR | os.O_APPEND),
    "name": partial(_reopened, flags=os.O_PATH),
    "pipe": _pipe,
    "socket": lambda size, folder: socket.socket(socket.AF_UNIX).detach(),
    "folder": lambda size, folder: os.open(folder, os.O_RDONLY),
    "device": lambda size, folder: os.open(os.devnull, os.O_RDWR),
}
KINDS = tuple(_KINDS)


def descriptor(kind: object, size: int, folder: Path) -> int | None:
    """A new one, of memory of `size` bytes or what it is; None for what is no kind."""
    make = _KINDS.get(kind) if isinstance(kind, str) else None
    return None if make is None else make(size, folder)


def count() -> int:
    """How many this process has open."""
    return len(os.listdir("/proc/self/fd"))
