"""Reaching a healthy worker: connect and greet; if need be start it, or replace it, once.

(Standard library only.) A worker that is dead, hangs, talks nonsense or runs other code than ours
gives way to a new one. Only a process that holds the worker's lock is ever terminated.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core import protocol
from core.errors import ProtocolError, WorkerError
from core.locations import Locations, private_directory
from core.phrase import Phrase
from core.process import transport
from core.process.filelock import locked
from core.process.holder import Holder, end, gone, holder
from core.process.launch import NO_PLACE, launch

START_TIMEOUT = 120.0
LOAD_TIMEOUT = 600.0
_GRACE = 10.0
_PAUSE = 0.02


class NotRunningError(WorkerError):
    """There is no worker, and none was to be started."""


@dataclass
class Link:
    """A connection to a healthy worker and what it said of itself."""

    sock: socket.socket
    greeting: dict[str, Any]


class _UnfitError(Exception):
    """A worker (or a stranger in its place) that has to be replaced."""

    def __init__(self, reason: Phrase, who: Holder | None, polite: bool = False) -> None:
        super().__init__(reason)
        self.who = who
        self.polite = polite


def reach(locations: Locations, *, start: bool = True, timeout: float = 60) -> Link:
    """A connection to a worker that runs our code.

    A healthy worker answers a greeting at once, or says every second that it still loads; one
    that runs already is given `timeout` seconds to do so, a new one two minutes. Raises
    NotRunningError (only with start=False) or WorkerError naming the log file.
    """
    runtime = private_directory(locations.runtime)
    unfit: _UnfitError | None = None
    who = holder(runtime)
    try:
        return _greet(_connect(runtime, timeout, who), locations, timeout, who)
    except NotRunningError:
        if not start:
            raise
    except _UnfitError as error:
        if not start:
            raise WorkerError(_with_log(error, locations)) from error
        unfit = error
    with locked(runtime / "start.lock", START_TIMEOUT):
        # Meanwhile another client may have done all this.
        if unfit is not None and holder(runtime) == unfit.who:
            _evict(runtime, unfit)
        sock = _join(runtime) or _start(locations, runtime)
        who = holder(runtime)
    try:
        return _greet(sock, locations, START_TIMEOUT, who)
    except _UnfitError as error:
        raise WorkerError(_with_log(error, locations)) from error


def stop_worker(locations: Locations) -> bool:
    """Stop the worker, whatever its version or state; False if there was none.

    Raises WorkerError if it cannot be ended.
    """
    runtime = private_directory(locations.runtime)
    who = holder(runtime)
    if who is None:
        return False
    reason = Phrase("The background worker (process {pid}) cannot be ended.", pid=who.pid)
    _evict(runtime, _UnfitError(reason, who, polite=True))
    if holder(runtime) == who:
        raise WorkerError(_with_log(reason, locations))
    return True


def _connect(runtime: Path, timeout: float, who: Holder | None) -> socket.socket:
    try:
        return transport.connect(runtime, timeout)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunningError("The background worker is not running.") from error
    except (OSError, ProtocolError) as error:
        reason = Phrase("The background worker cannot be reached ({error}).", error=error)
        raise _UnfitError(reason, who) from error


def _greet(
    sock: socket.socket, locations: Locations, patience: float, who: Holder | None
) -> Link:
    hello = {"request": "hello", "protocol": protocol.VERSION, "core": core.__version__}
    try:
        sock.settimeout(patience)
        protocol.send(sock, hello)
        deadline = time.monotonic() + LOAD_TIMEOUT
        while (reply := protocol.receive(sock)) == protocol.WAIT:
            if time.monotonic() > deadline:
                raise TimeoutError
        if reply is None:
            raise ConnectionResetError
        if reply.get("code") == ProtocolError.code:
            reason = Phrase("The background worker is of another version.")
            raise _UnfitError(reason, who, polite=True)
        greeting = protocol.checked(reply)
        found, ours = greeting.get("core"), core.__version__
        if found != ours or greeting.get("protocol") != protocol.VERSION:
            reason = Phrase(
                "The background worker is of another version ({found} instead of {expected}).",
                found=found,
                expected=ours,
            )
            raise _UnfitError(reason, who, polite=True)
        if greeting.get("app") != os.path.realpath(locations.app):
            reason = Phrase(
                "The background worker belongs to another installation: {folder}",
                folder=greeting.get("app"),
            )
            raise _UnfitError(reason, who, polite=True)
    except TimeoutError as error:
        sock.close()
        raise _UnfitError(Phrase("The background worker does not answer."), who) from error
    except ProtocolError as error:
        sock.close()
        reason = Phrase(
            "What listens in the background worker's place is none ({error}).", error=error
        )
        raise _UnfitError(reason, who) from error
    except OSError as error:
        sock.close()
        reason = Phrase("The background worker ended as it started.")
        raise _UnfitError(reason, who) from error
    except BaseException:
        sock.close()
        raise
    return Link(sock, greeting)


def _evict(runtime: Path, unfit: _UnfitError) -> None:
    """Ask a worker of another version to stop; terminate one of ours that does not."""
    if unfit.who is not None:
        if unfit.polite:
            with contextlib.suppress(OSError, WorkerError):
                sock = transport.connect(runtime, 2.0)
                with contextlib.closing(sock):
                    sock.settimeout(2.0)
                    protocol.send(sock, {"request": "stop"})
                    while protocol.receive(sock) is not None:
                        pass
            if gone(runtime, unfit.who, _GRACE):
                return
        end(runtime, unfit.who)
    transport.forget(runtime)


def _join(runtime: Path) -> socket.socket | None:
    """Connect to a worker that listens or is about to; a holder of the lock that does neither is
    ended, for no other worker could start beside it."""
    deadline = time.monotonic() + _GRACE
    while True:
        who = holder(runtime)
        with contextlib.suppress(OSError, ProtocolError):
            return transport.connect(runtime, START_TIMEOUT)
        if who is None:
            return None
        if time.monotonic() > deadline:
            end(runtime, who)
            return None
        time.sleep(_PAUSE)


def _start(locations: Locations, runtime: Path) -> socket.socket:
    process = launch(locations)
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        status = process.poll()
        with contextlib.suppress(OSError, ProtocolError):
            return transport.connect(runtime, START_TIMEOUT)
        if status == NO_PLACE:
            raise WorkerError(
                "The background worker could not make its files in {folder}: the disk may be full "
                "or write-protected. Free some space there and try again.",
                folder=runtime,
            )
        if status is not None:
            reason = Phrase(
                "The background worker ended as it started (exit status {status}).", status=status
            )
            raise WorkerError(_with_log(reason, locations))
        if time.monotonic() > deadline:
            reason = Phrase("The background worker does not start.")
            raise WorkerError(_with_log(reason, locations))
        time.sleep(_PAUSE)


def _with_log(reason: Phrase | _UnfitError, locations: Locations) -> Phrase:
    return Phrase(
        "{reason} Try again; if that does not help, its log says more: {log}",
        reason=reason,
        log=locations.log,
    )
