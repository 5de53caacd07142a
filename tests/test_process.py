"""Locks, sockets and memory that two processes share."""

from __future__ import annotations

import gc
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, NeuralPresetError, ProtocolError
from core.process import holder, loopback, pixelmemory, transport
from core.process.filelock import FileLock, read_if_held
from core.process.pixelmemory import AttachedPixels, PixelMemory
from tests.workers import CHECKOUT

HOLD = """
import sys; sys.path.insert(0, {app!r})
from pathlib import Path
from core.process.filelock import FileLock
lock = FileLock(Path({path!r}))
assert lock.acquire(60)
lock.write(b"held")
print("held", flush=True)
sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until it is killed."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", HOLD.format(app=str(CHECKOUT), path=str(path))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline() == "held\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    with child:
        child.kill()


def test_a_lock_excludes_others_until_its_holder_dies(tmp_path):
    path = tmp_path / "lock"
    child = hold(path)
    try:
        assert not FileLock(path).acquire(0)
        assert read_if_held(path) == b"held"
    finally:
        kill(child)
    lock = FileLock(path)
    assert lock.acquire(60)
    lock.release()
    assert read_if_held(path) is None


def test_a_lock_file_that_was_made_anew_is_not_confused_with_the_old_one(tmp_path):
    path = tmp_path / "lock"
    old, new = FileLock(path), FileLock(path)
    assert old.acquire(0)
    path.unlink()
    assert new.acquire(0)
    assert read_if_held(path) == b""
    new.release()
    assert read_if_held(path) is None
    old.release()


def test_a_lock_may_go_with_its_file_and_is_then_another_ones(tmp_path):
    path = tmp_path / "lock"
    first, second = FileLock(path), FileLock(path)
    assert first.acquire(0) and first.is_current()
    first.release(remove=True)
    assert not first.is_current() and not path.exists()
    assert second.acquire(0)
    path.unlink()
    assert not second.is_current()
    # The file that stands there by now is somebody else's.
    assert first.acquire(0)
    second.release(remove=True)
    assert path.exists()
    first.release()


def test_a_process_that_does_not_hold_our_lock_is_never_signalled(tmp_path):
    innocent = subprocess.Popen(
        [sys.executable, "-I", "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        lock = FileLock(holder.lock_path(tmp_path))
        assert lock.acquire(0)
        lock.write(b'{"pid": %d, "instance": "recycled"}' % innocent.pid)
        who = holder.holder(tmp_path)
        assert who == holder.Holder(innocent.pid, "recycled")
        assert not holder.end(tmp_path, who, patience=0)
        assert innocent.poll() is None
        lock.release()
    finally:
        kill(innocent)


@pytest.mark.parametrize(
    "record", [b"", b"{", b"[]", b'{"pid": 1, "instance": "x"}', b'{"pid": "9"}']
)
def test_a_damaged_record_names_nobody(tmp_path, record):
    lock = FileLock(holder.lock_path(tmp_path))
    assert lock.acquire(0)
    lock.write(record)
    assert holder.holder(tmp_path) is None
    lock.release()


@pytest.mark.parametrize("depth", [0, 12])
def test_only_the_user_reaches_the_socket_however_long_its_path(tmp_path, depth):
    runtime = tmp_path.joinpath(*["a-long-folder-name"] * depth)
    runtime.mkdir(parents=True, exist_ok=True)
    listener = transport.UnixListener(runtime)
    mode = os.stat(runtime / "worker.sock").st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
    with transport.connect(runtime, 60) as client, listener.accept() as server:
        client.sendall(b"hello")
        assert server.recv(5) == b"hello"
    listener.close()
    with pytest.raises(FileNotFoundError):
        transport.connect(runtime, 60)


def test_a_closing_listener_leaves_the_socket_of_its_successor(tmp_path):
    old = transport.UnixListener(tmp_path)
    new = transport.UnixListener(tmp_path)
    old.close()
    with transport.connect(tmp_path, 60), new.accept():
        pass
    new.close()


def test_a_socket_that_nobody_listens_to_refuses(tmp_path):
    listener = transport.UnixListener(tmp_path)
    kept = tmp_path / "kept"
    os.link(tmp_path / "worker.sock", kept)
    listener.close()
    kept.rename(tmp_path / "worker.sock")
    with pytest.raises(ConnectionRefusedError):
        transport.connect(tmp_path, 60)
    transport.forget(tmp_path)
    with pytest.raises(FileNotFoundError):
        transport.connect(tmp_path, 60)


class Admitting:
    """A loopback listener that answers one caller in a thread."""

    def __init__(self, runtime: Path) -> None:
        self.listener = loopback.LoopbackListener(runtime)
        self.admitted: bool | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with self.listener.accept() as sock:
            self.admitted = self.listener.admit(sock)
            if self.admitted:
                sock.sendall(b"welcome")


def test_both_sides_of_a_loopback_port_prove_who_they_are(tmp_path):
    server = Admitting(tmp_path)
    assert stat.S_IMODE(os.stat(transport.record_path(tmp_path)).st_mode) == 0o600
    with loopback.connect(tmp_path, 60) as client:
        assert client.recv(7) == b"welcome"
    server.thread.join(60)
    assert server.admitted
    server.listener.close()
    with pytest.raises(FileNotFoundError):
        loopback.connect(tmp_path, 60)


def test_a_caller_without_the_key_is_turned_away_and_sees_a_false_worker(tmp_path):
    server = Admitting(tmp_path)
    record = transport.record_path(tmp_path)
    key = record.read_text().split('"key": "')[1][:64]
    record.write_text(record.read_text().replace(key, "00" * 32))
    with pytest.raises(ProtocolError, match="Another program"):
        loopback.connect(tmp_path, 60)
    server.thread.join(60)
    assert server.admitted is False
    server.listener.close()
    assert record.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"port": 0, "key": "00"}', '{"port": 80, "key": "zz"}']
)
def test_a_damaged_record_of_the_port_counts_as_none(tmp_path, text):
    transport.record_path(tmp_path).write_text(text)
    with pytest.raises(FileNotFoundError):
        loopback.connect(tmp_path, 60)


def test_both_ends_see_the_same_pixels_in_a_file_that_is_private_and_short_lived():
    memory = PixelMemory(4096, named=True)
    path = memory.path
    assert path is not None
    status = os.stat(path)
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert status.st_blocks * 512 >= 4096
    attached = AttachedPixels(4096, path=str(path))
    memory.settle()
    assert not path.exists()
    see_the_same(memory, attached)


def see_the_same(memory: PixelMemory, attached: AttachedPixels) -> None:
    memory.view[10:13] = b"abc"
    with attached.shared(10, 4):
        assert attached.map[10:14] == b"abc\0"
        attached.map[13:14] = b"z"
    assert bytes(memory.view[9:15]) == b"\0abcz\0"
    attached.close()
    memory.close()


@pytest.mark.parametrize("in_a_file", [False, True])
def test_both_ends_see_the_same_pixels_in_memory_without_a_name(tmp_path, in_a_file):
    memory = PixelMemory(4096, [tmp_path] if in_a_file else None)
    assert memory.path is None and list(tmp_path.iterdir()) == []
    status = os.fstat(memory.descriptor)
    assert stat.S_IMODE(status.st_mode) == 0o600 and status.st_nlink == 0
    assert status.st_blocks * 512 >= 4096
    attached = AttachedPixels(4096, os.dup(memory.descriptor))
    memory.settle()
    assert memory.descriptor == -1
    see_the_same(memory, attached)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux seals memory")
def test_nobody_can_cut_off_memory_in_use(tmp_path):
    memory = PixelMemory(4096)
    for size in (0, 4095, 8192):
        with pytest.raises(PermissionError):
            os.ftruncate(memory.descriptor, size)
    memory.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what is sealed")
def test_memory_that_is_cut_off_in_use_is_an_error_and_ends_nobody(tmp_path):
    memory = PixelMemory(1 << 16, [tmp_path])
    attached = AttachedPixels(1 << 16, os.dup(memory.descriptor))
    with attached.shared(0, 1 << 16):
        os.ftruncate(memory.descriptor, 0)
        attached.map[-1:] = b"x"
    assert os.fstat(memory.descriptor).st_size == 1 << 16
    os.ftruncate(memory.descriptor, 4096)
    with pytest.raises(InputError, match=r"lost while it was in use.*cut off"):
        with attached.shared(0, 1 << 16):
            raise AssertionError("nothing is there")
    attached.close()
    memory.close()


def test_what_would_take_too_much_memory_is_put_on_the_disk(monkeypatch):
    monkeypatch.setattr(pixelmemory, "_of_all_memory", lambda: 4 * 4096)
    assert pixelmemory._sealed(4097) is None
    memory = PixelMemory(4097)
    assert memory.path is None
    memory.view[4090:4093] = b"abc"
    memory.close()


def test_a_full_disk_is_an_error_at_once_and_leaves_no_file(tmp_path):
    code = f"""
