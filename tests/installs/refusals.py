"""What cannot work: the message says why and what to do, and nothing half is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.installs.house import HOME, OLDER, WHEELS, House
from tests.installs.scenario import Collection
from tests.installs.scene import Scene
from tests.installs.systems import BOOKWORM, BULLSEYE
from tests.installs.workshop import Workshop

refusals = Collection()


@refusals("no python3-venv")
def no_venv(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(venv=False), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        before = house.files()
        message = house.refuses("--offline", str(WHEELS))
        assert "sudo apt install python3.11-venv" in message, message
        assert house.files() == before, house.files().keys() - before.keys()
    return message


@refusals("Python 3.9")
def old_python(workshop: Workshop) -> str:
    with Scene(BULLSEYE.layers(venv=False), workshop.shown()) as scene:
        house = House(scene)
        before = house.files()
        message = house.refuses()
        assert "Python 3.9 is too old" in message, message
        assert house.files() == before
    return message


@refusals("a read-only home")
def read_only_home(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        scene.mount(HOME, "ro")
        by_disk = house.refuses("--offline", str(WHEELS))
        home = Path("/home/you")
        scene.run(["mkdir", str(home)], user=0).check_returncode()
        message = replace(house, home=home).refuses("--offline", str(WHEELS))
        assert "not allowed to write into /home/you" in message, message
    return f"{by_disk} / {message}"


@refusals("a home that was installed into and is read-only now")
def read_only_since(workshop: Workshop) -> str:
    with Scene(workshop.installed(BOOKWORM, older=True), workshop.shown()) as scene:
        house = House(scene)
        ours = [str(house.data), str(house.data / "app")]
        scene.run(["chmod", "-R", "a-w", ours[1]]).check_returncode()
        scene.run(["chmod", "a-w", *ours]).check_returncode()
        message = house.refuses()
        assert str(house.data) in message, message
        assert house.is_working()
        scene.run(["chmod", "u+w", *ours]).check_returncode()
        house.installs()
    return message


@refusals("no space before the beginning")
def no_space(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        scene.mount(HOME, "size=100m")
        message = house.refuses("--offline", str(WHEELS))
        assert "needs 4 GiB" in message, message
        scene.mount(HOME, "size=0k,nr_inodes=2")
        none = house.refuses("--offline", str(WHEELS))
    return f"{message} / {none}"


@refusals("the disk becomes full in the middle")
def full_disk(workshop: Workshop) -> str:
    messages = set()
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        for megabytes in (1, 6, 14, 20, 26):
            scene.mount(HOME, "size=8g")
            with scene.start(
                house.installer("--offline", str(WHEELS)), environment=house.settings
            ) as process:
                assert process.stdout is not None
                first = process.stdout.readline()
                scene.resize(HOME, f"{megabytes}m")
                said, problem = process.communicate()
            if process.returncode == 0:
                assert house.is_working(), first + said
                continue
            message = problem.strip().splitlines()[-1]
            assert message.startswith("install.py: "), problem
            assert "full" in message or "Make room" in message, (megabytes, problem)
            assert "Errno" not in message, (megabytes, problem)
            messages.add(message.replace(str(HOME), "~"))
            assert not (scene.path(house.data) / "venv.new").exists()
            scene.resize(HOME, "8g")
            house.installs("--offline", str(WHEELS))
            assert house.is_working()
            assert not house.left_behind(), house.left_behind()
    assert messages
    return " / ".join(sorted(messages))


@refusals("the disk is too full for an upgrade: the old version goes on")
def no_space_for_upgrade(workshop: Workshop) -> str:
    messages = set()
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        old = House(scene, project=OLDER)
        new = House(scene)
        scene.mount(HOME, "size=8g")
        gimp = HOME / ".config/GIMP/3.0"
        new.make(gimp)
        old.installs("--offline", str(WHEELS))
        wanted = old.files()
        for kilobytes in (0, 1500, 9000, 11000):
            scene.resize(HOME, "1k", spare=kilobytes)
            done = new.install()
            if done.returncode:
                message = done.stderr.strip().splitlines()[-1]
                assert "full" in message and "Errno" not in message, done.stderr
                messages.add(message.replace(str(HOME), "~"))
            assert new.is_working(), (kilobytes, done.stderr)
            assert not new.left_behind(), (kilobytes, new.left_behind())
            scene.resize(HOME, "8g")
            new.installs()
            assert "0.0.9" not in new.call("--version").stdout
            old.installs()
            assert old.files() == wanted
    assert messages
    return " / ".join(sorted(messages))


@refusals("under sudo")
def under_sudo(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        before = house.files()
        message = ""
        for name, value in {"SUDO_USER": "zoe", "DOAS_USER": "zoe", "PKEXEC_UID": "1000"}.items():
            as_root = replace(house, environment={name: value})
            message = as_root.refuses("--offline", str(WHEELS), user=0)
            assert "as yourself" in message, message
        assert house.files() == before
    return message


@refusals("no network and no wheels")
def no_network(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene, environment={"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "5"})
        message = house.refuses()
        assert "no connection to the package index" in message, message
        assert not house.left_behind(), house.left_behind()
        empty = house.make(HOME / "empty")
        none = house.refuses("--offline", str(HOME / "empty"))
        assert "has no wheel of torch" in none, none
        assert empty.is_dir()
        assert not house.left_behind(), house.left_behind()
    return f"{message} / {none}"


@refusals("two install.py at once")
def two_at_once(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        options = ("--offline", str(WHEELS))
        with scene.start(house.installer(*options), environment=house.settings) as process:
            assert process.stdout is not None
            process.stdout.readline()
            message = house.refuses(*options)
            assert "Another install.py is at work" in message, message
            said, problem = process.communicate()
            assert process.returncode == 0, said + problem
        assert "Making" not in house.installs()
        assert house.is_working()
    return message


@refusals("folders of one's own where the installation would go")
def own_folders(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene, environment={"NEURAL_PRESET_HOME": str(HOME)})
        for name in ("app", "venv", "sample"):
            house.make(HOME / name)
            scene.path(HOME / name / "mine.txt").write_text("mine")
        before = house.files()
        message = house.refuses("--offline", str(WHEELS))
        assert "choose another folder" in message, message
        assert house.files() == before
        house.refuses("--uninstall")
        assert house.files() == before
    return message


@refusals("a home with a colon in its path")
def colon(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene, home=HOME / "a:b")
        house.make(house.home)
        message = house.refuses("--offline", str(WHEELS))
        assert "choose another folder" in message, message
        assert not house.files()
    return message


@refusals("a file of one's own where the command would go")
def own_command(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        house.make(house.launcher.parent)
        scene.path(house.launcher).write_text("mine")
        before = house.files()
        message = house.refuses("--offline", str(WHEELS))
        assert "is not ours: rename it" in message, message
        assert house.files() == before
    return message


@refusals("a GIMP folder of root's")
def gimp_of_root(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        gimp = HOME / ".config/GIMP/3.0"
        scene.run(["mkdir", "-p", str(gimp)], user=0).check_returncode()
        before = house.files()
        message = house.refuses("--offline", str(WHEELS))
        assert f"not allowed to write into {gimp}" in message, message
        assert house.files() == before
    return message
