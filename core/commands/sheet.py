"""`neural-preset sheet`: every preset on one photo, as a contact sheet."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands import options, outputs
from core.commands.console import Console
from core.errors import PresetError

if TYPE_CHECKING:
    from core.client import Picture, Session
    from core.contactsheet import Cell
    from core.presetfolders import Entry

_WHICH = {"all": (True, False), "builtin": (True,), "user": (False,)}
_ORIGINAL = "Original"
_AT_ONCE = 16  # previews, so that the bar moves

_EPILOG = """\
The first picture is the photo itself. A preset that cannot be shown is named with the reason, on
the sheet and on stderr. The sheet is a .png, .jpg, .tif, .exr or .webp file."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = options.command(
        commands, "sheet", _run, "show a photo with every preset on a contact sheet", _EPILOG
    )
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="the photo to show")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="sheet.png", help="the sheet's file"
    )
    parser.add_argument(
        "--presets",
        choices=_WHICH,
        default="all",
        help="all, those that come with the program, or yours (default all)",
    )
    parser.add_argument(
        "--columns",
        type=options.columns,
        metavar="1..100",
        help="pictures in a row (default: as many as make a landscape sheet)",
    )
    options.add_look(parser, default_intent=options.PRESET_INTENT)
    options.add_overwrite(parser, "replace the file if it exists")


def _run(arguments: argparse.Namespace, console: Console) -> None:
    from core import images
    from core.client import Session
    from core.commands import photos
    from core.commands.presets import store
    from core.contactsheet import SIDE, Cell, draw
    from core.paths import locations
    from core.photofile.orientation import upright

    output: Path = arguments.output
    outputs.plan([arguments.photo], "sheet", output, None, photos.suffix_for)
    outputs.check_free(output, arguments.overwrite)
    entries = [each for each in store().list() if each.builtin in _WHICH[arguments.presets]]
    if not entries:
        raise PresetError(
            "There are no such presets yet: make one with neural-preset preset create."
        )
    photo = images.read(arguments.photo)
    small = upright(photo.picture(SIDE), photo.metadata.exif)
    content, shown = photos.judged(photo), photos.picture_of(small)
    amounts = (arguments.strength, arguments.intent, arguments.keep_luminance)
    cells = [Cell(_ORIGINAL, small)]
    with Session(locations()) as session:
        for cell in _cells(session, content, shown, entries, amounts):
            console.progress(len(cells), len(entries) + 1, cell.name)
            if isinstance(cell.picture, str):
                console.warn(f"neural-preset: {cell.name}: {cell.picture}")
            cells.append(cell)
    images.write(output, images.Photo(draw(cells, arguments.columns)), arguments.overwrite)
    console.say(str(output))


def _cells(
    session: Session,
    content: Picture,
    shown: Picture,
    entries: Sequence[Entry],
    amounts: tuple[Any, ...],
) -> Iterator[Cell]:
    import numpy as np

    from core.client import preset_source
    from core.contactsheet import Cell

    for start in range(0, len(entries), _AT_ONCE):
        portion = entries[start : start + _AT_ONCE]
        sources = [preset_source(each.preset) for each in portion if each.preset is not None]
        made = iter(session.previews(content, shown, sources, *amounts))
        for entry in portion:
            preview = entry.problem or "" if entry.preset is None else next(made)
            if isinstance(preview, str):
                yield Cell(entry.name, preview)
                continue
            flat = np.frombuffer(preview.data, np.uint8)
            shape = (preview.height, preview.width, preview.channels)
            yield Cell(entry.name, flat.reshape(shape))
