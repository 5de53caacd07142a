"""Makes the README's pictures with the product: ``python -m tests.readme.make``.

The photos are those of scikit-image: astronaut (NASA, public domain), coffee (Rachel Michetti,
CC0), chelsea (Stefan van der Walt, CC0), rocket (SpaceX, CC0).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from core.presets import PresetStore
from tests.conftest import CHECKOUT

HERE = Path(__file__).parent
PAIRS = (("astronaut", "coffee"), ("chelsea", "rocket"), ("coffee", "rocket"))
TILE, GAP, CAPTION = (300, 225), 6, 22
QUALITY = 88


def main() -> None:
    """Writes match-look.jpg and presets.jpg beside this file."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in ("astronaut", "coffee", "chelsea", "rocket"):
            Image.fromarray(getattr(data, name)()).save(folder / f"{name}.png")
        match_look(folder)
        presets(folder)
        run("worker", "stop")


def match_look(folder: Path) -> None:
    """Photo, reference and result, a row for each pair."""
    rows = []
    for content, style in PAIRS:
        out = folder / f"{content}-{style}.png"
        photo, reference = folder / f"{content}.png", folder / f"{style}.png"
        run("transfer", photo, "--style", reference, "-o", out)
        rows.append([tile(photo), tile(reference), tile(out)])
    save(rows, "match-look.jpg", ["your photo", "the photo whose look you love", "the result"])


def presets(folder: Path) -> None:
    """One photo under every built-in preset."""
    store = PresetStore(folder / "none", CHECKOUT / "core" / "presets_builtin")
    tiles = []
    for entry in store.list():
        out = folder / f"{entry.path.stem}.png"
        run("apply", folder / "chelsea.png", "--preset", entry.name, "-o", out)
        tiles.append(captioned(tile(out).reduce(2), entry.name))
    tiles.insert(0, captioned(tile(folder / "chelsea.png").reduce(2), "the photo itself"))
    columns = 7
    rows = [tiles[i : i + columns] for i in range(0, len(tiles), columns)]
    save(rows, "presets.jpg")


def run(*arguments: str | Path) -> None:
    """The command line, as a user calls it."""
    subprocess.run([sys.executable, "-m", "core", *map(str, arguments)], cwd=CHECKOUT, check=True)


def tile(path: Path) -> Image.Image:
    """A picture's centre, as large as a tile."""
    with Image.open(path) as picture:
        width = min(picture.width, picture.height * TILE[0] // TILE[1])
        height = width * TILE[1] // TILE[0]
        left, top = (picture.width - width) // 2, (picture.height - height) // 3
        cut = picture.convert("RGB").crop((left, top, left + width, top + height))
        return cut.resize(TILE, Image.Resampling.LANCZOS)


def captioned(picture: Image.Image, text: str) -> Image.Image:
    """A picture with a line below it."""
    canvas = Image.new("RGB", (picture.width, picture.height + CAPTION), "white")
    canvas.paste(picture)
    font = ImageFont.load_default(size=14)
    ImageDraw.Draw(canvas).text(
        (picture.width / 2, picture.height + CAPTION / 2), text, "black", font, anchor="mm"
    )
    return canvas


def save(rows: list[list[Image.Image]], name: str, captions: list[str] | None = None) -> None:
    """Rows of equally large pictures on white; captions stand below the columns."""
    if captions:
        rows[-1] = [captioned(p, text) for p, text in zip(rows[-1], captions, strict=True)]
    width = len(rows[0]) * (rows[0][0].width + GAP) - GAP
    height = sum(row[0].height + GAP for row in rows) - GAP
    canvas = Image.fromarray(np.full((height, width, 3), 255, np.uint8))
    top = 0
    for row in rows:
        for column, picture in enumerate(row):
            canvas.paste(picture, (column * (picture.width + GAP), top))
        top += row[0].height + GAP
    canvas.save(HERE / name, quality=QUALITY)


if __name__ == "__main__":
    main()
