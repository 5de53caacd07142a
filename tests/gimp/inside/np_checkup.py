"""Checks of the plug-in's own findings, in a GIMP root's Python: `python3 np_checkup.py CHECK`.

What it calls is a play-thing in place of the installation's Python.
"""

# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.gimp.inside import np_dialogs, np_screen
from tests.gimp.inside.np_screen import CHECKOUT, settle, shown, until

REPAIR = "Repair the installation:"
GET = "Get Neural Preset again"


@contextmanager
def home(script: str = "exit 0", **changes: object) -> Iterator[Path]:
    """An installation whose Python is a shell script, its record changed."""
    import gi

    gi.require_version("Gimp", "3.0")
    from core.locations import Locations

    with tempfile.TemporaryDirectory(prefix="np-it's-") as folder:
        place = Path(folder)
        python = place / "python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
        Locations.under(place, python, CHECKOUT).save(place / "installation.json")
        record = json.loads((place / "installation.json").read_text())
        (place / "installation.json").write_text(json.dumps(record | changes))
        os.environ["NEURAL_PRESET_HOME"] = folder
        import installation

        installation.FOLDER = place / "plugin"  # a developer's checkout may have a record
        yield place


def told(limit: float = 60) -> tuple[str, str, str]:
    """The text, remedy and command of the only finding."""
    from checkup import WRONG, Checkup

    report = Checkup(limit).run()
    (finding,) = report.findings
    assert (finding.verdict, report.wrong) == (WRONG, 1)
    assert finding.text in report.as_text() and finding.command in report.as_text()
    return finding.text, finding.remedy, finding.command


def record() -> None:
    """Missing or damaged: that is said, and where an install.py is, as far as it is known."""
    with home() as place:
        record = place / "installation.json"
        for damage in (b"", b"{}", b"[1]", b'{"app": 3}', b"\xff\xfe", b'{"app": "\\u0000"}'):
            record.write_bytes(damage)
            text, remedy, command = told()
            assert "not completely installed" in text, (damage, text)
            assert remedy.startswith(GET), remedy
            assert command.endswith("python3 install.py --repair"), command
        # The program lies where it always does.
        (place / "app").symlink_to(CHECKOUT)
        _, remedy, command = told()
        assert remedy == REPAIR
        words = shlex.split(command)
        assert words == [
            *(f"NEURAL_PRESET_HOME={place}", "python3", f"{place}/app/install.py", "--repair"),
        ]
        (place / "app").unlink()
        # It is gone with the record, but it is known where it came from.
        (place / "install-journal.json").write_text(json.dumps({"checkout": str(CHECKOUT)}))
        record.unlink()
        text, remedy, command = told()
        assert "is missing" in text and remedy == REPAIR
        assert f"{CHECKOUT}/install.py" in shlex.split(command)


def parts() -> None:
    """No Python, one that may not be run, no program where it should be."""
    with home(python="/nowhere/python"):
        text = told()[0]
        assert "Python cannot be started" in text and "/nowhere/python" in text, text
    with home() as place:
        (place / "python").chmod(0o644)
        assert "Python cannot be started" in told()[0]
    # `core` has been imported from the checkout here: only a new process does not find it.
    with home(app="/nowhere") as place:
        code = "import sys; sys.path.insert(0, sys.argv[1]); import gi; "
        code += "gi.require_version('Gimp', '3.0'); import checkup, installation, pathlib; "
        code += "installation.FOLDER = pathlib.Path('/nowhere'); "
        code += "print(checkup.Checkup().run().as_text())"
        import subprocess

        plugin = str(CHECKOUT / "plugin" / "neural-preset")
        done = subprocess.run(
            ["python3", "-I", "-c", code, plugin], capture_output=True, text=True, check=True
        )
        assert "it does not find its parts in /nowhere" in done.stdout, done.stdout
        assert GET in done.stdout


def crash() -> None:
    """The doctor ends early, is killed, says nothing, nonsense or something of another version."""
    for script, reason in (
        ("echo one >&2; echo two >&2; exit 3", "RuntimeError: 3; two"),
        ("kill -SEGV $$", "RuntimeError: -11;"),
        ("exit 0", "JSONDecodeError"),
        ("echo nonsense", "JSONDecodeError"),
        ("echo []", "TypeError"),
        ('echo \'{"format": "neural-preset-doctor", "version": 2}\'', "of another version"),
    ):
        with home(script):
            text, remedy, _ = told()
            assert "ended without a report" in text and reason in text, (script, text)
            assert remedy


