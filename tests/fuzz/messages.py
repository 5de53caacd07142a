"""What comes over the socket: any bytes to `protocol.receive`, hostile replies to a Session."""

from __future__ import annotations

import base64
import json
import random
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from core import protocol
from core.client import Session, normalize_source
from core.errors import InputError, NeuralPresetError, PresetError
from core.fields import Fields
from core.locations import Locations
from core.presetfile import CODE_LENGTH
from core.process import rendezvous
from core.process.rendezvous import Link
from core.protocol import Picture
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.mutation import changed_bytes, changed_json
from tests.preset_samples import jpeg, neural, table

_PICTURE = Picture(3, 2, 3, bytes(range(18)))


def _replies() -> list[bytes]:
    """An answer to each request, and errors."""
    code = [0.25] * CODE_LENGTH
    inner = InputError("There is no file {path}.", path="a.jpg")
    error = PresetError("{what}: {problem}", what="Golden", problem=inner)
    created = {
        "style": {"look": code, "colors": code},
        "toning": [0.5] * 51,
        "reference": base64.b64encode(jpeg()).decode(),
        "model": {"id": "np", "sha256": "0" * 64},
    }
    previews = [{"picture": _PICTURE.to_json()}, {"problem": str(error), **error.phrase.to_json()}]
    good: list[dict[str, Any]] = [
        {},
        {"lut": "0123", "identity": False},
        {"lattice": base64.b64encode(bytes(96)).decode()},
        {"picture": _PICTURE.to_json()},
        {"previews": previews},
        {"path": "/nowhere/a.cube"},
        {"preset": table(size=2).to_json()},
        {"preset": neural().without_picture().to_json()},
        created,
    ]
    replies = [{"ok": True, **reply} for reply in good]
    return [json.dumps(reply).encode() for reply in [*replies, protocol.failure(error)]]


def _framed() -> list[bytes]:
    return [struct.pack(">I", len(reply)) + reply for reply in _replies()]


def _changed_frame(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Mostly proper messages with hostile content; else the frame itself is changed."""
    if chance.random() < 0.3:
        return changed_bytes(chance, data, others)
    body = changed_json(chance, data[4:], [other[4:] for other in others])
    return struct.pack(">I", len(body)) + body


def _through_a_socket(data: bytes) -> socket.socket:
    """A socket from which these bytes come, as far as they fit into it, and then the end."""
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    with theirs:
        theirs.setblocking(False)
        with suppress(BlockingIOError):
            theirs.send(data)
    return ours


@contextmanager
def _message(folder: Path) -> Iterator[Execute]:
    def execute(data: bytes) -> None:
        with _through_a_socket(data) as sock, suppress(ConnectionResetError):
            while (message := protocol.receive(sock)) is not None:
                with suppress(InputError):
                    Picture.from_json(message.get("picture"))
                Fields(message).texts("tags", most=50, longest=80)
                protocol.checked(message)

    yield execute


_CALLS: tuple[Callable[[Session], object], ...] = (
    lambda session: session.look(_PICTURE, normalize_source()),
    lambda session: session.previews(_PICTURE, _PICTURE, [normalize_source()] * 2),
    lambda session: session.draft(_PICTURE, _PICTURE, normalize_source()),
    lambda session: session.preset_of(_PICTURE, "Golden"),
    lambda session: session.lattice("0123"),
    lambda session: session.export("0123", "/nowhere/a.cube"),
    lambda session: session.preset_of_lut("/nowhere/a.cube", "Golden"),
    lambda session: session.status(),
)


@contextmanager
def _reply(folder: Path) -> Iterator[Execute]:
    """A worker that answers every request, whatever it is, with the same."""
    locations = Locations(*[folder] * 6)
    answer = b""

    def reach(*_: object, **__: object) -> Link:
        return Link(_through_a_socket(8 * answer), {})

    def execute(data: bytes) -> None:
        nonlocal answer
        answer = data
        problem: Exception | None = None
        with suppress(rendezvous._UnfitError):
            rendezvous._greet(_through_a_socket(answer), locations, 5, None).sock.close()
        for call in _CALLS:
            try:
                with Session(locations) as session:
                    call(session)
            except NeuralPresetError as error:
                problem = error
        if problem is not None:
            raise problem

    nothing = patch.object(protocol, "send", lambda *_: None)
    with nothing, patch("core.process.connection.reach", reach):
        yield execute


TARGETS = {
    "message": Target("message", _framed, _message, _changed_frame),
    "reply": Target("reply", _framed, _reply, _changed_frame),
}
