"""Where everything lies on this computer, for both the plug-in and the command line.

The environment with torch knows its own places (`core.paths`) and writes them down when it is
installed; the plug-in, which has the standard library only, reads that record. The variable
NEURAL_PRESET_HOME moves everything into one folder.
"""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path

from core import atomic, fields
from core.errors import InputError, WorkerError

HOME_VARIABLE = "NEURAL_PRESET_HOME"
RECORD = "installation.json"
WINDOWS = "ui.json"  # beside the folder of presets: how large the user has made the windows

# A socket's whole path may have 103 bytes on macOS, 107 on Linux; its name has up to 18 of them.
LONGEST_RUNTIME = 80
_LARGEST_RECORD = 64 * 1024


@dataclasses.dataclass(frozen=True)
class Locations:
    """Absolute paths; none of them need exist, except `python` and `app` once installed."""

    presets: Path
    """the user's presets"""
    builtin: Path
    """the presets that come with the program, read-only"""
    runtime: Path
    """directory of the worker's socket and lock: see `private_directory`"""
    log: Path
    """the worker's log file"""
    python: Path
    """the interpreter with torch, which runs the worker"""
    app: Path
    """the directory that holds the package `core`"""

    def save(self, record: Path) -> None:
        """Write the paths as JSON, for `load`; raises InputError where the disk refuses."""
        paths = {key: str(path) for key, path in dataclasses.asdict(self).items()}
        text = json.dumps({"format": "neural-preset-installation", "version": 1, **paths}, indent=1)
        atomic.write_bytes(record, text.encode() + b"\n", overwrite=True)

    @classmethod
    def load(cls, record: Path) -> Locations:
        """Read what `save` wrote; raises InputError for a missing or damaged record.

        A runtime directory that is gone since (it lives only as long as the desktop session)
        gives way to one beside the log.
        """
        try:
            found = fields.parse(atomic.read_bytes(record, _LARGEST_RECORD), what=record)
            found.choice("format", ("neural-preset-installation",))
            found.integer("version", 1, 1)
            paths = {}
            for field in dataclasses.fields(cls):
                text = found.text(field.name, longest=4096)
                if "\0" in text or not Path(text).is_absolute():
                    raise found.wrong(field.name, "an absolute path")
                paths[field.name] = Path(text)
        except InputError as problem:
            raise InputError(
                "Neural Preset is not completely installed. {problem} Run install.py again.",
                problem=problem,
            ) from problem
        return cls(**paths).with_usable_runtime()

    @classmethod
    def under(cls, home: Path, python: Path, app: Path) -> Locations:
        """Everything in the folder `home`, as NEURAL_PRESET_HOME asks for.

        Where `home` is too long a path for a socket, `runtime` is a short one in the temporary
        directory, always the same for the same `home`.
        """
        return cls(
            presets=home / "presets",
            builtin=app / "core" / "presets_builtin",
            runtime=short_runtime(home / "runtime"),
            log=home / "log" / "worker.log",
            python=python,
            app=app,
        )

    def at_home(self) -> Locations:
        """These locations, or those under $NEURAL_PRESET_HOME when it is set.

        The interpreter and the application are then those of the record in that folder, if it has
        one; raises InputError when that record is damaged.
        """
        home = home_from_environment()
        if home is None:
            return self
        source = self
        if os.path.exists(home / RECORD):
            source = Locations.load(home / RECORD)
        return Locations.under(home, source.python, source.app)

    def with_usable_runtime(self) -> Locations:
        """The same, with `run` beside the log as `runtime` where the present one cannot be made."""
        parent = self.runtime.parent
        # Not Path.is_dir, which raises an OSError for a name that is too long.
        there = os.path.isdir(self.runtime)
        if there or (os.path.isdir(parent) and os.access(parent, os.W_OK | os.X_OK)):
            return self
        return dataclasses.replace(self, runtime=short_runtime(self.log.parent / "run"))


def home_from_environment() -> Path | None:
    """The folder that NEURAL_PRESET_HOME names, absolute, or None."""
    home = os.environ.get(HOME_VARIABLE, "")
    return Path(os.path.abspath(os.path.expanduser(home))) if home else None


def short_runtime(runtime: Path) -> Path:
    """`runtime`, or a short name derived from it if a socket in it would have too long a path."""
    encoded = os.fsencode(runtime)
    if len(encoded) <= LONGEST_RUNTIME:
        return runtime
    import hashlib  # not at the top, nor tempfile: the plug-in would wait for them at every call

    # Not $TMPDIR first: two programs with different ones must still find the same worker.
    parent = Path("/tmp") if os.path.isdir("/tmp") and os.name != "nt" else None
    user = os.getuid() if hasattr(os, "getuid") else 0
    name = f"neural-preset-{user}-{hashlib.sha256(encoded).hexdigest()[:12]}"
    if parent is None:
        import tempfile

        parent = Path(tempfile.gettempdir())
    return parent / name


def private_directory(path: Path) -> Path:
    """Make sure that `path` is a directory of this user alone (0700), and return it.

    Raises WorkerError where it is a link, belongs to somebody else or cannot be made: a socket
    there could be answered by another user's program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        status = os.lstat(path)
        if os.name == "nt":
            return path
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise WorkerError(
                "{path} belongs to another user: remove it or ask that user to.", path=path
            )
        if stat.S_IMODE(status.st_mode) & 0o077:
            os.chmod(path, 0o700)
    except OSError as problem:
        raise WorkerError(
            "The folder {path} for the background worker could not be made: {reason}.",
            path=path,
            reason=problem.strerror or problem,
        ) from problem
    return path
