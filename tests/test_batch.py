"""Many photos at a time: order, failures, giving up, Ctrl-C, going on where a run stopped."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import images
from core.cli import main
from core.commands import remarks
from core.commands.console import Console
from core.commands.crew import Crew
from core.commands.progress import Progress
from core.commands.resume import FOLDER, Notes
from core.commands.work import Job, Look, Outcome, Patience, Work
from core.errors import PhotoError, WorkerError
from core.locations import Locations
from tests import pictures
from tests.workers import CHECKOUT, temporary_locations

Pause = Callable[[], None]
WORK = Work(Look({"kind": "normalize"}))


@pytest.fixture(scope="module")
def places() -> Iterator[Locations]:
    with temporary_locations() as locations:
        yield locations


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: Locations) -> Path:
    """The current directory, with photos a.png to d.png."""
    monkeypatch.chdir(tmp_path)
    for name in "abcd":
        Image.fromarray(pictures.chelsea()[: 100 + ord(name)]).save(f"{name}.png")
    return tmp_path


def jobs(*names: str) -> list[Job]:
    return [Job(Path(f"{name}.png"), Path(f"{name}-done.png")) for name in names]


def nothing() -> None:
    """Called after each photo."""


def test_outcomes_come_in_the_order_of_the_photos_whichever_is_ready_first() -> None:
    last_is_done = threading.Event()

    def do(job: Job, pause: Pause) -> None:
        if job.photo.stem == "c":
            last_is_done.set()
            raise PhotoError("It is damaged.")
        last_is_done.wait(30)

    finished: list[str] = []
    with Crew(do, jobs("a", "b", "c"), 3, lambda: finished.append("one")) as crew:
        errors = [outcome and type(outcome.error) for outcome in crew.outcomes()]
    assert errors == [type(None), type(None), PhotoError] and len(finished) == 3


def test_no_more_photos_are_at_work_than_asked_for() -> None:
    at_work: list[Job] = []
    most: list[int] = []

    def do(job: Job, pause: Pause) -> None:
        at_work.append(job)
        most.append(len(at_work))
        time.sleep(0.01)
        at_work.remove(job)

    with Crew(do, jobs(*"abcdefgh"), 2, nothing) as crew:
        assert all(crew.outcomes())
    assert max(most) == 2


def test_leaving_gives_up_the_photo_at_hand_at_its_next_step() -> None:
    begun = threading.Event()
    steps: list[str] = []

    def do(job: Job, pause: Pause) -> None:
        begun.set()
        while True:
            steps.append(job.photo.stem)
            pause()
            time.sleep(0.001)

    with Crew(do, jobs("a", "b"), 1, nothing):
        begun.wait(30)
    assert set(steps) == {"a"}


def test_a_crew_stops_when_the_worker_fails_a_second_time() -> None:
    def do(job: Job, pause: Pause) -> None:
        if job.photo.stem != "b":
            raise WorkerError("The background worker was lost.")

    with Crew(do, jobs(*"abcde"), 1, nothing) as crew:
        outcomes = list(crew.outcomes())
    assert [outcome is not None for outcome in outcomes] == [True, True, True, False, False]


def test_only_failures_of_the_worker_try_our_patience() -> None:
    patience = Patience()
    tried = [PhotoError("x"), None, WorkerError("x"), PhotoError("x"), WorkerError("x")]
    assert [patience.ends_with(Outcome(error)) for error in tried] == [False] * 4 + [True]


def test_warnings_about_a_photo_stay_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    console = Console()
    log = logging.getLogger("core.images")

    def do(job: Job, pause: Pause) -> None:
        log.warning("%s is deep", job.photo)

    with Crew(do, jobs("a", "b"), 2, nothing) as crew:
        kept = [outcome.remarks for outcome in crew.outcomes() if outcome]
    assert kept == [["a.png is deep"], ["b.png is deep"]]
    assert capsys.readouterr().err == "" and not remarks.being_kept()
    log.warning("of no photo")
    assert capsys.readouterr().err == "neural-preset: of no photo\n"
    console.end_progress()


def test_an_error_keeps_no_photo_in_memory() -> None:
    import weakref

    class Pixels:
        pass

    kept: list[weakref.ref[Pixels]] = []

    def do(job: Job, pause: Pause) -> None:
        pixels = Pixels()
        kept.append(weakref.ref(pixels))
        raise PhotoError("The disk is full.")

    with Crew(do, jobs("a"), 1, nothing) as crew:
        (outcome,) = crew.outcomes()
        assert outcome is not None and outcome.error is not None
        assert kept[0]() is None


def test_the_bar_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    clock = iter([100.0, 102.0, 104.0])
    progress = Progress(Console(), 160, now=lambda: next(clock))
    progress.step()
    progress.step()
    assert terminal.getvalue().endswith("] 2/160 0.5 photos/s, 5:16 left")


def test_what_a_run_has_made_is_known_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    photo, result = tmp_path / "a.png", tmp_path / "out" / "a.png"
    job = Job(photo, result)
    photo.write_bytes(b"photo")
    notes = Notes(tmp_path / FOLDER, WORK)

    notes.begin([job])
    assert notes.made([job]) == set()  # interrupted before the result was there
    result.write_bytes(b"result")
    assert Notes(tmp_path / FOLDER, WORK).made([job]) == {job}

    other_look = Work(Look({"kind": "normalize"}, strength=50))
    assert Notes(tmp_path / FOLDER, other_look).made([job]) == set()
    assert Notes(tmp_path / FOLDER, Work(WORK.look, quality=80)).made([job]) == set()
    photo.write_bytes(b"another photo")
    assert notes.made([job]) == set()


def test_a_result_of_old_is_not_taken_for_one_of_an_interrupted_run(tmp_path: Path) -> None:
    photo, result = tmp_path / "a.png", tmp_path / "b.png"
    photo.write_bytes(b"photo")
    result.write_bytes(b"older")
    notes = Notes(tmp_path / FOLDER, WORK)
    notes.begin([Job(photo, result)])
    assert notes.made([Job(photo, result)]) == set()


def test_damaged_notes_mean_that_nothing_is_known(tmp_path: Path) -> None:
    photo, result = tmp_path / "a.png", tmp_path / "b.png"
    photo.write_bytes(b"photo")
    notes = Notes(tmp_path / FOLDER, WORK)
    notes.begin([Job(photo, result)])
    result.write_bytes(b"result")
    (kept,) = (tmp_path / FOLDER).glob("*.json")
    for damaged in (b"", b"[]", b'{"results": []}', b'{"results": {"b.png": 3}}'):
        kept.write_bytes(damaged)
        assert notes.made([Job(photo, result)]) == set()


def test_resume_goes_on_where_a_run_stopped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["apply", "a.png", "b.png", "c.png", "--preset", "Sepia", "--out-dir", "out"]
    Path("b.png").rename("away.png")
    assert main(command) == 1
    Path("away.png").rename("b.png")
    before = {name: Path("out", name).stat().st_mtime_ns for name in ("a.png", "c.png")}
    capsys.readouterr()

    assert main(command) == 1
    assert capsys.readouterr().err.count("exists already") == 2  # as ever, without --resume
    Path("out/b.png").unlink()
    assert main([*command, "--resume"]) == 0
    assert capsys.readouterr().out.split() == ["out/a.png", "out/b.png", "out/c.png"]
    assert before == {name: Path("out", name).stat().st_mtime_ns for name in before}

    other = [*command, "--strength", "50", "--resume"]
    assert main(other) == 1  # made, but not with this look
    assert capsys.readouterr().err.count("exists already") == 3
    assert main([*other, "--overwrite"]) == 0
    assert before["a.png"] != Path("out/a.png").stat().st_mtime_ns


# `python -m core`, even where Ctrl+C is ignored, as in whatever a shell runs in the background.
_LISTENING = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("core", run_name="__main__")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_stops_soon_leaves_nothing_half_and_can_be_resumed(folder: Path) -> None:
    for index in range(100):
        os.link("a.png", f"p{index:03}.png")
    photos = sorted(str(path) for path in Path().glob("p*.png"))
    command = ["apply", *photos, "--preset", "Sepia", "--out-dir", "out"]
    with subprocess.Popen(
        [sys.executable, "-c", _LISTENING, *command],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        first = run.stdout.readline()
        run.send_signal(signal.SIGINT)
        rest, said = run.communicate(timeout=60)
    assert run.returncode == 130 and said == "neural-preset: stopped\n"
    printed = [first.strip(), *rest.split()]
    there = sorted(str(path) for path in Path("out").iterdir())
    assert set(printed) <= set(there) < {f"out/{name}" for name in photos}
    for path in there:
        Image.open(path).load()

    made = {path: Path(path).stat().st_mtime_ns for path in there}
    assert main([*command, "--resume"]) == 0
    assert len(list(Path("out").iterdir())) == len(photos)
    assert made == {path: Path(path).stat().st_mtime_ns for path in there}


def test_several_jobs_make_what_one_makes(folder: Path) -> None:
    photos = ["a.png", "b.png", "c.png", "d.png"]
    for count in ("1", "3"):
        command = ["apply", *photos, "--preset", "Sepia", "--out-dir", count, "--jobs", count]
        assert main(command) == 0
    for name in photos:
        assert Path("1", name).read_bytes() == Path("3", name).read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts pages that it clears")
def test_a_small_picture_does_not_cost_the_memory_that_is_kept_for_photos() -> None:
    program = """if True:
        import resource
        from PIL import Image
        from core.photofile import lossy

        def cleared():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            Image.new("RGB", (4000, 3000))
            Image.new("RGB", (100, 100))
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

        lossy.keep_buffers(1)
        print(cleared(), cleared(), cleared())
    """
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    first, *others = map(int, told.stdout.split())
    assert max(others) < first / 20


def test_others_go_on_while_a_jpeg_is_encoded(tmp_path: Path) -> None:
    """Pillow encodes one outside Python's lock only where it writes to the file itself."""
    noise = np.random.default_rng(0).normal(120, 20, (2000, 3000, 3)).clip(0, 255).astype(np.uint8)

    def turns_of_another(work: Callable[[], object]) -> int:
        turns, over = 0, threading.Event()

        def go_on() -> None:
            nonlocal turns
            while not over.wait(0.001):
                turns += 1

        other = threading.Thread(target=go_on)
        other.start()
        work()
        over.set()
        other.join()
        return turns

    photo, picture = images.Photo(noise), Image.fromarray(noise)
    written = turns_of_another(lambda: images.write(tmp_path / "noise.jpg", photo))
    held = turns_of_another(lambda: picture.save(io.BytesIO(), "JPEG", quality=95, subsampling=0))
    assert written > 3 * held + 10