def hang() -> None:
    """It is ended in time, with what it has started; whoever closes the window need not wait."""
    from checkup import Checkup

    with home("sleep 1000 & echo $! > $NEURAL_PRESET_HOME/child; wait") as place:
        text, _, _ = told(limit=1)
        assert "was not done after 1 seconds" in text, text
        until(lambda: _gone(int((place / "child").read_text())))

        (place / "child").unlink()
        checkup = Checkup()
        thread = threading.Thread(target=checkup.run)
        thread.start()
        until(lambda: (place / "child").exists() and (place / "child").read_text())
        checkup.stop()
        thread.join(60)
        assert not thread.is_alive()
        until(lambda: _gone(int((place / "child").read_text())))
        # Stopped before it has begun.
        (place / "child").unlink()
        early = Checkup()
        early.stop()
        assert early.run().findings == ()
        assert not (place / "child").exists()


def window() -> None:
    """Alive while it waits; what is wrong comes first; copies are in the clipboard."""
    import gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("GimpUi", "3.0")
    from dialogs.diagnostics import Diagnostics
    from gi.repository import Gtk

    from core.doctor.finding import Finding, Remedy, report
    from core.phrase import Phrase

    found = [
        Finding("ok", Phrase("Fine."), group="room"),
        Finding("wrong", Phrase("Broken: {what}", what="x"), Remedy(Phrase("Type:"), "mend x")),
    ]
    answer = json.dumps(report(found))
    waits = "while [ ! -e $NEURAL_PRESET_HOME/go ]; do sleep 0.1; done"
    with home(f"{waits}; echo '{answer}'") as place:
        buttons = [Gtk.Button(label="copy"), Gtk.Button(label="again")]
        contents = Diagnostics(buttons)
        top = shown(contents, 600, 400)
        contents.start()
        settle()
        assert contents._head.get_visible_child_name() == "busy"
        assert contents._pulse.get_visible() and not buttons[0].get_sensitive()
        (place / "go").touch()
        until(lambda: contents._head.get_visible_child_name() == "verdict")
        assert contents._words.get_text() == "1 thing is wrong."
        assert buttons[0].get_sensitive() and not contents._pulse.get_visible()
        rows = [each for row in contents._findings.rows.get_children() if (each := _texts(row))]
        assert rows == [["Broken: x", "Type:", "mend x"], ["Fine."]], rows
        reached = np_dialogs.within_reach(top) or []
        assert [each for each in reached if each["focus"] and not each["name"]] == [], reached
        assert "Copy the command" in [each["name"] for each in reached]
        contents._copy_command("mend x")
        clipboard = Gtk.Clipboard.get_default(contents.get_display())
        until(lambda: clipboard.wait_for_text() == "mend x")
        contents.copy()
        until(lambda: "wrong  Broken: x\n       Type:\n" in (clipboard.wait_for_text() or ""))
        contents.start()
        contents.close()
        settle()
        top.destroy()


def german() -> None:
    """What the doctor has found is told in the user's language, and reported in English."""
    os.environ.update(LANG="de_DE.UTF-8", LANGUAGE="de")
    from core.doctor.finding import Finding, Remedy, report
    from core.phrase import Phrase

    found = Finding(
        *("wrong", Phrase("The package {name} is missing.", name="timm")),
        Remedy(Phrase("Repair the installation:"), "x"),
    )
    with home(f"echo '{json.dumps(report([found]))}'"):
        from checkup import Checkup

        report_ = Checkup().run()
    (finding,) = report_.findings
    assert finding.text == "Das Paket timm fehlt.", finding
    assert finding.remedy == "Reparieren Sie die Installation:"
    assert "wrong  The package timm is missing.\n" in report_.as_text()


def _texts(widget: Any) -> list[str]:
    from gi.repository import Gtk

    if isinstance(widget, Gtk.Label):
        return [widget.get_text()]
    children = widget.get_children() if isinstance(widget, Gtk.Container) else []
    return [text for child in children for text in _texts(child)]


def _gone(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    time.sleep(0.01)
    return state == "Z"


if __name__ == "__main__":
    np_screen.run((record, parts, crash, hang, window, german))
