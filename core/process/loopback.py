"""A loopback port in place of a Unix socket, for Windows (standard library only).

Any program of the machine may connect to a port. So each side proves, by an HMAC over the other
side's random challenge, that it has read the key in a file that only the user can read.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import socket
from pathlib import Path

from core.errors import ProtocolError
from core.process.transport import BACKLOG, record_path

_HOST = "127.0.0.1"
_CHALLENGE = 32
_PROOF = hashlib.sha256().digest_size
_HANDSHAKE_TIMEOUT = 10.0


def connect(runtime: Path, timeout: float) -> socket.socket:
    """A connection to the worker of this directory, both sides proven.

    Raises FileNotFoundError or ConnectionRefusedError where none listens, ProtocolError where a
    stranger listens on its port, OSError for other failures.
    """
    port, key = _read(record_path(runtime))
    sock = socket.create_connection((_HOST, port), timeout=timeout)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        challenge = secrets.token_bytes(_CHALLENGE)
        sock.sendall(challenge)
        answer = _exactly(sock, _PROOF + _CHALLENGE)
        if not hmac.compare_digest(answer[:_PROOF], _proof(key, b"worker", challenge)):
            raise ProtocolError("Another program listens on the worker's port.")
        sock.sendall(_proof(key, b"client", answer[_PROOF:]))
    except BaseException:
        sock.close()
        raise
    return sock


class LoopbackListener:
    """The worker's end of the port; the caller holds the worker's lock."""

    def __init__(self, runtime: Path) -> None:
        self._path = record_path(runtime)
        self._key = secrets.token_bytes(32)
        self._sock = socket.create_server((_HOST, 0), backlog=BACKLOG)
        record = {"port": self._sock.getsockname()[1], "key": self._key.hex()}
        # Not core.atomic: the file must be closed to others from its first byte on.
        temporary = self._path.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            json.dump(record, file)
        os.replace(temporary, self._path)

    def accept(self) -> socket.socket:
        """The next connection, not yet admitted. Raises OSError once the listener is closed."""
        return self._sock.accept()[0]

    def admit(self, sock: socket.socket) -> bool:
        """Prove ourselves to the caller and let it do so; False for a stranger."""
        try:
            sock.settimeout(_HANDSHAKE_TIMEOUT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            theirs = _exactly(sock, _CHALLENGE)
            ours = secrets.token_bytes(_CHALLENGE)
            sock.sendall(_proof(self._key, b"worker", theirs) + ours)
            proof = _exactly(sock, _PROOF)
            sock.settimeout(None)
        except OSError:
            return False
        return hmac.compare_digest(proof, _proof(self._key, b"client", ours))

    def is_reachable(self) -> bool:
        """Whether clients still find this listener: its record may have been removed."""
        try:
            return _read(self._path)[1] == self._key
        except OSError:
            return False

    def close(self) -> None:
        """Stop listening and remove the file, unless it is by now another worker's."""
        with contextlib.suppress(OSError):
            if self.is_reachable():
                self._path.unlink()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()


def _read(path: Path) -> tuple[int, bytes]:
    """Port and key; a damaged file counts as a missing one."""
    try:
        document = json.loads(path.read_text(encoding="ascii"))
        port, key = document["port"], bytes.fromhex(document["key"])
    except (ValueError, KeyError, TypeError) as error:
        raise FileNotFoundError(f"{path} is damaged") from error
    if not isinstance(port, int) or not 0 < port < 65536 or len(key) != 32:
        raise FileNotFoundError(f"{path} is damaged")
    return port, key


def _proof(key: bytes, side: bytes, challenge: bytes) -> bytes:
    return hmac.new(key, side + challenge, hashlib.sha256).digest()


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise ConnectionResetError("The connection ended within the handshake.")
        data += part
    return data
