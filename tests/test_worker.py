"""How a worker begins, is found, replaced and ends: real processes, each test its own home."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import core
from core import protocol, server, worker
from core.client import Session, stop_worker
from core.errors import WeightsError, WorkerError
from core.locations import Locations, private_directory
from core.process import rendezvous, transport
from core.process.crowd import Seat
from core.process.holder import Holder, holder
from core.process.launch import NO_PLACE, command, environment, launch
from tests.workers import CHECKOUT, DEADLINE, eventually

CLIENT = """
import sys; sys.path.insert(0, {app!r})
from pathlib import Path
from core.client import Session
from core.locations import Locations
with Session(Locations.load(Path({record!r}))) as session:
    print(session.status()["pid"])
"""


def running(locations: Locations) -> Holder:
    """The worker that lives now."""
    who = holder(locations.runtime)
    assert who is not None
    return who


def ended(pid: int) -> bool:
    """Whether the process is gone or waits to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def test_two_clients_at_once_start_one_worker_that_depends_on_neither(locations, monkeypatch):
    record = locations.presets.parent / "places.json"
    locations.save(record)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PYTHONHOME", "")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    code = CLIENT.format(app=str(CHECKOUT), record=str(record))
    # Inheritable on purpose: a worker that kept it would keep a dying program's pipes open.
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    clients = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            close_fds=False,
        )
        for _ in range(2)
    ]
    pids = [client.communicate(timeout=2 * DEADLINE)[0].strip() for client in clients]
    os.close(writer)
    assert os.read(reader, 1) == b"", "the worker holds a file of its starter"
    os.close(reader)
    pid = running(locations).pid
    assert pids == [str(pid)] * 2
    log = locations.log.read_text(encoding="utf-8")
    assert log.count("begins, process") == 1
    assert os.getsid(pid) == pid
    proc = Path(f"/proc/{pid}")
    assert {os.readlink(proc / "fd" / str(fd)) for fd in range(3)} == {"/dev/null"}
    assert os.readlink(proc / "cwd") == "/"
    variables = dict(
        item.partition("=")[::2]
        for item in (proc / "environ").read_bytes().decode().split("\0")
        if item
    )
    assert not {"PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "GI_TYPELIB_PATH"} & set(variables)
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"


def test_a_killed_and_a_hanging_worker_are_replaced(locations):
    with Session(locations):
        first = running(locations)
    os.kill(first.pid, signal.SIGKILL)
    eventually(lambda: ended(first.pid), "the killed worker is gone")
    assert (locations.runtime / "worker.sock").exists()
    with Session(locations):
        second = running(locations)
        assert second != first
    os.kill(second.pid, signal.SIGSTOP)
    # Stopped, it still accepts connections, into its backlog.
    transport.connect(locations.runtime, DEADLINE).close()
    with Session(locations, timeout=1) as session:
        third = running(locations)
        assert third.pid == session.greeting["pid"] != second.pid
    assert ended(second.pid)


def test_a_stranger_in_the_workers_place_is_replaced_but_not_harmed(locations):
    private_directory(locations.runtime)
    stranger = socket.socket(socket.AF_UNIX)
    stranger.bind(str(locations.runtime / "worker.sock"))
    stranger.listen()

    def speak_nonsense() -> None:
        with contextlib.suppress(OSError):
            while True:
                with stranger.accept()[0] as sock:
                    sock.sendall(b"220 mail.example.org ESMTP\r\n")

    threading.Thread(target=speak_nonsense, daemon=True).start()
    with pytest.raises(WorkerError, match=r"worker\.log"):
        Session(locations, start=False)
    with Session(locations) as session:
        assert session.greeting["pid"] == running(locations).pid != os.getpid()
    assert stranger.fileno() >= 0
    stranger.close()


def test_a_worker_of_another_version_is_asked_to_stop_and_replaced(locations):
    boot = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import core; "
        "core.__version__ = '0.0.1'; from core.worker import main; raise SystemExit(main())"
    )
    arguments = command(locations)[5:]
    with subprocess.Popen([sys.executable, "-I", "-c", boot, *arguments]) as old:
        eventually((locations.runtime / "worker.sock").exists, "the old one listens")
        with pytest.raises(WorkerError, match=r"another version \(0\.0\.1 instead of"):
            Session(locations, start=False)
        with Session(locations) as session:
            assert session.greeting["core"] == core.__version__
            assert session.greeting["pid"] != old.pid
        assert old.wait(DEADLINE) == 0


def test_a_client_whose_worker_is_always_of_another_version_gives_up(locations, monkeypatch):
    monkeypatch.setattr(core, "__version__", "99.0")
    with pytest.raises(WorkerError, match=r"another version \(.* instead of 99\.0\).*worker\.log"):
        Session(locations)


def test_a_worker_whose_socket_was_swept_away_is_replaced(locations, monkeypatch):
    monkeypatch.setattr(rendezvous, "_GRACE", 0.2)
    with Session(locations):
        first = running(locations)
    (locations.runtime / "worker.sock").unlink()
    with Session(locations) as session:
        assert session.greeting["pid"] != first.pid
    assert ended(first.pid)


