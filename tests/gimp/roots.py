"""Debian root directories with a real GIMP inside, and how to run a command in one.

A root is made once by mmdebstrap and kept in the cache. A command runs in it through a private
mount namespace and chroot, so nothing stays mounted when the command, and whatever it started,
has ended. Processes in a root share /dev (with /dev/shm), /tmp and the network with the host.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "gimp",
    "python3-gi",
    "python3-gi-cairo",
    "gir1.2-gtk-3.0",
    "xvfb",
    "openbox",
    "xdotool",
    "imagemagick",
    "dbus-x11",
    "adwaita-icon-theme",
    "fonts-dejavu-core",
)
SUITES = {"3.0": "trixie", "3.2": "forky"}
BUILD_TIMEOUT = 1800
PRIVATE_MOUNTS = ("unshare", "--mount", "--propagation", "private")

# The paths come as positional arguments: ROOT, the number of paths to bind, the paths, the command.
_ENTER = """
set -e
root=$1 count=$2; shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$count" -gt 0 ]; do
    if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root${1%/*}"; touch "$root$1"; fi
    mount --bind "$1" "$root$1"
    shift; count=$((count - 1))
done
exec chroot "$root" "$@"
"""


class RootUnavailableError(Exception):
    """No GIMP root can be had here; the message says why."""


def cache_dir() -> Path:
    """Where the test environment and the roots are kept between runs."""
    chosen = os.environ.get("NEURAL_PRESET_TEST_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "neural-preset-tests"


def obstacle() -> str | None:
    """Why no GIMP root can be made or entered on this machine, or None if it can."""
    if sys.platform != "linux":
        return "GIMP roots need Linux"
    if os.geteuid() != 0:
        return "GIMP roots need root (mount and chroot)"
    if shutil.which("unshare") is None:
        return "GIMP roots need the command unshare (util-linux)"
    probe = subprocess.run(
        [*PRIVATE_MOUNTS, "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode:
        return f"no mount namespaces here: {probe.stderr.strip()}"
    return None


@dataclass(frozen=True)
class Root:
    """One Debian root; `version` is that of the GIMP in it, "3.0" or "3.2"."""

    version: str

    @property
    def suite(self) -> str:
        return SUITES[self.version]

    @property
    def packages(self) -> tuple[str, ...]:
        return PACKAGES

    @property
    def path(self) -> Path:
        return cache_dir() / "roots" / self.suite

    @property
    def _command(self) -> list[str]:
        # The mirror keeps forky's Release file past its date of validity.
        expired = ["--aptopt=Acquire::Check-Valid-Until \"false\""] if self.suite == "forky" else []
        return [
            "mmdebstrap",
            "--variant=apt",
            "--mode=root",
            f"--include={','.join(self.packages)}",
            "--aptopt=Acquire::Retries \"3\"",
            "--dpkgopt=force-unsafe-io",  # a root that was being made when the power failed goes
            *(f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "doc", "locale")),
            *expired,
            self.suite,
        ]

    @property
    def _recipe(self) -> str:
        return hashlib.sha256("\n".join(self._command).encode()).hexdigest()

    def is_ready(self) -> bool:
        """Whether the root stands and was made by today's recipe."""
        stamp = self.path / ".recipe"
        return stamp.is_file() and stamp.read_text().strip() == self._recipe

    def build(self, log: Path) -> None:
        """Make the root unless it is ready, trying twice; `log` takes mmdebstrap's output."""
        if self.is_ready():
            return
        if (problem := obstacle()) is not None:
            raise RootUnavailableError(problem)
        if shutil.which("mmdebstrap") is None:
            raise RootUnavailableError("mmdebstrap is missing and could not be installed")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for attempt in (1, 2):
            half = Path(tempfile.mkdtemp(prefix=f".{self.suite}-", dir=self.path.parent))
            try:
                if self._bootstrap(half, log, attempt):
                    _remove(self.path)
                    half.rename(self.path)
                    return
            finally:
                _remove(half)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise RootUnavailableError(f"mmdebstrap failed twice for {self.suite}:\n{tail}")

    def _bootstrap(self, half: Path, log: Path, attempt: int) -> bool:
        with log.open("ab" if attempt > 1 else "wb") as out:
            maker = subprocess.Popen(
                [*PRIVATE_MOUNTS, *self._command, str(half)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = maker.wait(BUILD_TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(maker.pid, signal.SIGKILL)
                maker.wait()
                return False
        if status:
            return False
        half.chmod(0o755)
        (half / ".recipe").write_text(self._recipe + "\n")
        return True

    def enter(
        self, command: Sequence[str], environment: Mapping[str, str], bind: Sequence[Path] = ()
    ) -> list[str]:
        """The host command that runs `command` in the root with exactly this environment.

        Host files and directories of `bind` appear at the same paths, as do /tmp, the checkout
        and the test environment with the Python that it is based on.
        """
        shown = [Path("/tmp"), Path(tempfile.gettempdir()), CHECKOUT, *python_paths(), *bind]
        paths = [str(path) for path in dict.fromkeys(shown)]
        settings = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            **environment,
        }
        return [
            *(*PRIVATE_MOUNTS, "sh", "-c", _ENTER, "enter"),
            *(str(self.path.resolve()), str(len(paths)), *paths),
            *("/usr/bin/env", "-i", *(f"{name}={value}" for name, value in settings.items())),
            *command,
        ]


def python_paths() -> list[Path]:
    """What must be seen inside a root so that this interpreter runs there too."""
    prefix, base = Path(sys.prefix), Path(sys.base_prefix)
    if base == Path("/usr"):  # the system's Python: a root has its own /usr, so only these parts
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return [base / "bin" / name, base / "lib" / name, prefix]
    return [base, prefix]


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def find(version: str) -> Root:
    """The root of this GIMP version, ready to use; RootUnavailableError says why there is none."""
    root = Root(version)
    if (problem := os.environ.get("NEURAL_PRESET_NO_GIMP") or obstacle()) is not None:
        raise RootUnavailableError(problem)
    if not root.is_ready():
        raise RootUnavailableError(f"no {root.path}: python3 tests/run.py makes it")
    return root


def build_all(log_dir: Path) -> dict[str, str]:
    """Make every root, all at once; returns the reason for each version that failed."""

    def build(version: str) -> str | None:
        try:
            Root(version).build(log_dir / f"root-{SUITES[version]}.log")
        except (RootUnavailableError, OSError) as error:
            return str(error)
        return None

    with ThreadPoolExecutor() as pool:
        problems = zip(SUITES, pool.map(build, SUITES), strict=True)
        return {version: problem for version, problem in problems if problem is not None}
