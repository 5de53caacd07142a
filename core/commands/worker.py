"""`neural-preset worker ...`: the background process that keeps the network in memory."""

from __future__ import annotations

import argparse
import logging
import os

from core.commands import options
from core.commands.console import Console
from core.errors import WorkerError


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the commands under `worker`."""
    group = options.command(commands, "worker", None, "look at or stop the background worker")
    actions = group.add_subparsers(metavar="ACTION", required=True)
    options.command(actions, "status", _status, "say whether it runs and what it holds")
    options.command(actions, "stop", _stop, "stop it; it starts again when it is needed")
    options.command(actions, "run", _run, "run it in this terminal until Ctrl-C or 10 idle minutes")


def _status(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import NotRunningError, Session
    from core.paths import locations

    try:
        with Session(locations(), start=False) as session:
            status = session.status()
    except NotRunningError:
        console.say("The worker is not running. It starts by itself when it is needed.")
        return
    facts = {
        "process": status["pid"],
        "network": f"{status['model']} on {status['device']}",
        "memory": f"{status['rss'] / 1e6:.0f} MB" if status["rss"] else "unknown",
        "running": f"{status['uptime'] / 60:.0f} min, {status['requests']} requests",
        "kept": ", ".join(f"{count} {what}" for what, count in status["counts"].items()),
        "ends": f"after {status['idle_minutes']:g} idle minutes",
        "log": status["log"],
    }
    for label, value in facts.items():
        console.say(f"{label:8} {value}")


def _stop(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import stop_worker
    from core.paths import locations

    stopped = stop_worker(locations())
    console.say("The worker is stopped." if stopped else "The worker was not running.")


def _run(arguments: argparse.Namespace, console: Console) -> None:
    from core.paths import locations
    from core.process.launch import environment

    os.environ.update(environment())  # before torch is imported
    from core.worker import ANOTHER_RUNS, main

    logging.getLogger("core").handlers.clear()  # the worker has a log of its own
    places = locations()
    if main(["--runtime", str(places.runtime), "--log", str(places.log)]) == ANOTHER_RUNS:
        raise WorkerError(
            "A worker runs already. Stop it first with: neural-preset worker stop"
        )
