"""Workers by the dozen: one process loads torch and the network once and forks a worker per case.

The child runs the real `core.worker.main`; all it is spared is the import and reading the weights.
Nothing may be computed with several threads before a fork, for threads do not survive one: this
process and its children have one thread for OpenMP, and the answers are compared with those of a
worker that was started in the usual way.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from core.locations import Locations
from core.process import launch as real
from tests.faults.children import Fate

CHECKOUT = Path(__file__).resolve().parents[2]
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PATIENCE = 120.0


class Zygote:
    """The process that forks workers; `launch` takes the place of `core.process.launch.launch`."""

    def __init__(self, folder: Path) -> None:
        """Start it, with its socket in `folder`, and wait until the network is loaded."""
        self._address = str(folder / "zygote.sock")
        environment = {**real.environment(), **dict.fromkeys(ONE_THREAD, "1")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", self._address],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _PATIENCE
        while not os.path.exists(self._address):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the process that forks workers did not start")
            time.sleep(0.02)

    def launch(self, locations: Locations, **faults: object) -> Forked:
        """Fork a worker with such faults, see `_become_worker`."""
        idle_minutes = float(str(faults.get("idle_minutes", real.IDLE_MINUTES)))
        argv = real.command(locations, idle_minutes)[5:]
        return Forked(self, self.ask({"argv": argv, **faults})["pid"])

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """One question, one answer: both a line of JSON."""
        with socket.socket(socket.AF_UNIX) as sock, contextlib.closing(sock.makefile("rb")) as file:
            sock.settimeout(_PATIENCE)
            sock.connect(self._address)
            sock.sendall(json.dumps(question).encode() + b"\n")
            answer: dict[str, Any] = json.loads(file.readline())
            return answer

    def close(self) -> None:
        """End it; its children are their own masters."""
        self._process.terminate()
        self._process.wait()


class Forked:
    """A forked worker, as much of a Popen as the client needs."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self._zygote = zygote
        self.pid = pid

    def poll(self) -> int | None:
        """The exit status, None while it lives."""
        status: int | None = self._zygote.ask({"poll": self.pid})["status"]
        return status


def _serve(address: str) -> None:
    """Fork workers for whoever asks."""
    # What workers of another user could not load from our folders when they need it.
    import _strptime  # type: ignore[import-not-found]  # noqa: F401
    import encodings.utf_8_sig  # noqa: F401

    import numpy.ma  # noqa: F401
    import torch

    torch.set_num_threads(1)
    from PIL import Image

    from core import lutfile, lutpresets, model, service, worker  # noqa: F401

    Image.init()
    network = model.load()
    model.load = lambda path=None, device="cpu": network
    ended: dict[int, int] = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address + ".new")
        listener.listen(64)
        os.chmod(address + ".new", 0o777)
        os.rename(address + ".new", address)
        while True:
            if select.select([listener], [], [], 0.2)[0]:
                connection = listener.accept()[0]
                with connection, connection.makefile("rb") as file:
                    question = json.loads(file.readline() or b"{}")
                    if "argv" in question:
                        pid = os.fork()
                        if not pid:
                            file.close()
                            connection.close()
                            listener.close()
                            _become_worker(question)
                        ended.pop(pid, None)  # of a worker that had the same number
                        answer: dict[str, int | None] = {"pid": pid}
                    else:
                        _reap(ended)
                        answer = {"status": ended.get(question.get("poll", 0))}
                    with contextlib.suppress(OSError):
                        connection.sendall(json.dumps(answer).encode() + b"\n")
            _reap(ended)
            if os.getppid() == 1:
                return


def _reap(ended: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            ended[pid] = os.waitstatus_to_exitcode(status)


def _become_worker(question: dict[str, Any]) -> None:
    """Run a worker with the faults that the question names.

    fatal_line: kill -9 itself as it begins this line of core's code, counted in the threads that
    serve connections. idle_minutes: after which it ends. clock: how many seconds it is wrong.
    version, protocol, app: another one's. user: whose it is.
    """
    import core
    from core import protocol, server, worker

    status = 1
    try:
        os.setsid()
        os.chdir("/")
        null = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(null, standard)
        if question.get("user") is not None:
            os.setgroups([])
            os.setgid(question["user"])
            os.setuid(question["user"])
        if "fatal_line" in question:
            threading.settrace(Fate(question["fatal_line"]).trace)
        if "clock" in question:
            right = time.time
            time.time = lambda: right() + question["clock"]
        core.__version__ = question.get("version", core.__version__)
        protocol.VERSION = question.get("protocol", protocol.VERSION)
        server.APP = question.get("app", server.APP)
        status = worker.main(question["argv"])
    except BaseException:
        status = 1
    finally:
        os._exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _serve(sys.argv[1])
