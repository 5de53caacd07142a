"""A session with a real worker, which these tests share; those that end it take another one."""

from __future__ import annotations

import contextlib
import json
import re
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import protocol
from core.client import (
    NotRunningError,
    Session,
    normalize_source,
    preset_source,
    reference_source,
    stop_worker,
)
from core.errors import InputError, PresetError, ProtocolError, UnknownLutError, WorkerError
from core.locations import Locations
from core.lut import Lut
from core.lutfile import read_lut
from core.presetfile import Preset
from core.process import transport
from core.processor import Processor
from tests.workers import CHECKOUT, cold_picture, eventually, temporary_locations, warm_picture


@pytest.fixture(scope="module")
def places() -> Iterator[Locations]:
    with temporary_locations() as locations:
        yield locations


@pytest.fixture
def session(places: Locations) -> Iterator[Session]:
    with Session(places) as session:
        yield session


PIXELS = np.random.default_rng(5).integers(0, 256, (32, 16, 3), dtype=np.uint8)


def applied(session: Session, lut_id: str) -> bytes:
    """The noise picture after the look, done in two strips."""
    view = session.pixels(PIXELS.nbytes)
    view[:] = PIXELS.tobytes()
    for start in (0, 16):
        session.apply(lut_id, start * 16 * 3, 16, 16, "RGB u8", y=start)
    return bytes(view)


def mappings(pid: int) -> int:
    """How many pixel files the worker has mapped."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return len(re.findall(r"/memfd:neural-preset \(deleted\)$", maps, re.MULTILINE))


def test_a_look_from_asking_to_pixels(session, tmp_path):
    lut_id = session.look(warm_picture(), reference_source(cold_picture()), 80, 50, True)
    path = session.export(lut_id, tmp_path / "look.cube", size=33, title="A look")
    expected = PIXELS.copy()
    Processor(read_lut(path)).apply(expected)
    got = np.frombuffer(applied(session, lut_id), np.uint8).reshape(PIXELS.shape)
    # The file's lattice is clamped, the worker's is not: colours near the ends differ a little.
    assert np.abs(got.astype(int) - expected).mean() < 0.5
    assert not np.array_equal(got, PIXELS)


def test_a_lattice_gives_the_pixels_that_the_worker_would(session):
    lut_id = session.look(warm_picture(), reference_source(cold_picture()))
    lattice = np.frombuffer(session.lattice(lut_id), np.float32)
    side = round((lattice.size / 3) ** (1 / 3))
    own = PIXELS.copy()
    Processor(Lut(lattice.reshape(side, side, side, 3))).apply(own)
    assert own.tobytes() == applied(session, lut_id)


def test_strength_zero_leaves_every_bit(session):
    lut_id = session.look(warm_picture(), normalize_source(), strength=0)
    assert applied(session, lut_id) == PIXELS.tobytes()


def test_a_preset_made_from_a_picture_can_be_applied(session):
    kept = session.create(cold_picture())
    preset = Preset(
        "Cold",
        "neural",
        model_id=kept["model"]["id"],
        model_sha256=kept["model"]["sha256"],
        look=tuple(kept["style"]["look"]),
        colors=tuple(kept["style"]["colors"]),
    )
    lut_id = session.look(warm_picture(), preset_source(preset))
    assert applied(session, lut_id) != PIXELS.tobytes()


def test_an_error_arrives_as_itself_and_the_session_goes_on(session, tmp_path):
    with pytest.raises(InputError, match="strength"):
        session.look(warm_picture(), normalize_source(), strength=101)
    with pytest.raises(PresetError):
        session.look(warm_picture(), {"kind": "preset", "preset": {}})
    with pytest.raises(UnknownLutError):
        session.export("never asked for", tmp_path / "x.cube")
    lut_id = session.look(warm_picture(), normalize_source())
    session.pixels(48)
    with pytest.raises(InputError, match="within"):
        session.apply(lut_id, 0, 16, 2, "RGB u8")
    session.apply(lut_id, 0, 16, 1, "RGB u8")


def test_a_look_that_the_worker_has_dropped_is_asked_for_again(places, session):
    source = reference_source(cold_picture())
    first = session.look(warm_picture(), source)
    before = applied(session, first)
    # A table of two nodes, black and white exchanged: cheap to make many looks of.
    corners = [(1 - r, 1 - g, 1 - b) for r in (0, 1) for g in (0, 1) for b in (0, 1)]
    values = [value for corner in corners for value in corner]
    tiny = Preset("Tiny", "lut", lattice_size=2, lattice=struct.pack("<24e", *values))
    with Session(places) as other:
        other.pixels(3)
        for step in range(100):
            lut_id = other.look(None, preset_source(tiny), strength=step)
            # Used too, for what is in use is kept a little longer.
            other.apply(lut_id, 0, 1, 1, "RGB u8")
    assert applied(session, first) == before
    assert first in session._looks._current


def test_sessions_at_the_same_time_do_not_disturb_each_other(places, session):
    looks = [
        session.look(warm_picture(), source)
        for source in (reference_source(cold_picture()), normalize_source())
    ] * 3
    expected = [applied(session, lut_id) for lut_id in looks]
    got: dict[int, bytes] = {}

    def work(index: int) -> None:
        with Session(places) as own:
            for _ in range(3):
                got[index] = applied(own, looks[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(looks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [got.get(index) for index in range(len(looks))] == expected


def test_the_shared_file_has_no_name_and_is_unmapped_when_the_session_ends(places, session):
    pid = session.status()["pid"]
    eventually(lambda: mappings(pid) == 0, "no pixels mapped")
    with Session(places) as own:
        own.pixels(1 << 16)
        assert mappings(pid) == 1
        assert own._memory is not None and own._memory.path is None
        own.pixels(1 << 17)
        assert mappings(pid) == 1
    eventually(lambda: mappings(pid) == 0, "pixels unmapped")


def test_what_a_killed_client_leaves_is_freed_and_the_worker_serves_on(places, session):
    pid = session.status()["pid"]
    record = places.presets.parent / "killed.json"
    places.save(record)
    code = f"""
