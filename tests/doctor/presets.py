"""Folders and files of presets that cannot be used."""

from __future__ import annotations

import os
import shutil

from core import presetfile
from core.setup.application import SUMS
from tests.doctor.cases import AGAIN, MOVE, RIGHTS, causes
from tests.doctor.patients import Patient
from tests.faults.children import NOBODY
from tests.preset_samples import neural

CLOSED = "Presets cannot be kept in {folder}: it is closed to you."
MISSING = "Built-in presets are missing from {folder}: {names}."
DAMAGED = "{what} is damaged: {problem}."


@causes("presets", "Presets cannot be kept: {path} is not a folder.", MOVE, cured=True)
def a_file_where_presets_should_be(patient: Patient) -> None:
    patient.places.presets.write_text("")


@causes("presets", CLOSED, RIGHTS, nobody=True, cured=True)
def the_folder_is_anothers(patient: Patient) -> None:
    patient.places.presets.mkdir(mode=0o755)


@causes("presets", CLOSED, RIGHTS, nobody=True, cured=True)
def the_folder_is_write_protected(patient: Patient) -> None:
    patient.places.presets.mkdir(mode=0o500)
    os.chown(patient.places.presets, NOBODY, NOBODY)


@causes("presets", DAMAGED, MOVE, cured=True)
def a_preset_is_cut_off(patient: Patient) -> None:
    patient.places.presets.mkdir()
    (patient.places.presets / "It's dusk.json").write_text('{"format": "neural-preset", ')


@causes("presets", "You are not allowed to read {path}.", RIGHTS, nobody=True, cured=True)
def a_preset_is_closed(patient: Patient) -> None:
    folder = patient.places.presets
    folder.mkdir()
    presetfile.write(folder / "dusk.json", neural())
    for path, mode in ((folder, 0o700), (folder / "dusk.json", 0o000)):
        path.chmod(mode)
        os.chown(path, NOBODY, NOBODY)


@causes(
    "presets",
    "The preset “{name}” was made for another network and has no picture from which it could be "
    "made anew: {file}",
    MOVE,
    cured=True,
)
def a_preset_is_of_another_network(patient: Patient) -> None:
    patient.places.presets.mkdir()
    presetfile.write(patient.places.presets / "old.json", neural().without_picture())


@causes("presets", MISSING, AGAIN)
def a_built_in_preset_is_gone(patient: Patient) -> None:
    (patient.places.app / "core" / "presets_builtin" / "sepia.json").unlink()


@causes("presets", MISSING, AGAIN, "all of them")
def all_built_in_presets_are_gone(patient: Patient) -> None:
    shutil.rmtree(patient.places.app / "core" / "presets_builtin")
    (patient.places.app / SUMS).unlink()


@causes("presets", DAMAGED, AGAIN)
def a_built_in_preset_is_damaged(patient: Patient) -> None:
    (patient.places.app / "core" / "presets_builtin" / "sepia.json").write_text("{")


@causes("presets", "Built-in presets were made for another network: {names}.", AGAIN)
def a_built_in_preset_is_outdated(patient: Patient) -> None:
    sepia = patient.places.app / "core" / "presets_builtin" / "sepia.json"
    patient.rewrite(sepia, lambda held: held["model"].update(sha256="0" * 64))
