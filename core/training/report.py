"""The evaluation on paper: a table of text, and a contact sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.errors import InputError
from core.training import photos
from core.training.methods import Panel
from core.training.metrics import FIGURES
from core.training.scores import Scores

NAME_WIDTH = 19
SHOWN = ("look", "colors", "MKL", "transfer_rgb")  # beside content and style on the sheet
TILE = 192
_MARGIN, _HEADER = 4, 24

Row = tuple[np.ndarray, np.ndarray]


def table(scores: Scores) -> str:
    """All figures in less than 100 columns: a block for each protocol, a line for each method.

    Mean and 10th percentile; the 90th where less is better. `gain` is the PSNR above doing nothing
    on the same cases.
    """
    document = scores.document()
    blocks = []
    for protocol, methods in document.items():
        names = [name for name in FIGURES if any(name in row for row in methods.values())]
        blocks.append("\n".join(
            [*_head(protocol, names), *(_line(m, row, names) for m, row in methods.items())]
        ))  # fmt: skip
    return "\n\n".join(blocks)


def sheet(rows: list[Row], panel: Panel, path: Path) -> None:
    """Draws pairs of content and style, (H, W, 3) uint8, beside what methods make of them."""
    methods = [name for name in SHOWN if name in panel.methods]
    pictures = [
        [content, style, *(panel.methods[name](content, style) for name in methods)]
        for content, style in rows
    ]
    grid(["content", "style", *methods], pictures, TILE, path)


def grid(titles: list[str], rows: list[list[np.ndarray]], tile: int, path: Path) -> None:
    """Draws rows of pictures, (H, W, 3) uint8, as square tiles of `tile` pixels below titles."""
    step = tile + _MARGIN
    canvas = Image.new("RGB", (len(titles) * step, _HEADER + len(rows) * step), "white")
    draw = ImageDraw.Draw(canvas)
    for column, title in enumerate(titles):
        draw.text((column * step + 2, 4), title, fill="black", font=ImageFont.load_default(14))
    for number, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            small = Image.fromarray(picture).resize((tile, tile), Image.Resampling.BOX)
            canvas.paste(small, (column * step, _HEADER + number * step))
    canvas.save(path)


def pairs(folder: Path, side: int) -> list[Row]:
    """The centres of all NAME_content and NAME_style pictures of a folder, as squares.

    InputError if there are none.
    """
    found = []
    for content in photos.find(folder):
        style = content.with_name(content.name.replace("_content.", "_style."))
        if style == content or not style.exists():
            continue
        row = photos.square(content, side), photos.square(style, side)
        if row[0] is not None and row[1] is not None:
            found.append((row[0], row[1]))
    if not found:
        raise InputError(f"There are no pairs NAME_content and NAME_style in {folder}.")
    return found


def _head(protocol: str, names: list[str]) -> tuple[str, str]:
    above, below = f"{protocol:<{NAME_WIDTH}}", " " * NAME_WIDTH
    for name in names:
        figure = FIGURES[name]
        columns = f"{'mean':>{figure.width}}{f'p{figure.bad}':>{figure.width}}"
        if name == "psnr":
            columns += f"{'gain':>7}"
        above += f"{figure.title:>{len(columns)}}"
        below += columns
    return above, f"{below}{'cases':>6}"


def _line(method: str, row: dict, names: list[str]) -> str:
    line = f"{method:<{NAME_WIDTH}}"
    for name in names:
        figure = FIGURES[name]
        for part in ("mean", f"p{figure.bad}"):
            value = f"{row[name][part]:.{figure.digits}f}" if name in row else ""
            line += f"{value:>{figure.width}}"
        if name == "psnr":
            line += f"{row['gain']:+7.2f}" if "gain" in row else " " * 7
    return f"{line}{row['cases']:6d}"
