"""Whoever saves is killed at any line or moment; a day later nothing of it is left."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from core import atomic
from core.presetchanges import Changes
from core.presets import PresetStore
from tests.faults.campaign import Kind, told
from tests.faults.children import begin, finish, in_child
from tests.faults.keeping import (
    LUTS,
    PHOTOS,
    PRESETS,
    Keeping,
    Knowledge,
    check_whole,
    hidden,
)
from tests.faults.scene import Scene, check

_KNOWLEDGE = Knowledge()
_DAYS = 2 * 24 * 60 * 60
_LONGEST = 0.05  # seconds that an action takes, about


def _at_a_line(actions: tuple[Keeping, ...]) -> Callable[[Scene], str]:
    def run(scene: Scene) -> str:
        action = scene.chance.choice(actions)
        folder = scene.files / "kept"
        known = _KNOWLEDGE.of(action, folder)
        line = int(10 ** scene.chance.uniform(1, 4.5))
        with_links = scene.chance.random() < 0.7

        def do() -> str:
            if not with_links:
                os.link = _no_links
            return told(lambda: action.do(folder), scene)

        text = in_child(do, fatal_line=line)
        check_whole(folder, known)
        _check_swept(folder)
        return text

    return run


def _no_links(*_: object, **__: object) -> None:
    """As on a memory card."""
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def _at_a_time(actions: tuple[Keeping, ...]) -> Callable[[Scene], str]:
    def run(scene: Scene) -> str:
        action = scene.chance.choice(actions)
        folder = scene.files / "kept"
        known = _KNOWLEDGE.of(action, folder)
        child, reader = begin(lambda: told(lambda: action.do(folder), scene))
        with scene.signalled(child, signal.SIGKILL, _LONGEST):
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        text = finish(child, reader)
        check_whole(folder, known)
        _check_swept(folder)
        return text

    return run


def _check_swept(folder: Path) -> None:
    """The next start keeps what may still be in use, and sweeps it two days later."""
    present = {path.name for path in hidden(folder)}
    _next_start(folder)
    check({path.name for path in hidden(folder)} == present, "what is new was swept")
    later = time.time() + _DAYS
    with mock.patch("time.time", lambda: later):
        _next_start(folder)
    check(not hidden(folder), f"{hidden(folder)} are never swept")


def _next_start(folder: Path) -> None:
    for each in (folder, folder / "presets"):
        atomic._swept.discard(each)
        atomic.write_bytes(each / "after.txt", b"", overwrite=True)
        (each / "after.txt").unlink()
    Changes(PresetStore(folder / "presets", folder / "none")).close()


KINDS = (
    Kind("saving presets killed at a line", _at_a_line(PRESETS), 9),
    Kind("saving presets killed at a time", _at_a_time(PRESETS), 5),
    Kind("writing LUTs killed", _at_a_line(LUTS), 1.5),
    Kind("writing photos killed", _at_a_line(PHOTOS), 2),
    Kind("writing photos killed at a time", _at_a_time((*LUTS, *PHOTOS)), 2),
)
