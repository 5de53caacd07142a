"""What the plug-in imports: GIMP's Python has neither numpy nor torch, and every call waits."""

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


# Each takes a millisecond or more, OpenSSL among them, which a call has no need of.
SLOW = {"_strptime", "difflib", "hashlib", "hmac", "random", "secrets", "tempfile"}
CALL = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import core.client, core.locations
from core.presets import PresetStore
builtin = Path(sys.argv[1], "core", "presets_builtin")
core.client.preset_source(PresetStore(builtin / "none", builtin).get("Golden Hour"))
core.locations.Locations.under(Path("/home/me"), Path("/python"), Path("/app"))
print(*sorted(set(sys.modules)))
"""


def test_a_call_loads_nothing_slow() -> None:
    command = [sys.executable, "-I", "-S", "-c", CALL, str(APP)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert finished.returncode == 0, finished.stderr
    assert set(finished.stdout.split()) & SLOW == set()
