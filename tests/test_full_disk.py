"""A full disk is an error, and no half file: also where a library does not notice it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files are limited by setrlimit")

# Writes a file twice: with all room, and then with a few bytes less than it needs.
CODE = """
import resource, sys
from pathlib import Path
import numpy as np
from core import images, lutfile
from core.errors import NeuralPresetError
from core.lut import bake

folder, suffix = Path(sys.argv[1]), sys.argv[2]

def write(path):
    if suffix in (".cube", ".hald.png"):
        lutfile.write_lut(path, bake(lambda colors: colors**1.2, 9), overwrite=True)
    else:
        noise = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
        images.write(path, images.Photo(noise), overwrite=True)

whole = folder / f"whole{suffix}"
write(whole)
size = whole.stat().st_size
kept = folder / f"kept{suffix}"
kept.write_bytes(b"what stood here before")
for missing in (1, 2, 11, 12, 13, 100, 1000, size // 2, size - 1, size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - missing, resource.RLIM_INFINITY))
    try:
        write(kept)
        print(f"{missing} bytes too few are enough for {suffix}")
    except NeuralPresetError as error:
        if str(error) != f"{kept} could not be written: File too large.":
            print(error)
    if kept.read_bytes() != b"what stood here before":
        print(f"{missing} bytes too few: damaged")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
write(kept)
print(sorted(path.name for path in folder.iterdir()))
"""


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".png", ".tif", ".exr", ".cube", ".hald.png"])
def test_what_stood_there_stays_whole_and_the_cause_is_named(tmp_path: Path, suffix: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path), suffix],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == f"['kept{suffix}', 'whole{suffix}']\n"
