"""Runs one test's code inside GIMP; `Gimp.run_python` on the host writes the job and reads it."""

# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import gi

from tests.gimp.inside import np_inside

gi.require_version("Gimp", "3.0")
from gi.repository import Gegl, Gimp, Gio, GLib, GObject  # noqa: E402


def run(folder: str) -> None:
    """Run `folder`/job.py with the arguments beside it; writes result.json, or error.txt."""
    job = Path(folder)
    result: dict[str, Any] = {}
    names: dict[str, Any] = {
        **{name: value for name, value in vars(np_inside).items() if not name.startswith("_")},
        **{"Gimp": Gimp, "Gegl": Gegl, "Gio": Gio, "GLib": GLib, "GObject": GObject},
        **{"args": json.loads((job / "args.json").read_text()), "result": result},
    }
    source = job / "job.py"
    Gegl.init(None)
    try:
        exec(compile(source.read_text(), str(source), "exec"), names)
        text = json.dumps(result)
    except BaseException:
        (job / "error.txt").write_text(traceback.format_exc())
        raise
    (job / "result.json").write_text(text)
