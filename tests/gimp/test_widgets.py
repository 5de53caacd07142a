"""The widgets of the dialogs by themselves, on a screen but without GIMP."""

from __future__ import annotations

import sys

import pytest

from tests.gimp.harness import Gimp
from tests.gimp.roots import CHECKOUT

SCRIPT = CHECKOUT / "tests" / "gimp" / "inside" / "np_widgets.py"


@pytest.mark.parametrize(
    "check",
    [
        *("thousands", "no_presets", "controls", "preview_without_cairo", "small_pictures"),
        *("painter", "sizes", "details", "no_file_manager", "busy"),
    ],
)
def test_widgets(bare_gimp: Gimp, check: str) -> None:
    """See the docstring of the function `check` in inside/np_widgets.py."""
    command = ["python3", str(SCRIPT), check, str(bare_gimp.home), sys.executable]
    done = bare_gimp.run(command, environment={"NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11"})
    assert done.stdout.split()[-1:] == ["fine"], done.stdout + done.stderr
