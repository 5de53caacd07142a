"""Presets that tests keep, change and damage."""

from __future__ import annotations

import io
import random
import struct

from PIL import Image

from core.presetfile import CODE_LENGTH, LUT, NEURAL, Preset


def jpeg(
    width: int = 256, height: int = 256, mode: str = "RGB", progressive: bool = False
) -> bytes:
    """A picture with some content, as JPEG."""
    picture = Image.radial_gradient("L").resize((width, height)).convert(mode)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95, progressive=progressive)
    return file.getvalue()


def neural(name: str = "Golden hour", seed: int = 1) -> Preset:
    """A neural preset with every field filled."""
    numbers = random.Random(seed)
    return Preset(
        name=name,
        kind=NEURAL,
        model_id="np-b0-k16-v1",
        model_sha256="0123456789abcdef" * 4,
        look=tuple(numbers.gauss(0, 1) for _ in range(CODE_LENGTH)),
        colors=tuple(numbers.gauss(0, 1) for _ in range(CODE_LENGTH)),
        reference=jpeg(),
        created="2026-11-20T21:00:00Z",
        author="Zoë",
        tags=("evening", "夕"),
        notes="Shot at 21:00.\nKodak Gold.",
    )


def table(name: str = "Cold film", size: int = 5) -> Preset:
    """A preset that is a look-up table, with values outside 0..1."""
    count = size**3 * 3
    values = [1.25 - 1.5 * index / count for index in range(count)]
    return Preset(name, LUT, lattice_size=size, lattice=struct.pack(f"<{count}e", *values))
