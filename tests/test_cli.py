"""The command line without a worker: arguments, names of results, errors, exit statuses."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import __version__
from core.cli import main
from core.commands import options, outputs
from core.commands.console import Console, UsageError
from core.commands.work import Job
from core.errors import PhotoError
from core.presets import PresetStore

CHECKOUT = Path(__file__).resolve().parents[1]


def run(*arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=CHECKOUT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def plan(
    *photos: str, output: str | None = None, out_dir: str | None = None
) -> list[Job]:
    return outputs.plan(
        [Path(photo) for photo in photos],
        "dusk",
        Path(output) if output else None,
        Path(out_dir) if out_dir else None,
        lambda photo: photo.suffix,
    )


def test_module_runs_as_the_command() -> None:
    shown = run("--version")
    assert (shown.returncode, shown.stdout) == (0, f"neural-preset {__version__}\n")


@pytest.mark.parametrize("command", ["apply", "transfer", "normalize", "lut", "preset", "doctor"])
def test_every_command_explains_itself(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: neural-preset {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: COMMAND"),
        (["apply", "a.jpg"], "required: --preset"),
        (["apply", "a.jpg", "--preset", "x", "--strength", "101"], "not a number from 0 to 100"),
        (["apply", "a.jpg", "--preset", "x", "--strength", "nan"], "not a number from 0 to 100"),
        (["apply", "a.jpg", "--preset", "x", "--intent", "both"], "is not 'look', 'colors'"),
        (["apply", "a.jpg", "--preset", "x", "-o", "b.jpg", "--out-dir", "c"], "not allowed with"),
        (["apply", "a.jpg", "--preset", "x", "--jobs", "0"], "from 1 to 256"),
        (["normalize", "a.jpg", "--jobs", "2", "--dask", "tcp://b:1"], "not allowed with"),
        (["transfer", "a.jpg", "--style", "b.jpg", "--method", "magic"], "invalid choice"),
        (["lut", "a.jpg", "--preset", "x", "-o", "a.cube", "--size", "130"], "from 2 to 129"),
        (["lut", "a.jpg", "-o", "a.cube"], "one of the arguments --preset --style"),
    ],
)
def test_senseless_arguments_are_usage_errors(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_percent_and_intent_values() -> None:
    assert [options.percent(text) for text in ("0", "80%", "33.5")] == [0, 80, 33.5]
    assert [options.intent(text) for text in ("look", "colors", "25")] == [0, 100, 25]


def test_listing_presets_loads_nothing_heavy(home: Path) -> None:
    code = (
        "import sys; from core.cli import main; main(['preset', 'list']); "
        "print([name for name in ('torch', 'numpy', 'PIL') if name in sys.modules])"
    )
    listed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    assert listed.stdout.splitlines()[-1] == "[]"


def test_results_lie_beside_their_photos_or_in_the_folder() -> None:
    assert [job.result for job in plan("in/a.jpg", "b.PNG")] == [
        Path("in/a-dusk.jpg"),
        Path("b-dusk.PNG"),
    ]
    assert [job.result for job in plan("in/a.jpg", "b.PNG", out_dir="out")] == [
        Path("out/a.jpg"),
        Path("out/b.PNG"),
    ]
    assert plan("in/a.jpg", output="b.jpg")[0].result == Path("b.jpg")


def test_batches_that_would_lose_a_result_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="several photos: use --out-dir"):
        plan("a.jpg", "b.jpg", output="c.jpg")
    with pytest.raises(UsageError, match="would both become"):
        plan("one/a.jpg", "two/a.jpg", out_dir="out")
    with pytest.raises(UsageError, match="another photo of this batch"):
        plan("a.jpg", "a-dusk.jpg")
    with pytest.raises(UsageError, match="is a folder"):
        plan("a.jpg", output=str(tmp_path))


def test_a_usage_error_within_a_command_exits_with_2(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apply", "one/a.jpg", "two/a.jpg", "--preset", "Sepia", "--out-dir", "o"]) == 2
    assert "would both become" in capsys.readouterr().err
    assert not Path("o").exists()


def test_existing_files_are_free_with_overwrite_only(tmp_path: Path) -> None:
    taken = tmp_path / "a.jpg"
    outputs.check_free(taken, overwrite=False)
    taken.write_bytes(b"x")
    with pytest.raises(PhotoError, match="exists already"):
        outputs.check_free(taken, overwrite=False)
    outputs.check_free(taken, overwrite=True)
    with pytest.raises(PhotoError, match="is a folder"):
        outputs.check_free(tmp_path, overwrite=True)


def test_wildcards_are_expanded_where_the_shell_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.jpg", "a.jpg", "c.png", "[1].jpg"):
        Path(name).touch()
    expanded = outputs.expand(["[ab].jpg", "[1].jpg", "a.jpg"], wildcards=True)
    assert [photo.name for photo in expanded] == ["a.jpg", "b.jpg", "[1].jpg"]
    assert outputs.expand(["*.jpg"], wildcards=False) == [Path("*.jpg")]
    with pytest.raises(UsageError, match=r"no file matches \*\.tif"):
        outputs.expand(["*.tif"], wildcards=True)


def test_an_unknown_preset_is_named_with_what_is_close(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preset", "show", "Sepja"]) == 1
    assert "Sepia" in capsys.readouterr().err


def test_presets_are_copied_and_tagged(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preset", "duplicate", "Sepia"]) == 0
    assert main(["preset", "tag", "Sepia (2)", "old", "brown"]) == 0
    assert main(["preset", "duplicate", "Sepia (2)", "Mine"]) == 0
    assert main(["preset", "tag", "Sepia (2)"]) == 0
    assert main(["preset", "tag", "Sepia", "old"]) == 1
    shown = capsys.readouterr()
    assert "Sepia is copied to Sepia (2)" in shown.out
    assert "Sepia (2) has the tags old, brown" in shown.out
    assert "cannot be tagged" in shown.err
    store = PresetStore(home / "presets", home / "none")
    assert [(entry.name, entry.preset and entry.preset.tags) for entry in store.list()] == [
        ("Mine", ("old", "brown")),
        ("Sepia (2)", ()),
    ]


def test_a_photo_as_preset_is_pointed_to_transfer(
    home: Path, photo: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = tmp_path / "dusk.jpg"
    reference.write_bytes(photo("coffee").read_bytes())
    assert main(["apply", "a.jpg", "--preset", str(reference)]) == 1
    assert "neural-preset transfer --style" in capsys.readouterr().err


def test_errors_end_in_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    with console.attempt("b.jpg") as attempt:
        raise PhotoError("There is no file b.jpg.")
    assert isinstance(attempt.error, PhotoError) and console.status == 1
    with console.attempt("c.jpg"):
        raise ZeroDivisionError
    captured = capsys.readouterr().err.splitlines()
    assert captured[0] == "neural-preset: There is no file b.jpg."
    assert captured[1].startswith("Traceback") and "c.jpg: An error in Neural" in captured[-1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE to speak of")
def test_a_reader_that_leaves_is_no_error(home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        listed = run("preset", "list", stdout=writing)
    finally:
        os.close(writing)
    assert (listed.returncode, listed.stderr) == (141, "")


def test_ctrl_c_has_its_own_exit_status(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.presets.PresetStore.list", interrupted)
    assert main(["preset", "list"]) == 130
    assert capsys.readouterr().err == "neural-preset: stopped\n"


def test_the_bar_is_for_terminals_and_several_files(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    console = Console()
    cases = ((Terminal(), 3, True), (Terminal(), 1, False), (io.StringIO(), 3, False))
    for stream, total, drawn in cases:
        monkeypatch.setattr(sys, "stderr", stream)
        console.progress(1, total, "a.jpg")
        assert ("1/3 a.jpg" in stream.getvalue()) == drawn
        console.warn("b.jpg is odd")
        assert stream.getvalue().endswith("1/3 a.jpg") == drawn  # the bar is below the line again
        console.end_progress()
        assert stream.getvalue().endswith("\r\x1b[K") == drawn
