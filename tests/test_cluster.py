"""--dask: the same batch on a real cluster of two processes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing import resource_tracker
from pathlib import Path

import distributed
import pytest
from PIL import Image

from core import __version__
from core.cli import main
from core.commands import cluster
from core.commands.cluster import Cluster, develop
from core.commands.resume import state
from core.commands.work import Job, Look, Work
from tests import pictures
from tests.workers import temporary_locations

WORK = Work(Look({"kind": "normalize"}))


@pytest.fixture(scope="module")
def machines() -> Iterator[distributed.LocalCluster]:
    """Two Dask workers, each a process; their Neural Preset is in a home of the test's own."""
    # Not a process of that home: it lives as long as this one.
    resource_tracker.ensure_running()
    with (
        temporary_locations(),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as local,
    ):
        yield local


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with photos a.png to c.png."""
    monkeypatch.chdir(tmp_path)
    for index, name in enumerate("abc"):
        Image.fromarray(pictures.chelsea()[: 100 + index]).save(f"{name}.png")
    return tmp_path


def test_a_cluster_makes_what_this_computer_makes(
    folder: Path, machines: distributed.LocalCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    command = ["apply", "a.png", "bad.jpg", "b.png", "c.png", "--preset", "Sepia"]
    assert main([*command, "--out-dir", "far", "--dask", machines.scheduler_address]) == 1
    shown = capsys.readouterr()
    assert shown.out.split() == ["far/a.png", "far/b.png", "far/c.png"]
    assert len(shown.err.splitlines()) == 1 and "bad.jpg is damaged" in shown.err
    assert main([*command, "--out-dir", "near"]) == 1
    for name in ("a.png", "b.png", "c.png"):
        assert Path("far", name).read_bytes() == Path("near", name).read_bytes()

    Path("far/b.png").unlink()
    before = Path("far/a.png").stat().st_mtime_ns
    again = [*command, "--out-dir", "far", "--resume", "--dask", machines.scheduler_address]
    assert main(again) == 1
    assert Path("far/b.png").exists() and Path("far/a.png").stat().st_mtime_ns == before


def test_photos_of_a_lost_machine_go_to_another(
    folder: Path, machines: distributed.LocalCluster
) -> None:
    jobs = []
    for index in range(60):
        os.link("a.png", f"p{index:02}.png")
        jobs.append(Job(Path(f"p{index:02}.png"), folder / f"done{index:02}.png"))
    with Cluster(machines.scheduler_address, jobs, WORK, lambda: None) as hands:
        outcomes = hands.outcomes()
        first = next(outcomes)
        os.kill(machines.workers[0].process.pid, signal.SIGKILL)
        rest = list(outcomes)
    assert [outcome and outcome.error for outcome in (first, *rest)] == [None] * len(jobs)
    assert all(job.result.exists() for job in jobs)


def test_stopping_leaves_the_photos_that_were_not_begun(
    folder: Path, machines: distributed.LocalCluster
) -> None:
    jobs = []
    for index in range(60):
        os.link("a.png", f"p{index:02}.png")
        jobs.append(Job(Path(f"p{index:02}.png"), folder / f"done{index:02}.png"))
    with Cluster(machines.scheduler_address, jobs, WORK, lambda: None) as hands:
        outcomes = hands.outcomes()
        assert next(outcomes) is not None
        hands.stop()
        assert None in list(outcomes)


def test_a_photo_that_was_done_before_its_machine_was_lost_is_not_done_again(
    folder: Path,
) -> None:
    result = folder / "done.png"
    result.write_bytes(b"made by the first try")
    done = develop(__version__, str(folder / "a.png"), str(result), None, asdict(WORK))
    assert done == (None, "", []) and result.read_bytes() == b"made by the first try"
    code, text, _ = develop(
        __version__, str(folder / "a.png"), str(result), state(result), asdict(WORK)
    )
    assert code == "photo" and "exists already" in text


def test_machines_with_another_version_say_so(folder: Path) -> None:
    code, text, _ = develop("0.0.1", str(folder / "a.png"), "made.png", None, asdict(WORK))
    assert code == "worker" and "this computer 0.0.1" in text and not Path("made.png").exists()


def test_a_cluster_that_is_not_there_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "_TIMEOUT", "1s")
    for address in ("tcp://127.0.0.1:9", "nowhere at all"):
        assert main(["normalize", "a.png", "--dask", address]) == 1
        assert f"no Dask scheduler at {address}" in capsys.readouterr().err


def test_without_dask_the_command_to_install_it_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["normalize", "a.png", "--dask", "tcp://127.0.0.1:9"]) == 1
    assert "python3 install.py --extra dask" in capsys.readouterr().err
