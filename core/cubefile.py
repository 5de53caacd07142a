"""The .cube text format (Adobe, IRIDAS, Resolve) read with limits, and written.

OpenColorIO's own reader is not used: it trusts the sizes in a header and gives no nodes back.
Source of the format: Adobe, "Cube LUT Specification 1.0", 2013; Resolve's shaper before a table.
"""

from __future__ import annotations

import io
import math
from array import array
from dataclasses import dataclass, field

import numpy as np

from core.errors import LutFileError
from core.lut import LARGEST_SIZE, SMALLEST_SIZE, Lut, bake, interpolate

LARGEST_FILE = 128 * 2**20  # bytes; a table of 129 nodes with long numbers has about 90 MiB
_LARGEST_CURVE = 65536
_LARGEST_NUMBER = 65504.0  # of a half float, in which a preset keeps its lattice
_LONGEST_LINE = 4096
_MOST_OTHER_LINES = 10_000  # comments, keywords and empty lines
_BAKED_SIZE = 65  # at least, where the file's own nodes are not ours
_RANGES = {"LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE"}


@dataclass
class _Content:
    """What a file says; sizes are None where there is no such table."""

    curve_size: int | None = None
    cube_size: int | None = None
    ranges: dict[str, np.ndarray] = field(default_factory=dict)
    numbers: array[float] = field(default_factory=lambda: array("d"))

    @property
    def rows(self) -> int:
        return (self.curve_size or 0) + (self.cube_size or 0) ** 3


def parse(data: bytes) -> Lut:
    """Read the text of a .cube file: a 1D table, a 3D table, or a 1D before a 3D one.

    A 3D table over [0, 1] keeps its nodes and values; anything else is evaluated on a new
    lattice (65 nodes or more). Values may lie outside [0, 1]. Raises LutFileError, with the
    line's number, for a damaged, cut off or unreasonable file.
    """
    content = _Content()
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", errors="replace")
    number = others = 0
    while line := text.readline(_LONGEST_LINE + 1):
        number += 1
        try:
            if len(line) > _LONGEST_LINE:
                raise LutFileError("it is too long for a .cube file.")
            words = line.split()
            if words and words[0][0] in "+-.0123456789":
                _read_row(content, words)
                continue
            others += 1
            if others > _MOST_OTHER_LINES:
                raise LutFileError("there are too many lines without colours.")
            if words and not words[0].startswith("#"):
                _read_keyword(content, words[0].upper(), words[1:])
        except LutFileError as error:
            raise LutFileError("Line {number}: {error}", number=number, error=error) from None
    return _lut(content)


def serialise(lut: Lut, title: str = "") -> bytes:
    """Write a LUT as a 3D .cube file, clamped to [0, 1], six decimals, red fastest."""
    printable = "".join(c for c in title.replace('"', "'") if c.isprintable())[:200]
    header = [
        "# Neural Preset: sRGB-encoded colours in and out",
        *([f'TITLE "{printable}"'] if printable else []),
        f"LUT_3D_SIZE {lut.size}",
        "DOMAIN_MIN 0.0 0.0 0.0",
        "DOMAIN_MAX 1.0 1.0 1.0",
    ]
    colors = np.clip(lut.lattice.transpose(2, 1, 0, 3), 0.0, 1.0).reshape(-1, 3)
    return ("\n".join(header) + "\n").encode("utf-8") + _written(colors)


def _written(colors: np.ndarray) -> bytes:
    """Lines of three numbers in [0, 1], six decimals each; two million take 0.3 s."""
    left = np.rint(colors.astype(np.float64) * 1e6).astype(np.uint32)  # exact: as Python rounds
    text = np.full((*colors.shape, len("0.000000 ")), ord(" "), np.uint8)
    text[:, -1, -1] = ord("\n")
    text[..., 1] = ord(".")
    for place in (7, 6, 5, 4, 3, 2, 0):
        rest = left // 10
        text[..., place] = ord("0") + left - 10 * rest
        left = rest
    return text.tobytes()


def _read_row(content: _Content, words: list[str]) -> None:
    if not content.rows:
        raise LutFileError("there are colours before LUT_3D_SIZE or LUT_1D_SIZE.")
    if len(content.numbers) >= 3 * content.rows:
        raise LutFileError(
            "there are more than the {count} colours that it announces.", count=content.rows
        )
    content.numbers.extend(_numbers(words, 3))


