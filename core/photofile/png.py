"""PNG files: pixels through OpenImageIO, all chunks about colour and the photo through us.

PNG specification, third edition, sections 5.3 (chunks) and 11.3 (ancillary chunks).
"""

from __future__ import annotations

import logging
import struct
import zlib
from pathlib import Path

from core.errors import PhotoError
from core.photofile import pixelio
from core.photofile.stored import Metadata, Stored, check_size

_log = logging.getLogger(__name__)

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP = b"XML:com.adobe.xmp"
_KEPT = (b"tEXt", b"zTXt", b"iTXt", b"tIME")
_MOST_METADATA = 1 << 26
_METRES_PER_INCH = 0.0254
# OpenImageIO's own choice, a filter for every row and level 6, takes more than twice the time for
# files that are 4 % smaller (80 photos; -4 to 16 %). Runs alone would be as quick again, but make
# a gray photo two thirds larger.
_LEVEL, _FILTER = 3, 0x40  # PNG_FILTER_AVG
# ITU-T H.273: BT.709, unspecified, BT.601 and sRGB are near enough; PQ and HLG are not.
_KNOWN_TRANSFERS = (1, 2, 6, 13)

_Chunk = tuple[bytes, bytes]


def read(path: Path) -> Stored:
    """A PNG photo of 8 or 16 bits; palettes come back as RGB(A), fewer bits as 8.

    Raises PhotoError for a damaged or truncated file, an animation and an HDR encoding.
    """
    chunks = _chunks(path)
    names = {name for name, _ in chunks}
    if b"acTL" in names:
        raise PhotoError("{file} is animated: export a single frame first.", file=path.name)
    metadata = _metadata(chunks)
    pixels, depth, _ = pixelio.read(path, "png")
    return Stored(pixels, depth, metadata)


def write(path: Path, stored: Stored) -> None:
    """Write u8 or u16 samples with the metadata that a PNG holds (IPTC has no place)."""
    if stored.metadata.iptc:
        _log.warning("A PNG file has no place for IPTC data: left out.")
    spec = pixelio.new_spec(stored.pixels, stored.depth)
    spec.attribute("png:compressionLevel", _LEVEL)
    spec.attribute("png:filter", _FILTER)
    pixelio.write(path, "png", spec, stored.pixels)
    written = path.read_bytes()
    parts = [_SIGNATURE]
    position = len(_SIGNATURE)
    while position < len(written):
        (length,) = struct.unpack_from(">I", written, position)
        name = written[position + 4 : position + 8]
        # Critical chunks alone: gamma and EXIF of OpenImageIO's own would contradict ours.
        if name[:1].isupper():
            parts.append(written[position : position + 12 + length])
        if name == b"IHDR":
            parts += [_packed(*chunk) for chunk in _to_chunks(stored.metadata)]
        position += 12 + length
    with path.open("wb") as file:
        file.writelines(parts)


def _chunks(path: Path) -> list[_Chunk]:
    """The chunks but for the pixels, whose bodies are passed over."""
    found: list[_Chunk] = []
    total = 0
    with path.open("rb") as file:
        file.seek(len(_SIGNATURE))
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            if name in (b"IDAT", b"fdAT"):
                file.seek(length + 4, 1)
                continue
            total += length
            if total > _MOST_METADATA:
                raise PhotoError("{file} is damaged: its metadata are too large.", file=path.name)
            found.append((name, file.read(length)))
            file.seek(4, 1)
            if name == b"IHDR" and length >= 8:
                width, height = struct.unpack(">II", found[-1][1][:8].ljust(8, b"\0"))
                check_size(width, height, path)
            if name == b"IEND":
                return found
    raise PhotoError("{file} is damaged or incomplete: it ends too early.", file=path.name)


def _metadata(chunks: list[_Chunk]) -> Metadata:
    exif = icc = xmp = b""
    density = None
    own: list[_Chunk] = []
    for name, body in chunks:
        if name == b"eXIf":
            exif = body.removeprefix(b"Exif\0\0")
        elif name == b"iCCP":
            icc = _inflated(body.partition(b"\0")[2][1:])
        elif name == b"iTXt" and body.startswith(_XMP + b"\0"):
            xmp = _international_text(body)
        elif name == b"pHYs" and len(body) == 9 and body[8] == 1:
            x, y = struct.unpack(">II", body[:8])
            density = (x * _METRES_PER_INCH, y * _METRES_PER_INCH)
        elif name == b"cICP" and len(body) == 4 and body[1] not in _KNOWN_TRANSFERS:
            raise PhotoError("This PNG is an HDR picture (PQ or HLG): export it as .exr or SDR.")
        elif name in _KEPT:
            own.append((name, body))
    return Metadata(exif=exif, icc=icc, xmp=xmp, density=density, container="png", own=tuple(own))


def _to_chunks(metadata: Metadata) -> list[_Chunk]:
    chunks: list[_Chunk] = []
    if metadata.icc:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc)))
    else:
        chunks.append((b"sRGB", b"\0"))
    if metadata.density:
        x, y = (round(value / _METRES_PER_INCH) for value in metadata.density)
        chunks.append((b"pHYs", struct.pack(">IIB", x, y, 1)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append((b"iTXt", _XMP + b"\0\0\0\0\0" + metadata.xmp))
    if metadata.container == "png":
        chunks += metadata.own
    return chunks


def _international_text(body: bytes) -> bytes:
    compressed = body[len(_XMP) + 1 :][:1] == b"\1"
    _language, _, rest = body[len(_XMP) + 3 :].partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return _inflated(text) if compressed else text


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MOST_METADATA)
    except zlib.error as problem:
        raise PhotoError("A metadata block of the PNG file is damaged.") from problem


def _packed(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
