"""The background worker: whether anything stands in its way, and whether it works."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import core
from core import protocol
from core.client import Session, normalize_source
from core.doctor.finding import Finding, Remedy
from core.doctor.installation import Installation
from core.doctor.remedies import permit, remove, repair, stop_worker
from core.errors import NeuralPresetError
from core.locations import private_directory
from core.phrase import Phrase
from core.process import transport
from core.process.holder import holder
from core.protocol import Picture

_PATIENCE = 30.0  # seconds for an answer; a worker that loads says so every second


def check(installation: Installation) -> Iterator[Finding]:
    """The folder, the log, who is there already; then a trial, unless there is no point in it."""
    obstacle = folder(installation)
    if obstacle is not None:
        yield obstacle
        if obstacle.verdict == "wrong":
            return
    yield from log(installation)
    other = present(installation)
    yield trial(installation) if other is None else other


def folder(installation: Installation) -> Finding | None:
    """What is wrong with the folder of the socket, if anything is; one that is open is closed."""
    place = installation.locations.runtime
    with contextlib.suppress(FileNotFoundError):
        status = os.lstat(place)
        if not stat.S_ISDIR(status.st_mode):
            text = Phrase("{path} stands in the way of the worker: it is no folder.", path=place)
            return Finding("wrong", text, remove(installation, place))
        if os.name != "nt" and status.st_uid != os.geteuid():
            text = Phrase(
                "The worker's folder {folder} belongs to another user (number {user}).",
                folder=place,
                user=status.st_uid,
            )
            return Finding("wrong", text, remove(installation, place))
        mode = stat.S_IMODE(status.st_mode)
        if os.name != "nt" and mode & 0o077:
            private_directory(place)
            text = Phrase(
                "The worker's folder {folder} was open to other users (mode {mode}): it is closed "
                "now.",
                folder=place,
                mode=f"{mode:04o}",
            )
            return Finding("note", text)
    return _closed(installation, place)


def _closed(installation: Installation, place: Path) -> Finding | None:
    there = next(path for path in (place, *place.parents) if os.path.lexists(path))
    if there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return None
    text = Phrase("The worker's folder {folder} is closed to you: {path}", folder=place, path=there)
    return Finding("wrong", text, permit(installation, there))


def log(installation: Installation) -> Iterator[Finding]:
    """A worker works without a log, but then nobody learns what went wrong."""
    path = installation.locations.log
    there = next(each for each in (path, *path.parents) if os.path.lexists(each))
    if not os.access(there, os.W_OK):
        text = Phrase("The worker's log {file} cannot be written.", file=path)
        yield Finding("note", text, permit(installation, there))


def present(installation: Installation) -> Finding | None:
    """Why what runs already is not the worker that we need; None if it is, or nothing runs."""
    runtime = installation.locations.runtime
    who = holder(runtime)
    stop = stop_worker(installation)
    try:
        greeting = _greeting(runtime)
    except TimeoutError:
        if who is None:
            return _stranger(installation)
        text = Phrase("The background worker (process {pid}) does not answer.", pid=who.pid)
        return Finding("wrong", text, stop)
    except (FileNotFoundError, ConnectionRefusedError):
        return None  # the trial starts one
    except (OSError, NeuralPresetError):
        return _stranger(installation)
    if greeting.get("ok") is False and who is not None:
        return None  # it says itself what it lacks: the trial will hear it
    ours = os.path.realpath(installation.locations.app)
    if who is None or not isinstance(greeting.get("app"), str):
        return _stranger(installation)
    if greeting["app"] != ours:
        text = Phrase(
            "The background worker of another installation runs (process {pid}): {app}",
            pid=who.pid,
            app=greeting["app"],
        )
        return Finding("note", text, stop)
    if (greeting.get("core"), greeting.get("protocol")) != (core.__version__, protocol.VERSION):
        text = Phrase(
            "A background worker of version {found} runs (process {pid}); the next filter "
            "replaces it by {expected}.",
            pid=who.pid,
            found=greeting.get("core"),
            expected=core.__version__,
        )
        return Finding("note", text, stop)
    return None


def trial(installation: Installation) -> Finding:
    """A look for a small gray picture, all the way that a filter goes."""
    gray = Picture(2, 2, 3, bytes([64, 96, 128] * 4))
    locations = installation.locations
    try:
        with Session(locations, timeout=_PATIENCE) as session:
            status = session.status()
            lut_id = session.look(gray, normalize_source())
            memory = session.pixels(len(gray.data))
            memory[: len(gray.data)] = gray.data
            session.apply(lut_id, 0, gray.width, gray.height, "RGB u8")
    except NeuralPresetError as error:
        words = Phrase(
            "If nothing else explains it ({log} may), repair the installation:", log=locations.log
        )
        remedy = Remedy(words, repair(installation).command)
        return Finding("wrong", error.phrase, remedy)
    text = Phrase(
        "The background worker works: {model} on {device}, process {pid}",
        model=status["model"],
        device=status["device"],
        pid=status["pid"],
    )
    return Finding("ok", text)


def _greeting(runtime: Path) -> dict[str, Any]:
    """What listens there says of itself: a worker of any version says more than nothing."""
    hello = {"request": "hello", "protocol": protocol.VERSION, "core": core.__version__}
    with contextlib.closing(transport.connect(runtime, _PATIENCE)) as sock:
        protocol.send(sock, hello)
        while (reply := protocol.receive(sock)) == protocol.WAIT:
            pass
    if reply is None:
        raise ConnectionResetError
    return reply


def _stranger(installation: Installation) -> Finding:
    runtime = installation.locations.runtime
    text = Phrase("Another program listens in the worker's place, {folder}.", folder=runtime)
    path = transport.address_file(runtime)
    return Finding("wrong", text, remove(installation, path))
