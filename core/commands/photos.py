"""One photo and its look: the worker judges a small copy, the photo itself never leaves here."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from core import atomic, images
from core.client import Picture, Session
from core.commands import outputs
from core.commands.work import Job, Look, Work
from core.errors import PhotoError
from core.locations import Locations
from core.lut import Lut
from core.processor import Processor
from core.thumbnail import thumbnail

_LARGEST_FILE = 1 << 34
# The worker's network computes one look at a time; a second session keeps it busy.
_SESSIONS = 2


class Sessions:
    """Connections to the worker that any number of threads borrow for a moment."""

    def __init__(self, locations: Locations) -> None:
        """Start the worker if need be; raises WorkerError."""
        self._free: queue.SimpleQueue[Session] = queue.SimpleQueue()
        self._all: list[Session] = []
        for _ in range(_SESSIONS):
            self._all.append(Session(locations))
            self._free.put(self._all[-1])

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[Session]:
        """A session that no other thread uses."""
        session = self._free.get()
        try:
            yield session
        finally:
            self._free.put(session)

    def __enter__(self) -> Sessions:
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect; the worker stays."""
        for session in self._all:
            session.close()


def read_picture(path: Path) -> Picture:
    """The small sRGB copy of a photo file by which its look is judged. Raises PhotoError."""
    return judged(images.read(path))


def judged(photo: images.Photo) -> Picture:
    """What the network sees of a photo; the worker would make no other of a larger copy."""
    return picture_of(thumbnail(photo.picture(quick=True)))


def picture_of(small: np.ndarray) -> Picture:
    """A small picture, (H, W, 3|4) uint8, as the worker takes it."""
    height, width, channels = small.shape
    return Picture(width, height, channels, small.tobytes())


def suffix_for(photo: Path) -> str:
    """The ending of the photo's result: its own where photos are written so, else `.tif`."""
    return photo.suffix if photo.suffix.lower() in images.SUFFIXES else ".tif"


def process(
    sessions: Sessions, work: Work, job: Job, pause: Callable[[], None] = lambda: None
) -> None:
    """Writes a photo with a look to the file of its result, whole or not at all.

    `pause` is called between the steps and may raise, which ends the work. Raises PhotoError,
    InputError, WorkerError.
    """
    outputs.check_free(job.result, work.overwrite)
    photo = images.read(job.photo)
    pause()
    if work.look.strength == 0 and job.result.suffix.lower() == job.photo.suffix.lower():
        # A copy: a JPEG that is encoded once more is no longer the same.
        data = atomic.read_bytes(job.photo, _LARGEST_FILE, error=PhotoError)
        atomic.write_bytes(job.result, data, overwrite=work.overwrite, error=PhotoError)
        return
    if work.look.strength > 0:
        table = Processor(_lut(sessions, judged(photo), work.look))
        pause()
        # Of most photos no copy is needed: nobody else has this one.
        pixels = photo.pixels if photo.encoding.is_srgb else photo.to_srgb()
        table.apply(pixels, dither=work.dither)
        photo = photo.with_srgb(pixels, work.dither)
        pause()
    images.write(job.result, photo, work.overwrite, work.quality, work.dither)


def _lut(sessions: Sessions, content: Picture, look: Look) -> Lut:
    with sessions.borrowed() as session:
        lut_id = session.look(content, look.source, look.strength, look.intent, look.keep_luminance)
        nodes = np.frombuffer(session.lattice(lut_id), np.float32)
    side = round((nodes.size / 3) ** (1 / 3))
    return Lut(nodes.reshape(side, side, side, 3))
