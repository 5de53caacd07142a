"""An installation that was interrupted, whose papers are lost, or whose files are damaged."""

from __future__ import annotations

from pathlib import Path

from core.setup.application import SUMS
from tests.doctor.cases import AGAIN, ANEW, LISTED, REMOVE, REPAIR, causes
from tests.doctor.patients import Patient


@causes("program", "{file} is missing: who knows what is installed?", REPAIR)
def the_journal_is_gone(patient: Patient) -> None:
    patient.places.journal.unlink()


@causes("program", "The installation was not finished.", REPAIR)
def it_was_interrupted(patient: Patient) -> None:
    patient.rewrite(patient.places.journal, lambda held: held.update(finished=False))


@causes("program", "{file} names another installation.", REPAIR)
def the_record_names_another(patient: Patient) -> None:
    patient.rewrite(patient.places.record, lambda held: held.update(app="/elsewhere"))


@causes(
    "program",
    "Neural Preset is not completely installed. {problem} Run install.py again.",
    REPAIR,
)
def the_record_is_gone(patient: Patient) -> None:
    patient.places.record.unlink()


@causes("program", "The command {file} is missing.", REPAIR)
def the_command_is_gone(patient: Patient) -> None:
    patient.places.launcher.unlink()


@causes("program", "The command {file} belongs to another installation.", REPAIR)
def the_command_is_anothers(patient: Patient) -> None:
    script = patient.places.launcher
    script.write_text(script.read_text("utf-8").replace("/venv/", "/other/"), "utf-8")


@causes("program", "{file} is not the command of Neural Preset.", REMOVE)
def the_command_is_another_program(patient: Patient) -> None:
    patient.places.launcher.write_text("#!/bin/sh\n")


@causes(
    "program",
    "Files of the program are missing: {names}.",
    AGAIN,
    "{names} and {count} more",
    LISTED,
)
def files_are_gone(patient: Patient) -> None:
    for name in ("lut.py", "looks.py", "dncm.py", "dither.py", "model.py"):
        (patient.places.app / "core" / name).unlink()


@causes("program", "Files of the program are damaged: {names}.", ANEW)
def a_file_is_damaged_and_the_checkout_gone(patient: Patient) -> None:
    with (patient.places.app / "core" / "lut.py").open("a") as file:
        file.write("\n")
    patient.rewrite(patient.places.journal, lambda held: held.update(checkout="/gone"))


@causes("program", "Files do not belong to the program: {names}.", AGAIN)
def a_foreign_file(patient: Patient) -> None:
    (patient.places.app / "core" / "torch.py").write_text("")


@causes("program", "{file} is missing, or damaged.", AGAIN)
def the_list_of_files_is_gone(patient: Patient) -> None:
    (patient.places.app / SUMS).unlink()


@causes("program", "{file} is missing, or damaged.", AGAIN)
def the_sums_of_the_weights_are_gone(patient: Patient) -> None:
    (patient.places.app / "core" / "weights" / "SHA256SUMS").unlink()


@causes("program", "The network's weights {file} are missing.", AGAIN)
def the_weights_are_gone(patient: Patient) -> None:
    _weights(patient).unlink()


@causes(
    "program",
    "The network's weights {file} are damaged: their SHA-256 sum is {found} instead of {expected}.",
    AGAIN,
)
def a_bit_of_the_weights_is_another(patient: Patient) -> None:
    with _weights(patient).open("r+b") as file:
        file.seek(5_000_000)
        byte = file.read(1)[0]
        file.seek(5_000_000)
        file.write(bytes([byte ^ 1]))


@causes("room", "This could not be checked wholly ({kind}: {error}).", AGAIN)
def a_check_itself_is_damaged(patient: Patient) -> None:
    (patient.places.app / "core" / "doctor" / "room.py").write_text("damaged")


@causes("room", "This could not be checked wholly ({kind}: {error}).", ANEW)
def nothing_can_be_checked(patient: Patient) -> None:
    (patient.places.app / "core" / "doctor" / "installation.py").unlink()


def _weights(patient: Patient) -> Path:
    return patient.places.app / "core" / "weights" / "neural-preset-b0-k16.safetensors"
