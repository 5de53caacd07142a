"""`python -m core.benchmark.batch`: what the look adds to reading and writing many photos.

Photos of 12 megapixels made of scikit-image's pictures, no two alike, are copied through the same
readers and writers on as many threads, then given a look by `neural-preset apply`, each in a
process of its own, by turns. The background worker runs already and knows none of the photos: it is
started anew for each turn. Needs scikit-image.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core import images
from core.client import Session
from core.commands.crew import Crew
from core.commands.work import Job
from core.cores import cores
from core.paths import locations

_PICTURES = ("astronaut", "coffee", "chelsea", "rocket")
_GRAIN = 3.0  # of 255: without it files would be smaller than a camera's
_ENLARGED = 2
_PRESET = "Golden Hour"


@dataclass(frozen=True)
class Run:
    """How long all photos took, and the most memory that the process ever had (bytes, Linux)."""

    seconds: float
    memory: int


def main(argv: Sequence[str] | None = None) -> int:
    """Prints both rates, their ratio and the memory."""
    parser = argparse.ArgumentParser(prog="python -m core.benchmark.batch", description=__doc__)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--suffix", default=".jpg", help=".jpg, .png, .tif, .exr or .webp")
    parser.add_argument("--jobs", type=int, default=cores())
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print numbers for a program")
    parser.add_argument("--measure", choices=("copy", "apply"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        print(json.dumps(vars(_measured(arguments.measure, arguments.folder, arguments.jobs))))
        return 0
    with tempfile.TemporaryDirectory(prefix="neural-preset-") as folder:
        numbers = _compare(arguments, Path(folder))
    print(json.dumps(numbers, indent=1) if arguments.json else _table(numbers))
    return 0


def picture(index: int, megapixels: float) -> np.ndarray:
    """A picture of 4:3, (H, W, 3) uint8: one of scikit-image's, mirrored, side by side, grainy."""
    from skimage import data

    width, height = round((megapixels * 4e6 / 3) ** 0.5), round((megapixels * 3e6 / 4) ** 0.5)
    small = Image.fromarray(getattr(data, _PICTURES[index % len(_PICTURES)])())
    size = (small.width * _ENLARGED, small.height * _ENLARGED)
    tile = np.asarray(small.resize(size, Image.Resampling.BICUBIC))
    tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
    tile = np.concatenate([tile, tile[::-1]], axis=0)
    whole = np.tile(tile, (-(-height // len(tile)), -(-width // tile.shape[1]), 1))
    grain = np.random.default_rng(index).normal(0, _GRAIN, (height, width, 3))
    return np.clip(whole[:height, :width] + grain, 0, 255).astype(np.uint8)


def _compare(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    photos = folder / "photos"
    photos.mkdir()
    originals = [
        picture(index, arguments.megapixels)
        for index in range(min(arguments.photos, 2 * len(_PICTURES)))
    ]
    for index in range(arguments.photos):
        # Moved, so that the worker has seen no other like it.
        moved = np.roll(originals[index % len(originals)], 16 * index, axis=0)
        images.write(photos / f"{index:04}{arguments.suffix}", images.Photo(moved))
    del originals
    runs: dict[str, list[Run]] = {"copy": [], "apply": []}
    for _ in range(arguments.turns):
        with Session(locations()) as session:
            session.stop()
        with Session(locations()) as session:
            session.status()  # answers once the network is there
            for kind, found in runs.items():
                found.append(_in_a_process(kind, folder, arguments.jobs))
            worker = int(session.status()["rss"])
    best = {kind: min(run.seconds for run in found) for kind, found in runs.items()}
    return {
        "photos": arguments.photos,
        "megapixels": arguments.megapixels,
        "suffix": arguments.suffix,
        "jobs": arguments.jobs,
        "file_bytes": sum(path.stat().st_size for path in photos.iterdir()) // arguments.photos,
        "copy_seconds": best["copy"],
        "apply_seconds": best["apply"],
        "ratio": best["copy"] / best["apply"],
        "copy_memory": max(run.memory for run in runs["copy"]),
        "apply_memory": max(run.memory for run in runs["apply"]),
        "worker_memory": worker,
    }


def _in_a_process(kind: str, folder: Path, jobs: int) -> Run:
    own = ("-m", "core.benchmark.batch", "--measure", kind, "--folder", str(folder))
    done = subprocess.run(
        [sys.executable, *own, "--jobs", str(jobs)],
        cwd=locations().app,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _measured(kind: str, folder: Path, jobs: int) -> Run:
    photos = sorted((folder / "photos").iterdir())
    with tempfile.TemporaryDirectory(dir=folder) as results:
        start = time.perf_counter()
        if kind == "copy":
            _copy([Job(photo, Path(results) / photo.name) for photo in photos], jobs)
        else:
            from core.cli import main as neural_preset

            words = ["--preset", _PRESET, "--out-dir", results, "--jobs", str(jobs)]
            if neural_preset(["apply", *map(str, photos), *words]):
                raise SystemExit("neural-preset apply failed")
        seconds = time.perf_counter() - start
        if len(list(Path(results).iterdir())) != len(photos):
            raise SystemExit("results are missing")
    return Run(seconds, _most_memory())


def _copy(jobs: Sequence[Job], threads: int) -> None:
    def copy(job: Job, pause: Callable[[], None]) -> None:
        images.write(job.result, images.read(job.photo))

    with Crew(copy, jobs, threads, lambda: None) as crew:
        for outcome in crew.outcomes():
            if outcome is None or outcome.error:
                raise SystemExit(f"a photo could not be copied: {outcome}")


def _most_memory() -> int:
    # Not getrusage, which begins with the memory of the process that started this one.
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return 0


def _table(numbers: dict[str, Any]) -> str:
    def line(name: str, key: str) -> str:
        rate = numbers["photos"] / numbers[f"{key}_seconds"]
        memory = numbers[f"{key}_memory"] / 1e6
        return (
            f"{name:24} {rate:8.2f} photos/s {rate * numbers['megapixels']:8.0f} MP/s "
            f"{memory:8.0f} MB at most"
        )

    return "\n".join(
        [
            f"{numbers['photos']} photos of {numbers['megapixels']:g} megapixels ("
            f"{numbers['suffix']}, {numbers['file_bytes'] / 1e6:.1f} MB each), "
            f"{numbers['jobs']} at a time",
            line("decode and encode alone", "copy"),
            line("neural-preset apply", "apply"),
            f"apply runs at {numbers['ratio']:.0%} of the speed of decoding and encoding alone",
            f"background worker: {numbers['worker_memory'] / 1e6:.0f} MB",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
