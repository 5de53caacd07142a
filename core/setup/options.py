"""The options of install.py."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BACKENDS = ("auto", "cpu", "cuda")
EXTRAS = ("dask",)
_EPILOG = """\
Run it again at any time: it does only what is missing, and an interrupted installation is redone.
The variable NEURAL_PRESET_HOME moves everything, the presets included, into one directory."""


@dataclass(frozen=True)
class Options:
    """What the user asked for; paths are absolute."""

    dry_run: bool = False
    uninstall: bool = False
    purge: bool = False
    repair: bool = False
    editable: bool = False
    backend: str = "auto"
    gimp_directories: tuple[Path, ...] = ()
    wheels: Path | None = None
    torch_index: str | None = None
    extras: tuple[str, ...] = ()


def parse(argv: Sequence[str] | None = None) -> Options:
    """Reads the command line; exits with status 2 when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="install.py",
        description="Installs Neural Preset for GIMP and the command neural-preset for this user.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--dry-run", action="store_true", help="say what would be done, change nothing")
    add("--repair", action="store_true", help="check every installed file, replace what is damaged")
    add("--uninstall", action="store_true", help="remove everything but your presets")
    add("--purge", action="store_true", help="with --uninstall: your presets too")
    add(
        "--backend",
        choices=BACKENDS,
        default="auto",
        help="the build of torch: cpu is small, cuda uses an NVIDIA graphics card (default: auto)",
    )
    add(
        "--gimp-dir",
        type=_directory,
        action="append",
        default=[],
        metavar="DIR",
        help="a GIMP configuration directory to install into, instead of those found (repeatable)",
    )
    add(
        "--offline",
        type=_directory,
        metavar="WHEELS",
        help="take all packages from this directory of wheels, use no network",
    )
    add("--torch-index", metavar="URL", help="also look for torch in this package index")
    add(
        "--extra",
        choices=EXTRAS,
        action="append",
        default=[],
        help="also install what a part needs that few use, and keep it from then on; dask: "
        "neural-preset apply --dask, for archives of photos beyond one computer",
    )
    add("--editable", action="store_true", help="use the files of this checkout, not copies")
    found = parser.parse_args(argv)
    if found.purge and not found.uninstall:
        parser.error("--purge goes with --uninstall")
    if found.uninstall and (found.repair or found.editable):
        parser.error("--uninstall removes: it goes with neither --repair nor --editable")
    if found.offline is not None and not found.offline.is_dir():
        parser.error(f"--offline: there is no directory {found.offline}")
    return Options(
        dry_run=found.dry_run,
        uninstall=found.uninstall,
        purge=found.purge,
        repair=found.repair,
        editable=found.editable,
        backend=found.backend,
        gimp_directories=tuple(found.gimp_dir),
        wheels=found.offline,
        torch_index=found.torch_index,
        extras=tuple(found.extra),
    )


def _directory(text: str) -> Path:
    return Path(text).expanduser().absolute()
