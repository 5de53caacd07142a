"""Photo files as the command line reads them, and what it makes of those it accepts."""

from __future__ import annotations

import logging
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core import images
from core.images import Photo
from core.photofile import exif, icc
from core.photofile.encoding import SRGB, linear
from core.photofile.exif import Field
from core.photofile.stored import Container, Depth, Metadata
from core.thumbnail import thumbnail
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.mutation import changed_bytes, with_png_sums

_SUFFIX: dict[Container, str] = {
    "jpeg": ".jpg",
    "png": ".png",
    "tiff": ".tif",
    "webp": ".webp",
    "exr": ".exr",
}
_WORDS = (
    *(b"\xff\xd8\xff", b"\xff\xc2", b"\xff\xda", b"\xff\xd9", b"Exif\0\0", b"ICC_PROFILE\0\1\1"),
    *(b"IHDR", b"IDAT", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"acTL", b"II*\0", b"MM\0*", b"II+\0"),
    *(b"RIFF", b"WEBP", b"VP8X", b"VP8L", b"ANIM", b"tiles\0", b"dataWindow\0", b"channels\0"),
    *(b"curv", b"para", b"acsp", b"GRAY", b"RGB ", b"\x00\x01\x00\x00", b"\xff" * 8, b"\0" * 8),
)


def _samples(container: Container) -> list[bytes]:
    """Small photos in every depth that we write, with and without alpha and metadata."""
    noise = np.random.default_rng(3).integers(0, 256, (9, 13, 4), dtype=np.uint8)
    fields = {271: Field(2, b"Maker\0"), 33434: Field(5, bytes(8)), 36867: Field(2, b"2026\0")}
    block = exif.to_block({0x8769: Field(4, bytes(4), fields), **fields})
    rich = Metadata(exif=block, icc=icc.adobe_rgb(), xmp=b"<x:xmpmeta/>", iptc=b"\x1c\x02\x05\0\1a")
    rich_encoding = icc.encoding(rich.icc)
    floats = noise.astype(np.float32) / 128
    photos: list[tuple[Container, Photo]] = []
    kinds: dict[str, tuple[Container, ...]] = {
        "plain": ("jpeg", "png", "tiff", "webp"),
        "alpha": ("png", "tiff", "webp"),
        "deep": ("png", "tiff"),
    }
    for name in kinds["plain"]:
        photos += [
            (name, Photo(noise[..., :3])),
            (name, Photo(noise[..., :3], rich_encoding, rich)),
        ]
    for name in kinds["alpha"]:
        photos.append((name, Photo(noise)))
    for name in kinds["deep"]:
        photos.append((name, Photo(noise.astype(np.uint16) * 257, rich_encoding, rich)))
    depths: tuple[Depth, ...] = ("half", "float")
    for depth in depths:
        photos.append(("exr", Photo(floats, linear(premultiplied=True), depth=depth)))
        photos.append(("exr", Photo(floats[..., :3], linear(), depth=depth)))
    photos.append(("tiff", Photo(floats, SRGB, depth="float")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{_SUFFIX[container]}"
        found = []
        for kind, photo in photos:
            if kind == container:
                images.write(path, photo, overwrite=True)
                found.append(path.read_bytes())
        return found + _of_other_programs(container, noise, path)


def _of_other_programs(container: Container, noise: np.ndarray, path: Path) -> list[bytes]:
    kinds: dict[Container, list[tuple[str, dict[str, Any]]]] = {
        "jpeg": [("L", {}), ("RGB", {"progressive": True, "subsampling": 2}), ("CMYK", {})],
        "png": [("P", {}), ("1", {}), ("LA", {}), ("I;16", {})],
        "tiff": [
            *(("RGB", {"compression": kind}) for kind in ("tiff_lzw", "packbits", "jpeg")),
            *(("1", {"compression": kind}) for kind in ("group4", "raw")),
            ("P", {}),
        ],
        "webp": [("RGBA", {"lossless": True}), ("RGB", {"quality": 30})],
        "exr": [],
    }
    found = []
    for mode, options in kinds[container]:
        image = Image.fromarray(noise)
        gray = image.convert("RGB").convert("L")
        if mode == "I;16":
            picture = Image.fromarray(np.array(gray).astype(np.uint16) * 257)
        else:
            picture = image.convert("RGB").convert(mode)
        picture.save(path, **options)
        found.append(path.read_bytes())
    return found


def _changed(
    container: Container, chance: random.Random, data: bytes, others: Sequence[bytes]
) -> bytes:
    changed = changed_bytes(chance, data, others, _WORDS)
    if container == "png" and chance.random() < 0.8:
        changed = with_png_sums(changed)
    return changed


@contextmanager
def _opened(container: Container, folder: Path) -> Iterator[Execute]:
    path = folder / f"a{_SUFFIX[container]}"
    result = folder / f"b{_SUFFIX[container]}"
    path.touch()
    result.touch()
    logging.disable(logging.WARNING)

    def execute(data: bytes) -> None:
        path.write_bytes(data)
        photo = images.read(path)
        thumbnail(photo.picture(64))
        if photo.pixels.size > 1 << 20:
            return
        images.write(result, photo.with_srgb(photo.to_srgb()), overwrite=True)

    yield execute


def _target(container: Container) -> Target:
    seeds: Callable[[], Sequence[bytes]] = partial(_samples, container)
    return Target(container, seeds, partial(_opened, container), partial(_changed, container))


TARGETS = {name: _target(name) for name in _SUFFIX}
