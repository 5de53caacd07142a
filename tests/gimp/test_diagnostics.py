"""Diagnostics in a real GIMP: its window by keyboard, and what a script gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gimp.harness import CHECKOUT, Gimp
from tests.gimp.window import Window

TITLE = "^Diagnostics$"
HEAD = "Neural Preset for GIMP: diagnostics\nNeural Preset "
PASTED = CHECKOUT / "tests" / "gimp" / "inside" / "np_pasted.py"
SCRIPT = """
    (let ((found (plug-in-neural-preset-diagnostics #:run-mode RUN-NONINTERACTIVE)))
      (if (= (car found) FALSE) (error (cadr found))))
"""


@pytest.fixture
def record(gimp: Gimp) -> Iterator[Path]:
    """The plug-in's record, to be damaged; it is whole again afterwards."""
    gimp.install()
    path = gimp.plugin / "installation.json"
    whole = path.read_bytes()
    yield path
    path.write_bytes(whole)


def examinations(window: Window) -> tuple[int, int]:
    """How many have begun in the open window, and how many of them have ended."""
    lines = window.told().lines
    return lines.count("examining"), lines.count("examined")


def copied(window: Window, file: Path, wanted: str, nth: int = 1, without: str = "\0") -> str:
    """The report of the nth examination as another program gets it; these words are in it."""

    def read() -> str:
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def reached() -> bool:
        return read().startswith(HEAD) and wanted in read() and without not in read()

    window.until(lambda: examinations(window) == (nth, nth))
    window.press("alt+y", where=TITLE, until=reached)
    return read()


def test_window_tells_what_is_wrong_and_what_helps(gimp: Gimp, record: Path) -> None:
    """A damaged preset is put away by the command that the report names, and nothing is wrong any
    more; then nothing of the installation can be found."""
    file = gimp.scratch / "pasted.txt"
    damaged = gimp.home / "presets" / "It's late.json"
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_text("{")
    with Window(gimp, None) as window:
        window.beside(["python3", str(PASTED), str(file)])
        window.open_dialog("Diagnostics", TITLE)
        window.screenshot("diagnostics-busy")
        text = copied(window, file, f"wrong  {damaged} is damaged")
        assert f"GIMP {gimp.version}." in text.splitlines()[1]
        window.screenshot("diagnostics-wrong")
        lines = text.splitlines()
        command = next(line for line in lines if line.startswith("           mv ")).strip()
        gimp.run(["sh", "-c", command])
        window.press("alt+r", where=TITLE, until=lambda: examinations(window)[0] == 2)
        text = copied(window, file, "ok     The background worker works: ", 2, "is damaged")
        assert f"ok     GIMP plug-in: {gimp.plugin}\n" in text
        assert "\nwrong" not in text
        window.screenshot("diagnostics")
        damaged.with_name(damaged.name + ".old").unlink()
        window.close(TITLE)

        record.write_bytes(record.read_bytes()[:-40])
        window.open_dialog("Diagnostics", TITLE)
        text = copied(window, file, "wrong  Neural Preset is not completely installed: ")
        assert str(record) in text and "install.py --repair" in text
        window.screenshot("diagnostics-broken")
        window.close(TITLE)


def test_script_gets_the_report(gimp: Gimp, record: Path) -> None:
    """To have found something is no failure; without a screen there is no window."""
    found = gimp.run_python(
        """
        name = "plug-in-neural-preset-diagnostics"
        whole = call(name)
        with open(args["record"], "w") as file:
            file.write("damaged")
        broken = call(name)
        result["whole"] = [whole.status, *whole.values]
        result["broken"] = [broken.status, *broken.values]
        result["window"] = call(name, run_mode=Gimp.RunMode.INTERACTIVE).as_dict()
        """,
        record=record,
    )
    assert found["whole"][:2] == ["SUCCESS", True], found["whole"]
    assert found["whole"][2].startswith(HEAD)
    assert "ok     The background worker works: " in found["whole"][2]
    assert found["broken"][:2] == ["SUCCESS", False]
    assert f"the record {record} is damaged" in found["broken"][2]
    assert found["window"]["status"] == "CALLING_ERROR"
    assert "there is no screen to show it on" in found["window"]["message"]
    script = gimp.run_script_fu(SCRIPT)
    assert script.returncode != 0
    assert "not completely installed" in script.stdout + script.stderr