def test_a_worker_that_cannot_start_is_reported_with_its_log(locations, tmp_path):
    failing = tmp_path / "python"
    failing.write_text("#!/bin/sh\nexit 7\n")
    failing.chmod(0o755)
    with pytest.raises(WorkerError, match=r"exit status 7.*worker\.log"):
        Session(replace(locations, python=failing))
    with pytest.raises(WorkerError, match=r"install\.py --repair"):
        Session(replace(locations, python=tmp_path / "missing"))
    with pytest.raises(WorkerError, match=r"install\.py --repair"):
        Session(replace(locations, app=tmp_path))


def test_a_worker_without_room_for_its_files_says_so(locations, monkeypatch):
    def full(runtime: Path, timeout: float) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(worker, "claim", full)
        patch.setattr("core.process.logfile.start", lambda path: None)
        arguments = ["--runtime", str(locations.runtime), "--log", str(locations.log)]
        assert worker.main(arguments) == NO_PLACE
    code = [sys.executable, "-c", f"raise SystemExit({NO_PLACE})"]
    monkeypatch.setattr(rendezvous, "launch", lambda _: subprocess.Popen(code))
    with pytest.raises(WorkerError, match=r"could not make its files in .*runtime: the disk"):
        Session(locations)


@pytest.mark.parametrize("reachable, the_one", [(False, True), (True, False)])
def test_a_worker_that_nobody_finds_ends(tmp_path, monkeypatch, reachable, the_one):
    class Listener:
        def accept(self) -> socket.socket:
            closed.wait()
            raise OSError("closed")

        def is_reachable(self) -> bool:
            return reachable

        def close(self) -> None:
            closed.set()

    closed = threading.Event()
    monkeypatch.setattr(server.Server, "_load", lambda self: None)
    monkeypatch.setattr(server, "_LOOK_AROUND", 0.01)
    lost = server.Server(Listener(), tmp_path / "worker.log", 600, lambda: the_one)
    thread = threading.Thread(target=lost.run)
    thread.start()
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_what_comes_with_a_request_that_has_no_use_for_it_is_closed(tmp_path):
    busy = server.Server(None, tmp_path / "worker.log", 600)
    busy._failure = WorkerError("There is no network.")
    busy._ready.set()
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    ours, its = socket.socketpair()
    with ours, its, open(reader, "rb") as pipe:
        for _ in range(2):
            protocol.send(ours, {"request": "attach", "size": 1}, writer)
        os.close(writer)
        ours.shutdown(socket.SHUT_WR)
        busy._converse(its, Seat(its))
        assert pipe.read() == b""  # which comes once nobody can write any more


def test_a_worker_that_ends_answers_nothing_more(tmp_path):
    ending = server.Server(None, tmp_path / "worker.log", 600)
    ending._failure = WorkerError("There is no network.")
    ending._ready.set()
    ours, its = socket.socketpair()
    with ours, its:
        protocol.send(ours, {"request": "status"})
        protocol.send(ours, {"request": "status"})
        ours.shutdown(socket.SHUT_WR)
        ending._converse(its, Seat(its))
        replies = [protocol.receive(ours), protocol.receive(ours)]
        assert [reply and reply["message"] for reply in replies] == ["There is no network."] * 2
    ending.stop()
    ours, its = socket.socketpair()
    with ours, its:
        protocol.send(ours, {"request": "status"})
        ending._converse(its, Seat(its))
        its.close()
        assert protocol.receive(ours) is None


def test_damaged_weights_are_named_and_the_worker_does_not_stay(locations, tmp_path):
    app = tmp_path / "app"
    shutil.copytree(
        CHECKOUT / "core", app / "core", ignore=shutil.ignore_patterns("*.safetensors", "training")
    )
    for weights in (CHECKOUT / "core" / "weights").glob("*.safetensors"):
        (app / "core" / "weights" / weights.name).write_bytes(b"damaged")
    damaged = replace(locations, app=app)
    with pytest.raises(WeightsError, match="weights"):
        Session(damaged)

    def gone() -> bool:
        """Whoever goes on asking must not keep it."""
        with contextlib.suppress(WeightsError, WorkerError):
            Session(damaged, start=False)
        return holder(locations.runtime) is None

    eventually(gone, "the worker without a network ends")


def test_an_idle_worker_ends_and_leaves_nothing_in_its_folder(locations):
    private_directory(locations.runtime)
    process = launch(locations, idle_minutes=1e-6)
    assert process.wait(DEADLINE) == 0
    assert os.listdir(locations.runtime) == []
    assert "nothing to do" in locations.log.read_text(encoding="utf-8")


def test_a_worker_can_be_stopped_while_it_still_loads(locations):
    private_directory(locations.runtime)
    process = launch(locations)
    eventually((locations.runtime / "worker.sock").exists, "it listens")
    with contextlib.closing(transport.connect(locations.runtime, DEADLINE)) as sock:
        protocol.send(sock, {"request": "stop"})
        assert protocol.receive(sock) == {"ok": True}
        assert protocol.receive(sock) is None
    assert process.wait(DEADLINE) == 0
    assert not stop_worker(locations)


def test_the_command_line_takes_nothing_from_the_current_directory(locations):
    line = command(locations, 2)
    assert line[:2] == [str(locations.python), "-I"]
    assert line[-1] == "2"
    assert "PYTHONPATH" not in environment()
