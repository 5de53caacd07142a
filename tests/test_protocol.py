"""Messages, pictures and errors on the wire."""

from __future__ import annotations

import json
import math
import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from core import protocol
from core.errors import (
    InputError,
    NeuralPresetError,
    PresetError,
    ProtocolError,
    UnknownLutError,
    WorkerError,
)
from core.protocol import Picture


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    one.settimeout(60)
    other.settimeout(60)
    with one, other:
        yield one, other


@pytest.mark.skipif(not hasattr(socket, "send_fds"), reason="Windows passes no descriptors")
def test_a_descriptor_comes_with_its_message_to_whoever_takes_it(ends):
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    for number in range(3):
        protocol.send(ends[0], {"number": number}, writer if number else None)
    os.close(writer)
    came: list[int] = []
    assert protocol.receive(ends[1], descriptors=came) == {"number": 0} and came == []
    assert protocol.receive(ends[1], descriptors=came) == {"number": 1} and len(came) == 1
    assert protocol.receive(ends[1]) == {"number": 2}
    os.write(came[0], b"x")
    os.close(came[0])
    assert os.read(reader, 2) == b"x"
    # The one that nobody took is closed, too.
    assert os.read(reader, 2) == b""
    os.close(reader)


def test_a_message_arrives_as_it_was_sent(ends):
    message = {"request": "look", "text": "Goldene Stunde 🌅", "list": [1, 2.5, None, True]}
    protocol.send(ends[0], message)
    protocol.send(ends[0], {})
    assert protocol.receive(ends[1]) == message
    assert protocol.receive(ends[1]) == {}


def test_a_message_larger_than_any_buffer_arrives(ends):
    message = {"data": "x" * (5 << 20)}
    sender = threading.Thread(target=protocol.send, args=(ends[0], message))
    sender.start()
    assert protocol.receive(ends[1]) == message
    sender.join()


def test_the_end_between_messages_is_no_error_but_within_one_it_is(ends):
    ends[0].sendall(struct.pack(">I", 10) + b"{")
    ends[0].shutdown(socket.SHUT_WR)
    with pytest.raises(ConnectionResetError):
        protocol.receive(ends[1])
    ends[1].shutdown(socket.SHUT_WR)
    assert protocol.receive(ends[0]) is None


def test_a_stranger_is_recognised_by_the_length_it_announces(ends):
    ends[0].sendall(b"HTTP/1.1 400 Bad Request\r\n")
    with pytest.raises(ProtocolError, match="not our protocol"):
        protocol.receive(ends[1])


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"",
        b"{",
        b"[1]",
        b'"hello"',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a":' * 200_000,
        b'{"a": ' + b"9" * 5000 + b"x}",
    ],
)
def test_nonsense_is_a_protocol_error(ends, body):
    sender = threading.Thread(
        target=ends[0].sendall, args=(struct.pack(">I", len(body)) + body,)
    )
    sender.start()
    with pytest.raises(ProtocolError):
        protocol.receive(ends[1])
    sender.join()


def test_what_the_worker_would_refuse_is_not_sent(ends, monkeypatch):
    with pytest.raises(InputError, match="not finite"):
        protocol.send(ends[0], {"strength": math.nan})
    monkeypatch.setattr(protocol, "LARGEST_MESSAGE", 1 << 20)
    with pytest.raises(InputError, match="more than the worker takes"):
        protocol.send(ends[0], {"data": "x" * (1 << 20)})
    protocol.send(ends[0], {"still": "usable"})
    assert protocol.receive(ends[1]) == {"still": "usable"}


def test_a_picture_arrives_as_it_was_sent():
    picture = Picture(3, 2, 4, bytes(range(24)))
    assert Picture.from_json(picture.to_json()) == picture


@pytest.mark.parametrize(
    ("width", "height", "channels", "size"),
    [(0, 1, 3, 0), (1, 1025, 3, 3075), (2, 2, 1, 4), (2, 2, 3, 11), (2, 2, 3, 13)],
)
def test_a_picture_of_other_sizes_is_refused(width, height, channels, size):
    with pytest.raises(InputError, match="picture"):
        Picture(width, height, channels, bytes(size))


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"width": 1, "height": 1, "channels": 3},
        {"width": 1, "height": 1, "channels": 3, "data": "???"},
        {"width": 1, "height": 1, "channels": 3, "data": 7},
        {"width": True, "height": 1, "channels": 3, "data": "AAAA"},
        {"width": 1.0, "height": 1, "channels": 3, "data": "AAAA"},
        {"width": -1, "height": -1, "channels": 3, "data": "AAAA"},
    ],
)
def test_a_damaged_picture_in_a_request_is_refused(document):
    with pytest.raises(InputError):
        Picture.from_json(document)


@pytest.mark.parametrize("kind", [InputError, PresetError, UnknownLutError, WorkerError])
def test_an_error_crosses_the_wire_with_its_class_and_text(kind):
    with pytest.raises(kind, match="the lens cap is on") as caught:
        protocol.checked(protocol.failure(kind("the lens cap is on")))
    assert type(caught.value) is kind


def test_an_error_crosses_the_wire_with_how_its_text_was_made():
    inner = InputError("There is no file {path}.", path="{a}.jpg")
    error = PresetError("{what}: {problem}", what="Golden", problem=inner)
    reply = json.loads(json.dumps(protocol.failure(error)))
    with pytest.raises(PresetError) as caught:
        protocol.checked(reply)
    assert str(caught.value) == "Golden: There is no file {a}.jpg."
    assert caught.value.phrase.to_json() == error.phrase.to_json()
    # An older worker, or a liar: its words count.
    for change in ({"template": None}, {"values": {"what": "Other"}}, {"template": "{what}!"}):
        with pytest.raises(PresetError, match=r"^Golden: There is no file \{a\}.jpg.$") as caught:
            protocol.checked({**reply, **change})
        assert caught.value.phrase.values == {}


def test_an_error_of_a_newer_worker_is_still_an_error():
    with pytest.raises(NeuralPresetError, match="novel"):
        protocol.checked({"ok": False, "code": "from-the-future", "message": "novel"})


@pytest.mark.parametrize("reply", [{}, {"ok": 1}, {"ok": False}, {"ok": False, "code": 3}])
def test_a_reply_that_is_neither_result_nor_error_is_a_protocol_error(reply):
    with pytest.raises(ProtocolError):
        protocol.checked(reply)
