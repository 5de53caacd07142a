"""One target fed with changed inputs in this process, and what counts as a failure.

A refusal (NeuralPresetError) is what a hostile input deserves. Failures are any other exception,
more than two seconds, more than 256 MB of memory, memory that all inputs together do not give
back, and a file where none was asked for. What ends or stops the process is seen by its starter,
who finds the last input in the file RUNNING.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import NeuralPresetError
from core.phrase import Phrase

RUNNING = "running"
MOST_SECONDS = 2.0
MOST_MEMORY = 256 << 20  # bytes that one input may take
MOST_GROWTH = 64 << 20  # bytes that may be left of all changed inputs
_KILLED_AFTER = 20.0
_LARGEST_CORPUS = 400

Execute = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """Something that reads input of others.

    `opened(folder)` is a context that gives the function to feed; it may keep files in `folder`,
    the same ones after every input. `mutate(chance, data, others)` changes an input.
    """

    name: str
    seeds: Callable[[], Sequence[bytes]]
    opened: Callable[[Path], AbstractContextManager[Execute]]
    mutate: Callable[[random.Random, bytes, Sequence[bytes]], bytes]


@dataclass
class Summary:
    """What became of one target; sizes in bytes, times in seconds."""

    target: str
    executions: int = 0
    accepted: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    memory: int = 0
    """the most that one input took, for however short a time"""
    growth: int = 0
    """the most that was left of all inputs together after the last real one"""
    answers: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    """the kind of failure: the file that keeps the input"""


class Campaign:
    """Feeds one target; every kind of failure is kept once, with its input."""

    def __init__(self, target: Target, folder: Path, findings: Path, seed: int) -> None:
        self._target = target
        self._sandbox = folder / "sandbox"
        self._sandbox.mkdir(parents=True)
        self._running = os.open(folder / RUNNING, os.O_RDWR | os.O_CREAT, 0o600)
        self._findings = findings
        self._chance = random.Random(f"{target.name} {seed}")
        self._answers: set[str] = set()
        self._corpus = list(target.seeds())
        self._seeds = len(self._corpus)
        self._memory = _Memory()
        self._settled = 0
        self.summary = Summary(target.name)

    def run(self, executions: int, seconds: float, told: Callable[[Summary], None]) -> None:
        """Feed at most so many inputs, for at most so long; `told` hears of it now and then."""
        begin = hear = time.monotonic()
        with self._target.opened(self._sandbox) as execute:
            present = _listing(self._sandbox)
            for data in self._inputs(executions):
                self._one(execute, data, present)
                now = time.monotonic()
                self.summary.seconds = now - begin
                if now - hear > 1:
                    hear = now
                    told(self.summary)
                if now - begin > seconds:
                    break
        told(self.summary)

    def _inputs(self, executions: int) -> Iterable[bytes]:
        """The real inputs as they are, then changed ones."""
        seeds = self._corpus[:executions]
        yield from seeds
        for _ in range(executions - len(seeds)):
            chosen = self._chance.choice(self._corpus)
            yield self._target.mutate(self._chance, chosen, self._corpus)

    def _one(self, execute: Execute, data: bytes, present: list[str]) -> None:
        os.ftruncate(self._running, 0)
        os.pwrite(self._running, data, 0)
        # To change an input may take more memory than to read it: that peak is not the reader's.
        before = self._memory.forget_peak()
        begin = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, _KILLED_AFTER)
        failure = details = ""
        try:
            execute(data)
            answer = ""
            self.summary.accepted += 1
        except NeuralPresetError as error:
            answer = _kind(error)
        except Exception as error:
            answer = failure = _place(error)
            details = f": {str(error)[:300]!r}"
        signal.setitimer(signal.ITIMER_REAL, 0)
        elapsed = time.monotonic() - begin
        held, peak = self._memory.read()
        memory = max(peak - before, 0)
        self.summary.executions += 1
        self.summary.slowest = max(self.summary.slowest, elapsed)
        self.summary.memory = max(self.summary.memory, memory)
        # What is loaded or remembered for the real inputs stays for good, and may.
        if self.summary.executions <= self._seeds:
            self._settled = held
        growth = held - self._settled
        self.summary.growth = max(self.summary.growth, growth)
        if elapsed > MOST_SECONDS and self._again(execute, data) > MOST_SECONDS:
            failure = failure or "slow"
        if memory > MOST_MEMORY:
            failure = failure or "memory"
        if growth > MOST_GROWTH:
            failure = failure or "growth"
        if _listing(self._sandbox) != present:
            failure = failure or "a file is left"
        if failure:
            self._keep(failure, details, data)
        if answer not in self._answers:
            self._answers.add(answer)
            self.summary.answers = len(self._answers)
            # What got a new answer leads further; the largest inputs only cost time.
            if len(self._corpus) < _LARGEST_CORPUS and not failure:
                self._corpus.append(data)

    def _again(self, execute: Execute, data: bytes) -> float:
        """A busy computer is slow once."""
        begin = time.process_time()
        try:
            execute(data)
        except Exception:
            pass
        return time.process_time() - begin

    def _keep(self, failure: str, details: str, data: bytes) -> None:
        if failure not in self.summary.failures:
            path = keep(self._findings, self._target.name, failure, details, data)
            self.summary.failures[failure] = path


def keep(findings: Path, target: str, failure: str, details: str, data: bytes) -> str:
    """Write a failing input to a file, and beside it what happened; returns its path."""
    if not findings.is_dir():
        findings.mkdir(parents=True)
    path = findings / f"{target}-{hashlib.sha256(failure.encode()).hexdigest()[:8]}"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(f"{failure}{details}\n", encoding="utf-8", errors="replace")
    return str(path)


def forbid_other_places(*folders: Path) -> None:
    """From now on to write, remove or make a file outside these folders is an error."""
    inside = (*(f"{folder}{os.sep}" for folder in folders), os.devnull, "/proc/self/")
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    changes = {"os.mkdir", "os.remove", "os.rename", "os.link", "os.symlink", "os.truncate"}

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not isinstance(arguments[2], int) or not arguments[2] & writing:
                return
            paths = arguments[:1]
        elif event in changes:
            paths = arguments[:2]
        elif event in ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn"):
            raise RuntimeError(f"a program is started: {arguments[0]!r}")
        else:
            return
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike):
                full = os.path.abspath(os.fsdecode(path))
                if not full.startswith(inside):
                    raise RuntimeError(f"{event} outside of the folder: {full[:200]!r}")

    sys.addaudithook(watch)


def _listing(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def _kind(error: NeuralPresetError) -> str:
    """The answer without its values, so that equal refusals of different inputs are one."""
    templates = []
    phrase: Phrase | None = error.phrase
    while phrase is not None:
        templates.append(phrase.template)
        parts = (value for value in phrase.values.values() if isinstance(value, Phrase))
        phrase = next(parts, None)
    return " | ".join(templates)


def _place(error: BaseException) -> str:
    """What was raised, and where in our own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"{os.sep}core{os.sep}" in frame.filename]
    last = (own or frames)[-1]
    name = last.filename.partition(f"{os.sep}core{os.sep}")[2] or os.path.basename(last.filename)
    return f"{type(error).__name__} at {name}:{last.lineno}"


class _Memory:
    """What this process holds of the computer's memory, in bytes, by /proc."""

    def __init__(self) -> None:
        self._status = os.open("/proc/self/status", os.O_RDONLY)
        self._forget = os.open("/proc/self/clear_refs", os.O_WRONLY)

    def forget_peak(self) -> int:
        """From now on only later peaks count; returns what is held now."""
        os.pwrite(self._forget, b"5", 0)
        return self.read()[0]

    def read(self) -> tuple[int, int]:
        """What is held now, and the most that was since the last peak was forgotten."""
        # getrusage would begin with the peak of the program that has started this one.
        status = os.pread(self._status, 1 << 14, 0)
        found = (status.partition(name)[2].split(None, 1)[0] for name in (b"VmRSS:", b"VmHWM:"))
        held, peak = (int(kibibytes) << 10 for kibibytes in found)
        return held, peak
