"""Plug-ins that GIMP would not start, or that are not of this installation."""

from __future__ import annotations

import shutil

from core.locations import RECORD
from tests.doctor.cases import LISTED, REPAIR, causes
from tests.doctor.patients import Patient


@causes(
    "gimp",
    "No GIMP 3 was found: there is the command line alone.",
    "Install GIMP 3, start it once, and then type:",
)
def there_is_no_gimp(patient: Patient) -> None:
    (patient.folder / "bin" / "gimp-console").unlink()
    shutil.rmtree(patient.gimp.parent)


@causes("gimp", "The plug-in is not in {folder}.", "Put it there:")
def a_gimp_is_new(patient: Patient) -> None:
    patient.gimp.with_name("3.2").mkdir()


@causes("gimp", "The plug-in in {folder} has no {file}.", REPAIR)
def the_script_is_gone(patient: Patient) -> None:
    (patient.plugin / "neural-preset.py").unlink()


@causes("gimp", "GIMP ignores {file}: it is not executable.", "Let it be run:", cured=True)
def the_script_is_not_executable(patient: Patient) -> None:
    (patient.plugin / "neural-preset.py").chmod(0o644)


@causes(
    "gimp", "Neural Preset is not completely installed. {problem} Run install.py again.", REPAIR
)
def the_plugins_record_is_damaged(patient: Patient) -> None:
    (patient.plugin / RECORD).write_text("{}")


@causes(
    "gimp", "The plug-in in {folder} belongs to an installation that is gone: {app}", REPAIR
)
def the_plugins_installation_is_gone(patient: Patient) -> None:
    patient.rewrite(patient.plugin / RECORD, lambda held: held.update(app="/gone"))


@causes(
    "gimp", "The plug-in in {folder} belongs to another installation: {app}", "Let it use this one:"
)
def the_plugin_is_anothers(patient: Patient) -> None:
    other = patient.folder / "other"
    (other / "core").mkdir(parents=True)
    patient.rewrite(patient.plugin / RECORD, lambda held: held.update(app=str(other)))


@causes(
    "gimp",
    "The plug-in in {folder} is not the one of this installation. What differs: {names}.",
    REPAIR,
    "{names} and {count} more",
    LISTED,
)
def the_plugin_is_old(patient: Patient) -> None:
    for name in ("calls.py", "pixels.py", "jobs.py", "layers.py"):
        with (patient.plugin / name).open("a") as file:
            file.write("# as it was\n")


@causes(
    "gimp",
    "The plug-in in {folder} is not the one of this installation. What differs: {names}.",
    REPAIR,
)
def the_plugin_lacks_a_file(patient: Patient) -> None:
    (patient.plugin / "widgets" / "gallery.py").unlink()
