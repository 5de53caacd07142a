"""The worker is killed, stopped or told to end at any moment of any request."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from core.errors import WorkerError
from core.process.holder import holder
from tests.faults.campaign import Kind, told
from tests.faults.requests import any_request, ask
from tests.faults.scene import Scene, check, eventually, is_alive

_LONGEST_REQUEST = 0.15  # seconds, about
_SHORT = (0.2, 1.0)  # what counts as hanging, in seconds


def _killed_at_a_line(scene: Scene) -> str:
    """The worker dies at some line of core's code, in the greeting or any request."""
    name = any_request(scene.chance)
    scene.fresh_worker(fatal_line=int(10 ** scene.chance.uniform(1, 4)))
    text = told(lambda: _ask_once(scene, name), scene)
    scene.kill_worker()
    _ask_once(scene, name)
    return text


def _killed_at_a_time(scene: Scene) -> str:
    name = any_request(scene.chance)
    with scene.signalled(scene.worker(), signal.SIGKILL, _LONGEST_REQUEST):
        text = told(lambda: _ask_once(scene, name), scene)
    _ask_once(scene, name)
    return text


def _killed_in_a_session(scene: Scene) -> str:
    """As the plug-in has it: the session is older than the fault, and goes on after it."""
    name = any_request(scene.chance)
    with scene.session() as session:
        pid = session.greeting["pid"]
        with scene.signalled(pid, signal.SIGKILL, _LONGEST_REQUEST):
            text = told(lambda: ask(session, name, scene.files, scene.truth), scene)
        ask(session, name, scene.files, scene.truth)
    return text


def _told_to_end(scene: Scene) -> str:
    """SIGTERM, as a computer that shuts down sends it; what is being done is finished."""
    name = any_request(scene.chance)
    with scene.session() as session:
        pid = session.greeting["pid"]
        with scene.signalled(pid, signal.SIGTERM, _LONGEST_REQUEST) as sent:
            text = told(lambda: ask(session, name, scene.files, scene.truth), scene)
        if sent.is_set():
            eventually(lambda: not is_alive(pid), "the worker ends")
        ask(session, name, scene.files, scene.truth)
    return text


def _really_launched(scene: Scene) -> str:
    """A worker started in the usual way is killed, and another one started so."""
    scene.kill_worker()
    with scene.really_launched():
        return _killed_in_a_session(scene)


def _idle(scene: Scene) -> str:
    """A worker ends that has had nothing to do, just as somebody asks it."""
    name = any_request(scene.chance)
    scene.fresh_worker(idle_minutes=scene.chance.uniform(0.001, 0.004))
    with contextlib.suppress(WorkerError):  # it may have ended before anybody reached it
        scene.worker()
    pid = scene.workers[-1]
    time.sleep(scene.chance.uniform(0, 0.3))
    text = told(lambda: _ask_once(scene, name), scene)
    if holder(scene.locations.runtime) is None:
        eventually(lambda: not os.listdir(scene.locations.runtime), "socket and locks are gone")
    _ask_once(scene, name)
    check(pid == scene.workers[-1] or not is_alive(pid), "two workers run")
    return text


def _stopped(scene: Scene) -> str:
    """A worker that is stopped (SIGSTOP) counts as hanging; one in two goes on a little later."""
    name = any_request(scene.chance)
    with scene.session(timeout=scene.chance.uniform(*_SHORT)) as session:
        pid = session.greeting["pid"]
        with contextlib.ExitStack() as stack:
            stack.enter_context(scene.signalled(pid, signal.SIGSTOP, _LONGEST_REQUEST))
            if scene.chance.random() < 0.5:
                stack.enter_context(scene.signalled(pid, signal.SIGCONT, 1.0))
            text = told(lambda: ask(session, name, scene.files, scene.truth), scene)
    with contextlib.suppress(ProcessLookupError):
        if scene.chance.random() < 0.8:
            os.kill(pid, signal.SIGCONT)
    with scene.session(timeout=5) as session:
        ask(session, name, scene.files, scene.truth)
    return text


def _ask_once(scene: Scene, name: str) -> None:
    with scene.session() as session:
        ask(session, name, scene.files, scene.truth)


KINDS = (
    Kind("worker killed at a line", _killed_at_a_line, 3),
    Kind("worker killed at a time", _killed_at_a_time, 2),
    Kind("worker killed in a session", _killed_in_a_session, 3),
    Kind("worker told to end", _told_to_end, 2),
    Kind("worker really launched", _really_launched, 0.1),
    Kind("worker idle", _idle, 1),
    Kind("worker stopped", _stopped, 0.6),
)
