"""JPEG and WebP through Pillow, with the metadata blocks as they are in the file."""

from __future__ import annotations

import logging
import struct
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, JpegImagePlugin, WebPImagePlugin, _imaging

from core import atomic
from core.errors import PhotoError
from core.photofile.stored import Container, Metadata, Stored, check_size

_log = logging.getLogger(__name__)

# Pillow looks into the EXIF block for the density and grumbles on stderr when it is damaged.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")

_EXIF_PREFIX = b"Exif\0\0"
_IPTC_RESOURCE = 0x0404
_LONGEST_SEGMENT = 65533
_ROWS = 64
# Pillow keeps pixels, 4 bytes each, in blocks of memory; in large ones a small picture would cut
# one that a photo needs again.
_BLOCK, _BLOCKS = 1 << 18, 256
# XMP beyond 64 KB goes on in segments of its own (XMP specification, part 3, 1.1.3.1).
_XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_XMP_OVERHEAD = 29
_LONGEST_SIDE: dict[Container, int] = {"jpeg": 65500, "webp": 16383}
# What Pillow raises for a damaged file.
_FAULTS = (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, struct.error)


def keep_buffers(photos: int) -> None:
    """Let Pillow keep the memory of so many photos at a time, 16 megapixels each, for the next.

    To clear new memory for every photo takes the system a fifth of the time of reading one.
    """
    _imaging.set_block_size(_BLOCK)
    _imaging.set_blocks_max(_BLOCKS * photos)


def read_jpeg(path: Path) -> Stored:
    """A JPEG photo; of a file with several pictures the first, with a warning.

    Raises PhotoError for CMYK and for a damaged or truncated file.
    """
    try:
        # Not Image.open: its limit of 178 megapixels is lower than ours.
        with JpegImagePlugin.JpegImageFile(path) as image:
            check_size(*image.size, path)
            if image.mode not in ("L", "RGB"):
                raise PhotoError(
                    "{file} is a {mode} photo made for printing. "
                    "Convert it to RGB in an image editor first.",
                    file=path.name,
                    mode=image.mode,
                )
            if "mp" in image.info:
                _log.warning(
                    "%s holds further pictures (a second view or an HDR gain map): "
                    "only the main one is used.",
                    path.name,
                )
            image.load()
            return Stored(_samples(image), "uint8", _jpeg_metadata(image))
    except _FAULTS as problem:
        raise _damaged(path, problem) from problem


def read_webp(path: Path) -> Stored:
    """A still WebP photo; raises PhotoError for an animated or damaged one."""
    try:
        with path.open("rb") as file:
            check_size(*_webp_canvas(file.read(30)), path)
        with WebPImagePlugin.WebPImageFile(path) as image:
            if image.n_frames > 1:
                raise PhotoError("{file} is animated: export a single frame first.", file=path.name)
            image.load()
            own = ((b"VP8L", b""),) if _is_lossless(path) else ()
            metadata = replace(_blocks(image.info), container="webp", own=own)
            return Stored(_samples(image), "uint8", metadata)
    except _FAULTS as problem:
        raise _damaged(path, problem) from problem


def write(path: Path, stored: Stored, container: Container, quality: int) -> None:
    """Write u8 RGB (WebP also RGBA); `quality` 1..100 but for a WebP that was lossless.

    Raises PhotoError for a photo that is larger than the format allows.
    """
    height, width = stored.pixels.shape[:2]
    metadata = stored.metadata
    longest = _LONGEST_SIDE[container]
    if max(width, height) > longest:
        raise PhotoError(
            "A {format} file holds at most {longest} pixels a side, the photo has "
            "{width} x {height}: choose .png or .tif.",
            format=container.upper(),
            longest=longest,
            width=width,
            height=height,
        )
    options: dict[str, Any] = {"icc_profile": metadata.icc, "xmp": metadata.xmp}
    if metadata.exif:
        options["exif"] = _EXIF_PREFIX + metadata.exif
    if container == "webp":
        lossless = metadata.container == "webp" and (b"VP8L", b"") in metadata.own
        options |= {"lossless": lossless, "exact": True, "quality": quality}
        if metadata.iptc:
            _log.warning("A WebP file has no place for IPTC data: left out.")
    else:
        options = _jpeg_options(options, metadata) | {"quality": quality, "subsampling": "4:4:4"}
    try:
        # Into the file itself: only there Pillow encodes a JPEG outside Python's lock.
        Image.fromarray(stored.pixels).save(path, format=container.upper(), **options)
        atomic.check_end(path)  # where the disk is full Pillow may lose the end unnoticed
    except (ValueError, TypeError, struct.error) as problem:
        raise PhotoError("The photo could not be written: {reason}.", reason=problem) from problem


