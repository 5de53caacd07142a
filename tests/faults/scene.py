"""Where a case takes place: a home with presets, a worker, and what has to be true at its end."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from core.client import Session
from core.locations import HOME_VARIABLE, Locations
from core.process import launch, rendezvous
from core.process.holder import holder
from tests.faults.zygote import CHECKOUT, Forked, Zygote
from tests.processes import processes_of

PATIENCE = 60.0


class Damage(Exception):
    """Something that a photographer would have lost, or that is left behind."""


class Scene:
    """One home after the other for the cases of one process, with forked workers.

    truth: what each request answers when nothing disturbs it, see `tests.faults.requests`.
    """

    checkout = CHECKOUT

    def __init__(self, folder: Path, zygote: Zygote, truth: dict[str, str]) -> None:
        self.home = folder
        self.zygote = zygote
        self.truth = truth
        self.locations = Locations.under(folder, Path(sys.executable), CHECKOUT)
        self.chance = random.Random(0)
        self.workers: list[int] = []
        self.user: int | None = None
        """whose worker it is, where it is another user's than the campaign's"""
        self._faults: list[dict[str, object]] = []
        self._nature: dict[str, object] = {}
        folder.mkdir(mode=0o755, exist_ok=True)
        os.environ[HOME_VARIABLE] = str(folder)
        rendezvous.launch = self._launch  # type: ignore[assignment]

    def begin(self) -> None:
        """An empty folder for the files of this case; a worker of earlier cases may still run."""
        self.files.mkdir()
        self._faults.clear()

    def end(self) -> None:
        """Away with the files."""
        shutil.rmtree(self.files, ignore_errors=True)

    @property
    def files(self) -> Path:
        """Where this case keeps its files."""
        return self.home / "files"

    def session(self, timeout: float = PATIENCE, start: bool = True) -> Session:
        """A connection to the worker of this home."""
        return Session(self.locations, start=start, timeout=timeout)

    def worker(self) -> int:
        """The process of the worker that runs now; one is started if need be."""
        with self.session() as session:
            return int(session.greeting["pid"])

    def keeps_being(self, nature: Mapping[str, object]) -> None:
        """All workers that are started from now on have this nature."""
        self._nature = dict(nature)

    def fresh_worker(self, **faults: object) -> None:
        """The next worker to be started has these faults (see zygote); the present one goes."""
        self.kill_worker()
        self._faults.append(faults)

    def kill_worker(self) -> None:
        """End the present worker, if there is one, without a word."""
        who = holder(self.locations.runtime)
        if who is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(who.pid, signal.SIGKILL)
            eventually(lambda: holder(self.locations.runtime) != who, "a killed worker is gone")

    def _launch(self, locations: Locations) -> Forked:
        faults = self._faults.pop() if self._faults else self._nature
        forked = self.zygote.launch(locations, user=self.user, **faults)
        self.workers.append(forked.pid)
        return forked

    @contextlib.contextmanager
    def really_launched(self) -> Iterator[None]:
        """Workers are started in the usual way while this lasts."""
        rendezvous.launch = launch.launch
        try:
            yield
        finally:
            rendezvous.launch = self._launch  # type: ignore[assignment]

    @contextlib.contextmanager
    def signalled(
        self, pid: int, number: signal.Signals, longest: float
    ) -> Iterator[threading.Event]:
        """The process gets a signal at a random moment of the block, which is told, or never."""
        # Short times as often as long ones, whatever takes how long.
        delay = longest * 10 ** self.chance.uniform(-2.5, 0)
        over, sent = threading.Event(), threading.Event()

        def send() -> None:
            if not over.wait(delay):
                sent.set()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield sent
        finally:
            over.set()
            thread.join()

    def close(self) -> None:
        """Stop the worker; nothing of all the workers may be left."""
        if self.locations.runtime.is_dir():
            with self.session() as session:
                session.stop()
            self.check_nothing_left()

    def check_nothing_left(self) -> None:
        """Neither a process nor a socket nor a lock, after the last worker has been stopped."""
        eventually(
            lambda: not any(is_alive(pid) for pid in self.workers), "all workers have ended"
        )
        left = os.listdir(self.locations.runtime)
        check(not left, f"{left} are left in the worker's folder")
        # Those that were launched in the usual way.
        eventually(lambda: not processes_of(self.home), "all processes have ended")


def check(condition: bool, what: str) -> None:
    """Damage unless the condition holds."""
    if not condition:
        raise Damage(what)


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Damage unless the condition holds within a minute."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        check(time.monotonic() < deadline, f"never happened: {what}")
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    """Whether that process runs; one that waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(") ")[2][:1] not in ("Z", "X")


def new_home() -> Path:
    """A folder in memory if possible, for every case writes and flushes many files."""
    quick = "/dev/shm" if os.path.isdir("/dev/shm") else None
    home = Path(tempfile.mkdtemp(prefix="np-faults-", dir=quick))
    home.chmod(0o755)  # some cases are another user's
    return home
