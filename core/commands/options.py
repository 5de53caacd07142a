"""The options that several commands share, and the values they take."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

PRESET_INTENT = 0.0
TRANSFER_INTENT = 50.0
_INTENTS = {"look": 0.0, "colors": 100.0}

WHERE = """\
Where the result goes:
  -o OUT          this file; its ending decides the format (one photo only)
  --out-dir DIR   that folder, under the photo's own name
  neither         beside the photo, as NAME-{label}.EXT
Photos are JPEG, PNG, TIFF, OpenEXR or WebP files and keep their format, depth and metadata. A file
that exists, the photo itself included, is replaced only with --overwrite."""


def percent(text: str) -> float:
    """A number from 0 to 100, a percent sign allowed."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return value


def intent(text: str) -> float:
    """`look` (0), `colors` (100) or a number between them."""
    if text in _INTENTS:
        return _INTENTS[text]
    try:
        return percent(text)
    except argparse.ArgumentTypeError:
        message = f"{text!r} is not 'look', 'colors' or a number from 0 (look) to 100 (colors)"
        raise argparse.ArgumentTypeError(message) from None


def lut_size(text: str) -> int:
    """The nodes along each side of a LUT, 2 to 129."""
    return _whole(text, 2, 129)


def quality(text: str) -> int:
    """How well a JPEG is encoded, 1 to 100."""
    return _whole(text, 1, 100)


def jobs(text: str) -> int:
    """Photos worked on at a time, 1 to 256."""
    return _whole(text, 1, 256)


def columns(text: str) -> int:
    """The pictures in a row of a contact sheet, 1 to 100."""
    return _whole(text, 1, 100)


def _whole(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
    return int(text)


def command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[..., None] | None,
    summary: str,
    epilog: str = "",
) -> argparse.ArgumentParser:
    """Adds a command whose `run(arguments, console)` does the work."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    return parser


def add_photos(parser: argparse.ArgumentParser) -> None:
    """PHOTO... and where the results go."""
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="a photo file")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", type=Path, metavar="OUT", help="the result's file")
    where.add_argument("--out-dir", type=Path, metavar="DIR", help="the folder for the results")
    add_overwrite(parser, "replace files that exist")
    parser.add_argument(
        "--quality",
        type=quality,
        default=95,
        metavar="1..100",
        help="of JPEG and lossy WebP results (default 95)",
    )
    parser.add_argument(
        "--no-dither",
        action="store_true",
        help="round colours to 8 bits: flat areas stay flat, soft gradients may show bands",
    )


def add_batch(parser: argparse.ArgumentParser) -> None:
    """--jobs, --dask and --resume."""
    hands = parser.add_mutually_exclusive_group()
    hands.add_argument(
        "--jobs",
        type=jobs,
        metavar="N",
        help="photos worked on at a time (default: the cores of this computer); each takes about "
        "8 MB of memory a megapixel, at 16 bits twice as much",
    )
    hands.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="work on the Dask cluster whose scheduler is at ADDRESS (tcp://host:8786); its "
        "machines see the photos under the same paths and have Neural Preset themselves",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on where an earlier run stopped: leave out photos whose result is there, made "
        "with this look and these options, unless the photo has changed since",
    )


def add_overwrite(parser: argparse.ArgumentParser, summary: str) -> None:
    """--overwrite."""
    parser.add_argument("--overwrite", action="store_true", help=summary)


def add_strength(parser: argparse.ArgumentParser) -> None:
    """--strength."""
    parser.add_argument(
        "--strength",
        type=percent,
        default=100.0,
        metavar="0..100",
        help="how much of the look, in percent (default 100; 0 leaves the photo as it is)",
    )


def add_look(parser: argparse.ArgumentParser, default_intent: float | None) -> None:
    """--strength, --intent and --keep-luminance; intent None: by what the look comes from."""
    add_strength(parser)
    default = (
        f"{PRESET_INTENT:g} for a preset, {TRANSFER_INTENT:g} for a reference"
        if default_intent is None
        else f"{default_intent:g}"
    )
    parser.add_argument(
        "--intent",
        type=intent,
        default=default_intent,
        metavar="look|colors|0..100",
        help="0 or 'look': the photographer's processing; 100 or 'colors': the colours as well "
        f"(default {default})",
    )
    parser.add_argument(
        "--keep-luminance", action="store_true", help="change the colours, keep the brightness"
    )


def add_preset(target: argparse._ActionsContainer, required: bool) -> None:
    """--preset NAME|FILE."""
    target.add_argument(
        "--preset",
        required=required,
        metavar="NAME|FILE",
        help="a preset by name, a preset file, a .cube file or a HaldCLUT .png",
    )


def add_style(target: argparse._ActionsContainer, required: bool) -> None:
    """--style REFERENCE."""
    target.add_argument(
        "--style",
        required=required,
        type=Path,
        metavar="REFERENCE",
        help="the photo whose look to take",
    )


def add_method(parser: argparse.ArgumentParser) -> None:
    """--method."""
    parser.add_argument(
        "--method",
        choices=("neural", "mkl"),
        default="neural",
        help="neural, or the classic statistical colour transfer (mkl, which has no intent)",
    )
