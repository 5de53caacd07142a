#!/usr/bin/env python3
"""Neural Preset for GIMP 3: the look of one photo for every photo you open.

This is the script that GIMP starts: once at its own start to ask for the procedures, and again, as
a new process, for every use of one. It needs GIMP's own Python alone; the network runs elsewhere.
"""

from __future__ import annotations

import sys

import gi

gi.require_version("Babl", "0.1")
gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")

import procedures  # noqa: E402
from gi.repository import Gimp  # noqa: E402


class NeuralPreset(Gimp.PlugIn):
    """What GIMP asks for the names of the procedures and for each of them."""

    def do_set_i18n(self, _name: str) -> bool:
        return False  # translation.py does it

    def do_query_procedures(self) -> list[str]:
        return list(procedures.BY_NAME)

    def do_create_procedure(self, name: str) -> Gimp.Procedure | None:
        return procedures.create(self, name)


if __name__ == "__main__":
    Gimp.main(NeuralPreset.__gtype__, sys.argv)
