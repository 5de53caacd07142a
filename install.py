#!/usr/bin/env python3
"""Installs Neural Preset for GIMP: `python3 install.py`, or --help for more.

Needs Python 3.10 or newer. An older one must get as far as the message below, so this file keeps
to words that it understands.
"""

import os
import subprocess
import sys

OLDEST, NEWEST = 10, 14


def newer_python():
    """A Python on PATH that is new enough, or None; what is found may be a mere signpost."""
    for minor in range(NEWEST, OLDEST - 1, -1):
        name = f"python3.{minor}"
        try:
            if subprocess.call([name, "-c", "import ensurepip, venv"], stderr=subprocess.PIPE) == 0:
                return name
        except OSError:
            pass
    return None


if sys.version_info < (3, OLDEST):
    version = "{}.{}".format(*sys.version_info[:2])
    other = newer_python()
    if other is None:
        sys.exit(
            f"install.py: Python {version} is too old. Install Python 3.{NEWEST} beside it (from "
            f"your system's packages or python.org) and run: python3.{NEWEST} install.py"
        )
    print(f"Python {version} is too old: going on with {other}")
    sys.exit(subprocess.call([other, *sys.argv]))

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from core.setup.main import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
