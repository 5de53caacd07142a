"""The socket between client and worker, which only its user may reach (standard library only).

A Unix socket of mode 0600 in a directory of mode 0700; where there are none (Windows) a port on
the loopback address, see core.process.loopback.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ProtocolError, WorkerError
from core.process import peer

if TYPE_CHECKING:
    from core.process.loopback import LoopbackListener

HAS_UNIX_SOCKETS = hasattr(socket, "AF_UNIX") and os.name == "posix"
BACKLOG = 128
_NAME = "worker.sock"
# sun_path holds 108 bytes on Linux, 104 on macOS.
_LONGEST_PATH = 100


def connect(runtime: Path, timeout: float) -> socket.socket:
    """A connection to the worker that listens there.

    Raises FileNotFoundError or ConnectionRefusedError where none listens, ProtocolError where
    another user's program does, OSError (TimeoutError) for other failures.
    """
    if not HAS_UNIX_SOCKETS:
        from core.process import loopback  # for its cryptography the others need not wait

        return loopback.connect(runtime, timeout)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        with _address(runtime) as address:
            sock.connect(address)
        if not peer.is_ours(sock):
            raise ProtocolError("Another user's program listens in the worker's place.")
    except BaseException:
        sock.close()
        raise
    return sock


def record_path(runtime: Path) -> Path:
    """The file that names the port on the loopback address, and the key to it."""
    return runtime / "worker.port"


def address_file(runtime: Path) -> Path:
    """The file by which clients find the worker."""
    return runtime / _NAME if HAS_UNIX_SOCKETS else record_path(runtime)


def forget(runtime: Path) -> None:
    """Remove what a dead worker or a stranger left where clients connect."""
    for path in (runtime / _NAME, record_path(runtime)):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


class UnixListener:
    """The worker's end of the Unix socket; the caller holds the worker's lock."""

    def __init__(self, runtime: Path) -> None:
        self._path = runtime / _NAME
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        forget(runtime)
        with _address(runtime) as address:
            self._sock.bind(address)
        os.chmod(self._path, 0o600)
        self._ours = os.stat(self._path)
        self._sock.listen(BACKLOG)

    def accept(self) -> socket.socket:
        """The next connection. Raises OSError once the listener is closed."""
        return self._sock.accept()[0]

    def admit(self, sock: socket.socket) -> bool:
        """Whether the caller may speak: only our own user, whom alone the folder lets in, too."""
        return peer.is_ours(sock)

    def is_reachable(self) -> bool:
        """Whether clients still find this listener: its socket file may have been removed."""
        try:
            return os.path.samestat(os.stat(self._path), self._ours)
        except OSError:
            return False

    def close(self) -> None:
        """Stop listening; the socket file goes, unless another worker has put its own there."""
        with contextlib.suppress(OSError):
            if self.is_reachable():
                self._path.unlink()
        # Wakes a thread that waits in accept, which close alone does not on Linux.
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()


def listen(runtime: Path) -> UnixListener | LoopbackListener:
    """Listen for clients of this runtime directory."""
    if HAS_UNIX_SOCKETS:
        return UnixListener(runtime)
    from core.process import loopback

    return loopback.LoopbackListener(runtime)


@contextlib.contextmanager
def _address(runtime: Path) -> Iterator[str]:
    """A name of the socket that fits into a socket address, however long the path is."""
    path = runtime / _NAME
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
    elif sys.platform.startswith("linux"):
        directory = os.open(runtime, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield f"/proc/self/fd/{directory}/{_NAME}"
        finally:
            os.close(directory)
    else:
        raise WorkerError(
            "The path {path} is too long for a socket: set NEURAL_PRESET_HOME to a shorter one.",
            path=path,
        )
