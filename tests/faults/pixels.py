"""The memory for pixels is attacked: cut off, removed, or not what a client says."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator

from core import protocol
from core.client import normalize_source
from core.process.pixelmemory import PixelMemory, folders
from core.process.rendezvous import reach
from tests.faults.campaign import COMPLETED, Kind, told
from tests.faults.children import begin, finish
from tests.faults.requests import any_request, ask
from tests.faults.scene import Scene, check
from tests.workers import warm_picture

_PIXELS = 3 << 14


def _cut_off(scene: Scene) -> str:
    """While strips travel, somebody truncates and removes whatever pixels can be found."""
    name = scene.chance.choice([name for name in scene.truth if name.startswith("apply")])
    pid = scene.worker()

    def client() -> str:
        def do() -> None:
            with scene.session() as session:
                ask(session, name, scene.files, scene.truth)

        return told(do, scene)

    child, reader = begin(client)
    with _attacked((pid, child), scene.chance.choice((0, 1, 4096))):
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    text = finish(child, reader)
    check(text == COMPLETED, f"the attack had an effect: {text}")
    check(scene.worker() == pid, "the worker was lost")
    return text


@contextlib.contextmanager
def _attacked(processes: tuple[int, ...], size: int) -> Iterator[None]:
    over = threading.Event()

    def attack() -> None:
        while not over.is_set():
            for process in processes:
                for path in _pixels_of(process):
                    with contextlib.suppress(OSError):
                        os.truncate(path, size)

    thread = threading.Thread(target=attack)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _pixels_of(process: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{process}/fd"):
            with contextlib.suppress(OSError):
                if "neural-preset" in os.readlink(entry.path):
                    yield entry.path
    for folder in folders():
        for path in folder.glob("neural-preset-*"):
            # Never those of other programs on this computer.
            with contextlib.suppress(OSError):
                if f"-{process}" in path.name:
                    yield str(path)


def _descriptors(scene: Scene) -> list[Callable[[], int]]:
    ordinary = scene.files / "ordinary"
    ordinary.write_bytes(bytes(4096))
    ordinary.chmod(0o600)
    return [
        lambda: os.open(scene.files, os.O_RDONLY),
        lambda: os.open(os.devnull, os.O_RDWR),
        lambda: os.open("/dev/zero", os.O_RDWR),
        lambda: os.open(ordinary, os.O_RDONLY),
        lambda: os.open("/proc/self/status", os.O_RDONLY),
        lambda: os.dup(socket.socket(socket.AF_UNIX).detach()),
        lambda: os.pipe()[0],
        lambda: os.dup(PixelMemory(4095).descriptor),
        lambda: tempfile.mkstemp(dir=scene.files)[0],
    ]


def _false(scene: Scene) -> str:
    """What a client attaches is no memory, or comes with a message that asks for none."""
    pid, name = scene.worker(), any_request(scene.chance)
    open_files = len(os.listdir(f"/proc/{pid}/fd"))
    request = scene.chance.choice(("attach", "attach", "status", "hello", "nonsense"))
    link = reach(scene.locations, start=False)
    texts = []
    with contextlib.closing(link.sock) as sock:
        for _ in range(3):
            descriptor = scene.chance.choice(_descriptors(scene))()
            try:
                message = {"request": request, "size": 4096, "protocol": protocol.VERSION}
                protocol.send(sock, message, descriptor)
                reply = protocol.receive(sock)
                texts.append(str(reply and reply.get("message", COMPLETED)))
            finally:
                os.close(descriptor)
    with scene.session() as session:
        check(session.greeting["pid"] == pid, "the worker was lost")
        ask(session, name, scene.files, scene.truth)
    left = len(os.listdir(f"/proc/{pid}/fd")) - open_files
    check(left <= 2, f"{left} descriptors are left in the worker")
    return f"{request}: {texts[-1]}"


def _own_file(scene: Scene) -> str:
    """A program attaches a file of its own and cuts it off while the worker changes pixels."""
    pid, name = scene.worker(), any_request(scene.chance)
    path = scene.files / "pixels"
    path.write_bytes(bytes(_PIXELS))
    path.chmod(0o600)
    sizes = [scene.chance.choice((0, 1, 4096, _PIXELS)) for _ in range(8)]
    link = reach(scene.locations, start=False)
    texts = []
    over = threading.Event()

    def cut() -> None:
        while not over.is_set():
            for size in sizes:
                os.truncate(path, size)

    thread = threading.Thread(target=cut)
    with scene.session() as session, contextlib.closing(link.sock) as sock:
        lut = session.look(warm_picture(), normalize_source())
        descriptor = os.open(path, os.O_RDWR)
        protocol.send(sock, {"request": "attach", "size": _PIXELS}, descriptor)
        os.close(descriptor)
        protocol.receive(sock)
        thread.start()
        try:
            strip = {"lut": lut, "offset": 0, "width": 64, "rows": _PIXELS // 192}
            for _ in range(10):
                protocol.send(sock, {"request": "apply", "format": "RGB u8", **strip})
                reply = protocol.receive(sock) or {}
                texts.append(str(reply.get("message", COMPLETED)))
        finally:
            over.set()
            thread.join()
        check(session.greeting["pid"] == scene.worker() == pid, "the worker was lost")
        ask(session, name, scene.files, scene.truth)
    return max(texts, key=len)


KINDS = (
    Kind("pixels cut off in use", _cut_off, 3),
    Kind("pixels in a file that is cut off", _own_file, 0.7),
    Kind("pixels that are none", _false, 1.5),
)
