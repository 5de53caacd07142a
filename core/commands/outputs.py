"""Which file each photo of a batch becomes, decided before work begins."""

from __future__ import annotations

import glob
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from core.commands.console import UsageError
from core.commands.work import Job
from core.errors import PhotoError


def expand(arguments: Iterable[str], wildcards: bool = os.name == "nt") -> list[Path]:
    """The photos that arguments name, each once.

    `wildcards` expands `*.jpg`, which the shells of Windows leave to the program; a name that
    exists is never taken for a pattern.
    """
    photos: dict[str, Path] = {}
    for argument in arguments:
        matches = [argument]
        if wildcards and glob.has_magic(argument) and not os.path.lexists(argument):
            matches = sorted(glob.glob(argument))
            if not matches:
                raise UsageError(f"no file matches {argument}")
        for match in matches:
            photos.setdefault(_identity(Path(match)), Path(match))
    return list(photos.values())


def plan(
    photos: list[Path],
    label: str,
    output: Path | None,
    out_dir: Path | None,
    suffix_for: Callable[[Path], str],
) -> list[Job]:
    """The jobs of a batch; UsageError when two results would be one file, or one photo another's.

    `label` goes into the names of results that lie beside their photos; `suffix_for(photo)` is the
    ending of a format that can hold the result (the photo's own if possible).
    """
    if output is not None:
        if os.path.isdir(output):
            raise UsageError(f"{output} is a folder: use --out-dir")
        if suffix_for(output) != output.suffix:
            raise UsageError(f"{output}: name it .jpg, .png, .tif, .exr or .webp")
        if len(photos) > 1:
            raise UsageError("-o names one file but there are several photos: use --out-dir")
        return [Job(photos[0], output)]
    jobs = [Job(photo, _result(photo, label, out_dir, suffix_for(photo))) for photo in photos]
    originals = {_identity(job.photo): job.photo for job in jobs}
    taken: dict[str, Path] = {}
    for job in jobs:
        key = _identity(job.result)
        if key in taken:
            raise UsageError(f"{taken[key]} and {job.photo} would both become {job.result}")
        if originals.get(key, job.photo) != job.photo:
            raise UsageError(f"{job.photo} would become {job.result}, another photo of this batch")
        taken[key] = job.photo
    return jobs


def check_free(path: Path, overwrite: bool) -> None:
    """Refuses (PhotoError) a path that is a folder, or a file that --overwrite does not cover."""
    if os.path.isdir(path):
        raise PhotoError(f"{path} is a folder. Name a file for the result.")
    if not overwrite and os.path.lexists(path):
        raise PhotoError(f"{path} exists already. Choose another name or add --overwrite.")


def _result(photo: Path, label: str, out_dir: Path | None, suffix: str) -> Path:
    if out_dir is not None:
        return out_dir / f"{photo.stem}{suffix}"
    return photo.with_name(f"{photo.stem}-{label}{suffix}")


def _identity(path: Path) -> str:
    """The same text for two spellings of one file."""
    text = os.path.normcase(path.resolve())
    if sys.platform == "darwin":
        text = unicodedata.normalize("NFC", text).casefold()
    return text
