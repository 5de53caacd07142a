"""`neural-preset lut`: a look as a .cube or HaldCLUT file for every other program."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands import options, outputs
from core.commands.console import Console, UsageError

_EPILOG = """\
A preset made from a photo adapts to the photo that it is applied to: name that PHOTO.
A preset that is a LUT itself needs none."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = options.command(
        commands, "lut", _run, "write a look as a .cube file or a HaldCLUT .png", _EPILOG
    )
    parser.add_argument("photo", nargs="?", type=Path, metavar="PHOTO", help="the photo to fit")
    look = parser.add_mutually_exclusive_group(required=True)
    options.add_preset(look, required=False)
    options.add_style(look, required=False)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="look.cube|look.png", help="the file"
    )
    parser.add_argument(
        "--size",
        type=options.lut_size,
        default=33,
        metavar="2..129",
        help="nodes along each side (default 33; a HaldCLUT takes the next size that it can have)",
    )
    options.add_look(parser, default_intent=None)
    options.add_method(parser)
    options.add_overwrite(parser, "replace the file if it exists")


def _run(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import Session, preset_source, reference_source
    from core.commands.photos import read_picture
    from core.commands.presets import find
    from core.paths import locations

    output: Path = arguments.output
    if output.suffix.lower() not in (".cube", ".png"):
        raise UsageError(f"{output}: a LUT file ends in .cube or .png")
    outputs.check_free(output, arguments.overwrite)
    if arguments.style is not None:
        source = reference_source(read_picture(arguments.style), arguments.method)
        title, needs_photo, intent = arguments.style.stem, True, options.TRANSFER_INTENT
    else:
        preset = find(arguments.preset)
        source = preset_source(preset)
        title, needs_photo, intent = preset.name, preset.kind != "lut", options.PRESET_INTENT
    if needs_photo and arguments.photo is None:
        raise UsageError("this look adapts to the photo: name the PHOTO that the LUT is for")
    content = read_picture(arguments.photo) if needs_photo else None
    with Session(locations()) as session:
        lut_id = session.look(
            content,
            source,
            strength=arguments.strength,
            intent=intent if arguments.intent is None else arguments.intent,
            keep_luminance=arguments.keep_luminance,
        )
        session.export(lut_id, output.resolve(), arguments.size, title, arguments.overwrite)
    console.say(str(output))