import sys; sys.path.insert(0, {str(CHECKOUT)!r})
from pathlib import Path
from core.client import Session
from core.locations import Locations
session = Session(Locations.load(Path({str(record)!r})))
session.pixels(1 << 20)
print("ready", flush=True)
sys.stdin.read()
"""
    eventually(lambda: mappings(pid) == 0, "no pixels mapped")
    with subprocess.Popen(
        [sys.executable, "-I", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        assert mappings(pid) == 1
        child.kill()
    eventually(lambda: mappings(pid) == 0, "pixels of the killed client unmapped")
    assert session.status()["pid"] == pid


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">I", 4) + b"null",
        struct.pack(">I", 3) + b"\xff\xff\xff",
        struct.pack(">I", 60_000) + b'{"a":' * 12_000,
    ],
    ids=["http", "null", "not utf-8", "deep"],
)
def test_a_client_that_breaks_the_protocol_is_told_and_cut_off_alone(places, session, raw):
    with contextlib.closing(transport.connect(places.runtime, 60)) as sock:
        sock.sendall(raw)
        reply = protocol.receive(sock)
        assert reply is not None
        with pytest.raises(ProtocolError):
            protocol.checked(reply)
        # A reset where the worker has not read all that was sent.
        with contextlib.suppress(ConnectionResetError):
            assert protocol.receive(sock) is None
    assert session.status()["ok"]


@pytest.mark.parametrize(
    "request_", [{}, {"request": 7}, {"request": "fly"}, {"request": "look"}, {"request": "apply"}]
)
def test_a_request_that_makes_no_sense_keeps_the_connection(session, request_):
    with pytest.raises(InputError):
        session._request(request_ | {"request": request_.get("request")})
    assert session.status()["ok"]


def test_status_tells_what_the_worker_is_and_holds(session):
    status = session.status()
    assert status["core"] == session.greeting["core"]
    assert status["model"] and len(status["sha256"]) == 64
    assert status["device"] in ("cpu", "cuda")
    assert status["uptime"] > 0 and status["rss"] > 1 << 20 and status["connections"] >= 1
    assert set(status["counts"]) == {"luts", "thumbnails", "processors"}
    assert Path(status["log"]).is_file()


def test_without_start_a_missing_worker_is_an_error_and_none_is_made(locations):
    with pytest.raises(NotRunningError, match="not running"):
        Session(locations, start=False)
    assert not stop_worker(locations)
    assert not locations.log.exists()


def test_a_worker_lost_in_between_is_replaced_and_its_looks_asked_for_again(locations, tmp_path):
    with Session(locations) as session:
        first = session.status()["pid"]
        lut_id = session.look(warm_picture(), normalize_source())
        before = applied(session, lut_id)
        assert stop_worker(locations)
        # Pixels may be half done when a worker is lost: nothing but an error is right.
        with pytest.raises(WorkerError, match="try again"):
            session.apply(lut_id, 0, 16, 1, "RGB u8")
        with pytest.raises(WorkerError, match="try again"):
            session.apply(lut_id, 0, 16, 1, "RGB u8")
        assert session.export(lut_id, tmp_path / "look.cube").is_file()
        assert applied(session, lut_id) == before
        assert session.status()["pid"] != first
        session.stop()
    with pytest.raises(NotRunningError):
        Session(locations, start=False)


def test_pixels_that_are_lost_while_a_look_is_asked_for_again_are_missed(session, monkeypatch):
    lut_id = session.look(warm_picture(), normalize_source())
    session.pixels(48)
    session._looks._current[lut_id] = "what the worker has dropped"
    ask = session._looks.ask_again

    def ask_another_worker(lut_id: str) -> str:
        session._connection.close()
        return ask(lut_id)

    monkeypatch.setattr(session._looks, "ask_again", ask_another_worker)
    with pytest.raises(WorkerError, match="lost, and the pixels with it"):
        session.apply(lut_id, 0, 16, 1, "RGB u8")


def test_the_client_imports_nothing_beyond_the_standard_library():
    code = f"""
import json, sys; sys.path.insert(0, {str(CHECKOUT)!r})
import core.client
print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, check=True, timeout=120
    )
    foreign = set(json.loads(done.stdout)) - set(sys.stdlib_module_names) - {"core", "__main__"}
    assert foreign == set()


