"""A computer for one scenario: layers joined by overlayfs, its own processes and no network.

Whatever happens in a scene is gone with it: files, processes, mounts.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from tests.gimp.roots import cache_dir

PATIENCE = 900
PATH = "/usr/local/bin:/usr/bin:/bin"
_RESOLVER = "/etc/resolv.conf"

# The paths come as positional arguments: the overlay's options, where it is mounted, and pairs of
# what is shown where, the last of them empty. The shell stays as the process that buries orphans.
_STAGE = """
set -e
mount -t overlay -o "$1" overlay "$2"
root=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
chmod 1777 "$root/tmp"
while [ -n "$1" ]; do
    if [ -d "$1" ]; then mkdir -p "$root$2"; else touch "$root$2"; fi
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
    shift 2
done
echo ready
sleep infinity &
wait
"""


class SceneError(Exception):
    """The scene could not be set; the message says why."""


class Scene:
    """Use as a context manager. `layers` come topmost first; `keep` receives what is written.

    `show` maps folders of the scene to folders of the host that can be read there.
    """

    def __init__(
        self,
        layers: Sequence[Path],
        show: Mapping[Path, Path] | None = None,
        network: bool = False,
        keep: Path | None = None,
    ) -> None:
        self._layers = layers
        self._show = {path: source for path, source in (show or {}).items()}
        self._network = network
        self._keep = keep
        if network:
            self._show[Path(_RESOLVER)] = Path(_RESOLVER)

    def __enter__(self) -> Scene:
        # On the disk of the cache: packages are large, and /tmp may lie in memory.
        parent = cache_dir() / "installs"
        self._folder = tempfile.TemporaryDirectory(prefix=".scene-", dir=parent)
        folder = Path(self._folder.name)
        upper = self._keep or folder / "upper"
        for each in (upper, folder / "work", folder / "root"):
            each.mkdir(exist_ok=True)
        folder.chmod(0o755)
        options = f"lowerdir={':'.join(map(str, self._layers))},upperdir={upper}"
        options += f",workdir={folder / 'work'},redirect_dir=on"
        pairs = [str(path) for target, source in self._show.items() for path in (source, target)]
        alone = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
        alone += [] if self._network else ["--net"]
        stage = ["sh", "-c", _STAGE, "stage", options, str(folder / "root"), *pairs, ""]
        self._holder = subprocess.Popen(
            # Should this process be killed, the scene goes with it.
            ["setpriv", "--pdeathsig", "KILL", "unshare", *alone, *stage],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            _, said = self._holder.communicate()
            self._folder.cleanup()
            raise SceneError(f"no overlay could be mounted: {said}")
        holder = self._holder.pid
        children = Path(f"/proc/{holder}/task/{holder}/children").read_text().split()
        self._init = int(children[0])
        self._root = folder / "root"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.kill(self._init, signal.SIGKILL)  # and with it everything in the scene
        self._holder.communicate()
        self._folder.cleanup()

    def path(self, inside: Path | str) -> Path:
        """Where the host sees a path of the scene. A symbolic link there leads astray."""
        return Path(f"/proc/{self._init}/root{self._root}") / str(inside).lstrip("/")

    def mount(self, place: Path, options: str, user: int = 1000) -> None:
        """A file system in memory at a path of the scene, which is made."""
        self.run(["mkdir", "-p", str(place)], user=0).check_returncode()
        mine = f"uid={user},gid={user},{options}"
        self._outside("mount", "-t", "tmpfs", "-o", mine, "tmpfs", self._under_root(place))

    def resize(self, place: Path, size: str, spare: int = 64) -> None:
        """Give such a file system another size, or if more is in use that and `spare` KiB."""
        try:
            self._outside("mount", "-o", f"remount,size={size}", self._under_root(place))
        except subprocess.CalledProcessError:
            status = os.statvfs(self.path(place))
            used = (status.f_blocks - status.f_bfree) * status.f_frsize // 1024
            options = f"remount,size={used + spare}k"
            self._outside("mount", "-o", options, self._under_root(place))

    def _outside(self, *command: str) -> None:
        """The scene's mounts, but the host's programs: a bare Debian has no `mount`."""
        enter = ["nsenter", "--target", str(self._init), "--mount", *command]
        subprocess.run(enter, check=True, capture_output=True)

    def _under_root(self, place: Path) -> str:
        return f"{self._root}{place}"

    def command(
        self,
        command: Sequence[str],
        user: int = 1000,
        environment: Mapping[str, str] | None = None,
        umask: int = 0o022,
        folder: Path = Path("/"),
    ) -> list[str]:
        """The host command that runs `command` in the scene with exactly this environment."""
        settings = {"PATH": PATH, **(environment or {})}
        return [
            *("nsenter", "--target", str(self._init), "--mount", "--pid", "--net", "chroot"),
            *(str(self._root), "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"),
            *("/usr/bin/env", "-i", *(f"{name}={value}" for name, value in settings.items())),
            *("/bin/sh", "-c", f'umask {umask:03o}; cd "$0"; exec "$@"', str(folder), *command),
        ]

    def run(
        self,
        command: Sequence[str],
        user: int = 1000,
        environment: Mapping[str, str] | None = None,
        umask: int = 0o022,
        folder: Path = Path("/"),
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the scene to its end, whatever its exit status."""
        with self.start(command, user, environment, umask, folder) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(list(command), process.returncode, out, err)

    @contextmanager
    def start(
        self,
        command: Sequence[str],
        user: int = 1000,
        environment: Mapping[str, str] | None = None,
        umask: int = 0o022,
        folder: Path = Path("/"),
    ) -> Iterator[subprocess.Popen[str]]:
        """A command that runs meanwhile, in a process group of its own, which ends with it."""
        process = subprocess.Popen(
            self.command(command, user, environment, umask, folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        try:
            yield process
        finally:
            self.kill_group(process)

    @staticmethod
    def kill_group(process: subprocess.Popen[str]) -> None:
        """End a started command and its children at once, as when the power fails."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
