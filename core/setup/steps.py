"""The steps of an installation, each of which knows whether it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.setup import application, checks, environment, launcher, plugin, record, swap
from core.setup.machine import SetupError
from core.setup.options import EXTRAS, Options
from core.setup.pip import Source
from core.setup.places import Places
from core.setup.requirements import Requirements


@dataclass(frozen=True)
class Step:
    """One change. `is_done` is asked when its turn comes, for it depends on the steps before."""

    title: str
    is_done: Callable[[], bool]
    do: Callable[[], None]


def steps(
    checkout: Path, options: Options, places: Places, gimp_directories: list[Path]
) -> list[Step]:
    """What brings the user's computer to the state that the options ask for, in order."""
    app = checkout if options.editable else places.app
    return [
        _environment(checkout, options, places),
        _application(checkout, options, places),
        _connection(places, app),
        *(_plugin(checkout, options, places, directory) for directory in gimp_directories),
        Step(
            f"the command {places.launcher}",
            lambda: launcher.is_current(places),
            lambda: launcher.install(places),
        ),
    ]


def _environment(checkout: Path, options: Options, places: Places) -> Step:
    kept = environment.extras(places.venv) & set(EXTRAS)
    extras = {*options.extras, *kept}
    needed = Requirements.of(checkout / "pyproject.toml", extras)
    source = Source(places.log, places.temporary, options.wheels, options.torch_index)

    def is_done() -> bool:
        current = environment.is_current(places.venv, places.windows, needed, options.backend)
        place = (places.venv, places.windows, needed)
        return current and not (options.repair and environment.is_damaged(*place))

    def do() -> None:
        environment.check_python()
        checks.check_room(places.home, options.backend)
        try:
            place = (places.venv, checkout if options.editable else places.app, places.windows)
            environment.build(*place, needed, options.backend, source)
        finally:
            swap.remove(places.temporary)

    return Step(f"the environment with torch {needed.torch} in {places.venv}", is_done, do)


def _application(checkout: Path, options: Options, places: Places) -> Step:
    if options.editable:
        if _is_itself(checkout, places):
            raise SetupError("--editable is for a checkout: run the install.py that lies in it.")
        return Step(
            f"the program in {checkout}, not a copy of it",
            lambda: not places.app.exists(),
            lambda: _remove(places.app),
        )

    def copy() -> None:
        if _is_itself(checkout, places):
            raise SetupError(
                f"The program in {places.app} is damaged and cannot repair itself: get Neural "
                "Preset again and run its install.py."
            )
        application.copy(checkout, places.app)

    return Step(
        f"the program in {places.app}",
        lambda: application.is_current(checkout, places.app),
        copy,
    )


def _connection(places: Places, app: Path) -> Step:
    def do() -> None:
        application.link(places.venv, app)
        record.write(places)

    return Step(
        f"the record of where everything is, {places.record}",
        lambda: application.is_linked(places.venv, app) and record.is_current(places, app),
        do,
    )


def _plugin(checkout: Path, options: Options, places: Places, directory: Path) -> Step:
    def do() -> None:
        checks.check_writable(directory)
        plugin.install(checkout, directory, places.record, options.editable)

    return Step(
        f"the plug-in in {plugin.place(directory)}",
        lambda: plugin.is_current(checkout, directory, places.record, options.editable),
        do,
    )


def _is_itself(checkout: Path, places: Places) -> bool:
    """Whether this is the install.py of the installed copy."""
    return checkout.resolve() == places.app.resolve()


def _remove(path: Path) -> None:
    swap.remove(path)
