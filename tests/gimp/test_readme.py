"""What the README shows works as it stands there, pasted into a shell."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.gimp.harness import Gimp
from tests.gimp.roots import CHECKOUT


def script() -> str:
    """The README's shell example for a folder of JPEGs."""
    blocks = re.findall(r"```sh\n(.*?)```", (CHECKOUT / "README.md").read_text(), re.DOTALL)
    (found,) = (block for block in blocks if "gimp-console" in block)
    return found


def test_batch_example_gives_a_folder_of_photos_the_look(
    gimp: Gimp, photo: Callable[[str], Path]
) -> None:
    folder = gimp.scratch / "readme"
    (folder / "photos").mkdir(parents=True)
    for name in ("coffee", "chelsea"):
        with Image.open(photo(name)) as picture:
            picture.save(folder / "photos" / f"{name}.jpg", quality=92)
    done = gimp.run(["sh", "-c", f"cd {folder} && {script()}"])
    assert done.returncode == 0, done.stderr
    for name in ("coffee", "chelsea"):
        before, after = (
            np.asarray(Image.open(folder / place / f"{name}.jpg"), dtype=float).mean((0, 1))
            for place in ("photos", "golden")
        )
        # Golden Hour is warmer: red gains on blue.
        assert (after[0] - after[2]) - (before[0] - before[2]) > 5