import resource, sys
sys.path.insert(0, {str(CHECKOUT)!r})
from pathlib import Path
from core.errors import NeuralPresetError
from core.process.pixelmemory import PixelMemory
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    PixelMemory(1 << 24, [Path({str(tmp_path)!r})])
except NeuralPresetError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert "no room for 16 MiB" in done.stdout and str(tmp_path) in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_next_folder_is_taken_where_the_first_has_no_room(tmp_path):
    memory = PixelMemory(100, [tmp_path / "missing", tmp_path], named=True)
    assert memory.path is not None and memory.path.parent == tmp_path
    memory.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NeuralPresetError, match="missing"):
        PixelMemory(100, [tmp_path / "missing"])
    with pytest.raises(InputError):
        PixelMemory(0)


def test_only_a_regular_file_of_ours_with_the_right_size_is_mapped(tmp_path):
    good = tmp_path / "good"
    good.write_bytes(bytes(64))
    good.chmod(0o600)
    open_to_all = tmp_path / "open"
    open_to_all.write_bytes(bytes(64))
    open_to_all.chmod(0o644)
    link = tmp_path / "link"
    link.symlink_to(good)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    foreign = Path("/proc/version")
    if os.geteuid() == 0:
        foreign = tmp_path / "foreign"
        foreign.write_bytes(bytes(64))
        os.chown(foreign, 12345, 12345)
    for path, size in (
        (link, 64),
        (fifo, 64),
        (foreign, 64),
        (open_to_all, 64),
        (tmp_path, 64),
        (tmp_path / "missing", 64),
        (good, 63),
        (good, 65),
        (good, 0),
        (Path("good"), 64),
        (Path("/dev/zero"), 64),
        (f"{good}\0", 64),
    ):
        with pytest.raises(InputError, match="memory for the pixels"):
            AttachedPixels(size, path=str(path))
    AttachedPixels(64, path=str(good)).close()


