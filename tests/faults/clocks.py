"""The clock jumps, for whoever saves and for the worker; files come from the future or the past."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from unittest import mock

from core.presets import PresetStore
from tests.faults.campaign import COMPLETED, Kind, told
from tests.faults.children import in_child
from tests.faults.keeping import PRESETS, Knowledge, check_whole, hidden, prepare, visible
from tests.faults.requests import any_request, ask
from tests.faults.scene import Scene, check
from tests.preset_samples import neural

_KNOWLEDGE = Knowledge()
_JUMPS = (1, 3600, 25 * 3600, 400 * 86400, 15 * 365 * 86400)


@contextmanager
def jumping(chance: Random) -> Iterator[None]:
    """Now and then the clock jumps, by a second up to fifteen years, in both directions."""
    real, real_ns = time.time, time.time_ns
    offset = [_jump(chance)]

    def moved() -> int:
        if chance.random() < 0.3:
            offset[0] = _jump(chance)
        return offset[0]

    with (
        mock.patch("time.time", lambda: real() + moved()),
        mock.patch("time.time_ns", lambda: real_ns() + moved() * 10**9),
    ):
        yield


def _jump(chance: Random) -> int:
    return chance.choice(_JUMPS) * chance.choice((-1, 1))


def _saving(scene: Scene) -> str:
    action = scene.chance.choice(PRESETS)
    folder = scene.files / "kept"
    states = _KNOWLEDGE.of(action, folder)
    for path in folder.rglob("*.json"):
        when = time.time() + _jump(scene.chance)
        os.utime(path, (when, when))

    def do() -> str:
        with jumping(scene.chance):
            return told(lambda: action.do(folder), scene)

    text = in_child(do)
    check_whole(folder, states)
    check(text == COMPLETED, text)
    check(visible(folder) == states[-1] and not hidden(folder), f"“{action.name}” is not done")
    return text


def _changed_elsewhere(scene: Scene) -> str:
    """A store that is open sees what another program does, whatever times the files have."""
    folder = scene.files / "kept"
    prepare(folder)
    store = PresetStore(folder / "presets", folder / "none")
    path = store.user / "faded.json"

    def do() -> str:
        with jumping(scene.chance):
            for seed in range(20, 26):
                other = PresetStore(store.user, store.builtin)
                other.add(neural("Faded", seed=seed), overwrite=True)
                when = time.time()
                os.utime(path, (when, when))
                check(store.get("Faded") == neural("Faded", seed=seed), "an old preset is shown")
                store.list()
        return COMPLETED

    return in_child(do)


def _worker(scene: Scene) -> str:
    """The worker's clock is wrong, and the client's jumps while it asks."""
    scene.fresh_worker(clock=_jump(scene.chance))
    names = [any_request(scene.chance) for _ in range(3)]

    def do() -> None:
        with jumping(scene.chance), scene.session() as session:
            for name in names:
                ask(session, name, scene.files, scene.truth)

    text = told(do, scene)
    check(text == COMPLETED, text)
    return text


KINDS = (
    Kind("clock jumps: saving presets", _saving, 3),
    Kind("clock jumps: open store", _changed_elsewhere, 1),
    Kind("clock jumps: worker and client", _worker, 1),
)
