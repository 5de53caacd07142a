"""Random trials: the installer is killed, the installation is damaged, again and again."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from tests.installs.house import HOME, KILLER, OLDER, PROJECT, WHEELS, House
from tests.installs.scenario import Collection
from tests.installs.scene import Scene
from tests.installs.systems import BOOKWORM
from tests.installs.workshop import Workshop

trials = Collection()
_GIMP = HOME / ".config/GIMP/3.0"
_KILLS = 10
_KILLS_OF_FIRST = 4
_MOST_SECONDS = 14.0  # about as long as an installation from stand-ins takes


def _shown(workshop: Workshop) -> dict[Path, Path]:
    killer = Path(__file__).with_name("killer.py")
    return workshop.shown_with_stand_ins(BOOKWORM) | {KILLER: killer}


@trials("kill -9 before any change of an upgrade")
def killed_upgrades(workshop: Workshop) -> str:
    """Every trial kills many upgrades and downgrades in a row, then lets one through."""
    chance = random.Random(workshop.seed)
    layers = workshop.installed(BOOKWORM, older=True)
    with Scene(layers, _shown(workshop)) as scene:
        house = _with_gimp(scene)
        changes = _changes(house)
        wanted = house.files()
    kills = alive = 0
    for trial in range(workshop.trials):
        with Scene(layers, _shown(workshop)) as scene:
            house = _with_gimp(scene)
            told = []
            for _ in range(_KILLS):
                moment, version = chance.randint(1, changes), chance.choice((PROJECT, OLDER))
                told.append((moment, version.name))
                command = _killer(replace(house, project=version), moment)
                done = scene.run(command, environment=house.settings)
                kills += done.returncode < 0 or done.returncode == 128 + signal.SIGKILL
                alive += house.is_working()
            house.installs()
            assert house.files() == wanted, (trial, told, _difference(house.files(), wanted))
            assert not house.left_behind(), (trial, told, house.left_behind())
            assert house.is_working(), (trial, told)
    return (
        f"{kills} kills among {changes} changes; {alive} of {workshop.trials * _KILLS} times the "
        "command worked at once, and always after the next run"
    )


@trials("kill -9 of a first installation and its pip at any moment")
def killed_together(workshop: Workshop) -> str:
    return _killed_installations(workshop, whole_group=True)


@trials("kill -9 of install.py alone, whose pip goes on")
def killed_alone(workshop: Workshop) -> str:
    return _killed_installations(workshop, whole_group=False)


def _killed_installations(workshop: Workshop, whole_group: bool) -> str:
    chance = random.Random(workshop.seed)
    wanted: dict[str, str] = {}
    kills = waited = 0
    for trial in range(workshop.trials):
        with Scene(BOOKWORM.layers(), _shown(workshop)) as scene:
            house = House(scene)
            house.make(_GIMP)
            moments = [chance.uniform(0, _MOST_SECONDS) for _ in range(_KILLS_OF_FIRST)]
            for moment in moments:
                kills += _killed_once(house, moment, whole_group)
            done = house.install("--offline", str(WHEELS))
            while "Another install.py is at work" in done.stderr:
                waited += 1
                time.sleep(1)
                done = house.install("--offline", str(WHEELS))
            said = done.stdout + done.stderr
            assert done.returncode == 0, (trial, moments, said)
            files = house.files()
            wanted = wanted or files
            assert files == wanted, (trial, moments, _difference(files, wanted))
            assert not house.left_behind(), (trial, moments, house.left_behind())
            assert house.is_working(), (trial, moments)
    return f"{kills} kills" + (f"; {waited} times it was asked to wait" if waited else "")


def _killed_once(house: House, moment: float, whole_group: bool) -> bool:
    """Start an installation and kill it after `moment` seconds; whether it was still at work."""
    command = house.installer("--offline", str(WHEELS))
    with house.scene.start(command, environment=house.settings) as process:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            if whole_group:
                house.scene.kill_group(process)
            else:
                _kill_installer(process.pid)
                process.wait()
            return True
    return False


def _kill_installer(started: int) -> None:
    """Kill the Python of install.py below a process that was started here, nothing else."""
    for child in Path(f"/proc/{started}/task/{started}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


@trials("kill -9 of --uninstall before any change")
def killed_uninstalling(workshop: Workshop) -> str:
    chance = random.Random(workshop.seed)
    upper = workshop.folder / "to-uninstall"
    with Scene(BOOKWORM.layers(), _shown(workshop), keep=upper) as scene:
        house = House(scene)
        nothing = house.files()
        house.make(_GIMP)
        house.installs("--offline", str(WHEELS))
        house.make(house.presets)
        preset = house.presets / "mine.json"
        scene.path(preset).write_text("mine")
    layers = [upper, *BOOKWORM.layers()]
    with Scene(layers, _shown(workshop)) as scene:
        changes = _changes(House(scene), "--uninstall")
    kills = 0
    for trial in range(workshop.trials):
        with Scene(layers, _shown(workshop)) as scene:
            house = House(scene)
            moments = [chance.randint(1, changes) for _ in range(2)]
            for moment in moments:
                command = _killer(house, moment, "--uninstall")
                done = scene.run(command, environment=house.settings)
                kills += done.returncode < 0 or done.returncode == 128 + signal.SIGKILL
            house.installs("--uninstall")
            left = {name for name, kind in house.files().items() if kind != "folder"}
            preset = house.presets / "mine.json"
            mine = preset.relative_to(HOME).as_posix()
            assert left - nothing.keys() == {mine}, (trial, moments, sorted(left)[:10])
            assert scene.path(preset).read_text() == "mine"
            assert not scene.path(house.data).exists(), (trial, moments)
    return f"{kills} kills among {changes} changes; nothing is left but the preset"


@trials("files deleted or damaged at random, then --repair")
def damaged(workshop: Workshop) -> str:
    chance = random.Random(workshop.seed)
    layers = workshop.installed(BOOKWORM)
    with Scene(layers, _shown(workshop)) as scene:
        house = _with_gimp(scene)
        house.installs()
        wanted = house.files()
    harmed = 0
    for trial in range(workshop.trials):
        with Scene(layers, _shown(workshop)) as scene:
            house = _with_gimp(scene)
            house.installs()
            told = [_harm(house, chance) for _ in range(chance.choice((1, 5, 10)))]
            harmed += len(told)
            # The environment of real packages gives way to one of stand-ins.
            house.installs("--repair", "--offline", str(WHEELS))
            found, whole = _without_packages(house.files()), _without_packages(wanted)
            assert found == whole, (trial, told, _difference(found, whole))
            assert house.is_working(), (trial, told)
            assert all(_is_mended(house, name) for name in told), (trial, told)
    return f"{harmed} files of {len(wanted)}"


def _without_packages(files: dict[str, str]) -> dict[str, str]:
    return {name: kind for name, kind in files.items() if "/venv/" not in name}


_HARM = b"\0harmed\0"


def _is_mended(house: House, name: str) -> bool:
    """Whether a file is there and readable again; compiled code comes when it is needed."""
    path = house.scene.path(HOME / name)
    if "__pycache__" in name or _has_stand_ins(house, name):
        return True
    return path.is_file() and path.stat().st_mode & 0o400 > 0 and _HARM not in path.read_bytes()


def _has_stand_ins(house: House, name: str) -> bool:
    packages = f"venv/lib/python{BOOKWORM.python}/site-packages"
    return "/venv/" in name and not house.scene.path(house.data / packages / "torch").exists()


def _harm(house: House, chance: random.Random) -> str:
    """Delete, empty, cut or overwrite one file of the installation; its path in the home."""
    top = house.scene.path(HOME)
    ours = [house.data, _GIMP, house.launcher]
    files = [path for each in ours for path in _files(house.scene.path(each))]
    # Half of the time not one of the environment's, of which there are so many.
    few = [path for path in files if "/venv/" not in str(path)]
    path = chance.choice(sorted(few if chance.random() < 0.5 else files))
    kind = chance.choice(("delete", "empty", "cut", "overwrite", "folder", "forbid"))
    if kind == "overwrite" and path.stat().st_size >= len(_HARM):
        at = chance.randint(0, path.stat().st_size - len(_HARM))
        with path.open("r+b") as file:
            file.seek(at)
            file.write(_HARM)
    elif kind == "empty" and path.stat().st_size:
        os.truncate(path, 0)
    elif kind == "cut" and path.stat().st_size:
        os.truncate(path, path.stat().st_size // 2)
    elif kind == "folder" and path.parent != house.scene.path(house.data):
        shutil.rmtree(path.parent)
    elif kind == "forbid" and path != house.scene.path(house.launcher):
        path.chmod(0)  # whose launcher it is could not be told
    else:
        path.unlink()
    return path.relative_to(top).as_posix()


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    changing = {"install.log", "install.lock"}
    return [
        path
        for path in place.rglob("*")
        if path.is_file() and not path.is_symlink() and not changing.intersection(path.parts)
    ]


def _with_gimp(scene: Scene) -> House:
    """A house with the older plug-in in a GIMP's folder."""
    house = House(scene)
    house.make(_GIMP)
    old = House(scene, project=OLDER)
    if "0.0.9" in house.call("--version").stdout:
        old.installs()
    return house


def _killer(house: House, moment: int, *options: str) -> list[str]:
    installer = house.installer(*options)
    return [installer[0], str(KILLER), str(moment), *installer[1:]]


def _changes(house: House, *options: str) -> int:
    done = house.scene.run(_killer(house, 0, *options), environment=house.settings)
    found = re.search(r"changes: (\d+)", done.stdout)
    assert done.returncode == 0 and found, done.stdout + done.stderr
    return int(found.group(1))


def _difference(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    names = sorted(found.keys() | wanted.keys())
    return [
        f"{name}: {found.get(name)} instead of {wanted.get(name)}"
        for name in names
        if found.get(name) != wanted.get(name)
    ][:20]
