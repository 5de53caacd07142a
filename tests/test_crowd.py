"""A program gone wild does not shut out its user's other programs."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import protocol, server
from core.fields import Fields
from core.lookrequests import mix_source, normalize_source, preset_source, reference_source
from core.process import crowd as crowd_module
from core.process.crowd import Crowd
from core.protocol import Picture
from core.sources import Normalize, read_source, read_still, weight
from core.visitor import _MOST_KEPT, Visitor
from tests.preset_samples import table
from tests.workers import eventually


@pytest.fixture
def sockets() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    with contextlib.ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(5)]
        for pair in pairs:
            for end in pair:
                end.settimeout(60)
                stack.enter_context(end)
        yield pairs


def open_still(pair: tuple[socket.socket, socket.socket]) -> bool:
    """Whether nobody has ended the connection."""
    pair[1].setblocking(False)
    try:
        return pair[1].recv(1) != b""
    except BlockingIOError:
        return True


def test_a_newcomer_takes_the_place_of_one_that_never_asked_then_of_the_most_silent(sockets):
    crowd = Crowd(3)
    with contextlib.ExitStack() as stack:
        seats = [stack.enter_context(crowd.joined(pair[0])) for pair in sockets[:3]]
        for seat in (seats[2], seats[0]):
            assert seat is not None
            with seat.at_work():
                pass
        assert stack.enter_context(crowd.joined(sockets[3][0])) is not None
        assert [open_still(pair) for pair in sockets[:4]] == [True, False, True, True]
        newest = stack.enter_context(crowd.joined(sockets[4][0]))
        assert newest is not None
        assert [open_still(pair) for pair in sockets] == [True, False, True, False, True]
        assert len(crowd) == 3
    assert len(crowd) == 0


def test_whoever_is_at_work_is_never_sent_away(sockets):
    crowd = Crowd(1)
    with crowd.joined(sockets[0][0]) as seat:
        assert seat is not None
        with seat.at_work(), crowd.joined(sockets[1][0]) as other:
            assert other is None
        assert open_still(sockets[0]) and len(crowd) == 1
        with crowd.joined(sockets[1][0]) as other:
            assert other is not None
        assert not open_still(sockets[0])


def test_more_requests_than_anybody_needs_have_to_wait_for_their_turn(sockets, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(crowd_module.time, "monotonic", lambda: now)
    crowd = Crowd(5)
    with contextlib.ExitStack() as stack:
        wild, calm = (stack.enter_context(crowd.joined(pair[0])) for pair in sockets[:2])
        assert wild is not None and calm is not None
        at_once = 0
        while not crowd.pace(wild):
            at_once += 1
        assert at_once == crowd_module._BURST
        waits = [crowd.pace(wild) for _ in range(1000)]
        # Two connections: each has half of the rate.
        assert waits[-1] - waits[0] == pytest.approx(2 * 999 / crowd_module._RATE)
        assert crowd.pace(calm) == 0
        now += 2 * waits[-1]
        assert crowd.pace(wild) == 0


class Listener:
    """Hands the worker one end of socket pairs."""

    def __init__(self) -> None:
        self._given: list[socket.socket] = []
        self._changed = threading.Condition()
        self._closed = False

    def connect(self) -> socket.socket:
        """A new client's end."""
        ours, theirs = socket.socketpair()
        ours.settimeout(60)
        with self._changed:
            self._given.append(theirs)
            self._changed.notify()
        return ours

    def accept(self) -> socket.socket:
        """The worker's end of the next one."""
        with self._changed:
            self._changed.wait_for(lambda: self._given or self._closed)
            if not self._given:
                raise OSError("closed")
            return self._given.pop(0)

    def admit(self, sock: socket.socket) -> bool:
        """Everybody."""
        return True

    def is_reachable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """No more."""
        with self._changed:
            self._closed = True
            self._changed.notify()


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Of a worker that has no network: it answers the greeting of a stranger, and no more."""
    monkeypatch.setattr(server, "_SLOWEST_MESSAGE", 0.2)
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 8)
    monkeypatch.setattr(server.Server, "_load", lambda self: None)
    listener = Listener()
    serving = server.Server(listener, tmp_path / "worker.log", 600)
    thread = threading.Thread(target=serving.run)
    thread.start()
    yield listener
    serving.stop()
    thread.join(60)


HELLO = {"request": "hello", "protocol": -1}


def greeted(sock: socket.socket) -> bool:
    """Whether the worker answers."""
    protocol.send(sock, HELLO)
    reply = protocol.receive(sock)
    return reply is not None and reply["ok"] is True


def test_a_message_that_does_not_come_to_its_end_ends_the_connection(listener):
    head = struct.pack(">I", 100)
    for part in (head[:1], head[:3], head, head + b'{"request":'):
        with listener.connect() as sock:
            sock.sendall(part)
            assert sock.recv(1) == b""
    with listener.connect() as sock:
        assert greeted(sock)
        # Silence between two messages is no fault.
        assert not threading.Event().wait(0.4)
        assert greeted(sock)


def test_a_flood_of_connections_and_half_requests_leaves_the_users_own(listener):
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(listener.connect())
        assert greeted(own)
        flood = [stack.enter_context(listener.connect()) for _ in range(100)]
        for sock in flood[::2]:
            with contextlib.suppress(OSError):
                sock.sendall(struct.pack(">I", 1 << 20))
        eventually(lambda: not open_still((own, flood[0])), "the first of the flood is sent away")
        assert greeted(own)
        late = stack.enter_context(listener.connect())
        assert greeted(late)


def test_what_is_kept_for_a_connection_is_bounded(monkeypatch):
    monkeypatch.setattr("core.visitor._MOST_KEPT", 100)
    picture = Picture(4, 4, 3, bytes(48))
    visitor = Visitor()
    for place in range(4):
        visitor.keep(place, read_still(picture.to_json(), {}))
    assert list(visitor.kept) == [2, 3]
    visitor.keep(2, Normalize())
    visitor.keep(0, read_still(picture.to_json(), {}))
    assert list(visitor.kept) == [3, 2, 0]


def test_the_largest_things_that_a_client_asks_about_at_once_are_kept_together():
    picture = Picture(1024, 1024, 4, bytes(1 << 22))
    largest = preset_source(table(size=127))
    mix = read_source(Fields(mix_source(largest, largest, 50)), {})
    still = read_source(Fields(reference_source(picture)), {})
    assert weight(mix) + 2 * weight(still) < _MOST_KEPT
    assert weight(read_source(Fields(normalize_source()), {})) == 0
