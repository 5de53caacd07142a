"""The disk is full after any number of bytes, for everything that is written."""

from __future__ import annotations

import contextlib
import io
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from core import images
from core.client import Session
from core.locations import Locations
from tests.faults.campaign import COMPLETED, Kind, told
from tests.faults.children import in_child
from tests.faults.keeping import (
    LUTS,
    PHOTOS,
    PRESETS,
    Keeping,
    Knowledge,
    check_whole,
    hidden,
    photo,
    prepare,
    visible,
)
from tests.faults.requests import ask, check_files
from tests.faults.scene import PATIENCE, Scene, check
from tests.preset_samples import table

_KNOWLEDGE = Knowledge()
_PAGE = 4096
_CAUSES = re.compile(r"too large|full|no room|space|may be")


def _limited(actions: tuple[Keeping, ...]) -> Callable[[Scene], str]:
    """No file may become larger than some bytes: every byte count is tried in time."""

    def run(scene: Scene) -> str:
        action = scene.chance.choice(actions)
        folder = scene.files / "kept"
        states = _KNOWLEDGE.of(action, folder)
        most = int(10 ** scene.chance.uniform(0, 5.5))

        def do() -> str:
            _limit_files(most)
            return told(lambda: action.do(folder), scene)

        return _judged(action, folder, states, in_child(do))

    return run


def _filled(actions: tuple[Keeping, ...]) -> Callable[[Scene], str]:
    """A small disk of its own, on which some pages are left."""

    def run(scene: Scene) -> str:
        action = scene.chance.choice(actions)
        folder = scene.files / "kept"
        states = _KNOWLEDGE.of(action, folder)
        shutil.rmtree(folder)
        with small_disk(folder, 2 << 20):
            (folder / "kept").mkdir()
            (folder / "kept").rmdir()
            _prepare_on(folder)
            _fill(folder, _PAGE * int(40 * scene.chance.random() ** 2))
            text = in_child(lambda: told(lambda: action.do(folder), scene))
            (folder / ".ballast").unlink()
            return _judged(action, folder, states, text)

    return run


def _prepare_on(folder: Path) -> None:
    inner = folder / "inner"
    prepare(inner)
    for path in inner.iterdir():
        path.rename(folder / path.name)
    inner.rmdir()


def _judged(action: Keeping, folder: Path, states: tuple, text: str) -> str:
    check_whole(folder, states)
    left = [path for path in hidden(folder) if path.name != ".ballast"]
    if text == COMPLETED:
        check(visible(folder) == states[-1], f"“{action.name}” is not done")
        check(not left, f"{left} are left")
    else:
        # What was deleted and could not be brought back stays hidden for a day.
        temporary = [path for path in left if not path.name.startswith(".removed-")]
        check(not temporary, f"{temporary} are left")
        check(bool(_CAUSES.search(text)), f"it does not say why: {text}")
    return text


