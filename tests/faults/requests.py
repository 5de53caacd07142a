"""Every kind of request, as the plug-in and the command line make it, and the right answers.

A layer is an array that is recoloured as the plug-in does it: strip by strip through the two
halves of the shared memory into a shadow, which becomes the layer at the end only.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.client import Session, normalize_source, preset_source, reference_source
from core.errors import InputError
from core.protocol import FORMATS, Picture
from tests.faults.scene import Damage, check
from tests.preset_samples import table
from tests.workers import cold_picture, warm_picture

_WIDTH, _HEIGHT, _STRIP = 64, 96, 16
_SOURCES = (
    reference_source(cold_picture()),
    reference_source(cold_picture(), "mkl"),
    normalize_source(),
    preset_source(table()),
)

Request = Callable[[Session, Path], bytes]


def layer(format: str) -> np.ndarray:
    """Noise of that format, with a NaN where there can be one: (96, 64, 3 or 4)."""
    form = FORMATS[format]
    noise = np.random.default_rng(5).random((_HEIGHT, _WIDTH, form.channels))
    if form.dtype == "float32":
        pixels = (noise * 1.4 - 0.2).astype(np.float32)
        pixels[3, 5, 1] = np.nan
        return pixels
    return (noise * np.iinfo(form.dtype).max).astype(form.dtype)


def recolor(
    session: Session, lut: str, pixels: np.ndarray, format: str, then: Callable[[int], None]
) -> None:
    """Change the layer `pixels` in place, at the end and all at once; `then` hears of strips."""
    half = _STRIP * _WIDTH * FORMATS[format].pixel_bytes
    shadow = np.empty_like(pixels)
    memory = session.pixels(2 * half)
    for number, top in enumerate(range(0, _HEIGHT, _STRIP)):
        then(number)
        rows = slice(top, top + _STRIP)
        offset = number % 2 * half
        memory[offset : offset + half] = pixels[rows].tobytes()
        session.apply(lut, offset, _WIDTH, _STRIP, format, 0, top)
        part = np.frombuffer(memory[offset : offset + half], pixels.dtype)
        shadow[rows] = part.reshape(_STRIP, _WIDTH, -1)
    pixels[:] = shadow


def _look(number: int) -> Request:
    def request(session: Session, folder: Path) -> bytes:
        lut = session.look(warm_picture(), _SOURCES[number], 80, 30)
        return session.lattice(lut)

    return request


def _apply(format: str) -> Request:
    def request(session: Session, folder: Path) -> bytes:
        pixels = layer(format)
        before = pixels.tobytes()
        lut = session.look(warm_picture(), _SOURCES[0])
        try:
            recolor(session, lut, pixels, format, lambda number: None)
        except BaseException:
            check(pixels.tobytes() == before, "a layer is half changed")
            raise
        return pixels.tobytes()

    return request


def _create(session: Session, folder: Path) -> bytes:
    preset = session.preset_of(cold_picture(), "Cold")
    document = preset.to_json()
    del document["created"]
    return json.dumps(document, sort_keys=True).encode()


def _shown(picture: Picture | str) -> bytes:
    if isinstance(picture, str):
        raise Damage(f"a preview failed: {picture}")
    return picture.data


def _previews(session: Session, folder: Path) -> bytes:
    content = warm_picture()
    return b"".join(map(_shown, session.previews(content, content, _SOURCES)))


def _draft(session: Session, folder: Path) -> bytes:
    content = warm_picture()
    return b"".join(
        session.draft(content, content, _SOURCES[0], strength).data for strength in (20, 90)
    )


def _export(suffix: str) -> Request:
    def request(session: Session, folder: Path) -> bytes:
        lut = session.look(warm_picture(), _SOURCES[1])
        path = folder / f"look{suffix}"
        session.export(lut, path, size=5, overwrite=True)
        return path.read_bytes()

    return request


def _import(session: Session, folder: Path) -> bytes:
    path = folder / "given.cube"
    try:
        path.write_text(_CUBE, encoding="ascii")
    except PermissionError as error:  # a fault of the case: there is nothing to ask for
        raise InputError("{path}: {error}", path=path, error=error) from error
    document = session.preset_of_lut(path, "Given").to_json()
    document.pop("created", None)
    return json.dumps(document, sort_keys=True).encode()


_CUBE = "LUT_3D_SIZE 2\n" + "".join(
    f"{1 - r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1)
)


def _status(session: Session, folder: Path) -> bytes:
    check(session.status()["model"] == session.greeting["model"], "another network")
    return b""


REQUESTS: dict[str, Request] = {
    "status": _status,
    **{f"look {number}": _look(number) for number in range(len(_SOURCES))},
    **{f"apply {format}": _apply(format) for format in FORMATS},
    "create": _create,
    "previews": _previews,
    "draft": _draft,
    "export .cube": _export(".cube"),
    "export .png": _export(".png"),
    "import": _import,
}


def digest(answer: bytes) -> str:
    """What is compared of an answer."""
    return hashlib.sha256(answer).hexdigest()


def truth(session: Session, folder: Path) -> dict[str, str]:
    """What each request answers when nothing disturbs it."""
    return {name: digest(request(session, folder)) for name, request in REQUESTS.items()}


def any_request(chance: random.Random) -> str:
    """A request; half of them recolour a layer, which is what users wait for."""
    names = list(REQUESTS)
    if chance.random() < 0.5:
        names = [name for name in names if name.startswith("apply")]
    return chance.choice(names)


def ask(session: Session, name: str, folder: Path, truth: dict[str, str]) -> None:
    """Make a request; its answer has to be the right one, a file whole or not there."""
    try:
        answer = REQUESTS[name](session, folder)
    finally:
        check_files(folder, name, truth)
    check(digest(answer) == truth[name], f"“{name}” has another answer")


def check_files(folder: Path, name: str, truth: dict[str, str]) -> None:
    """A file that was exported is the right one, or is not there."""
    if name.startswith("export"):
        path = folder / f"look{name.partition(' ')[2]}"
        if os.path.exists(path):  # Path.exists raises where a folder is closed
            check(digest(path.read_bytes()) == truth[name], f"{path.name} is not whole")
