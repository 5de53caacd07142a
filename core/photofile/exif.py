"""The directories of TIFF files and EXIF blocks, taken apart and put together without decoding.

TIFF 6.0, section 2; BigTIFF; EXIF 2.32, section 4.6. Values are kept byte for byte (rationals,
unknown tags, maker notes) but for the byte order, which is always written little-endian.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from core.errors import PhotoError

EXIF_POINTER, GPS_POINTER, INTEROP_POINTER = 0x8769, 0x8825, 0xA005
_POINTERS = (EXIF_POINTER, GPS_POINTER, INTEROP_POINTER)
# Bytes of one value by field type, and of the unit that a byte order turns round.
_SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_SIZE |= {13: 4, 16: 8, 17: 8, 18: 8}
_UNIT = _SIZE | {5: 4, 10: 4}
_MOST_ENTRIES = 4096
_MOST_BYTES = 1 << 27


@dataclass(frozen=True)
class Field:
    """One tag: its TIFF type and its little-endian values, or the directory it points to."""

    kind: int
    data: bytes
    directory: Directory | None = None

    def numbers(self) -> tuple[int, ...]:
        """The values of an unsigned integer field; raises PhotoError for another type."""
        letter = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(self.kind)
        if letter is None:
            raise PhotoError("The TIFF structure is damaged: a number has the wrong type.")
        return struct.unpack(f"<{len(self.data) // _SIZE[self.kind]}{letter}", self.data)


Directory = dict[int, Field]


@dataclass(frozen=True)
class _Layout:
    """The widths of numbers in a classic TIFF or a BigTIFF, and its byte order."""

    order: str
    big: bool

    @property
    def word(self) -> str:
        return "Q" if self.big else "I"

    @property
    def word_size(self) -> int:
        return 8 if self.big else 4

    @property
    def count(self) -> str:
        return "Q" if self.big else "H"

    @property
    def header(self) -> bytes:
        mark = b"II" if self.order == "<" else b"MM"
        tail = (43, 8, 0) if self.big else (42,)
        return mark + struct.pack(f"{self.order}{len(tail)}H", *tail)


def directories(stream: BinaryIO, skip: Collection[int] = ()) -> Iterator[Directory]:
    """Yield the main directories (pages) of a TIFF file or EXIF block, without the tags `skip`.

    Raises PhotoError for a damaged structure: every offset, count and size is bounded.
    """
    layout, offset = _open(stream)
    seen: set[int] = set()
    while offset:
        if offset in seen or len(seen) >= _MOST_ENTRIES:
            raise PhotoError("The TIFF structure is damaged: its pages go round in a circle.")
        seen.add(offset)
        directory, offset = _directory(stream, layout, offset, skip, depth=0)
        yield directory


def parse_block(block: bytes) -> Directory:
    """The first directory of an EXIF block; raises PhotoError when it is damaged."""
    return next(directories(io.BytesIO(block)), {})


def to_block(directory: Directory) -> bytes:
    """An EXIF block (without prefix) that holds `directory`."""
    layout = _Layout("<", big=False)
    head = layout.header + struct.pack("<I", 8)
    return head + _serialised(directory, len(head), layout)


def without_thumbnail(block: bytes) -> bytes:
    """The same EXIF block with its thumbnail, which shows the old colours, unlinked.

    All else stays where it is, because maker notes point into the block by offset. A damaged
    block comes back unchanged.
    """
    try:
        stream = io.BytesIO(block)
        layout, offset = _open(stream)
        if layout.big:
            return block
        (entries,) = struct.unpack(f"{layout.order}H", _exactly(stream, offset, 2))
        link = offset + 2 + 12 * entries
        _exactly(stream, link, 4)
    except PhotoError:
        return block
    return block[:link] + bytes(4) + block[link + 4 :]


def update_file(stream: BinaryIO, fields: Directory, keep: Collection[int]) -> None:
    """Give the one page of a little-endian TIFF file `fields` beside those it has among `keep`.

    The new directory goes to the end of the file, then the header is pointed to it.
    Raises PhotoError when the file is damaged or would pass 4 GiB.
    """
    layout, _ = _open(stream)
    if layout.order != "<":
        raise PhotoError("Only little-endian TIFF files can be given metadata.")
    present = {tag: field for tag, field in next(directories(stream)).items() if tag in keep}
    end = stream.seek(0, io.SEEK_END)
    end += end % 2
    if not layout.big:
        fields = {tag: field for tag, field in fields.items() if field.kind not in (16, 17, 18)}
    body = _serialised(present | fields, end, layout)
    if not layout.big and end + len(body) >= 1 << 32:
        raise PhotoError("The TIFF file is too large for its metadata.")
    stream.seek(end)
    stream.write(body)
    stream.seek(len(layout.header))
    stream.write(struct.pack(f"<{layout.word}", end))


def _open(stream: BinaryIO) -> tuple[_Layout, int]:
    head = _exactly(stream, 0, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        raise PhotoError("The TIFF structure is damaged: it has no byte order.")
    (version,) = struct.unpack(f"{order}H", head[2:4])
    if version not in (42, 43):
        raise PhotoError("The TIFF structure is damaged: unknown version.")
    layout = _Layout(order, big=version == 43)
    word = _exactly(stream, len(layout.header), layout.word_size)
    return layout, struct.unpack(f"{order}{layout.word}", word)[0]


def _directory(
    stream: BinaryIO, layout: _Layout, offset: int, skip: Collection[int], depth: int
) -> tuple[Directory, int]:
    width = layout.word_size
    head = 8 if layout.big else 2
    count_format = f"{layout.order}{layout.count}"
    (count,) = struct.unpack(count_format, _exactly(stream, offset, head))
    if count > _MOST_ENTRIES:
        raise PhotoError("The TIFF structure is damaged: too many entries.")
    size = 4 + 2 * width
    table = _exactly(stream, offset + head, count * size + width)
    found: Directory = {}
    total = 0
    for start in range(0, count * size, size):
        tag, kind, number, place = struct.unpack(
            f"{layout.order}HH{layout.word}{width}s", table[start : start + size]
        )
        if kind not in _SIZE or tag in skip or tag in found:
            continue
        length = number * _SIZE[kind]
        total += length
        if total > _MOST_BYTES:
            raise PhotoError("The TIFF structure is damaged: its values are too large.")
        if length <= width:
            data = place[:length]
        else:
            (where,) = struct.unpack(f"{layout.order}{layout.word}", place)
            data = _exactly(stream, where, length)
        field = Field(kind, _little_endian(data, kind, layout.order))
        if tag in _POINTERS and depth < 3:
            try:
                inner, _ = _directory(stream, layout, field.numbers()[0], skip, depth + 1)
            except (PhotoError, IndexError):
                continue  # a damaged or empty sub-directory does not make the photo unreadable
            field = replace(field, directory=inner)
        found[tag] = field
    (following,) = struct.unpack(f"{layout.order}{layout.word}", table[count * size :])
    return found, following


def _little_endian(data: bytes, kind: int, order: str) -> bytes:
    unit = _UNIT[kind]
    if order == "<" or unit == 1:
        return data
    return b"".join(data[at : at + unit][::-1] for at in range(0, len(data), unit))


def _serialised(directory: Directory, start: int, layout: _Layout) -> bytes:
    width = layout.word_size
    head = struct.pack(f"<{layout.count}", len(directory))
    table = bytearray(head)
    after = start + len(head) + len(directory) * (4 + 2 * width) + width
    heap = bytearray()
    for tag, field in sorted(directory.items()):
        place = after + len(heap)
        if field.directory is not None:
            heap += _serialised(field.directory, place, layout)
            kind, number = (16 if layout.big else 4), 1
            value = struct.pack(f"<{layout.word}", place)
        else:
            kind, number = field.kind, len(field.data) // _SIZE[field.kind]
            if len(field.data) <= width:
                value = field.data.ljust(width, b"\0")
            else:
                heap += field.data
                value = struct.pack(f"<{layout.word}", place)
        heap += bytes(len(heap) % 2)
        table += struct.pack(f"<HH{layout.word}", tag, kind, number) + value
    return bytes(table) + bytes(width) + bytes(heap)


def _exactly(stream: BinaryIO, offset: int, length: int) -> bytes:
    try:
        stream.seek(offset)
        data = stream.read(length)
    except (OSError, OverflowError, ValueError) as problem:
        raise PhotoError("The TIFF structure is damaged: it points outside.") from problem
    if len(data) != length:
        raise PhotoError("The TIFF structure is damaged: it ends too early.")
    return data
