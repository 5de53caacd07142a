"""Photo files that cannot be kept whole, are damaged or no photos: refused, with the reason."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import Image

from core import images
from core.errors import PhotoError


def _cmyk(path: Path) -> None:
    Image.new("CMYK", (8, 8)).save(path, "JPEG")


def _animation(path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(path, "PNG", save_all=True, append_images=frames[1:])


def _animated_webp(path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(path, "WEBP", save_all=True, append_images=frames[1:])


def _pages(path: Path) -> None:
    page = Image.new("RGB", (8, 8))
    page.save(path, "TIFF", save_all=True, append_images=[page])


def _lab(path: Path) -> None:
    Image.new("LAB", (8, 8)).save(path, "TIFF")


def _depth_channel(path: Path) -> None:
    spec = oiio.ImageSpec(4, 4, 4, "float")
    spec.channelnames = ("R", "G", "B", "Z")
    target = oiio.ImageOutput.create("openexr")
    assert target is not None and target.open(str(path), spec)
    assert target.write_image(np.zeros((4, 4, 4), np.float32))
    target.close()


def _hdr(path: Path) -> None:
    Image.new("RGB", (4, 4)).save(path, "PNG")
    data = path.read_bytes()
    body = b"cICP" + bytes((9, 16, 0, 1))
    chunk = struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data[:33] + chunk + data[33:])


def _huge(path: Path) -> None:
    body = b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 16, 6, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_cmyk, "CMYK.*Convert it to RGB"),
        (_animation, "animated"),
        (_animated_webp, "animated"),
        (_pages, "2 pages"),
        (_lab, "not an RGB or gray photo"),
        (_depth_channel, "channels R, G, B, Z"),
        (_hdr, "HDR"),
        (_huge, "too large.*400 megapixels"),
        (lambda path: path.write_text("GIMP"), "is not a JPEG, PNG"),
        (lambda path: None, "There is no file"),
    ],
)
def test_what_cannot_be_kept_whole_is_refused(tmp_path: Path, make, message: str) -> None:
    make(tmp_path / "photo")
    with pytest.raises(PhotoError, match=message):
        images.read(tmp_path / "photo")


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".png", ".tif", ".exr"])
def test_truncated_and_damaged_files_are_refused_not_half_read(tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 256, (128, 128, 3), dtype=np.uint8)
    images.write(whole, images.Photo(pixels))
    data = whole.read_bytes()
    path = tmp_path / f"part{suffix}"
    for kept in (0.02, 0.5, 0.9):
        path.write_bytes(data[: int(len(data) * kept)])
        with pytest.raises(PhotoError):
            images.read(path)
    for _ in range(30):  # any byte may be wrong: a photo or a PhotoError, never another exception
        broken = bytearray(data)
        for at in rng.integers(0, min(600, len(data)), 4):
            broken[at] = rng.integers(0, 256)
        path.write_bytes(broken)
        try:
            images.read(path)
        except PhotoError:
            pass
