"""Permissions are revoked, folders vanish or become files, under open stores and sessions.

Root is bound by no permission: the cases then run as another user, with a worker of that user.
"""

from __future__ import annotations

import contextlib
import encodings.utf_8_sig  # noqa: F401  another user could not load it from our folders
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import NeuralPresetError
from core.presetchanges import Changes
from core.presets import PresetStore
from tests.faults.campaign import COMPLETED, Kind, told
from tests.faults.children import NOBODY, in_child
from tests.faults.keeping import PRESETS, Knowledge, check_whole, prepare
from tests.faults.requests import any_request, ask
from tests.faults.scene import Scene, check, eventually, is_alive

_KNOWLEDGE = Knowledge()
_MODES = (0o000, 0o400, 0o500)
_CAUSES = re.compile(r"[Pp]ermission|not allowed|protected|no folder|cannot be reached|not running")


@dataclass(frozen=True)
class Place:
    """Something that may be closed or removed."""

    name: str
    of: Callable[[Scene], Path]


WORKER_PLACES = (
    Place("the home", lambda scene: scene.home),
    Place("the runtime folder", lambda scene: scene.locations.runtime),
    Place("the socket", lambda scene: scene.locations.runtime / "worker.sock"),
    Place("the worker's lock", lambda scene: scene.locations.runtime / "worker.lock"),
    Place("the start lock", lambda scene: scene.locations.runtime / "start.lock"),
    Place("the log's folder", lambda scene: scene.locations.log.parent),
    Place("the log", lambda scene: scene.locations.log),
    Place("the folder of files", lambda scene: scene.files),
)


def _as_user(scene: Scene, case: Callable[[Scene], str]) -> str:
    """A case in a home of its own, by a user whom permissions bind."""
    home = scene.files / "home"
    home.mkdir()
    chance, bound = scene.chance, os.geteuid() == 0
    if bound:
        os.chown(home, NOBODY, NOBODY)

    def do() -> str:
        inner = Scene(home / "np", scene.zygote, scene.truth)
        inner.chance = chance
        inner.user = NOBODY if bound else None
        inner.begin()
        try:
            return case(inner)
        finally:
            _open_all(home)
            inner.close()

    return in_child(do, as_nobody=bound)


def _open_all(home: Path) -> None:
    home.chmod(0o700)
    for path in home.rglob("*"):
        if path.is_dir():
            path.chmod(0o700)
    for path in home.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)


def _revoked(scene: Scene) -> str:
    """Before or within a session, with a worker that runs or not."""
    place, mode = scene.chance.choice(WORKER_PLACES), scene.chance.choice(_MODES)
    name, within = any_request(scene.chance), scene.chance.random() < 0.5
    if scene.chance.random() < 0.7:
        scene.worker()
    path = place.of(scene)

    def revoke() -> None:
        if path.exists():
            path.chmod(mode)

    def do() -> None:
        if not within:
            revoke()
        with scene.session() as session:
            if within:
                revoke()
            ask(session, name, scene.files, scene.truth)

    text = told(do, scene)
    if text == "DAMAGED" or (text != COMPLETED and not _CAUSES.search(text)):
        check(False, f"{place.name}, {mode:o}: it does not say why: {text}")
    _open_all(scene.home)
    with scene.session() as session:
        ask(session, name, scene.files, scene.truth)
    return f"{place.name}: {text}"


def _revoked_presets(scene: Scene) -> str:
    action = scene.chance.choice(PRESETS)
    folder = scene.files / "kept"
    states = _KNOWLEDGE.of(action, folder)
    paths = [folder, *sorted(folder.rglob("*"))]
    path, mode = scene.chance.choice(paths), scene.chance.choice(_MODES)
    path.chmod(mode)
    text = told(lambda: action.do(folder), scene)
    _open_all(scene.home)
    for second in (folder / "presets").glob("*-2.json"):
        # A file that cannot be read is never replaced: the new one lies beside it.
        usual = f"presets/{second.name.removesuffix('-2.json')}.json"
        check(second.read_bytes() == states[-1].get(usual), f"{second.name} is not whole")
        second.unlink()
    check_whole(folder, states)
    check(text == COMPLETED or bool(_CAUSES.search(text)), f"it does not say why: {text}")
    return text


def _removed(scene: Scene) -> str:
    """Something of the worker's is removed, or a file stands in its place."""
    place, name = scene.chance.choice(WORKER_PLACES), any_request(scene.chance)
    within, replaced = scene.chance.random() < 0.5, scene.chance.random() < 0.3
    pid = scene.worker()
    path = place.of(scene)

    def remove() -> None:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if replaced and path.parent.is_dir():
            path.write_bytes(b"")
        with contextlib.suppress(OSError):
            scene.files.mkdir(parents=True)

    def do() -> None:
        if not within:
            remove()
        with scene.session() as session:
            if within:
                remove()
            ask(session, name, scene.files, scene.truth)

    text = told(do, scene)
    if replaced:
        for each in (scene.home, *(place.of(scene) for place in WORKER_PLACES)):
            if os.path.isfile(each) and not each.read_bytes():
                each.unlink()
    scene.files.mkdir(parents=True, exist_ok=True)
    with scene.session() as session:
        ask(session, name, scene.files, scene.truth)
        now = session.greeting["pid"]
    if now != pid:
        # Nobody can reach it any more: it has to see so for itself.
        eventually(lambda: not is_alive(pid), "a worker without a socket ends")
    return f"{place.name}: {text}"


def _no_presets(scene: Scene) -> str:
    """The folder of presets goes under an open store or gallery, with what is not yet undone."""
    folder = scene.files / "kept"
    prepare(folder)
    store = PresetStore(folder / "presets", folder / "none")
    changes = Changes(store)
    before = {entry.name for entry in store.list()}
    changes.delete([entry for entry in store.list() if entry.name == "Faded"])
    away = folder / "away"
    (folder / "presets").rename(away)
    if scene.chance.random() < 0.3:
        (folder / "presets").write_bytes(b"")
    preset = scene.chance.choice(list(before))
    actions: list[Callable[[], object]] = [
        store.list,
        lambda: store.get(preset),
        lambda: store.rename(preset, "Other"),
        lambda: store.retag(preset, ["x"]),
        lambda: store.delete(preset),
        lambda: changes.duplicate([preset]),
        lambda: changes.steps and changes.undo(),
        lambda: store.export_file(preset, folder / "exported.json"),
    ]
    texts = [told(scene.chance.choice(actions), scene) for _ in range(3)]
    if (folder / "presets").is_dir():
        shutil.rmtree(folder / "presets")
    (folder / "presets").unlink(missing_ok=True)
    away.rename(folder / "presets")
    with contextlib.suppress(NeuralPresetError):
        while changes.steps:
            changes.undo()
    check({entry.name for entry in store.list()} >= before - {"Faded"}, "presets are lost")
    return texts[0]


KINDS = (
    Kind("permissions of the worker's files", lambda scene: _as_user(scene, _revoked), 2),
    Kind("permissions of presets", lambda scene: _as_user(scene, _revoked_presets), 3),
    Kind("the worker's files removed", lambda scene: _as_user(scene, _removed), 0.5),
    Kind("the folder of presets removed", _no_presets, 3),
)
