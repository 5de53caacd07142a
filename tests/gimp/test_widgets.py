"""The widgets of the dialogs by themselves, on a screen but without GIMP."""

from __future__ import annotations

import sys

import pytest

from tests.gimp.harness import Gimp
from tests.gimp.roots import CHECKOUT

INSIDE = CHECKOUT / "tests" / "gimp" / "inside"
CHECKS = {
    "np_widgets.py": (
        *("thousands", "no_presets", "controls", "preview_without_cairo", "small_pictures"),
        *("busy", "failing"),
    ),
    "np_places.py": ("painter", "sizes", "details", "samples", "no_file_manager"),
    "np_checkup.py": ("record", "parts", "crash", "hang", "window", "german"),
}


@pytest.mark.parametrize(
    ("script", "check"), [(script, check) for script in CHECKS for check in CHECKS[script]]
)
def test_widgets(bare_gimp: Gimp, script: str, check: str) -> None:
    """See the docstring of the function `check` in the script."""
    command = ["python3", str(INSIDE / script), check, str(bare_gimp.home), sys.executable]
    done = bare_gimp.run(command, environment={"NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11"})
    assert done.stdout.split()[-1:] == ["fine"], done.stdout + done.stderr
