"""A client's whole connection to the worker: frames, descriptors, requests; what it answers."""

from __future__ import annotations

import json
import logging
import os
import random
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from core import protocol
from core.errors import NeuralPresetError
from core.process.crowd import Crowd, Seat
from core.server import Server
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.descriptors import count
from tests.fuzz.mutation import changed_bytes, changed_json
from tests.fuzz.requests import Client, change_names, conversations, quick_service

_HEAD = 4
_MOST_PASSED = 20  # descriptors on one connection
_HELLO = {"request": "hello", "protocol": protocol.VERSION}


def _frame(body: bytes) -> bytes:
    return len(body).to_bytes(_HEAD, "big") + body


def _frames(data: bytes) -> list[bytes]:
    """The parts of a connection's bytes, each what its head says; the last one may be broken."""
    found = []
    while data:
        end = _HEAD + int.from_bytes(data[:_HEAD], "big")
        found.append(data[:end])
        data = data[end:]
    return found


def _seeds() -> list[bytes]:
    last = {"request": "status"}
    return [
        b"".join(_frame(json.dumps(request).encode()) for request in [_HELLO, *each, last])
        for each in conversations()
    ]


def _changed(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Mostly proper messages with hostile content; else the frames themselves are changed."""
    if chance.random() < 0.2:
        return changed_bytes(chance, data, others)
    frames = _frames(data)
    for _ in range(chance.choice((1, 1, 2))):
        at = chance.randrange(len(frames)) if frames else 0
        body = frames[at][_HEAD:] if frames else b"{}"
        if chance.random() < 0.2:
            with suppress(ValueError, RecursionError):
                request = json.loads(body)
                change_names(chance, request)
                body = json.dumps(request).encode()
        elif chance.random() < 0.2:
            body = _frames(chance.choice(others))[0][_HEAD:] if others else body
        else:
            body = changed_json(chance, body, [])
        frames[at : at + 1] = [_frame(body)] * chance.choice((1, 1, 1, 2))
    return b"".join(frames)[: 1 << 17]


@contextmanager
def _opened(folder: Path) -> Iterator[Execute]:
    logging.disable(logging.CRITICAL)
    # How soon an eager client is answered is another question.
    with quick_service() as service, patch.object(Crowd, "pace", lambda *_: 0.0):
        yield lambda data: _serve(service, data, folder)


def _serve(service: Any, data: bytes, folder: Path) -> None:
    """Raises AssertionError for a request that the worker itself calls unforeseen."""
    before = count()
    with Client(folder) as client:
        server = Server(None, folder / "log", idle_seconds=60)
        served: Any = SimpleNamespace(describe=service.describe, counts=service.counts)
        served.handle = lambda visitor, request: client.ask(service, visitor, request)
        server._service = served
        server._ready.set()
        ours, theirs = socket.socketpair()
        with ours, theirs, ThreadPoolExecutor(1) as other_end:
            _send(ours, data, client)
            ours.shutdown(socket.SHUT_WR)
            reading = other_end.submit(_replies, ours)
            with suppress(ConnectionResetError):
                server._converse(theirs, Seat(theirs))
            theirs.shutdown(socket.SHUT_RDWR)
            replies = reading.result()
    assert count() == before, "a descriptor stays open"
    for reply in replies:
        assert "unforeseen" not in str(reply.get("message")), reply["message"]
        protocol.checked(reply)


def _send(sock: socket.socket, data: bytes, client: Client) -> None:
    """As far as it fits into the socket, each message with the descriptor that it asks for."""
    sock.setblocking(False)
    for number, frame in enumerate(_frames(data)):
        came = client.descriptor(_request(frame)) if number < _MOST_PASSED else None
        with suppress(BlockingIOError):
            if came is not None:
                # Two with the first byte, where one is expected, and one where none is.
                socket.send_fds(sock, [frame[:1]], [came, came])
                socket.send_fds(sock, [frame[1:_HEAD]], [came])
                sock.sendall(frame[_HEAD:])
            else:
                sock.sendall(frame)
        if came is not None:
            os.close(came)
    sock.setblocking(True)


def _request(frame: bytes) -> dict[str, Any]:
    """What the frame asks; to what is broken belongs a descriptor all the same."""
    with suppress(ValueError, RecursionError):
        document = json.loads(frame[_HEAD:])
        return document if isinstance(document, dict) else {}
    return {"descriptor": "sealed"}


def _replies(sock: socket.socket) -> list[dict[str, Any]]:
    found = []
    try:
        while (reply := protocol.receive(sock)) is not None:
            found.append(reply)
    except NeuralPresetError as error:
        raise AssertionError("the worker's reply is none") from error
    return found


TARGETS = {"worker": Target("worker", _seeds, _opened, _changed)}
