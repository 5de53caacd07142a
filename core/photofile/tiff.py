"""TIFF files: pixels through OpenImageIO, tags about the photo taken over byte for byte."""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import numpy as np

from core.errors import PhotoError
from core.photofile import exif, pixelio
from core.photofile.exif import Directory, Field
from core.photofile.stored import Metadata, Stored

_log = logging.getLogger(__name__)

_SUBFILE_TYPE, _PHOTOMETRIC, _EXTRA_SAMPLES, _DNG_VERSION = 254, 262, 338, 50706
_XMP, _IPTC, _ICC = 700, 33723, 34675
_REDUCED_SIZE = 1
_MINIMUM_IS_WHITE, _GRAY, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_BYTE, _SHORT, _RATIONAL, _UNDEFINED = 1, 3, 5, 7
# Tags that describe how these pixels are stored, and old copies of them (Photoshop's layers).
_STRUCTURE = frozenset(
    (*range(254, 260), 262, 263, 264, 265, 266, 273, *range(277, 282), 284, 290, 291, 292, 293)
) | frozenset(
    (301, 317, 318, 319, *range(320, 326), 330, 332, *range(338, 344), 347, 400, *range(512, 522))
)
_STRUCTURE |= {529, 530, 531, 532, 559, 32997, 32998, 34377, 37724}
_BLOCKS = frozenset((_XMP, _IPTC, _ICC))


def read(path: Path) -> Stored:
    """A TIFF photo of 8, 16 or 32 bits, integer or float.

    Raises PhotoError for several pages (smaller copies of the photo do not count), CMYK and Lab,
    camera raw files, and damaged or truncated files.
    """
    with path.open("rb") as file:
        pages = list(exif.directories(file, skip=(34377, 37724)))
    if not pages:
        raise PhotoError("{file} is damaged: it holds no picture.", file=path.name)
    first = pages[0]
    if any(_number(page, _SUBFILE_TYPE, 0) & _REDUCED_SIZE == 0 for page in pages[1:]):
        raise PhotoError(
            "{file} has {count} pages: save each as a photo of its own.",
            file=path.name,
            count=len(pages),
        )
    if _DNG_VERSION in first:
        raise PhotoError("{file} is a camera raw file: develop it first.", file=path.name)
    photometric = _number(first, _PHOTOMETRIC, _RGB)
    if photometric not in (_MINIMUM_IS_WHITE, _GRAY, _RGB, _PALETTE, _YCBCR):
        raise PhotoError(
            "{file} is not an RGB or gray photo. Convert it to RGB first.", file=path.name
        )
    pixels, depth, spec = pixelio.read(path, "tiff")
    if photometric == _MINIMUM_IS_WHITE and depth != "uint8":  # OpenImageIO turns 8 bits alone
        top = 1.0 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
        pixels[..., 0] = top - pixels[..., 0]
    if depth == "uint32":
        _log.warning("%s: of 32-bit integers the upper 24 bits are processed.", path.name)
    premultiplied = spec.alpha_channel >= 0 and not spec.get_int_attribute(
        "oiio:UnassociatedAlpha"
    )
    return Stored(pixels, depth, _metadata(first), premultiplied)


def write(path: Path, stored: Stored) -> None:
    """Write the samples losslessly compressed, then add the metadata to the file's directory."""
    depth = "float" if stored.depth == "half" else stored.depth
    spec = pixelio.new_spec(stored.pixels, depth)
    spec.attribute("oiio:UnassociatedAlpha", 0 if stored.premultiplied else 1)
    spec.attribute("compression", "zip")
    pixelio.write(path, "tiff", spec, stored.pixels)
    with path.open("r+b") as file:
        exif.update_file(file, _fields(stored.metadata), keep=_STRUCTURE)


def _metadata(page: Directory) -> Metadata:
    carried = {
        tag: field for tag, field in page.items() if tag not in _STRUCTURE and tag not in _BLOCKS
    }
    blocks = {tag: page[tag].data if tag in page else b"" for tag in _BLOCKS}
    return Metadata(
        exif=exif.to_block(carried) if carried else b"",
        icc=blocks[_ICC],
        xmp=blocks[_XMP],
        iptc=blocks[_IPTC],
        container="tiff",
    )


def _fields(metadata: Metadata) -> Directory:
    fields: Directory = {}
    if metadata.exif:
        try:
            found = exif.parse_block(metadata.exif)
        except PhotoError as problem:
            _log.warning("The EXIF data is damaged and was left out: %s", problem)
            found = {}
        fields = {tag: field for tag, field in found.items() if tag not in _STRUCTURE}
    if metadata.density and _X_RESOLUTION not in fields:
        for tag, value in zip((_X_RESOLUTION, _Y_RESOLUTION), metadata.density, strict=True):
            fields[tag] = Field(_RATIONAL, struct.pack("<II", round(value * 1000), 1000))
        fields[_RESOLUTION_UNIT] = Field(_SHORT, struct.pack("<H", 2))  # inches
    for tag, kind, data in (
        (_XMP, _BYTE, metadata.xmp),
        (_IPTC, _UNDEFINED, metadata.iptc),
        (_ICC, _UNDEFINED, metadata.icc),
    ):
        if data:
            fields[tag] = Field(kind, data)
    return fields


def _number(page: Directory, tag: int, default: int) -> int:
    numbers = page[tag].numbers() if tag in page else ()
    return numbers[0] if numbers else default
