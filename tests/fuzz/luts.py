"""LUT files of other programs: .cube texts and HaldCLUT pictures."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from core import cubefile
from core.lut import Lut
from core.lutfile import read_lut, write_lut
from core.lutpresets import preset_of_lut
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.mutation import changed_bytes, with_png_sums

_WORDS = (
    *(b"LUT_3D_SIZE ", b"LUT_1D_SIZE ", b"LUT_3D_SIZE 129\n", b"LUT_1D_SIZE 65536\n", b'TITLE "'),
    *(b"DOMAIN_MIN ", b"DOMAIN_MAX ", b"LUT_3D_INPUT_RANGE ", b"LUT_1D_INPUT_RANGE ", b"nan "),
    *(b"1e38 ", b"-1e-45 ", b"1e999 ", b"0.5 0.5 0.5\n", b"#", b"\r", b"\0", b"\xef\xbb\xbf"),
    *(b"1_000 ", "٣ ".encode(), b"0x10 ", b"DOMAIN_MAX 1e-30 1e-30 1e-30\n", b"\n" * 200),
)


def _cubes() -> list[bytes]:
    plain = cubefile.serialise(Lut(Lut.identity(3).lattice ** 1.5), "A title")
    curve = b'TITLE "x"\nLUT_1D_SIZE 4\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 2 2 2\n'
    curve += b"0 0 0\n0.2 0.2 0.1\n0.6 0.6 0.5\n1 1 1\n"
    both = b"LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE -0.5 1.5\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 1\n"
    both += b"0 0 0\n1 1 1\n" + b"".join(
        b"%d %d %d\n" % (r, g, b) for b in (0, 1) for g in (0, 1) for r in (0, 1)
    )
    return [plain, curve, both]


def _halds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.png"
        write_lut(path, Lut.identity(4))
        ours = path.read_bytes()
        small = (Lut.identity(4).lattice.transpose(2, 1, 0, 3).reshape(8, 8, 3) * 255).round()
        pictures = [ours]
        for mode in ("RGB", "RGBA", "L", "P"):
            Image.fromarray(small.astype(np.uint8)).convert(mode).save(path)
            pictures.append(path.read_bytes())
    return pictures


def _changed_png(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    changed = changed_bytes(chance, data, others)
    return with_png_sums(changed) if chance.random() < 0.8 else changed


@contextmanager
def _opened(suffix: str, folder: Path) -> Iterator[Execute]:
    path = folder / f"a{suffix}"
    path.touch()

    def execute(data: bytes) -> None:
        path.write_bytes(data)
        lut = read_lut(path)
        assert np.isfinite(lut.lattice).all()
        if lut.size <= 9:
            preset_of_lut(path, "A look")

    yield execute


TARGETS = {
    "cube": Target("cube", _cubes, partial(_opened, ".cube"), partial(changed_bytes, words=_WORDS)),
    "hald": Target("hald", _halds, partial(_opened, ".png"), _changed_png),
}
