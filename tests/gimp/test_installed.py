"""What install.py puts into a GIMP is taken up by it, and the installer's own trial works there."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.locations import Locations
from core.setup import application, gimps, plugin, sample
from core.setup.machine import Machine, SetupError
from core.setup.places import Places
from tests.gimp.harness import CHECKOUT, Gimp
from tests.processes import stop_worker


@pytest.fixture
def places(bare_gimp: Gimp) -> Iterator[Places]:
    """The installer's copy of the program, run by this interpreter, in a home of its own."""
    home = bare_gimp.folder / "installed"
    made = Places.on(Machine("linux", bare_gimp.user, {"NEURAL_PRESET_HOME": str(home)}))
    application.copy(CHECKOUT, made.app)
    Locations.under(home, Path(sys.executable), made.app).save(made.record)
    yield made
    stop_worker(home)
    shutil.rmtree(home)


def program_of(gimp: Gimp, places: Places) -> gimps.Gimp:
    """The root's gimp-console as a program of the host's, found on PATH as any other."""
    settings = {**gimp.environment, "NEURAL_PRESET_HOME": str(places.home)}
    passed = ["GIMP3_DIRECTORY"]
    passed += [f"NEURAL_PRESET_SAMPLE_{name}" for name in ("PHOTO", "PRESET", "RESULT")]
    script = places.home / "bin" / "gimp-console"
    script.parent.mkdir()
    script.write_text(
        f"#!/bin/sh\nexec {shlex.join(gimp.root.enter(['env'], settings))} "
        + " ".join(f'{name}="${name}"' for name in passed)
        + ' gimp-console "$@"\n'
    )
    script.chmod(0o755)
    found = gimps.programs(Machine("linux", gimp.user, {"PATH": str(script.parent)}))
    assert found == [gimps.Gimp(script, gimp.version)]
    return found[0]


def test_installed_plugin_applies_a_preset_in_the_installers_trial(
    bare_gimp: Gimp, places: Places
) -> None:
    directory = places.home / "configuration" / bare_gimp.version
    program = program_of(bare_gimp, places)
    with pytest.raises(SetupError, match="GIMP did not take the plug-in up"):
        sample.through_gimp(places, program, directory)

    plugin.install(CHECKOUT, directory, places.record, editable=False)
    proof = sample.through_gimp(places, program, directory)

    assert proof.way == f"GIMP {bare_gimp.version}"
    with Image.open(proof.photo) as photo, Image.open(proof.result) as result:
        assert photo.size == result.size
        before, after = (np.asarray(each.convert("RGB"), np.float32) for each in (photo, result))
    assert np.abs(after - before).mean() > 3
