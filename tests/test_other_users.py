"""Another user of the machine cannot connect, look at pixels, or take the worker's place."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import atomic
from core.client import Session
from core.errors import InputError, ProtocolError, WorkerError
from core.locations import private_directory
from core.process import peer, transport
from core.process.filelock import FileLock, read_if_held
from core.process.pixelmemory import AttachedPixels, PixelMemory
from tests.faults.children import NOBODY, become_nobody, in_child

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0,
    reason="only root can act as a second user",
)


def as_another_user(action: Callable[[], str]) -> str:
    """What `action` returns in a process of another user, or the name of what it raises."""

    def do() -> str:
        try:
            return action()
        except BaseException as error:
            return type(error).__name__

    return in_child(do, as_nobody=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place that everybody may enter, as /tmp is."""
    path = Path(tempfile.mkdtemp(prefix="np-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def runtime(folder: Path) -> Path:
    return private_directory(folder / "runtime")


@pytest.fixture
def listener(runtime: Path) -> Iterator[transport.UnixListener]:
    listener = transport.UnixListener(runtime)
    yield listener
    listener.close()


def connected(runtime: Path) -> str:
    """Connects as this process's user does who knows nothing of our checks."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(str(runtime / "worker.sock"))
        return sock.recv(100).decode() or "closed"


def test_the_folder_keeps_another_user_out(runtime, listener):
    for attempt in (
        lambda: connected(runtime),
        lambda: str(os.listdir(runtime)),
        lambda: str(os.open(runtime / "worker.lock", os.O_RDWR | os.O_CREAT)),
        lambda: str((runtime / "worker.sock").replace(runtime / "mine")),
    ):
        assert as_another_user(attempt) == "PermissionError"


def test_a_folder_that_was_open_to_all_is_closed(folder):
    (folder / "runtime").mkdir()
    (folder / "runtime").chmod(0o777)
    assert stat.S_IMODE(private_directory(folder / "runtime").stat().st_mode) == 0o700


def test_the_worker_turns_away_another_user_whom_the_folder_lets_in(runtime, listener):
    runtime.chmod(0o777)
    (runtime / "worker.sock").chmod(0o777)
    assert as_another_user(lambda: "in" if connecting(runtime) else "") == "in"
    with listener.accept() as sock:
        assert not listener.admit(sock)
    with transport.connect(runtime, 60), listener.accept() as sock:
        assert listener.admit(sock)


def connecting(runtime: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(runtime / "worker.sock"))
        return True


@contextlib.contextmanager
def planted(prepare: Callable[[], object]) -> Iterator[int]:
    """Another user's process that has prepared something and lives until the block ends."""
    ready, release = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        try:
            become_nobody()
            kept = prepare()
            os.write(ready[1], b"1" if kept else b"0")
            os.close(release[1])
            os.read(release[0], 1)
        finally:
            os._exit(0)
    os.close(ready[1])
    os.close(release[0])
    try:
        assert os.read(ready[0], 1) == b"1", "the other user could not prepare anything"
        yield child
    finally:
        os.close(release[1])
        os.close(ready[0])
        os.waitpid(child, 0)


def false_worker(runtime: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(runtime / "worker.sock"))
    os.chmod(runtime / "worker.sock", 0o777)
    sock.listen()
    return sock


def test_a_client_says_nothing_to_another_users_program_in_the_workers_place(runtime):
    runtime.chmod(0o777)
    with planted(lambda: false_worker(runtime)):
        with pytest.raises(ProtocolError, match="Another user's program"):
            transport.connect(runtime, 60)
        transport.forget(runtime)
        # What is left of it does not stand in the way of our own.
        listener = transport.UnixListener(runtime)
        with transport.connect(runtime, 60) as sock:
            assert peer.is_ours(sock)
        listener.close()


def test_a_false_worker_is_replaced_by_a_true_one(locations):
    locations.runtime.parent.chmod(0o755)
    runtime = private_directory(locations.runtime)
    runtime.chmod(0o777)
    with planted(lambda: false_worker(runtime)) as stranger:
        with pytest.raises(WorkerError, match="Another user's program"):
            Session(locations, start=False)
        with Session(locations) as session:
            assert session.greeting["pid"] != stranger
        os.kill(stranger, 0)


def test_a_folder_of_another_user_is_refused(folder):
    folder.chmod(0o777)
    assert as_another_user(lambda: str((folder / "runtime").mkdir())) == "None"
    with pytest.raises(WorkerError, match="belongs to another user"):
        private_directory(folder / "runtime")
    (folder / "link").symlink_to(folder / "runtime")
    with pytest.raises(WorkerError, match="belongs to another user"):
        private_directory(folder / "link")


def held_lock(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    os.write(fd, b'{"pid": 1000, "instance": "false"}')
    fcntl.flock(fd, fcntl.LOCK_EX)
    return fd


def test_a_lock_that_another_user_holds_stops_nobody(runtime):
    runtime.chmod(0o777)
    path = runtime / "worker.lock"
    with planted(lambda: held_lock(path)):
        private_directory(runtime)
        assert path.stat().st_uid == NOBODY
        assert read_if_held(path) is None
        lock = FileLock(path)
        assert lock.acquire(0)
        assert path.stat().st_uid == os.geteuid()
        lock.release()


def test_another_user_sees_no_pixels_and_plants_none(folder):
    folder.chmod(0o777)
    memory = PixelMemory(4096, [folder], named=True)
    memory.view[:6] = b"secret"
    path = memory.path
    assert path is not None
    assert as_another_user(lambda: path.read_text(encoding="utf-8")) == "PermissionError"
    memory.close()
    assert as_another_user(lambda: str((folder / "planted").write_bytes(bytes(4096)))) == "4096"
    with pytest.raises(InputError, match="belongs to another user"):
        AttachedPixels(4096, path=str(folder / "planted"))


def test_a_file_in_a_closed_folder_is_refused_in_our_words(folder):
    (folder / "closed").mkdir()
    (folder / "closed" / "preset.json").touch()
    (folder / "closed").chmod(0o744)

    def refused(action: Callable[[], object]) -> str:
        try:
            action()
        except InputError as error:
            return str(error)
        return ""

    path = folder / "closed" / "preset.json"
    read = as_another_user(lambda: refused(lambda: atomic.read_bytes(path, 100)))
    assert read == f"You are not allowed to read {path}."
    written = as_another_user(lambda: refused(lambda: atomic.write_bytes(path, b"")))
    assert written.startswith(f"{path.parent} is write-protected")