def _limit_files(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """A disk of that many bytes at `folder`, which is made; only for who may mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def can_mount(folder: Path) -> bool:
    """Whether small disks can be had: by root, but not in every container."""
    try:
        with small_disk(folder / "trial", 1 << 20):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _fill(folder: Path, left: int) -> None:
    """Take all room but `left` bytes."""
    free = os.statvfs(folder).f_bavail * _PAGE
    with open(folder / ".ballast", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free - left, 1))


def _exporting_worker(scene: Scene) -> str:
    """The worker writes a LUT for its client, and its disk is full."""
    pid = scene.worker()
    name = scene.chance.choice(("export .cube", "export .png"))
    most = int(10 ** scene.chance.uniform(0, 4.5))
    endless = resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, endless))
    try:
        with scene.session() as session:
            text = told(lambda: ask(session, name, scene.files, scene.truth), scene)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (endless, endless))
    check(not hidden(scene.files), f"{hidden(scene.files)} are left")
    check(text == COMPLETED or bool(_CAUSES.search(text)), f"it does not say why: {text}")
    with scene.session() as session:
        check(session.greeting["pid"] == pid, "the worker ended")
        ask(session, name, scene.files, scene.truth)
    return text


def _pixels(scene: Scene) -> str:
    """There is no room for pixels; with room again the same session goes on."""
    name = scene.chance.choice([name for name in scene.truth if name.startswith("apply")])
    most = int(10 ** scene.chance.uniform(0, 4))
    scene.worker()

    def do() -> str:
        with scene.session() as session:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            text = told(lambda: ask(session, name, scene.files, scene.truth), scene)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            ask(session, name, scene.files, scene.truth)
        return text

    text = in_child(do)
    check(text == COMPLETED or bool(_CAUSES.search(text)), f"it does not say why: {text}")
    return text


def _applied(on_a_small_disk: bool) -> Callable[[Scene], str]:
    """`neural-preset apply`: the result is the whole photo or none, and the exit status says so."""

    def run(scene: Scene) -> str:
        from core import cli

        suffix = scene.chance.choice((".jpg", ".png", ".tif", ".webp", ".exr"))
        given, preset = scene.files / "given.png", scene.files / "table.json"

        def write_given() -> str:
            images.write(given, photo())
            return ""

        in_child(write_given)
        from core.presets import PresetStore

        store = PresetStore(scene.files / "presets", scene.files / "none")
        store.add(table()).rename(preset)
        scene.worker()
        folder = scene.files / "out"
        result = folder / f"result{suffix}"
        command = ["apply", str(given), "--preset", str(preset), "-o", str(result)]
        most = int(10 ** scene.chance.uniform(0, 4.5))

        def do() -> str:
            if not on_a_small_disk:
                _limit_files(most)
            said = io.StringIO()
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
                status = cli.main(command)
            if status == 0:
                return COMPLETED
            check(status == 1, f"exit status {status}")
            return str(re.sub(r"\d+", "#", said.getvalue().replace(str(scene.files), "~").strip()))

        with small_disk(folder, 1 << 20) if on_a_small_disk else contextlib.nullcontext():
            folder.mkdir(exist_ok=True)
            if on_a_small_disk:
                _fill(folder, _PAGE * scene.chance.randint(0, 10))
            text = in_child(do)
            present = sorted(path.name for path in folder.iterdir() if path.name != ".ballast")
            if text == COMPLETED:
                check(present == [result.name], f"{present}")
                whole = in_child(lambda: str(images.read(result).pixels.shape))
                check(whole == "(48, 64, 3)", f"{result.name} is not whole: {whole}")
            else:
                check(not present, f"{present} are left")
                check(bool(_CAUSES.search(text)), f"it does not say why: {text}")
        return text

    return run


def _runtime(scene: Scene) -> str:
    """The disk of the worker's own folders is full as it starts, and has room again."""
    home = scene.files / "home"
    # Not an import, whose file there is no room for either.
    name = scene.chance.choice([name for name in scene.truth if name != "import"])

    def do() -> str:
        inner = Scene(home, scene.zygote, scene.truth)

        def once() -> None:
            with Session(inner.locations, timeout=PATIENCE) as session:
                ask(session, name, inner.home, inner.truth)

        text = told(once, inner)
        (home / ".ballast").unlink()
        for path in inner.home.glob("look.*"):
            path.unlink()
        once()
        check_files(inner.home, name, inner.truth)
        inner.close()
        return text

    with small_disk(home, 2 << 20):
        locations = Locations.under(home, Path(sys.executable), scene.checkout)
        if scene.chance.random() < 0.5:
            locations.runtime.mkdir(mode=0o700)
            locations.log.parent.mkdir()
        _fill(home, _PAGE * scene.chance.randint(0, 6))
        text = in_child(do)
    return text


KINDS = (
    Kind("no room for presets", _limited(PRESETS), 8),
    Kind("disk full: presets", _filled(PRESETS), 4, mounts=True),
    Kind("no room for LUTs", _limited(LUTS), 1),
    Kind("disk full: LUTs", _filled(LUTS), 1, mounts=True),
    Kind("no room for LUTs of the worker", _exporting_worker, 2),
    Kind("no room for photos", _limited(PHOTOS), 2),
    Kind("disk full: photos", _filled(PHOTOS), 1.5, mounts=True),
    Kind("no room, neural-preset apply", _applied(False), 1),
    Kind("disk full, neural-preset apply", _applied(True), 1, mounts=True),
    Kind("no room for pixels", _pixels, 1),
    Kind("disk full: the worker's folder", _runtime, 0.5, mounts=True),
)
