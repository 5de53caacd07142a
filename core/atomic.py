"""Files read whole within a limit, and written whole or not at all.

Every file that a user keeps goes through `replacing`: the data is on the disk under a temporary
name before it gets its own, so a crash, a full disk or a second program never leaves half a file.
What a program that was killed left under a temporary name goes a day later, when the next one
writes into that folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import InputError, NeuralPresetError
from core.phrase import Phrase

_BINARY = getattr(os, "O_BINARY", 0)
_TEMPORARY = re.compile(r"\.np-[0-9a-f]{16}(\.\w+)?")
_LITTLE = 1 << 20
_HERE, _NO_REPLACE = -100, 1  # AT_FDCWD and RENAME_NOREPLACE of renameat2(2)
_KEPT_SECONDS = 24 * 60 * 60
_swept: set[Path] = set()


@contextlib.contextmanager
def replacing(
    path: Path, *, overwrite: bool = False, error: type[NeuralPresetError] = InputError
) -> Iterator[Path]:
    """Yield an empty temporary file beside `path` that becomes `path` when the block succeeds.

    The temporary file has the suffix of `path` and a hidden name. On any exception it is removed
    and what stood at `path` stays as it was. A replaced file's permissions are kept; a symbolic
    link is itself replaced, what it points to is not touched. Without `overwrite` an existing
    `path` is never replaced, not even one that another program creates meanwhile.

    Raises `error`, in a photographer's words, where the disk refuses; its `__cause__` is the
    OSError (FileExistsError when the name is taken). So does an `error` of the block, raised for a
    library that has failed without saying why. Other exceptions of the block pass through.
    """
    path = Path(path)
    _check_name(path, error)
    if path.parent not in _swept:
        _swept.add(path.parent)
        sweep(path.parent, _TEMPORARY)
    temporary = path.with_name(f".np-{os.urandom(8).hex()}{path.suffix}")
    try:
        mode = _mode_to_keep(path, overwrite)
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o666))
        yield temporary
        _flush(temporary)
        if mode is not None:
            os.chmod(temporary, mode)
        publish(temporary, path, overwrite)
    except OSError as problem:
        named = problem.filename
        if named is not None and os.fspath(named) not in (str(path), str(temporary)):
            raise
        raise error(_refusal(problem, path)) from problem
    except error:
        try:
            check_end(temporary)
        except OSError as problem:
            raise error(_refusal(problem, path)) from problem
        raise
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
    _flush_directory(path.parent)


def write_bytes(
    path: Path,
    data: bytes,
    *,
    overwrite: bool = False,
    error: type[NeuralPresetError] = InputError,
) -> None:
    """Write `data` as the whole file `path`, under the rules of `replacing`."""
    with replacing(path, overwrite=overwrite, error=error) as temporary:
        temporary.write_bytes(data)


def read_bytes(
    path: Path, largest: int, *, error: type[NeuralPresetError] = InputError
) -> bytes:
    """Return the content of an ordinary file of at most `largest` bytes; raises `error`.

    The size is checked before anything is read; pipes and devices are refused without waiting.
    """
    path = Path(path)
    _check_name(path, error)
    try:
        # A pipe called golden-hour.json must not block the program that lists the folder.
        flags = os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise error("{path} is not an ordinary file.", path=path)
            if status.st_size <= largest:
                with open(descriptor, "rb", closefd=False) as file:
                    data = file.read(largest + 1)
                if len(data) <= largest:
                    return data
            raise error(
                "{path} is too large: at most {limit} are accepted.",
                path=path,
                limit=_readable(largest),
            )
        finally:
            os.close(descriptor)
    except FileNotFoundError as problem:
        raise error("There is no file {path}.", path=path) from problem
    except PermissionError as problem:
        if os.path.isdir(path):  # Path.is_dir raises where a folder may not be entered
            raise error("{path} is not an ordinary file.", path=path) from problem
        raise error("You are not allowed to read {path}.", path=path) from problem
    except OSError as problem:
        raise error(
            "{path} could not be read: {reason}.", path=path, reason=problem.strerror or problem
        ) from problem


def check_end(path: Path) -> None:
    """Raises the OSError of a disk that would take no more of a file; the file stays as it is.

    For what a library has written: one that was refused the last of it on closing does not say so.
    """
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.write(bytes(_LITTLE))
        file.truncate(size)


def sweep(folder: Path, names: re.Pattern[str]) -> None:
    """Remove the files of such names that are a day old: whoever made them has been killed."""
    oldest = time.time() - _KEPT_SECONDS
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if names.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_ctime < oldest:
                        os.unlink(entry.path)


def publish(temporary: Path, path: Path, overwrite: bool = False) -> None:
    """Give a whole file its name in one step; raises OSError, FileExistsError for a taken name.

    The temporary name may be left, and is then the caller's to remove.
    """
    if overwrite:
        os.replace(temporary, path)
        return
    if os.name == "nt":
        os.rename(temporary, path)  # on Windows this refuses an existing name
        return
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # FAT, exFAT and some network and sandbox file systems know no hard links.
        if not _renamed_to_free(temporary, path):
            _reserve_and_replace(temporary, path)


def _check_name(path: Path, error: type[NeuralPresetError]) -> None:
    try:
        encoded = os.fsencode(path)
    except UnicodeError as problem:
        raise error("The name of the file has characters that no file name may have.") from problem
    if b"\0" in encoded:
        raise error("The name of the file has characters that no file name may have.")
    if not path.name:
        raise error("{path} is a folder: give the name of a file.", path=path)


def _mode_to_keep(path: Path, overwrite: bool) -> int | None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if not overwrite:
        raise FileExistsError(errno.EEXIST, "exists", str(path))
    if stat.S_ISLNK(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not an ordinary file", str(path))
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "write-protected", str(path))
    return stat.S_IMODE(status.st_mode)


def _flush(temporary: Path) -> None:
    descriptor = os.open(temporary, os.O_RDWR | _BINARY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _renamed_to_free(temporary: Path, path: Path) -> bool:
    """Linux renames in one step to a name that is not taken; False where that cannot be done."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes  # seldom needed, and slow to load

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(temporary), os.fsencode(path)
    if rename(_HERE, names[0], _HERE, names[1], _NO_REPLACE) == 0:
        return True
    if ctypes.get_errno() == errno.EEXIST:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return False