def test_pixels_are_unmapped_even_where_a_view_hangs_in_a_reference_cycle():
    memory = PixelMemory(4096)
    attached = AttachedPixels(4096, os.dup(memory.descriptor))
    gc.disable()
    try:
        cycle: list[object] = [np.frombuffer(attached.map, np.uint8)]
        cycle.append(cycle)
        del cycle
        attached.close()
    finally:
        gc.enable()
    assert attached.map.closed
    memory.close()


def test_a_client_may_close_while_it_still_looks_at_its_pixels():
    memory = PixelMemory(4096)
    part = memory.view[:16]
    memory.close()
    part[:2] = b"ok"
    assert bytes(part[:2]) == b"ok"


def test_the_signal_to_end_is_followed_by_force(tmp_path):
    stubborn = hold(holder.lock_path(tmp_path))
    try:
        path = holder.lock_path(tmp_path)
        path.write_bytes(b'{"pid": %d, "instance": "stopped"}' % stubborn.pid)
        os.kill(stubborn.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, stubborn.pid, os.WSTOPPED)  # before, it would heed the signal to end
        who = holder.holder(tmp_path)
        assert who is not None and who.pid == stubborn.pid
        assert holder.end(tmp_path, who, patience=0)
        assert stubborn.wait(60) == -signal.SIGKILL
    finally:
        kill(stubborn)
