"""Clients are killed, alone and among others; the worker goes on and keeps nothing of them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.client import NotRunningError, Session
from core.process import transport
from tests.faults.campaign import COMPLETED, Kind, told
from tests.faults.children import begin, finish, in_child
from tests.faults.requests import any_request, ask
from tests.faults.scene import Scene, check, eventually

_LONGEST_REQUEST = 0.15


def _killed_at_a_line(scene: Scene) -> str:
    line = int(10 ** scene.chance.uniform(1, 3.7))
    return _served_on(scene, lambda do: in_child(do, fatal_line=line))


def _killed_at_a_time(scene: Scene) -> str:
    def killed(do: Callable[[], str]) -> str:
        child, reader = begin(do)
        with scene.signalled(child, signal.SIGKILL, _LONGEST_REQUEST):
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        return finish(child, reader)

    return _served_on(scene, killed)


def _served_on(scene: Scene, killed: Callable[[Callable[[], str]], str]) -> str:
    pid, name = scene.worker(), any_request(scene.chance)
    text = killed(lambda: told(lambda: _once(scene, name, scene.files), scene))
    with scene.session() as session:
        check(session.greeting["pid"] == pid, "the worker ended with its client")
        _check_forgotten(session)
        ask(session, name, scene.files, scene.truth)
    return text


def _check_forgotten(session: Session) -> None:
    """The worker has neither a connection nor pixels of clients that are gone."""
    pid = session.greeting["pid"]
    eventually(lambda: session.status()["connections"] == 1, "the worker parts with a dead client")
    eventually(lambda: not pixels_of(pid), "the pixels of a dead client are unmapped")


def pixels_of(pid: int) -> list[str]:
    """The memory for pixels that a process has mapped, or still has open."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    found = re.findall(r"/\S*neural-preset(?:-\w+)? \(deleted\)", maps)
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(entry.path)
            if "memfd:neural-preset" in target:
                found.append(target)
    return found


def _once(scene: Scene, name: str, folder: Path) -> None:
    with scene.session() as session:
        ask(session, name, folder, scene.truth)


def _five(scene: Scene) -> str:
    """Five clients of one worker, each with some requests; one of them or the worker fails."""
    pid = scene.worker()
    names = [[any_request(scene.chance) for _ in range(3)] for _ in range(5)]
    folders = [scene.files / str(number) for number in range(5)]
    for folder in folders:
        folder.mkdir()

    def client(number: int) -> str:
        texts = [
            told(partial(_once, scene, name, folders[number]), scene) for name in names[number]
        ]
        return next((text for text in texts if text != COMPLETED), COMPLETED)

    children = [begin(partial(client, number)) for number in range(5)]
    fault = scene.chance.choice(("client", "worker", "stop", "noise", "hold"))
    victim = children[0][0] if fault == "client" else pid
    try:
        if fault == "stop":
            with scene.session() as session:
                session.stop()
        elif fault == "noise":
            _noise(scene)
        elif fault == "hold":
            os.kill(pid, signal.SIGSTOP)
            time.sleep(scene.chance.uniform(0, 0.4))
        else:
            with scene.signalled(victim, signal.SIGKILL, 0.4):
                os.waitid(os.P_PID, children[1][0], os.WEXITED | os.WNOWAIT)
    finally:
        if fault == "hold":
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        texts = [finish(*child) for child in children]
    with scene.session() as session:
        if fault in ("client", "noise", "hold"):
            check(session.greeting["pid"] == pid, "the worker was replaced for nothing")
            others = texts[1:] if fault == "client" else texts
            check(set(others) == {COMPLETED}, f"others suffered: {texts}")
        _check_forgotten(session)
    refused = [text for text in texts if text != COMPLETED]
    return f"{fault}: {refused[0] if refused else COMPLETED}"


def _noise(scene: Scene) -> None:
    """What no client says."""
    for _ in range(5):
        with contextlib.suppress(OSError, NotRunningError):
            with transport.connect(scene.locations.runtime, 5) as sock:
                sock.sendall(scene.chance.randbytes(scene.chance.randint(1, 64)))
                if scene.chance.random() < 0.5:
                    sock.shutdown(socket.SHUT_WR)


KINDS = (
    Kind("client killed at a line", _killed_at_a_line, 4),
    Kind("client killed at a time", _killed_at_a_time, 3),
    Kind("five clients, one fault", _five, 0.8),
)