def _reserve_and_replace(temporary: Path, path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o666))
    try:
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def _flush_directory(directory: Path) -> None:
    # Best effort: the file is complete already, and Windows cannot open a directory.
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refusal(problem: OSError, path: Path) -> Phrase:
    folder = path.parent
    match problem.errno:
        case errno.ENOSPC:
            return Phrase(
                "The disk is full: {path} was not written. Free some space and try again.",
                path=path,
            )
        case errno.EDQUOT:
            return Phrase(
                "Your share of the disk is used up: {path} was not written. Free some space.",
                path=path,
            )
        case errno.EEXIST:
            return Phrase(
                "{path} exists already: choose another name or allow overwriting.", path=path
            )
        case errno.EISDIR:
            return Phrase("{path} is a folder: give the name of a file.", path=path)
        case errno.EROFS:
            return Phrase(
                "The disk of {folder} is read-only: choose another folder.", folder=folder
            )
        case errno.EACCES | errno.EPERM:
            what = path if os.access(folder, os.W_OK) else folder
            return Phrase(
                "{path} is write-protected: choose another place or change its permissions.",
                path=what,
            )
        case errno.ENOENT | errno.ENOTDIR if not os.path.isdir(folder):
            return Phrase(
                "There is no folder {folder}: create it first or choose another.", folder=folder
            )
        case errno.ENAMETOOLONG:
            return Phrase(
                "The name {start}... is too long for this disk: choose a shorter one.",
                start=path.name[:40],
            )
        case _:
            reason = problem.strerror or problem
            return Phrase("{path} could not be written: {reason}.", path=path, reason=reason)


def _readable(size: int) -> str:
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{max(1, size // 1024)} KiB"
