"""Serves the programs of one user: a thread per connection, until there is nothing to do.

It listens before it imports torch, so that clients connect at once. core.service does the work.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import core
from core import protocol
from core.errors import NeuralPresetError, ProtocolError, WorkerError
from core.process.crowd import Crowd, Seat

if TYPE_CHECKING:
    from core.service import Service
    from core.visitor import Visitor

_DRAIN_TIMEOUT = 5.0
_HEARTBEAT = 1.0
_AFTER_FAILURE = 5.0
_LOOK_AROUND = 5.0
_MOST_CONNECTIONS = 64
_SLOWEST_MESSAGE = 30.0

APP = os.path.realpath(Path(__file__).parent.parent)
log = logging.getLogger("core.worker")


class Server:
    """Serves the connections of one listener until it is told to stop or has been idle."""

    def __init__(
        self,
        listener: Any,
        log_file: Path,
        idle_seconds: float,
        is_the_one: Callable[[], bool] = lambda: True,
    ) -> None:
        """`is_the_one`: whether it still keeps others from becoming the worker."""
        self._is_the_one = is_the_one
        self._listener = listener
        self._log_file = log_file
        self._idle_seconds = idle_seconds
        self._began = self._last = time.monotonic()
        self._busy = self._requests = 0
        self._crowd = Crowd(_MOST_CONNECTIONS)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._ready = threading.Event()
        self._service: Service | None = None
        self._failure: NeuralPresetError | None = None

    def run(self) -> None:
        """Serve; returns when all is over and the socket is gone."""
        for job in (self._load, self._accept):
            threading.Thread(target=job, name=job.__name__.strip("_"), daemon=True).start()
        while not self._stopping:
            self._wake.wait(min(max(self._until_idle(), 0.01), _LOOK_AROUND))
            self._wake.clear()
            if self._until_idle() <= 0:
                log.info("nothing to do for %g minutes", self._idle_seconds / 60)
                break
            if not len(self._crowd) and not self._has_place():
                log.info("the files by which this worker is found are gone")
                break
        self._stopping = True
        self._listener.close()
        deadline = time.monotonic() + _DRAIN_TIMEOUT
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.01)
        log.info("ends")

    def _has_place(self) -> bool:
        return self._listener.is_reachable() and self._is_the_one()

    def stop(self) -> None:
        """Make `run` return soon; callable from anywhere."""
        self._stopping = True
        self._wake.set()

    def _until_idle(self) -> float:
        with self._lock:
            if self._busy or not self._ready.is_set():
                return self._idle_seconds
            return self._last + self._idle_seconds - time.monotonic()

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
            self._requests += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                if self._failure is None:  # else it makes room, whoever goes on asking
                    self._last = time.monotonic()

    def _load(self) -> None:
        try:
            from core.placement import devices
            from core.service import Service

            self._service = Service(devices())
            log.info("ready after %.1f s: %s", self._age(), self._service.describe())
        except NeuralPresetError as error:
            self._failure = error
        except BaseException as error:
            log.exception("the network cannot be loaded")
            self._failure = WorkerError(
                "The network cannot be loaded ({kind}: {error}). Run install.py --repair; the "
                "worker's log says more: {log}",
                kind=type(error).__name__,
                error=error,
                log=self._log_file,
            )
        if self._failure is not None:
            # A repaired installation deserves a new worker soon.
            log.error("%s", self._failure)
            self._idle_seconds = min(self._idle_seconds, _AFTER_FAILURE)
        with self._lock:
            self._last = time.monotonic()
        self._ready.set()
        self._wake.set()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                sock = self._listener.accept()
            except OSError:
                if not self._stopping:
                    log.exception("a connection could not be accepted")
                    time.sleep(0.1)
                continue
            try:
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()
            except RuntimeError as error:  # the system has no more threads for us just now
                log.error("a connection cannot be served: %s", error)
                sock.close()

    def _serve(self, sock: socket.socket) -> None:
        try:
            with contextlib.closing(sock), self._crowd.joined(sock) as seat:
                if not self._listener.admit(sock):
                    log.warning("a stranger was turned away")
                elif seat is None:
                    busy = WorkerError("Too many programs use the background worker at once.")
                    protocol.send(sock, protocol.failure(busy))
                else:
                    self._converse(sock, seat)
        except OSError as error:
            log.info("a client is gone: %s", error)
        except Exception:
            log.exception("a connection ended")

    def _converse(self, sock: socket.socket, seat: Seat) -> None:
        visitor: Visitor | None = None
        descriptors: list[int] = []
        try:
            while True:
                while descriptors:  # that came with a message that had no use for them
                    os.close(descriptors.pop())
                try:
                    request = protocol.receive(sock, _SLOWEST_MESSAGE, descriptors)
                except ProtocolError as error:
                    log.warning("%s", error)
                    protocol.send(sock, protocol.failure(error))
                    return
                if request is None:
                    return
                if request.get("request") == "stop":
                    log.info("asked to stop")
                    protocol.send(sock, {"ok": True})
                    self.stop()
                    return
                time.sleep(self._crowd.pace(seat))
                with seat.at_work():
                    if not self._speaks_our_language(request):
                        protocol.send(sock, {"ok": True, **self._identity()})
                        continue
                    while not self._ready.wait(_HEARTBEAT):
                        protocol.send(sock, protocol.WAIT)
                    if visitor is None and self._service is not None:
                        from core.visitor import Visitor

                        visitor = Visitor(descriptors)
                    with self._at_work():
                        if self._stopping:  # for its client this worker is gone already
                            return
                        reply = self._answer(visitor, request)
                    protocol.send(sock, reply)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
            if visitor is not None:
                visitor.detach()

    def _speaks_our_language(self, request: dict[str, Any]) -> bool:
        """A client of another version learns so at once: it will not wait for the network."""
        return request.get("request") != "hello" or (
            request.get("protocol") == protocol.VERSION and request.get("core") == core.__version__
        )

    def _answer(self, visitor: Visitor | None, request: dict[str, Any]) -> dict[str, Any]:
        try:
            if self._failure is not None:
                return protocol.failure(self._failure)
            assert self._service is not None and visitor is not None
            if request.get("request") == "hello":
                return {"ok": True, **self._identity(), **self._service.describe()}
            if request.get("request") == "status":
                return {"ok": True, **self._status(self._service)}
            return {"ok": True, **self._service.handle(visitor, request)}
        except NeuralPresetError as error:
            return protocol.failure(error)
        except MemoryError:
            log.exception("out of memory")
            return protocol.failure(
                NeuralPresetError(
                    "There is not enough memory for this: close other programs and try again."
                )
            )
        except Exception as error:
            log.exception("a request failed")
            return protocol.failure(
                NeuralPresetError(
                    "Something unforeseen happened in the worker ({kind}: {error}). Its log says "
                    "more: {log}",
                    kind=type(error).__name__,
                    error=error,
                    log=self._log_file,
                )
            )

    def _identity(self) -> dict[str, Any]:
        return {
            "protocol": protocol.VERSION,
            "core": core.__version__,
            "app": APP,
            "pid": os.getpid(),
        }

    def _status(self, service: Service) -> dict[str, Any]:
        return {
            **self._identity(),
            **service.describe(),
            "uptime": self._age(),
            "idle_minutes": self._idle_seconds / 60,
            "connections": len(self._crowd),
            "requests": self._requests,
            "counts": service.counts(),
            "rss": _resident_bytes(),
            "log": str(self._log_file),
        }

    def _age(self) -> float:
        return time.monotonic() - self._began


def _resident_bytes() -> int:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    return 0
