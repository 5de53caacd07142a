"""After an upgrade an old worker still runs, and programs that were started before it, too."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import core
from core import protocol
from core.client import Session
from core.errors import NeuralPresetError
from core.locations import Locations
from tests.faults.campaign import COMPLETED, Kind, outcome, told
from tests.faults.children import begin, finish
from tests.faults.requests import any_request, ask
from tests.faults.scene import PATIENCE, Scene, check, eventually, is_alive

_OLD: tuple[dict[str, Any], ...] = (
    {"version": "0.0.1"},
    {"protocol": 1},
    {"protocol": 99},
    {"app": "/somewhere/else"},
)


def _old_worker(scene: Scene) -> str:
    """A worker of another version runs, perhaps stopped or asked by an old client just then."""
    old = scene.chance.choice(_OLD)
    name = any_request(scene.chance)
    scene.fresh_worker(**old)
    pid = _started(scene, old)
    busy = scene.chance.random() < 0.5
    children = [begin(lambda: _old_client(scene, old, name))] if busy else []
    fault = scene.chance.choice((None, None, signal.SIGKILL))
    try:
        with contextlib.ExitStack() as stack:
            if fault is not None:
                stack.enter_context(scene.signalled(pid, fault, 0.3))
            text = told(lambda: _ask(scene, name), scene)
    finally:
        texts = [finish(*child) for child in children]
    # Not before: as long as both ask, each may replace the other's worker.
    _ask(scene, name)
    if not busy:
        eventually(lambda: not is_alive(pid), "the old worker ends")
    return " / ".join([text, *(f"old client: {each}" for each in texts)])


def _ask(scene: Scene, name: str) -> None:
    with scene.session() as session:
        ask(session, name, scene.files, scene.truth)


def _started(scene: Scene, old: dict[str, Any]) -> int:
    """The old worker, started by a client of its version."""
    with _as_of(scene, old) as locations, Session(locations, timeout=PATIENCE) as session:
        return int(session.greeting["pid"])


def _old_client(scene: Scene, old: dict[str, Any], name: str) -> str:
    folder = scene.files / "old"
    folder.mkdir()
    scene.keeps_being(old)
    with _as_of(scene, old) as locations:
        try:
            with Session(locations, timeout=PATIENCE) as session:
                ask(session, name, folder, scene.truth)
        except NeuralPresetError as error:
            return outcome(error, scene)
    return COMPLETED


@contextlib.contextmanager
def _as_of(scene: Scene, old: dict[str, Any]) -> Iterator[Locations]:
    """Programs of that version, while this lasts."""
    version, number = old.get("version", core.__version__), old.get("protocol", protocol.VERSION)
    app = Path(old.get("app", scene.locations.app))
    with (
        mock.patch.object(core, "__version__", version),
        mock.patch.object(protocol, "VERSION", number),
    ):
        yield dataclasses.replace(scene.locations, app=app)


def _real_copy(scene: Scene) -> str:
    """The old worker really runs from a copy of core of another version."""
    scene.kill_worker()
    copy = scene.files / "app"
    shutil.copytree(
        scene.checkout / "core", copy / "core", ignore=shutil.ignore_patterns("__pycache__")
    )
    file = copy / "core" / "__init__.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'__version__ = ".*"', '__version__ = "0.0.1"', text), encoding="utf-8")
    old = {"version": "0.0.1", "app": copy}
    name = any_request(scene.chance)
    with scene.really_launched():
        pid = _started(scene, old)
        text = told(lambda: _ask(scene, name), scene)
    check(not is_alive(pid), "the old worker still runs")
    return text


KINDS = (
    Kind("an old worker runs", _old_worker, 1),
    Kind("an old worker really runs", _real_copy, 0.05),
)
