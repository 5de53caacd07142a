"""Pixels in a memory-mapped file that client and worker share (standard library only).

The client makes the file and unlinks it as soon as both sides have it open: from then on it
vanishes with its last user, however that one ends.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import mmap
import os
import stat
import tempfile
import time
from pathlib import Path

from core.errors import InputError, NeuralPresetError
from core.phrase import Phrase, either

LARGEST = 1 << 36
_PATIENCE = 2.0
_ZEROS = bytes(1 << 20)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM)


class PixelMemory:
    """The client's end: `view` is the writable memory, `path` the file until `unlink`."""

    def __init__(self, size: int, folders: list[Path] | None = None) -> None:
        """Reserve `size` bytes in the first folder that has the room.

        Raises InputError for a senseless size, NeuralPresetError where nothing has the room.
        """
        if not 1 <= size <= LARGEST:
            raise InputError("{size} bytes of pixels cannot be shared with the worker.", size=size)
        self.size = size
        self.path, fd = _reserve(size, folders or _folders())
        try:
            self._map = mmap.mmap(fd, size)
        except (OSError, ValueError) as error:
            self.unlink()
            raise NeuralPresetError(_no_room(size)) from error
        finally:
            os.close(fd)
        self.view = memoryview(self._map)

    def unlink(self) -> None:
        """Remove the file's name; the memory stays."""
        with contextlib.suppress(OSError):
            self.path.unlink()

    def close(self) -> None:
        """Give the memory back; while the caller still uses a part of it, it stays until then."""
        with contextlib.suppress(BufferError):
            self.view.release()
            self._map.close()
        self.unlink()


class AttachedPixels:
    """The worker's end: opened by path, once, and checked.

    Raises InputError for a file that is not a regular one of our user, or of another size.
    """

    def __init__(self, path: str, size: int) -> None:
        flags = os.O_RDWR
        for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
            flags |= getattr(os, name, 0)
        try:
            if not os.path.isabs(path) or not 1 <= size <= LARGEST:
                raise InputError("The memory for the pixels needs a full path and a size.")
            fd = os.open(path, flags)
        except (OSError, ValueError) as error:
            raise InputError(
                "The memory for the pixels cannot be opened: {error}.", error=error
            ) from error
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise InputError("The memory for the pixels is no regular file.")
            if os.name == "posix" and found.st_uid != os.geteuid():
                raise InputError("The memory for the pixels belongs to another user.")
            if os.name == "posix" and found.st_mode & 0o077:
                raise InputError("The memory for the pixels is open to other users.")
            if found.st_size != size:
                raise InputError(
                    "The memory for the pixels has {found} bytes instead of {size}.",
                    found=found.st_size,
                    size=size,
                )
            self.map = mmap.mmap(fd, size)
        except (OSError, ValueError) as error:
            raise InputError(
                "The memory for the pixels cannot be mapped: {error}.", error=error
            ) from error
        finally:
            os.close(fd)
        self.size = size

    def close(self) -> None:
        """Unmap at once; views that still hang in a cycle or in a thread's last job go first.

        Raises BufferError where a view is truly kept.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.map.close()
                return
            except BufferError:
                if time.monotonic() > deadline:
                    raise
            gc.collect()
            time.sleep(0.01)


def _folders() -> list[Path]:
    shared = Path("/dev/shm")
    usual = [Path(tempfile.gettempdir())]
    return [shared, *usual] if os.access(shared, os.W_OK | os.X_OK) else usual


def _reserve(size: int, folders: list[Path]) -> tuple[Path, int]:
    problem: OSError | None = None
    for folder in folders:
        try:
            fd, name = tempfile.mkstemp(prefix="neural-preset-", dir=folder)
        except OSError as error:
            problem = error
            continue
        try:
            _fill(fd, size)
        except OSError as error:
            os.close(fd)
            os.unlink(name)
            problem = error
            continue
        except BaseException:
            os.close(fd)
            os.unlink(name)
            raise
        return Path(name), fd
    full = problem is not None and problem.errno in _FULL
    advice = _no_room(size, folders)
    if full:
        raise NeuralPresetError(advice) from problem
    raise NeuralPresetError("{advice} ({problem})", advice=advice, problem=problem) from problem


def _fill(fd: int, size: int) -> None:
    """Claim every block now: a full disk is then an error here, not a SIGBUS at a later write."""
    os.ftruncate(fd, size)
    try:
        os.posix_fallocate(fd, 0, size)
    except (AttributeError, OSError) as error:
        # Not every system and file system has it.
        if isinstance(error, OSError) and error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
            raise
        done = 0
        while done < size:
            done += os.write(fd, _ZEROS[: size - done])


def _no_room(size: int, folders: list[Path] | None = None) -> Phrase:
    return Phrase(
        "There is no room for {size} MiB of pixels in {where}: "
        "free some space there and try again.",
        size=max(size >> 20, 1),
        where=either(*(folders or _folders())),
    )
