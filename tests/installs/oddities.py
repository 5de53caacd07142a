"""Homes, variables and habits out of the ordinary, all of which must just work."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tests.installs.house import HOME, WHEELS, House
from tests.installs.scenario import Collection
from tests.installs.scene import Scene
from tests.installs.systems import BOOKWORM
from tests.installs.workshop import Workshop

oddities = Collection()
Change = Callable[[House], House]


def _play(workshop: Workshop, change: Change, wheels: bool = True) -> House:
    """Install from nothing, look, install again, uninstall; the house is changed first."""
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = change(House(scene))
        house.installs("--offline", str(WHEELS))
        assert house.is_working()
        assert not house.left_behind(), house.left_behind()
        files = house.files()
        assert "Making" not in house.installs()
        _nobody_else_writes(house)
        assert house.files() == files
        house.installs("--uninstall")
        assert not scene.path(house.data).exists(), house.files(house.data)
        return house


def _nobody_else_writes(house: House) -> None:
    """What GIMP will run belongs to Zoë alone."""
    top = house.scene.path(house.data)
    for path in [top, *top.rglob("*")]:
        status = path.lstat()
        assert stat.S_ISLNK(status.st_mode) or not status.st_mode & 0o022, path


def _home(name: str) -> Callable[[Workshop], str]:
    def change(house: House) -> House:
        home = Path("/home") / name
        house.scene.run(["mkdir", "-p", str(home)], user=0).check_returncode()
        house.scene.run(["chown", "1000:1000", str(home)], user=0).check_returncode()
        return replace(house, home=home)

    def play(workshop: Workshop) -> str:
        return f"installed into {_play(workshop, change).data}"

    return play


for _name in ("Zoë's “Fotos” & mehr", "日本 语", "%PATH% $HOME `x` !", "-rf", 'a "quoted" home\\'):
    oddities(f"home {_name}")(_home(_name))


def _variables(settings: Mapping[str, str]) -> Callable[[Workshop], str]:
    def play(workshop: Workshop) -> str:
        with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
            house = House(scene, environment=settings)
            house.make(HOME / "bin")
            scene.run(["ln", "-s", "/usr/bin/python3", str(HOME / "bin")]).check_returncode()
            house.installs("--offline", str(WHEELS))
            assert "Making" not in house.installs()
            done = scene.run(["find", "/", "-xdev", "-name", "neural-preset", "-type", "f"])
            launchers = [line for line in done.stdout.splitlines() if "/bin/" in line]
            done = scene.run([launchers[0], "preset", "list"], environment=house.settings)
            assert "Golden Hour" in done.stdout, done.stderr
            house.installs("--uninstall")
            found = scene.run(["find", "/", "-xdev", "-user", "1000", "-name", "neural-preset*"])
            places = [line for line in found.stdout.splitlines() if "/srv/" not in line]
            files = [name for place in places for name in _files(scene, place)]
            assert not files, files
        return f"the command was {launchers[0]}"

    return play


def _files(scene: Scene, place: str) -> list[str]:
    return scene.run(["find", place, "-type", "f"]).stdout.splitlines()


oddities("LANG=C, not a word of UTF-8")(
    _variables({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})
)
oddities("XDG variables set to odd places")(
    _variables(
        {
            "XDG_DATA_HOME": "/home/user/my data/ü",
            "XDG_CONFIG_HOME": "/home/user/settings",
            "XDG_CACHE_HOME": "/home/user/c a c h e",
            "XDG_RUNTIME_DIR": "/run/user/1000/not/there",
        }
    )
)
oddities("XDG variables that are relative or empty")(
    _variables(
        {
            "XDG_DATA_HOME": "data",
            "XDG_CONFIG_HOME": "",
            "XDG_CACHE_HOME": "cache",
            "XDG_RUNTIME_DIR": "run",
        }
    )
)
oddities("XDG_RUNTIME_DIR that belongs to root")(
    _variables({"XDG_RUNTIME_DIR": "/run"})
)
oddities("NEURAL_PRESET_HOME with spaces, below a folder that is not there")(
    _variables({"NEURAL_PRESET_HOME": "~/Alles von/Neural Preset"})
)
oddities("variables that lead Python and pip astray")(
    _variables(
        {
            "PYTHONHOME": "",
            "PYTHONPATH": "/home/user",
            "PYTHONSTARTUP": "/home/user/x.py",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_TARGET": "/home/user/target",
            "PIP_PREFIX": "/home/user/prefix",
            "PIP_USER": "1",
            "PIP_REQUIRE_VIRTUALENV": "1",
            "VIRTUAL_ENV": "/home/user/other",
        }
    )
)
oddities("PATH that holds Python and nothing else")(_variables({"PATH": "/home/user/bin"}))


@oddities("HOME unset")
def no_home(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        done = scene.run(house.installer("--offline", str(WHEELS)))
        assert done.returncode == 0, done.stdout + done.stderr
        assert house.is_working()
    return "found by the user's name"


for _umask in (0o077, 0o000, 0o027):

    def _with_umask(workshop: Workshop, umask: int = _umask) -> str:
        _play(workshop, lambda house: replace(house, umask=umask))
        return "nobody else may write there"

    oddities(f"umask {_umask:03o}")(_with_umask)


@oddities("/tmp where nothing may be executed, and full")
def temporary_folder(workshop: Workshop) -> str:
    def change(house: House) -> House:
        house.scene.mount(Path("/tmp"), "noexec,nosuid,size=64k,mode=1777", user=0)
        return house

    _play(workshop, change)
    return "not used"


@oddities("folders of the home are links to another disk")
def linked(workshop: Workshop) -> str:
    with Scene(BOOKWORM.layers(), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        for name in (".local", ".config"):
            scene.run(["mkdir", "-p", f"/home/user/disk/{name}"]).check_returncode()
            scene.run(["ln", "-s", f"disk/{name}", str(HOME / name)]).check_returncode()
        house.installs("--offline", str(WHEELS))
        assert house.is_working()
        assert "Making" not in house.installs()
        house.installs("--uninstall")
        assert not list(scene.path(HOME / "disk/.local/share").iterdir())
    return "followed"


@oddities("the Python of the system becomes a newer one")
def newer_python(workshop: Workshop) -> str:
    with Scene(workshop.installed(BOOKWORM), workshop.shown_with_stand_ins(BOOKWORM)) as scene:
        house = House(scene)
        marker = scene.path(house.data / "venv/neural-preset.json")
        marker.write_text(marker.read_text().replace("(3, 11)", "(3, 10)"))
        said = house.installs("--offline", str(WHEELS))
        assert "Making the environment" in said
        python = house.data / "venv/bin/python3"
        scene.run(["ln", "-sf", "/usr/bin/gone", str(python)]).check_returncode()
        assert not house.is_working()
        said = house.installs("--offline", str(WHEELS))
        assert "Making the environment" in said and house.is_working()
    return "made anew, twice"
