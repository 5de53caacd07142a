"""A short campaign of hostile input against every reader, and what one counts as a failure."""

from __future__ import annotations

import functools
import json
import mmap
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import InputError
from tests.fuzz import campaign, mutation
from tests.fuzz.campaign import Campaign, Execute, Summary, Target
from tests.fuzz.mutation import changed_bytes, changed_json
from tests.fuzz.targets import NAMES, target

CHECKOUT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="campaigns look into /proc"
)


def test_the_real_conversations_with_the_worker_are_answered(tmp_path: Path) -> None:
    """Were they refused, what becomes of them would not lead far."""
    requests = target("request")
    with requests.opened(tmp_path) as execute:
        for conversation in requests.seeds():
            if b'"loose"' not in conversation:  # that one is cut off
                execute(conversation)


Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def test_no_reader_falls_for_hostile_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--executions", "250", "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f"\n{name} " in done.stdout for name in NAMES)


def fed(
    tmp_path: Path, execute: Callable[[bytes, Path], object], change: Change = changed_bytes
) -> Summary:
    """What a campaign of ten inputs says of a reader."""

    @contextmanager
    def opened(folder: Path) -> Iterator[Execute]:
        yield lambda data: execute(data, folder)

    trial = Target("trial", lambda: [b"a real input"], opened, change)
    run = Campaign(trial, tmp_path / "run", tmp_path / "findings", seed=1)
    run.run(10, 60, lambda summary: None)
    return run.summary


def test_a_refusal_is_no_failure(tmp_path: Path) -> None:
    def refuse(data: bytes, folder: Path) -> None:
        raise InputError("{what} is damaged.", what=data)

    summary = fed(tmp_path, refuse)
    assert (summary.executions, summary.accepted, summary.answers) == (10, 0, 1)
    assert summary.failures == {}


def test_another_exception_is_a_failure_whose_input_is_kept_once(tmp_path: Path) -> None:
    def fail(data: bytes, folder: Path) -> None:
        raise KeyError(data)

    failures = fed(tmp_path, fail).failures
    assert len(failures) == 1 and "KeyError at test_fuzz.py" in next(iter(failures))
    (kept,) = (Path(path) for path in failures.values())
    assert kept.read_bytes() == b"a real input"
    assert "KeyError" in kept.with_suffix(".txt").read_text(encoding="utf-8")


def test_a_file_that_is_left_is_a_failure(tmp_path: Path) -> None:
    failures = fed(tmp_path, lambda data, folder: (folder / "left").touch()).failures
    assert list(failures) == ["a file is left"]


def test_what_is_slow_twice_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "MOST_SECONDS", 0.01)

    def compute(data: bytes, folder: Path) -> None:
        end = time.process_time() + 0.02
        while time.process_time() < end:
            pass

    assert list(fed(tmp_path, compute).failures) == ["slow"]


def taken(size: int) -> mmap.mmap:
    """So much memory, every page of it touched and none that this process already held.

    What malloc gives may have been freed by an earlier test: then nothing grows.
    """
    fresh = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    fresh[:: mmap.PAGESIZE] = bytes(size // mmap.PAGESIZE)
    return fresh


def test_much_memory_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "MOST_MEMORY", 32 << 20)
    summary = fed(tmp_path, lambda data, folder: len(taken(64 << 20)))
    assert list(summary.failures) == ["memory"]
    assert 48 << 20 < summary.memory < 96 << 20


def test_to_change_an_input_may_take_any_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "MOST_MEMORY", 32 << 20)

    def change(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
        return taken(64 << 20)[: len(data)]

    summary = fed(tmp_path, lambda data, folder: None, change)
    assert summary.failures == {} and summary.memory < 16 << 20


def test_what_every_input_leaves_behind_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "MOST_GROWTH", 32 << 20)
    left: list[mmap.mmap] = []
    summary = fed(tmp_path, lambda data, folder: left.append(taken(8 << 20)))
    assert list(summary.failures) == ["growth"]
    assert summary.memory < 16 << 20


def test_what_is_loaded_for_the_real_inputs_is_no_growth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "MOST_GROWTH", 32 << 20)
    loaded = functools.cache(taken)
    summary = fed(tmp_path, lambda data, folder: loaded(64 << 20))
    assert summary.failures == {} and summary.growth < 16 << 20


def test_a_document_that_has_become_large_grows_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else lists of lists of lists take gigabytes before they are thrown away."""

    def nested(chance: random.Random, document: object) -> object:
        assert len(json.dumps(document)) <= mutation._LARGEST
        return [document] * 70

    monkeypatch.setattr(mutation, "changed_value", nested)
    chance = random.Random(1)
    for _ in range(50):
        changed_json(chance, json.dumps("x" * 5000).encode(), [])


FORBIDDEN = """
import os, sys
from pathlib import Path
from tests.fuzz.campaign import forbid_other_places
inside, outside = map(Path, sys.argv[1:])
forbid_other_places(inside)
(inside / "a").write_text("a")
for attempt in (
    lambda: (outside / "b").write_text("b"),
    lambda: os.rename(inside / "a", outside / "a"),
    lambda: (inside / ".." / "outside" / "c").write_text("c"),
    lambda: (outside / "d").mkdir(),
    lambda: os.system("true"),
):
    try:
        attempt()
    except RuntimeError:
        continue
    raise SystemExit("it was let through")
"""


def test_files_elsewhere_are_seen(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    command = [sys.executable, "-c", FORBIDDEN, str(inside), str(outside)]
    subprocess.run(command, cwd=CHECKOUT, check=True)
    assert os.listdir(inside) == ["a"] and os.listdir(outside) == []
