"""The worker: keeps the network in memory, answers its user's programs, exits when idle.

`python -I -m core.worker --runtime DIR --log FILE [--idle-minutes 10]`. Of two that are started
for the same directory one stays.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import core
from core import server
from core.errors import WorkerError
from core.locations import private_directory
from core.process import logfile, transport
from core.process.holder import claim
from core.process.launch import IDLE_MINUTES, NO_PLACE

_CLAIM_TIMEOUT = 15.0

ANOTHER_RUNS = 3
log = logging.getLogger("core.worker")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a worker until it ends: 0, ANOTHER_RUNS where one runs already, or NO_PLACE."""
    parser = argparse.ArgumentParser(prog="core.worker", description="The background worker.")
    parser.add_argument("--runtime", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--idle-minutes", type=float, default=IDLE_MINUTES)
    arguments = parser.parse_args(argv)
    logfile.start(arguments.log)
    try:
        try:
            runtime = private_directory(arguments.runtime)
            lock = claim(runtime, _CLAIM_TIMEOUT)
            if lock is None:
                log.error("another worker runs already")
                return ANOTHER_RUNS
            listener = transport.listen(runtime)
        except (OSError, WorkerError):
            log.exception("the worker has no place")
            return NO_PLACE
        idle_seconds = arguments.idle_minutes * 60
        serving = server.Server(listener, arguments.log, idle_seconds, lock.is_current)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: serving.stop())
        log.info("worker %s of %s begins, process %d", core.__version__, server.APP, os.getpid())
        serving.run()
        lock.release(remove=True)
    except Exception:
        log.exception("the worker failed")
        raise
    return 0


if __name__ == "__main__":
    try:
        status = main()
    except SystemExit:
        raise
    except BaseException:
        status = 1
    logging.shutdown()
    # Not sys.exit: threads that still compute for nobody would be waited for.
    os._exit(status)
