"""A lock that the operating system releases when its holder dies (standard library only)."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import WorkerError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PAUSE = 0.02
# msvcrt locks forbid reading: lock one byte far behind the text of the file.
_FAR = 1 << 30


class FileLock:
    """An exclusive lock on a file that is made for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; False if another process still holds the lock."""
        deadline = time.monotonic() + timeout
        while True:
            fd = _open(self.path)
            if _lock(fd):
                # The file may have been removed and made anew while we waited for it.
                if _is_current(fd, self.path):
                    self._fd = fd
                    return True
                os.close(fd)
                continue
            os.close(fd)
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)

    def write(self, content: bytes) -> None:
        """Replace the text of the locked file."""
        assert self._fd is not None
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        os.write(self._fd, content)

    def share(self) -> None:
        """Let programs that are started with close_fds=False hold it, too, as long as they run."""
        assert self._fd is not None
        os.set_inheritable(self._fd, True)

    def is_current(self) -> bool:
        """Whether it is held, and not on a file that has been removed or made anew since."""
        return self._fd is not None and _is_current(self._fd, self.path)

    def release(self, remove: bool = False) -> None:
        """Let the next one have it; harmless when not held.

        `remove`: the file goes, too, for `acquire` sees that a file which it waited for is gone.
        """
        if self._fd is not None:
            if remove and self.is_current():
                with contextlib.suppress(OSError):  # Windows removes no open file
                    os.unlink(self.path)
            os.close(self._fd)
            self._fd = None


@contextlib.contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock for a block. Raises WorkerError when it is not had within `timeout` s."""
    lock = FileLock(path)
    if not lock.acquire(timeout):
        raise WorkerError(
            "Another program is starting the background worker and does not come to an end. "
            "Close other GIMP windows and try again."
        )
    try:
        yield
    finally:
        lock.release(remove=True)


def read_if_held(path: Path) -> bytes | None:
    """The text of a lock file while someone holds it exclusively; None if nobody does."""
    try:
        fd = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        if _is_foreign(os.fstat(fd)):
            return None
        # A shared lock: two onlookers at once must not take each other for the holder.
        for _ in range(3 if sys.platform == "win32" else 1):
            if _lock(fd, shared=True):
                return None
            if sys.platform == "win32":
                time.sleep(_PAUSE)
        return os.read(fd, 4096)
    finally:
        os.close(fd)


def _open(path: Path) -> int:
    _remove_foreign(path)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        raise WorkerError(
            "The lock {path} cannot be made ({reason}): check that you may write there.",
            path=path,
            reason=error.strerror,
        ) from error


def _remove_foreign(path: Path) -> None:
    """Another user may have planted the file while the folder was open, and hold it for ever."""
    with contextlib.suppress(OSError):
        if _is_foreign(os.lstat(path)):
            os.unlink(path)


def _is_foreign(status: os.stat_result) -> bool:
    return os.name == "posix" and status.st_uid != os.geteuid()


def _lock(fd: int, shared: bool = False) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(fd, _FAR, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            os.lseek(fd, 0, os.SEEK_SET)
        else:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_current(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except OSError:
        return False