def _read_keyword(content: _Content, keyword: str, words: list[str]) -> None:
    if keyword in ("LUT_1D_SIZE", "LUT_3D_SIZE"):
        if content.numbers:
            raise LutFileError("{keyword} must come before the colours.", keyword=keyword)
        if keyword == "LUT_3D_SIZE":
            content.cube_size = _size(keyword, words, content.cube_size, LARGEST_SIZE)
        else:
            content.curve_size = _size(keyword, words, content.curve_size, _LARGEST_CURVE)
    elif keyword in ("DOMAIN_MIN", "DOMAIN_MAX"):
        content.ranges[keyword] = np.array(_numbers(words, 3))
    elif keyword in _RANGES:
        content.ranges[keyword] = np.array(_numbers(words, 2))
    elif keyword in ("LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE"):
        raise LutFileError("the table is made for video levels; export it again for full levels.")
    elif keyword.lstrip("+-").startswith(("NAN", "INF")):
        raise LutFileError("a colour is not a finite number.")
    # TITLE and the private keywords of other programs say nothing about the colours.


def _size(keyword: str, words: list[str], known: int | None, largest: int) -> int:
    if known is not None:
        raise LutFileError("{keyword} comes twice.", keyword=keyword)
    if len(words) != 1 or not words[0].isascii() or not words[0].isdigit() or len(words[0]) > 9:
        raise LutFileError("{keyword} needs one whole number.", keyword=keyword)
    if not SMALLEST_SIZE <= int(words[0]) <= largest:
        raise LutFileError(
            "{keyword} must lie between {smallest} and {largest}.",
            keyword=keyword,
            smallest=SMALLEST_SIZE,
            largest=largest,
        )
    return int(words[0])


def _numbers(words: list[str], count: int) -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        found = " ".join(words)[:60]
        raise LutFileError(
            "{count} numbers with decimal points are needed, not '{found}'.",
            count=count,
            found=found,
        )
    if not all(math.isfinite(value) for value in numbers):
        raise LutFileError("a colour is not a finite number.")
    if max(map(abs, numbers)) > _LARGEST_NUMBER:
        raise LutFileError("a number is larger than {largest}.", largest=f"{_LARGEST_NUMBER:.0f}")
    return numbers


def _lut(content: _Content) -> Lut:
    if not content.rows:
        raise LutFileError("There is no LUT_3D_SIZE or LUT_1D_SIZE: this is not a .cube file.")
    found = len(content.numbers) // 3
    if found != content.rows:
        raise LutFileError(
            "It holds {found} of {count} colours: the file seems to be cut off.",
            found=found,
            count=content.rows,
        )
    rows = np.array(content.numbers).reshape(-1, 3)
    curve, cube = rows[: content.curve_size or 0], rows[content.curve_size or 0 :]
    if content.cube_size is None:
        low, high = _domain(content, "LUT_1D_INPUT_RANGE", with_domain=True)
        exact = len(curve) <= _BAKED_SIZE and _is_unit(low, high)
        return bake(lambda x: _curve(curve, low, high, x), len(curve) if exact else _BAKED_SIZE)
    size = content.cube_size
    low, high = _domain(content, "LUT_3D_INPUT_RANGE", with_domain=not content.curve_size)
    lattice = np.ascontiguousarray(cube.reshape(size, size, size, 3).transpose(2, 1, 0, 3))
    if content.curve_size:
        first, last = _domain(content, "LUT_1D_INPUT_RANGE", with_domain=True)
        return bake(
            lambda x: _cube(lattice, low, high, _curve(curve, first, last, x)),
            max(size, _BAKED_SIZE),
        )
    if _is_unit(low, high):
        return Lut(lattice)
    return bake(lambda x: _cube(lattice, low, high, x), max(size, _BAKED_SIZE))


def _domain(
    content: _Content, keyword: str, with_domain: bool
) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.zeros(3), np.ones(3)
    if keyword in content.ranges:
        low, high = (np.full(3, value) for value in content.ranges[keyword])
    elif with_domain:
        low = content.ranges.get("DOMAIN_MIN", low)
        high = content.ranges.get("DOMAIN_MAX", high)
    if not (high - low > 1e-6).all():
        raise LutFileError("Its input range is empty: the largest input must exceed the least.")
    return low, high


def _is_unit(low: np.ndarray, high: np.ndarray) -> bool:
    return bool((low == 0.0).all() and (high == 1.0).all())


def _curve(curve: np.ndarray, low: np.ndarray, high: np.ndarray, x: np.ndarray) -> np.ndarray:
    channels = [
        np.interp(x[:, i], np.linspace(low[i], high[i], len(curve)), curve[:, i]) for i in range(3)
    ]
    return np.stack(channels, axis=1)


def _cube(lattice: np.ndarray, low: np.ndarray, high: np.ndarray, x: np.ndarray) -> np.ndarray:
    return interpolate(lattice, np.clip((x - low) / (high - low), 0.0, 1.0))
