"""The size of a JPEG picture from its headers, before anybody decodes it.

Marker syntax: ITU-T T.81, Annex B.
"""

from __future__ import annotations

_START = b"\xff\xd8"
_END = b"\xff\xd9"
_SCAN = 0xDA
# Start-of-frame markers; C4, C8 and CC are tables and an extension in the same range.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


def dimensions(data: bytes) -> tuple[int, int]:
    """Return (width, height) in pixels of a complete 8-bit gray or colour JPEG.

    Reads headers only, in time proportional to them. Raises ValueError for anything else: other
    formats, a cut file, two frames, a height that only the pixels would tell.
    """
    if not data.startswith(_START) or not data.rstrip(b"\0").endswith(_END):
        raise ValueError("not a complete JPEG picture")
    found: tuple[int, int] | None = None
    position = len(_START)
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise ValueError("a JPEG picture with a damaged header")
        marker = data[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        position += 2
        if marker in _WITHOUT_LENGTH:
            continue
        if marker == _SCAN:
            break
        length = int.from_bytes(data[position : position + 2], "big")
        segment = data[position + 2 : position + length]
        if length < 2 or len(segment) != length - 2:
            raise ValueError("a JPEG picture with a damaged header")
        if marker in _FRAMES:
            if found is not None:
                raise ValueError("a JPEG picture with two frames")
            found = _frame(segment)
        position += length
    else:
        raise ValueError("a JPEG picture without pixels")
    if found is None:
        raise ValueError("a JPEG picture without a size")
    return found


def _frame(segment: bytes) -> tuple[int, int]:
    if len(segment) < 6:
        raise ValueError("a JPEG picture with a damaged header")
    precision, components = segment[0], segment[5]
    height = int.from_bytes(segment[1:3], "big")
    width = int.from_bytes(segment[3:5], "big")
    if precision != 8 or components not in (1, 3) or not width or not height:
        raise ValueError("a JPEG picture of an unusual kind")
    return width, height