def _jpeg_options(options: dict[str, Any], metadata: Metadata) -> dict[str, Any]:
    for name, overhead in (("exif", 0), ("xmp", _XMP_OVERHEAD)):
        if len(options.get(name, b"")) + overhead > _LONGEST_SEGMENT:
            _log.warning("The %s data is too long for a JPEG file: left out.", name.upper())
            del options[name]
    extra = b""
    if metadata.iptc:
        resource = struct.pack(">4sHHI", b"8BIM", _IPTC_RESOURCE, 0, len(metadata.iptc))
        extra += _segment(0xED, b"Photoshop 3.0\0" + resource + _even(metadata.iptc))
    if metadata.container == "jpeg":
        for kind, body in metadata.own:
            if kind == b"COM":
                options["comment"] = body
            else:
                extra += _segment(0xE1, body)
    if metadata.density:
        options["dpi"] = tuple(min(value, 65535) for value in metadata.density)
    return options | {"extra": extra}


def _jpeg_metadata(image: JpegImagePlugin.JpegImageFile) -> Metadata:
    photoshop = image.info.get("photoshop", {})
    iptc = photoshop.get(_IPTC_RESOURCE, b"") if isinstance(photoshop, dict) else b""
    own = [
        (kind.encode(), body)
        for kind, body in getattr(image, "applist", ())
        if kind == "COM" or (kind == "APP1" and body.startswith(_XMP_EXTENSION))
    ]
    density = image.info.get("dpi") if image.info.get("jfif_unit") else None
    blocks = _blocks(image.info)
    return replace(blocks, iptc=iptc, density=density, container="jpeg", own=tuple(own))


def _blocks(info: dict[Any, Any]) -> Metadata:
    exif = info.get("exif") or b""
    return Metadata(
        exif=exif.removeprefix(_EXIF_PREFIX),
        icc=info.get("icc_profile") or b"",
        xmp=info.get("xmp") or b"",
    )


def _samples(image: Image.Image) -> np.ndarray:
    """The pixels of a loaded image; in strips, for Pillow packs them slowly in one piece."""
    width, height = image.size
    pixels = np.empty((height, width, len(image.getbands())), np.uint8)
    for top in range(0, height, _ROWS):
        strip = image.crop((0, top, width, min(top + _ROWS, height)))
        pixels[top : top + _ROWS] = np.asarray(strip).reshape(-1, *pixels.shape[1:])
    return pixels


def _segment(marker: int, body: bytes) -> bytes:
    if len(body) > _LONGEST_SEGMENT:
        _log.warning("The IPTC data is too long for a JPEG file: left out.")
        return b""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _even(data: bytes) -> bytes:
    return data + bytes(len(data) % 2)


def _webp_canvas(head: bytes) -> tuple[int, int]:
    # Checked before Pillow, whose decoder allocates the canvas on opening.
    kind = head[12:16]
    if kind == b"VP8X":
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _is_lossless(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name in (b"VP8L", b"VP8 "):
                return bool(name == b"VP8L")
            file.seek(size + size % 2, 1)
    return False


def _damaged(path: Path, problem: Exception) -> PhotoError:
    return PhotoError("{file} is damaged or incomplete: {reason}.", file=path.name, reason=problem)
