"""Pixels of PNG, TIFF and OpenEXR files through OpenImageIO, in the file's own depth.

Metadata do not pass here: OpenImageIO rewrites them (an exposure of 1/125 s becomes 1.0).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio

from core import atomic
from core.errors import PhotoError
from core.photofile.stored import Container, Depth, check_size
from core.phrase import Phrase

_PLUGIN: dict[Container, str] = {"png": "png", "tiff": "tiff", "exr": "openexr"}
_DEPTH: dict[str, Depth] = {
    "uint8": "uint8",
    "uint16": "uint16",
    "uint": "uint32",
    "half": "half",
    "float": "float",
    "double": "float",
}


def read(path: Path, container: Container) -> tuple[np.ndarray, Depth, Any]:
    """The samples (H, W, C) as u8, u16 or f32, their depth in the file, and OpenImageIO's spec.

    Raises PhotoError for a damaged or truncated file, and for signed integers.
    """
    hints = oiio.ImageSpec()
    # Otherwise PNG and TIFF colours are multiplied by alpha on reading, and lose bits.
    hints.attribute("oiio:UnassociatedAlpha", 1)
    source = oiio.ImageInput.open(str(path), hints)
    if source is None:
        raise _damaged(path, _message(oiio.geterror))
    try:
        spec = source.spec()
        if source.format_name() != _PLUGIN[container] or spec.deep or spec.depth > 1:
            raise PhotoError("{file} is not a photo that can be processed.", file=path.name)
        check_size(spec.width, spec.height, path)
        depth = _DEPTH.get(str(spec.format))
        if depth is None:
            raise PhotoError(
                "{file} has samples of type {type}, unknown in photos.",
                file=path.name,
                type=spec.format,
            )
        wanted = depth if depth in ("uint8", "uint16") else "float"
        pixels = source.read_image(0, 0, 0, spec.nchannels, wanted)
        problem = _message(source.geterror)
    finally:
        source.close()
    if pixels is None or problem:
        raise _damaged(path, problem)
    shape = (spec.height, spec.width, spec.nchannels)
    return np.ascontiguousarray(pixels).reshape(shape), depth, spec


def write(path: Path, container: Container, spec: Any, pixels: np.ndarray) -> None:
    """Write all pixels as `spec` says; raises PhotoError or OSError when the disk refuses."""
    target = oiio.ImageOutput.create(_PLUGIN[container])
    if target is None or not target.open(str(path), spec):
        raise _unwritten(_message(target.geterror if target else oiio.geterror))
    done = target.write_image(pixels)
    problem = _message(target.geterror)  # the PNG writer reports a full disk here alone
    target.close()
    # On closing, the TIFF writer always reports an EXIF directory that it was not given.
    if container != "tiff":
        problem = problem or _message(target.geterror)
    if not done or problem:
        raise _unwritten(problem)
    # None of the writers notices that the disk has refused what they wrote on closing.
    atomic.check_end(path)


def new_spec(pixels: np.ndarray, depth: Depth) -> Any:
    """A bare specification of (H, W, C) samples whose alpha, if any, is stored as it is."""
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, "uint" if depth == "uint32" else depth)
    spec.attribute("oiio:UnassociatedAlpha", 1)
    return spec


def _message(geterror: Callable[[], str]) -> str:
    try:
        return geterror()
    except UnicodeDecodeError:  # it quotes the bytes of a damaged header
        return Phrase("its header is damaged")


def _damaged(path: Path, problem: str) -> PhotoError:
    reason: str = Phrase("the pixels could not be read")
    if problem.strip():
        reason = problem if isinstance(problem, Phrase) else problem.strip().splitlines()[-1]
    return PhotoError("{file} is damaged or incomplete: {reason}.", file=path.name, reason=reason)


def _unwritten(problem: str) -> PhotoError:
    reason: str = Phrase("the disk refused")
    if problem.strip():
        reason = problem.strip().splitlines()[0]
    return PhotoError("The photo could not be written: {reason}.", reason=reason)
