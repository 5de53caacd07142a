"""Pixels in memory that client and worker share (standard library only).

It has no name that anybody could remove, and vanishes with its last user, however that one ends:
the worker gets its descriptor through the socket. On Linux it is also sealed, for whoever touches
mapped memory that was cut off since is killed by the system (SIGBUS). Elsewhere, and where there
is too much of it for the computer's memory, it is a file that has lost its name at once; on
Windows, which passes no descriptors, a file that loses it when both sides have it open.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import mmap
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import InputError, NeuralPresetError
from core.phrase import Phrase, either
from core.process.transport import HAS_UNIX_SOCKETS

if sys.platform.startswith("linux"):
    import fcntl

LARGEST = 1 << 36
PREFIX = "neural-preset-"
_SHARE = 4  # of the computer's memory: to claim too much of it would end other programs
_PATIENCE = 2.0
_ZEROS = bytes(1 << 20)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM)


class PixelMemory:
    """The client's end: `view` is the writable memory.

    Until `settle`, `descriptor` or, if it is `named`, `path` is what the worker needs; -1 and None
    afterwards.
    """

    def __init__(
        self, size: int, places: list[Path] | None = None, named: bool = not HAS_UNIX_SOCKETS
    ) -> None:
        """Reserve `size` bytes of memory, or in the first of `places` that has the room.

        Raises InputError for a senseless size, NeuralPresetError where nothing has the room.
        """
        if not 1 <= size <= LARGEST:
            raise InputError("{size} bytes of pixels cannot be shared with the worker.", size=size)
        self.size = size
        self.path: Path | None = None
        descriptor = None if named or places else _sealed(size)
        if descriptor is None:
            self.path, descriptor = _reserve(size, places or folders())
        self.descriptor = descriptor
        if not named:
            self._unlink()
        try:
            self._map = mmap.mmap(descriptor, size)
        except (OSError, ValueError) as error:
            self.settle()
            raise NeuralPresetError(_no_room(size)) from error
        self.view = memoryview(self._map)

    def settle(self) -> None:
        """The worker has it: neither descriptor nor name is needed any more."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        self._unlink()

    def close(self) -> None:
        """Give the memory back; while the caller still uses a part of it, it stays until then."""
        with contextlib.suppress(BufferError):
            self.view.release()
            self._map.close()
        self.settle()

    def _unlink(self) -> None:
        path, self.path = self.path, None
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()


class AttachedPixels:
    """The worker's end, checked; `map` is worth something within `shared` alone.

    Memory that is not sealed could be cut off while it is in use, which would end the worker and
    with it the work of all other clients. On Linux its bytes are therefore copied in and out.
    Raises InputError for anything but a regular file of our user of that size.
    """

    def __init__(self, size: int, descriptor: int | None = None, path: str = "") -> None:
        """Map what `descriptor` stands for, which is closed in any case, or else the file."""
        fd = _opened(path) if descriptor is None else descriptor
        self._file: int | None = None
        try:
            trusted = _cannot_shrink(fd)
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
            self.map = mmap.mmap(fd if trusted else -1, size)
            if not trusted:
                self._file = fd
        except (OSError, ValueError) as error:
            raise InputError(
                "The memory for the pixels cannot be mapped: {error}.", error=error
            ) from error
        finally:
            if self._file is None:
                os.close(fd)
        self.size = size

    @contextlib.contextmanager
    def shared(self, offset: int, size: int) -> Iterator[None]:
        """While this lasts `map` holds these bytes of the client's; then the client has them.

        Raises InputError where they are gone.
        """
        file = self._file
        if file is None:
            yield
            return
        self._copy(lambda rest, place: os.preadv(file, [rest], place), offset, size)
        yield
        self._copy(lambda rest, place: os.pwrite(file, rest, place), offset, size)

    def _copy(self, move: Callable[[memoryview, int], int], offset: int, size: int) -> None:
        try:
            with memoryview(self.map) as whole:
                done = 0
                while done < size:
                    with whole[offset + done : offset + size] as rest:
                        moved = move(rest, offset + done)
                    if not moved:
                        raise OSError(errno.EIO, "it has been cut off")
                    done += moved
        except OSError as error:
            raise InputError(
                "The memory for the pixels was lost while it was in use: {error}.", error=error
            ) from error

    def close(self) -> None:
        """Unmap at once; views that still hang in a cycle or in a thread's last job go first.

        Raises BufferError where a view is truly kept.
        """
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
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


def _cannot_shrink(fd: int) -> bool:
    """Whether nobody can cut off that memory; only Linux says, and lets others do it at all."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        return bool(fcntl.fcntl(fd, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK)
    except OSError:  # of an ordinary file
        return False


def _opened(path: str) -> int:
    flags = os.O_RDWR
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        if not os.path.isabs(path):
            raise InputError("The memory for the pixels needs a full path.")
        return os.open(path, flags)
    except (OSError, ValueError) as error:
        raise InputError(
            "The memory for the pixels cannot be opened: {error}.", error=error
        ) from error


def _sealed(size: int) -> int | None:
    """Memory of that size that nobody can make smaller; None where there is none to be had."""
    if not sys.platform.startswith("linux") or size > _of_all_memory() // _SHARE:
        return None
    fd = -1
    try:
        fd = os.memfd_create("neural-preset", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.fchmod(fd, 0o600)
        _fill(fd, size)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    except (OSError, AttributeError):  # not every build of Python has it
        if fd >= 0:
            os.close(fd)
        return None
    return fd


def _of_all_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def folders() -> list[Path]:
    """Where pixels may lie, the quickest first."""
    import tempfile  # not at the top: the plug-in would wait for it at every call

    shared = Path("/dev/shm")
    usual = [Path(tempfile.gettempdir())]
    return [shared, *usual] if os.access(shared, os.W_OK | os.X_OK) else usual


def _reserve(size: int, places: list[Path]) -> tuple[Path, int]:
    import tempfile

    problem: OSError | None = None
    for folder in places:
        try:
            fd, name = tempfile.mkstemp(prefix=PREFIX, dir=folder)
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
    advice = _no_room(size, places)
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


def _no_room(size: int, places: list[Path] | None = None) -> Phrase:
    return Phrase(
        "There is no room for {size} MiB of pixels in {where}: "
        "free some space there and try again.",
        size=max(size >> 20, 1),
        where=either(*(places or folders())),
    )
