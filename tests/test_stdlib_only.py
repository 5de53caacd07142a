"""GIMP's Python has neither numpy nor torch: what the plug-in imports must do without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import core

APP = Path(core.__file__).resolve().parent.parent

MODULES = [
    *("errors", "atomic", "fields", "jpeg", "locations", "presetnames", "presetfile", "presets"),
    *("presetfolders", "presetchanges"),
    *("protocol", "client", "lookrequests", "process"),
    *sorted(f"process.{path.stem}" for path in (APP / "core" / "process").glob("[!_]*.py")),
]

# -I and -S: no environment variables, no site-packages. Modules that a start always loads are
# no import of ours.
PROGRAM = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
__import__(sys.argv[2])
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - set(sys.stdlib_module_names) - {"core"}))
"""


@pytest.mark.parametrize("module", MODULES)
def test_module_needs_the_standard_library_alone(module: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(APP), f"core.{module}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == []
