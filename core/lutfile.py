"""LUT files that other programs read and write: .cube, and HaldCLUT pictures as .png."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from core import atomic, cubefile
from core.errors import LutFileError
from core.lut import LARGEST_SIZE, Lut, bake, check_size, interpolate
from core.phrase import Phrase

SUFFIXES = (".cube", ".png")

_LARGEST_PNG = 128 * 2**20  # bytes; level 16 in 16 bit has 96 MiB before compression
_LEVELS = range(2, 17)
_USUAL_LEVEL = 8  # 64 nodes in 512 x 512 pixels, which every program with HaldCLUTs takes
_PNG_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def read_lut(path: Path) -> Lut:
    """Read a .cube (1D, 3D, or both) or a HaldCLUT .png (8 or 16 bit, level 2 to 16).

    The colours are taken as sRGB-encoded, which is what the files mean by display-referred. A
    HaldCLUT of more than 129 nodes (level 12 and up) is resampled to 129. Raises LutFileError
    with the file's name, and the line's number where there is one.
    """
    path = Path(path)
    suffix = _suffix(path)
    limit = cubefile.LARGEST_FILE if suffix == ".cube" else _LARGEST_PNG
    data = atomic.read_bytes(path, limit, error=LutFileError)
    try:
        return cubefile.parse(data) if suffix == ".cube" else _read_hald(path, data)
    except LutFileError as error:
        raise LutFileError(
            "{file} cannot be used. {problem}", file=path.name, problem=error
        ) from error


def write_lut(
    path: Path, lut: Lut, size: int | None = None, title: str = "", *, overwrite: bool = False
) -> None:
    """Write a LUT as .cube or 16-bit HaldCLUT .png, by suffix, whole or not at all.

    Values are clamped to [0, 1] as the formats ask. size: nodes a side, 2..129 (default: the
    LUT's own). A HaldCLUT has the square of its level as nodes: it gets level 8, 64 nodes, and
    for a larger size the next level that holds it, at most 11 (121 nodes). Raises LutFileError
    where the file exists (unless `overwrite`) or cannot be written, InputError for a bad size.
    """
    path = Path(path)
    size = lut.size if size is None else size
    check_size(size)
    if _suffix(path) == ".cube":
        data = cubefile.serialise(lut.resampled(size), title)
        atomic.write_bytes(path, data, overwrite=overwrite, error=LutFileError)
        return
    pixels = _hald_pixels(lut, size)
    with atomic.replacing(path, overwrite=overwrite, error=LutFileError) as temporary:
        _write_png(temporary, path, pixels)


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise LutFileError(
            "{file} is not a LUT file this program knows: use a name that ends in .cube, or"
            " in .png for a HaldCLUT.",
            file=path.name,
        )
    return suffix


def _read_hald(path: Path, data: bytes) -> Lut:
    if data[: len(_PNG_HEADER)] != _PNG_HEADER or len(data) < 33:
        raise LutFileError("It is not a PNG picture.")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    level = round(width ** (1 / 3))
    if width != height or level**3 != width or level not in _LEVELS:
        raise LutFileError(
            "A HaldCLUT is a square with a side of 8, 27, 64, 125, ... 512, ... 4096 "
            "pixels, but this picture has {width} x {height}.",
            width=width,
            height=height,
        )
    pixels = _read_png(path, 16 if data[24] == 16 else 8)
    count = level * level
    # Red runs fastest through the picture, so reading order is blue, green, red.
    lattice = np.ascontiguousarray(pixels.reshape(count, count, count, 3).transpose(2, 1, 0, 3))
    full = float(np.iinfo(lattice.dtype).max)
    if count <= LARGEST_SIZE:
        return Lut(lattice / full)
    return bake(lambda colors: interpolate(lattice, colors) / np.float32(full), LARGEST_SIZE)


def _read_png(path: Path, depth: int) -> np.ndarray:
    # Pillow would silently cut 16-bit colours down to 8.
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    picture = oiio.ImageInput.open(str(path), config)
    pixels = None
    if picture is not None:
        pixels = picture.read_image(oiio.UINT16 if depth == 16 else oiio.UINT8)
        picture.close()
    if picture is None or pixels is None:
        # A message left in OpenImageIO would be printed when the program ends.
        (oiio if picture is None else picture).geterror()
        raise LutFileError("The picture is damaged or cut off.")
    pixels = np.asarray(pixels)
    if pixels.ndim != 3 or pixels.shape[2] < 3:
        raise LutFileError("The picture is gray, but a HaldCLUT has colours.")
    return pixels[:, :, :3]


def _hald_pixels(lut: Lut, size: int) -> np.ndarray:
    largest = math.isqrt(LARGEST_SIZE)
    level = min(max(math.isqrt(size - 1) + 1, _USUAL_LEVEL), largest)
    lattice = lut.resampled(level * level).lattice.transpose(2, 1, 0, 3)
    side = level**3
    return np.rint(np.clip(lattice, 0.0, 1.0).reshape(side, side, 3) * 65535.0).astype(np.uint16)


def _write_png(temporary: Path, path: Path, pixels: np.ndarray) -> None:
    output = oiio.ImageOutput.create("png")
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], 3, oiio.UINT16)
    spec.attribute("png:compressionLevel", 4)  # the usual 6 takes twice as long for a hundredth
    reason = ""
    done = output is not None and output.open(str(temporary), spec) and output.write_image(pixels)
    if output is None:
        reason = oiio.geterror()
    else:
        # A full disk is no failure to the PNG writer, only an error to be asked for.
        reason = output.geterror()
        done = output.close() and done
    if not done or reason:
        raise LutFileError(
            "{path} could not be written: {reason}.",
            path=path,
            reason=reason or Phrase("the disk may be full"),
        )
    atomic.check_end(temporary)
