"""The command `neural-preset`: reads the arguments, runs one command, returns its exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from core import __version__
from core.commands import batch, doctor, lut, presets, sheet, worker
from core.commands.console import Console

_INTERRUPTED = 130  # what shells report after Ctrl-C
_BROKEN_PIPE = 141  # ... and when the reader of a pipe has gone

_EPILOG = """\
examples:
  neural-preset preset create dusk.jpg --name "Dusk"
  neural-preset apply *.jpg --preset Dusk --strength 80 --out-dir dusk
  neural-preset transfer portrait.tif --style dusk.jpg -o portrait-dusk.tif
  neural-preset sheet portrait.tif -o looks.png
  neural-preset lut portrait.tif --preset Dusk -o dusk.cube

exit status: 0 all done, 1 something failed (named on stderr; the other photos are done),
2 arguments that make no sense, 130 stopped by Ctrl-C (no half-written file is left)"""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; each sets `run`, a function of (arguments, console)."""
    top = argparse.ArgumentParser(
        prog="neural-preset",
        description="The look of one photo for every other one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for module in (batch, lut, sheet, presets, worker, doctor):
        module.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is as `neural-preset --help` states."""
    console = Console()
    try:
        arguments = parser().parse_args(argv)
        with console.attempt():
            arguments.run(arguments, console)
        console.end_progress()
        sys.stdout.flush()
    except KeyboardInterrupt:
        console.warn("neural-preset: stopped")
        return _INTERRUPTED
    except BrokenPipeError:
        # What is still buffered has no reader: the flush at exit must not complain about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return console.status
