"""Run inside GIMP by python-fu-eval: opens a photo, applies a preset, saves the result.

The globals Gimp and Gio are GIMP's; the three paths come in the environment.
"""

# The stubs in plugin/typings know what the plug-in calls; this calls more.
# mypy: disable-error-code="attr-defined"

from __future__ import annotations

import os
import sys
from typing import NoReturn

import gi

gi.require_version("Gimp", "3.0")

from gi.repository import Gimp, Gio  # noqa: E402

PROCEDURE = "plug-in-neural-preset-apply"


def apply_preset(photo: str, preset: str, result: str) -> None:
    """The same as a user does by Filters > Neural Preset > Apply Preset; ends GIMP on failure."""
    quiet = Gimp.RunMode.NONINTERACTIVE
    image = Gimp.file_load(quiet, Gio.File.new_for_path(photo))
    if image is None:
        _fail(f"GIMP could not open {photo}.")
    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    if procedure is None:
        _fail("GIMP did not take the plug-in up: start GIMP from a terminal to see why.")
    config = procedure.create_config()
    config.set_property("run-mode", quiet)
    config.set_property("image", image)
    config.set_core_object_array("drawables", image.get_layers())
    config.set_property("preset", preset)
    answer = procedure.run(config)
    if answer.index(0) != Gimp.PDBStatusType.SUCCESS:
        _fail(str(Gimp.get_pdb().get_last_error()))
    if not Gimp.file_save(quiet, image, Gio.File.new_for_path(result), None):
        _fail(f"GIMP could not save {result}.")
    image.delete()


def _fail(problem: str) -> NoReturn:
    print(f"neural-preset: {problem}", file=sys.stderr, flush=True)
    raise RuntimeError(problem)  # GIMP then ends with an exit status that is not 0


if __name__ == "__main__":
    apply_preset(
        os.environ["NEURAL_PRESET_SAMPLE_PHOTO"],
        os.environ["NEURAL_PRESET_SAMPLE_PRESET"],
        os.environ["NEURAL_PRESET_SAMPLE_RESULT"],
    )
