"""What everybody does: install, run it again, upgrade, uninstall."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.installs.house import HOME, OLDER, PROJECT, WHEELS, House
from tests.installs.scenario import Collection
from tests.installs.scene import Scene
from tests.installs.systems import BOOKWORM
from tests.installs.workshop import Workshop

everyday = Collection()


@everyday("fresh, real packages from wheels, no network")
def fresh(workshop: Workshop) -> str:
    environment = workshop.environment(BOOKWORM)
    with Scene([environment, *BOOKWORM.layers()], workshop.shown()) as scene:
        house = House(scene)
        house.installs()
        _applies_a_look(house)
        assert not house.left_behind(), house.left_behind()
        return f"{len(house.files())} files"


@everyday("a second run changes nothing")
def second_run(workshop: Workshop) -> str:
    with Scene(workshop.installed(BOOKWORM), workshop.shown()) as scene:
        house = House(scene)
        before = house.files()
        said = house.installs()
        assert "Making" not in said, said
        assert house.files() == before
        return f"{said.count('In place')} steps in place"


@everyday("upgrade over an older version")
def upgrade(workshop: Workshop) -> str:
    with Scene(workshop.installed(BOOKWORM), workshop.shown()) as scene:
        wanted = House(scene).files()
    with Scene(workshop.installed(BOOKWORM, older=True), workshop.shown()) as scene:
        house = House(scene)
        assert "0.0.9" in house.call("--version").stdout
        _save_a_preset(house)
        said = house.installs()
        assert "Making the program" in said and "In place: the environment" in said, said
        assert "0.0.9" not in house.call("--version").stdout
        assert _without_presets(house.files()) == wanted
        assert _has_its_preset(house)
    return "as a fresh one; the preset stays"


@everyday("upgrade over the first version that could be installed")
def upgrade_from_first(workshop: Workshop) -> str:
    with Scene(workshop.installed(BOOKWORM), workshop.shown()) as scene:
        wanted = House(scene).files()
    shown = workshop.shown_with_stand_ins(BOOKWORM) | {OLDER: workshop.first()}
    with Scene(BOOKWORM.layers(), shown) as scene:
        old = House(scene, project=OLDER)
        old.installs("--offline", str(WHEELS))
        _save_a_preset(old)
        house = House(scene)
        said = house.installs("--offline", str(WHEELS))
        assert house.is_working() and _has_its_preset(house)
        assert not house.left_behind(), house.left_behind()
        found = _without_presets(house.files())
        apps = [{n for n in each if "/app/" in n} for each in (wanted, found)]
        assert apps[0] == apps[1]
    return "the environment " + ("made anew" if "Making the environment" in said else "kept")


@everyday("back to the older version")
def downgrade(workshop: Workshop) -> str:
    with Scene(workshop.installed(BOOKWORM, older=True), workshop.shown()) as scene:
        wanted = House(scene).files()
    with Scene(workshop.installed(BOOKWORM), workshop.shown()) as scene:
        house = House(scene, project=OLDER)
        house.installs()
        assert house.files() == wanted
    return "as a fresh one"


@everyday("uninstall leaves the presets and nothing else")
def uninstall(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers()) as scene:
        before = House(scene).files()
    with Scene(workshop.installed(BOOKWORM), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        _save_a_preset(house)
        _applies_a_look(house)
        said = house.installs("--uninstall")
        assert f"Your presets stay in {house.presets}" in said, said
        left = {name for name, kind in house.files().items() if kind != "folder"} - before.keys()
        assert left == {_PRESET.relative_to(HOME).as_posix()}, left
        rest = [path for path in (scene.path(HOME) / ".cache").rglob("neural-preset*")]
        assert not any(path.is_file() for folder in rest for path in folder.rglob("*")), rest
        assert "Nothing of Neural Preset is installed" in house.installs("--uninstall")
        house.installs("--offline", str(WHEELS))
        assert _has_its_preset(house)
        house.installs("--uninstall", "--purge")
        left = {name for name, kind in house.files().items() if kind != "folder"} - before.keys()
        assert not left, left
    return "and they are there again after installing"


@everyday("uninstall after an interrupted first installation")
def uninstall_half(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        before = house.files()
        with scene.start(
            house.installer("--offline", str(WHEELS)), environment=house.settings
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if "other packages" in line:
                    break
            scene.kill_group(process)
        house.installs("--uninstall")
        left = {name for name, kind in house.files().items() if kind != "folder"} - before.keys()
        assert not left, sorted(left)[:10]
    return "nothing is left"


@everyday("from a checkout that cannot be written")
def read_only_checkout(workshop: Workshop) -> str:
    copy = workshop.folder / "read-only"
    shutil.copytree(workshop.project(), copy)
    for path in [*copy.rglob("*"), copy]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    shown = workshop.shown(**{"read-only": copy})
    with Scene(workshop.installed(BOOKWORM, older=True), shown) as scene:
        gimp = HOME / ".config/GIMP/3.0"
        house = House(scene, project=Path("/srv/read-only"))
        house.make(gimp)
        house.installs()
        assert house.is_working()
        assert "Making" not in house.installs()
        again = House(scene, project=PROJECT)
        again.installs()
        House(scene, project=OLDER).installs()
        house.installs("--uninstall")
        assert not list(scene.path(gimp / "plug-ins").iterdir())
        assert not scene.path(house.data).exists()
    return "installed, upgraded and removed"


@everyday("the copy repairs and removes itself when the checkout is gone")
def without_checkout(workshop: Workshop) -> str:
    with Scene(workshop.installed(BOOKWORM), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        house.make(HOME / ".config/GIMP/3.0")
        house.installs()
        wanted = house.files()
        itself = House(scene, project=house.data / "app")
        assert "Making" not in itself.installs()
        scene.path(HOME / ".config/GIMP/3.0/plug-ins/neural-preset/icons").rename(
            scene.path(HOME / "icons")
        )
        scene.path(house.launcher).write_text("")
        shutil.rmtree(scene.path(HOME / "icons"))
        itself.installs("--repair")
        assert house.files() == wanted
        scene.path(house.data / "app/core/cli.py").write_text("damaged")
        message = itself.refuses("--repair")
        assert "cannot repair itself" in message, message
        itself.installs("--uninstall")
        assert not [name for name in house.files() if "neural-preset" in name]
    return message


_PRESET = HOME / ".config/neural-preset/presets/mine.json"


def _save_a_preset(house: House) -> None:
    sample = house.project / "core/sample/coffee.jpg"
    done = house.call("preset", "create", str(sample), "--name", "mine")
    assert done.returncode == 0, done.stdout + done.stderr
    assert house.scene.path(_PRESET).is_file(), house.files(HOME / ".config")


def _has_its_preset(house: House) -> bool:
    return "mine" in house.call("preset", "list").stdout


def _without_presets(files: dict[str, str]) -> dict[str, str]:
    return {name: kind for name, kind in files.items() if not name.startswith(".config")}


def _applies_a_look(house: House) -> None:
    photo = house.project / "core/sample/coffee.jpg"
    made = HOME / "sepia.jpg"
    done = house.call("apply", str(photo), "--preset", "Sepia", "-o", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    assert house.scene.path(made).stat().st_size > 10_000
    house.scene.path(made).unlink()
