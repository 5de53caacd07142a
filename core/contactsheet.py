"""A contact sheet: small pictures in rows on a neutral ground, each with its name."""

from __future__ import annotations

import functools
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE = 240  # of a picture's longer side
_GAP, _CAPTION, _LETTERS = 16, 26, 15
_GROUND, _EMPTY, _NAME, _REASON = (48, 48, 48), (64, 64, 64), (220, 220, 220), (165, 165, 165)
_SHAPE = 1.5  # the width of a sheet by its height, about
# The font that comes with Pillow has Latin letters only.
_FONTS = (
    "DejaVuSans.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "segoeui.ttf",
    "msgothic.ttc",
)
_NOWHERE = "\U0010ffff"  # a character that no font has

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, eq=False)
class Cell:
    """A picture, (H, W, 3 or 4) uint8 sRGB-encoded, or in its place the reason for its absence."""

    name: str
    picture: np.ndarray | str


def draw(cells: Sequence[Cell], columns: int | None = None) -> np.ndarray:
    """The sheet, (H, W, 3) uint8; by default with as many columns as give a landscape format."""
    pictures = [cell.picture for cell in cells if isinstance(cell.picture, np.ndarray)]
    height = max((each.shape[0] for each in pictures), default=SIDE)
    width = max((each.shape[1] for each in pictures), default=SIDE)
    # A narrow picture still needs room for its name.
    step_x, step_y = max(width, SIDE // 2) + _GAP, height + _CAPTION + _GAP
    if columns is None:
        columns = max(1, round(math.sqrt(len(cells) * _SHAPE * step_y / step_x)))
    columns = max(1, min(columns, len(cells)))
    rows = math.ceil(len(cells) / columns)
    sheet = Image.new("RGB", (columns * step_x + _GAP, rows * step_y + _GAP), _GROUND)
    pen = ImageDraw.Draw(sheet)
    for index, cell in enumerate(cells):
        left, top = _GAP + index % columns * step_x, _GAP + index // columns * step_y
        room = step_x - _GAP
        if isinstance(cell.picture, np.ndarray):
            picture = Image.fromarray(cell.picture)
            mask = picture if picture.mode == "RGBA" else None
            sheet.paste(picture, (left + (room - picture.width) // 2, top), mask)
        else:
            pen.rectangle((left, top, left + room - 1, top + height - 1), fill=_EMPTY)
            _write_reason(pen, cell.picture, left, top, room, height)
        font = _font(cell.name)
        name = _shortened(cell.name, font, room)
        pen.text((left + room / 2, top + height + 4), name, _NAME, font, anchor="ma")
    return np.asarray(sheet)


def _write_reason(
    pen: ImageDraw.ImageDraw, text: str, left: int, top: int, width: int, height: int
) -> None:
    font = _font(text)
    letters = max(1, int(width / (0.55 * _LETTERS)))
    lines = textwrap.wrap(text, letters)[: max(1, height // (_LETTERS + 4) - 1)]
    for number, line in enumerate(lines):
        where = (left + 6, top + 6 + number * (_LETTERS + 4))
        pen.text(where, _shortened(line, font, width - 12), _REASON, font)


def _shortened(text: str, font: Font, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _font(text: str) -> Font:
    """The font that has most letters of a text, of those that this computer has."""
    usual = _named(None) or ImageFont.load_default()
    if text.isascii():
        return usual
    fonts = [usual, *(font for font in map(_named, _FONTS) if font is not None)]
    return max(fonts, key=lambda font: _letters_in(font, text))


@functools.lru_cache
def _named(name: str | None) -> Font | None:
    try:
        return ImageFont.truetype(name, _LETTERS) if name else ImageFont.load_default(_LETTERS)
    except (OSError, ImportError):
        return None


def _letters_in(font: Font, text: str) -> int:
    missing = bytes(font.getmask(_NOWHERE))
    return sum(bytes(font.getmask(letter)) != missing for letter in text)
