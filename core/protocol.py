"""What client and worker say to each other (standard library only).

A message is a 4-byte big-endian length and that many bytes of UTF-8 JSON, always an object.
A request is {"request": NAME, ...}; its reply {"ok": true, ...} or
{"ok": false, "code": CODE, "message": TEXT}, the code being one of core.errors; "template" and
"values" beside a text say how it was made, so that it can be translated. While the worker
still loads the network it sends {"wait": true} every second before the reply, so that a client
can tell a slow start from a worker that hangs.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

from core.errors import InputError, NeuralPresetError, ProtocolError, from_code
from core.fields import Fields
from core.phrase import Phrase

VERSION = 3
LARGEST_MESSAGE = 64 << 20
LARGEST_SIDE = 1024
PLACES = 8  # things that the worker keeps for one connection, each in a numbered place
MOST_PREVIEWS = 64  # in one request
WAIT: dict[str, Any] = {"wait": True}

_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class PixelFormat:
    """Interleaved, sRGB-encoded pixels in the byte order of the machine."""

    channels: int
    dtype: str
    item_bytes: int

    @property
    def pixel_bytes(self) -> int:
        return self.channels * self.item_bytes


FORMATS = {
    "RGB u8": PixelFormat(3, "uint8", 1),
    "RGBA u8": PixelFormat(4, "uint8", 1),
    "RGB u16": PixelFormat(3, "uint16", 2),
    "RGBA u16": PixelFormat(4, "uint16", 2),
    "RGB f32": PixelFormat(3, "float32", 4),
    "RGBA f32": PixelFormat(4, "float32", 4),
}


@dataclass(frozen=True)
class Picture:
    """A small copy of a picture: sRGB-encoded uint8, rows of RGB or RGBA, sides of 1 to 1024.

    Raises InputError where the sizes are out of range or do not fit the data.
    """

    width: int
    height: int
    channels: int
    data: bytes

    def __post_init__(self) -> None:
        if self.channels not in (3, 4):
            raise InputError(
                "A picture needs 3 or 4 channels; this one has {channels}.", channels=self.channels
            )
        if not (1 <= self.width <= LARGEST_SIDE and 1 <= self.height <= LARGEST_SIDE):
            raise InputError(
                "A picture for the look is {width} x {height}: each side must be 1 to {largest}"
                " pixels.",
                width=self.width,
                height=self.height,
                largest=LARGEST_SIDE,
            )
        if len(self.data) != self.width * self.height * self.channels:
            raise InputError(
                "A picture of {width} x {height} x {channels} came with {size} bytes.",
                width=self.width,
                height=self.height,
                channels=self.channels,
                size=len(self.data),
            )

    def to_json(self) -> dict[str, Any]:
        """The picture as it travels in a message."""
        return {
            "width": self.width,
            "height": self.height,
            "channels": self.channels,
            "data": base64.b64encode(self.data).decode("ascii"),
        }

    @classmethod
    def from_json(cls, document: object) -> Picture:
        """The picture of a message. Raises InputError."""
        found = Fields(document, what=Phrase("A picture in the request"))
        return cls(
            found.integer("width", 1, LARGEST_SIDE),
            found.integer("height", 1, LARGEST_SIDE),
            found.integer("channels", 3, 4),
            found.base64("data", LARGEST_SIDE * LARGEST_SIDE * 4),
        )


def send(sock: socket.socket, message: dict[str, Any], descriptor: int | None = None) -> None:
    """Send one message, through a Unix socket also a descriptor, which the receiver gets a copy of.

    Raises OSError (lost connection) or InputError (too large, not JSON).
    """
    try:
        body = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    except ValueError as error:
        raise InputError("A number that is not finite cannot be sent to the worker.") from error
    if len(body) > LARGEST_MESSAGE:
        raise InputError(
            "A message of {size} MiB is more than the worker takes ({most} MiB).",
            size=len(body) >> 20,
            most=LARGEST_MESSAGE >> 20,
        )
    head = _LENGTH.pack(len(body))
    if descriptor is not None:
        socket.send_fds(sock, [head[:1]], [descriptor])
        head = head[1:]
    sock.sendall(head + body)


def receive(
    sock: socket.socket, within: float | None = None, descriptors: list[int] | None = None
) -> dict[str, Any] | None:
    """The next message, or None where the other side has closed between two messages.

    `descriptors` takes the one that comes with the message, if one does; it is the caller's to
    close. Without it the system closes it.

    `within`: seconds in which a message must come to its end once it has begun, however long one
    waits for it; an answer then has as many to be taken. Without it the socket's timeout counts.
    Raises ProtocolError for anything that is no message, OSError for a lost connection.
    """
    if within is not None:
        sock.settimeout(None)
    first = sock.recv(1) if descriptors is None else _first(sock, descriptors)
    if not first:
        return None
    deadline = None if within is None else time.monotonic() + within
    (length,) = _LENGTH.unpack(first + _exactly(sock, _LENGTH.size - 1, deadline))
    if length > LARGEST_MESSAGE:
        raise ProtocolError(
            "A message announces {length} bytes: that is not our protocol.", length=length
        )
    body = _exactly(sock, length, deadline)
    if within is not None:
        sock.settimeout(within)
    try:
        message = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A message is not proper JSON.") from error
    if not isinstance(message, dict):
        raise ProtocolError("A message is not a JSON object.")
    return message


def _first(sock: socket.socket, descriptors: list[int]) -> bytes:
    if not hasattr(socket, "recv_fds") or sock.family != socket.AF_UNIX:
        return sock.recv(1)
    first, came, _flags, _address = socket.recv_fds(sock, 1, 1)
    descriptors += came
    return first


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytes:
    """Grows with what arrives: an announced length alone costs no memory."""
    data = bytearray()
    while len(data) < count:
        if deadline is not None:
            # Not 0, which would mean not to wait at all.
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
        part = sock.recv(min(count - len(data), _CHUNK))
        if not part:
            raise ConnectionResetError("The connection ended within a message.")
        data += part
    return bytes(data)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def failure(error: NeuralPresetError) -> dict[str, Any]:
    """The reply that carries an error."""
    return {"ok": False, "code": error.code, "message": str(error), **error.phrase.to_json()}


def checked(reply: dict[str, Any]) -> dict[str, Any]:
    """The reply itself if it says ok. Raises the error that it carries, or ProtocolError."""
    ok = reply.get("ok")
    if ok is True:
        return reply
    code, message = reply.get("code"), reply.get("message")
    if ok is False and isinstance(code, str) and isinstance(message, str):
        raise from_code(code, Phrase.from_json(message, reply))
    raise ProtocolError("The worker's reply is neither a result nor an error.")
