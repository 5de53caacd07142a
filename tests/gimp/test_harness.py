"""The harness itself: a green GIMP test is worth nothing if a failing one were green too."""

from __future__ import annotations

import pytest

from tests.gimp.harness import Gimp, GimpError


def test_code_runs_in_a_real_gimp_of_the_stated_version(bare_gimp: Gimp) -> None:
    result = bare_gimp.run_python(
        """
        import sys
        result["version"] = Gimp.version()
        result["directory"] = Gimp.directory()
        result["argument"] = args["number"] + 1
        result["python"] = list(sys.version_info[:2])
        try:
            import numpy
        except ImportError:
            result["numpy"] = False
        """,
        number=41,
    )
    assert result["version"].startswith(bare_gimp.version + ".")
    assert result["directory"] == str(bare_gimp.config)
    assert result["argument"] == 42
    assert result["python"] >= [3, 13]
    assert result["numpy"] is False  # so the plug-in may not need it


def test_pixels_go_in_and_out_unchanged(bare_gimp: Gimp) -> None:
    result = bare_gimp.run_python(
        """
        data = gradient(37, 21, channels=4)
        image, layer = new_image(37, 21, alpha=True)
        write(layer, data, "R'G'B'A u8")
        result["u8"] = read(layer) == data
        image, layer = new_image(37, 21, precision="FLOAT_LINEAR", alpha=True)
        write(layer, data, "R'G'B'A u8")
        result["converted"] = read(layer, "R'G'B'A u8") == data
        result["own"] = len(read(layer)) == 37 * 21 * 4 * 4
        """
    )
    assert result == {"u8": True, "converted": True, "own": True}


def test_procedures_report_their_status(bare_gimp: Gimp) -> None:
    result = bare_gimp.run_python(
        """
        image, layer = new_image(8, 8)
        result["good"] = call("gimp-image-get-selected-layers", image=image).as_dict()
        path = "/no/such/photo.png"
        result["bad"] = call("file-png-load", file=path).as_dict()
        """
    )
    assert result["good"] == {"status": "SUCCESS", "message": ""}
    assert result["bad"]["status"] != "SUCCESS"


def test_failing_python_raises_with_its_traceback(bare_gimp: Gimp) -> None:
    with pytest.raises(GimpError, match="ValueError: the reason"):
        bare_gimp.run_python("raise ValueError('the reason')")
    with pytest.raises(GimpError, match="SystemExit"):
        bare_gimp.run_python("raise SystemExit(0)")


def test_gimp_that_dies_raises(bare_gimp: Gimp) -> None:
    with pytest.raises(GimpError, match="exit status"):
        bare_gimp.run_python("import os; os._exit(0)")


def test_failing_script_fu_has_an_exit_status(bare_gimp: Gimp) -> None:
    fine = bare_gimp.run_script_fu('(gimp-message "hello")')
    assert fine.returncode == 0, fine.stderr
    assert bare_gimp.run_script_fu("(no-such-procedure)").returncode != 0


def test_gimp_that_hangs_is_ended(bare_gimp: Gimp) -> None:
    with pytest.raises(GimpError, match="not done within"):
        bare_gimp.run(["sleep", "1000"], timeout=1)


def test_a_new_gimp_knows_its_own_plugins(bare_gimp: Gimp) -> None:
    """All but the few that never answer: to ask a hundred takes long."""
    new = Gimp(bare_gimp.root)
    try:
        done = new.run(["gimp-console", "--verbose", "-idf", "--quit"])
    finally:
        new.close()
    told = done.stdout + done.stderr
    assert "Parsing" in told
    assert told.count("Querying plug-in") < 20
