"""Real workers for tests that share one: importing torch takes seconds."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.locations import Locations
from core.protocol import Picture
from tests.processes import stop_worker

CHECKOUT = Path(__file__).resolve().parents[1]
DEADLINE = 120.0


@contextlib.contextmanager
def temporary_locations() -> Iterator[Locations]:
    """A NEURAL_PRESET_HOME of its own; whatever runs under it is ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="np-")).resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURAL_PRESET_HOME", str(folder))
        try:
            yield Locations.under(folder, Path(sys.executable), CHECKOUT)
        finally:
            stop_worker(folder)
            shutil.rmtree(folder, ignore_errors=True)


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Poll until the condition holds; fail after two minutes."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)


def warm_picture(width: int = 32, height: int = 24) -> Picture:
    """A reddish gradient."""
    return Picture(width, height, 3, _gradient(width, height, (200, 90, 40)))


def cold_picture(width: int = 40, height: int = 30) -> Picture:
    """A bluish gradient."""
    return Picture(width, height, 3, _gradient(width, height, (30, 80, 190)))


def _gradient(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            # Of more than one hue: a picture of a single one is a monochrome look.
            across, down = x / width, y / height
            lights = (across, (across + down) / 2, down)
            pairs = zip(colour, lights, strict=True)
            pixels += bytes(min(int(c * (0.4 + light)), 255) for c, light in pairs)
    return bytes(pixels)
