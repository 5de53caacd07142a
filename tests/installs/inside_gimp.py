"""Zoë's own GIMP, 3.0 on trixie and 3.2 on forky, sees the plug-in that she has installed."""

from __future__ import annotations

from functools import partial

from tests.installs.house import HOME, House
from tests.installs.scenario import Collection
from tests.installs.scene import Scene
from tests.installs.systems import FORKY, TRIXIE, System
from tests.installs.workshop import Workshop

inside_gimp = Collection()

_IS_THERE = """
import sys
there = Gimp.get_pdb().procedure_exists("plug-in-neural-preset-apply")
print("the plug-in is", "there" if there else "not there", file=sys.stderr, flush=True)
"""
_APPLY = """
import sys
photo = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(
    "/srv/neural-preset/core/sample/coffee.jpg"))
layer = photo.get_layers()[0]
before = layer.get_buffer().get(Gegl.Rectangle.new(0, 0, 64, 64), 1.0, "R'G'B' u8", 0)
procedure = Gimp.get_pdb().lookup_procedure("plug-in-neural-preset-apply")
config = procedure.create_config()
config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
config.set_property("image", photo)
config.set_core_object_array("drawables", [layer])
config.set_property("preset", "Sepia")
answer = procedure.run(config)
after = photo.get_layers()[0].get_buffer().get(
    Gegl.Rectangle.new(0, 0, 64, 64), 1.0, "R'G'B' u8", 0)
fine = answer.index(0) == Gimp.PDBStatusType.SUCCESS and before != after
print("the look is", "applied" if fine else "missing", answer.index(0), file=sys.stderr, flush=True)
"""


def _in_gimp(house: House, code: str) -> str:
    command = ["gimp-console", "-idf", "--quit", "--batch-interpreter", "python-fu-eval"]
    return house.scene.run([*command, "-b", code], environment=house.settings).stderr


def _play(workshop: Workshop, system: System) -> str:
    version = system.gimp
    with Scene(workshop.installed(system), workshop.shown()) as scene:
        house = House(scene)
        plugin = HOME / f".config/GIMP/{version}/plug-ins/neural-preset/neural-preset.py"
        assert scene.path(plugin).is_file()
        said = house.installs("--repair")
        assert f"It works, through GIMP {version}" in said, said
        assert "the plug-in is there" in _in_gimp(house, _IS_THERE)
        said = _in_gimp(house, _APPLY)
        assert "the look is applied" in said, said
        house.installs("--uninstall")
        assert "the plug-in is not there" in _in_gimp(house, _IS_THERE)
        assert not [name for name in house.files() if "neural-preset" in name]
    return f"GIMP {version}, Python {system.python}"


def _upgrade_while_gimp_runs(workshop: Workshop, system: System) -> str:
    waits = "import time, sys; print('GIMP is up', file=sys.stderr, flush=True); time.sleep(600)"
    console = ["gimp-console", "-idf", "--quit", "--batch-interpreter", "python-fu-eval"]
    with Scene(workshop.installed(system, older=True), workshop.shown()) as scene:
        house = House(scene)
        with scene.start([*console, "-b", waits], environment=house.settings) as gimp:
            assert gimp.stderr is not None
            while "GIMP is up" not in gimp.stderr.readline():
                assert gimp.poll() is None
            said = house.installs()
            assert f"It works, through GIMP {system.gimp}" in said, said
            assert gimp.poll() is None
        assert "the look is applied" in _in_gimp(house, _APPLY)
        with scene.start([*console, "-b", waits], environment=house.settings) as gimp:
            assert gimp.stderr is not None
            while "GIMP is up" not in gimp.stderr.readline():
                assert gimp.poll() is None
            house.installs("--uninstall")
            assert gimp.poll() is None
        assert "the plug-in is not there" in _in_gimp(house, _IS_THERE)
    return "upgraded and uninstalled"


for _system in (TRIXIE, FORKY):
    for _title, _scenario in (
        (f"{_system.name}: in the user's GIMP {_system.gimp}", _play),
        (f"{_system.name}: while GIMP {_system.gimp} runs", _upgrade_while_gimp_runs),
    ):
        inside_gimp(_title)(partial(_scenario, system=_system))
