"""Where this environment keeps things, by the customs of each system (platformdirs).

Only the environment with torch imports this; the plug-in reads the record of `core.locations`.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import platformdirs

from core.locations import Locations, home_from_environment, short_runtime

_NAME = "neural-preset"


def locations() -> Locations:
    """The places of the running environment, or those under $NEURAL_PRESET_HOME if it is set.

    The runtime directory is the desktop session's where there is one, else `run` in the user's
    cache directory. Nothing is created.
    """
    app = Path(__file__).resolve().parent.parent
    python = Path(sys.executable)
    home = home_from_environment()
    if home is not None:
        return Locations.under(home, python, app)
    cache = Path(platformdirs.user_cache_dir(_NAME, appauthor=False))
    places = Locations(
        presets=Path(platformdirs.user_config_dir(_NAME, appauthor=False)) / "presets",
        builtin=app / "core" / "presets_builtin",
        runtime=_session_directory() or short_runtime(cache / "run"),
        log=cache / "worker.log",
        python=python,
        app=app,
    )
    return places.with_usable_runtime()


def data_dir() -> Path:
    """The folder that holds the installed environment (`venv`) and program (`app`)."""
    home = home_from_environment()
    return home or Path(platformdirs.user_data_dir(_NAME, appauthor=False))


def _session_directory() -> Path | None:
    try:
        with warnings.catch_warnings():
            # No session directory (cron, ssh, a container) is normal and has its own answer here.
            warnings.simplefilter("ignore")
            return short_runtime(Path(platformdirs.user_runtime_dir(_NAME, appauthor=False)))
    except OSError:
        return None
