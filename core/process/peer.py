"""Whose program is at the other end of a Unix socket, by the kernel (standard library only)."""

from __future__ import annotations

import os
import socket
import struct

_CREDENTIALS = struct.Struct("iII")  # process, user, group: unix(7)


def is_ours(sock: socket.socket) -> bool:
    """Whether the program at the other end runs as our user.

    Always true where the kernel does not say it in this way (macOS): there the mode of the
    socket's folder has to do.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None or sock.family != socket.AF_UNIX:
        return True
    credentials = sock.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    _process, user, _group = _CREDENTIALS.unpack(credentials)
    return bool(user == os.geteuid())
