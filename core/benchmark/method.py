"""From a photo and a reference to the result, as in table 2 of the paper: time and memory.

`python -m core.benchmark.method WIDTH HEIGHT DEVICE RUNS` measures one size in a process of its
own and prints JSON. Encoder and lattice run on the device, the pixels in OpenColorIO; on a GPU
the pixels are also tried there, with the way there and back.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core import model
from core.benchmark.memory import peak
from core.benchmark.scene import LOOK, photo
from core.benchmark.timing import Timing, timed
from core.lut import Lut, bake_accurately
from core.processor import Processor
from core.thumbnail import thumbnail

# Ke et al. 2023 (arXiv 2303.13511), an RTX 3090: seconds; 1.96 GB of its memory at every size.
PUBLISHED = {"FHD": 0.013, "2K": 0.016, "4K": 0.019, "8K": 0.061}
PUBLISHED_GB = 1.96


@dataclass(frozen=True)
class Row:
    """One size on one device: seconds for each step and for all, and bytes of memory.

    memory: what the process has beside the picture at its peak, with Python, torch and the
    network; gpu_memory: what torch has of the GPU's. resident: the LUT's time with the pixels
    sent to the GPU and fetched again.
    """

    size: str
    device: str
    thumbnail: Timing
    encoder: Timing
    lattice: Timing
    apply: Timing
    whole: Timing
    nodes: int
    memory: int
    gpu_memory: int | None = None
    resident: Timing | None = None


def devices() -> list[str]:
    """Where the network can run here."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def measure(sizes: dict[str, tuple[int, int]], where: Sequence[str], runs: int) -> Iterator[Row]:
    """A row for every size and device, each measured in a fresh process."""
    for device in where:
        for size, (width, height) in sizes.items():
            words = [str(word) for word in (width, height, device, runs)]
            done = subprocess.run(
                [sys.executable, "-m", __name__, *words],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found: dict[str, Any] = json.loads(done.stdout)
            found |= {name: Timing(*pair) for name, pair in found.pop("times").items()}
            yield Row(size, device, **found)


def _measured(width: int, height: int, device: str, runs: int) -> dict[str, Any]:
    network = model.load(device=device)
    content, target = photo(width, height), photo(width, height)
    reference = thumbnail(photo(640, 480)[:, ::-1] // 2 + 60)

    def seen() -> np.ndarray:
        return np.stack([thumbnail(content), reference])

    def lattice(codes: list[model.Codes]) -> Lut:
        return bake_accurately(network.styling("look", codes[0], codes[1].style("look")))

    def whole() -> None:
        Processor(lattice(network.codes_of(seen()))).apply(target)

    def again() -> None:
        np.copyto(target, content)

    pair = seen()
    codes = network.codes_of(pair)
    lut = lattice(codes)
    processor = Processor(lut)
    times = {
        "whole": timed(whole, runs, again),
        "thumbnail": timed(seen, runs),
        "encoder": timed(lambda: network.codes_of(pair), runs),
        "lattice": timed(lambda: lattice(codes), runs),
        "apply": timed(lambda: processor.apply(target), runs, again),
    }
    found: dict[str, Any] = {"nodes": lut.size, "memory": peak() - 2 * content.nbytes}
    if device != "cpu":
        found["gpu_memory"] = torch.cuda.max_memory_reserved()
        times["resident"] = timed(lambda: on_device(content, device), runs)
    return {"times": {name: (each.median, each.best) for name, each in times.items()}, **found}


@torch.inference_mode()
def on_device(pixels: np.ndarray, device: str) -> np.ndarray:
    """LOOK on (H, W, 3) uint8 by torch on a device: trilinear, rounded; a new array."""
    table = torch.tensor(LOOK.lattice, device=device).permute(3, 2, 1, 0)[None]
    grid = torch.from_numpy(pixels).to(device).float().div_(127.5).sub_(1)[None, None]
    mapped = torch.nn.functional.grid_sample(table, grid, align_corners=True)[0, :, 0]
    levels = mapped.mul_(255).add_(0.5).clamp_(0, 255).to(torch.uint8)
    return levels.permute(1, 2, 0).contiguous().cpu().numpy()


def main() -> None:
    """Print what was measured of one size."""
    width, height, device, runs = sys.argv[1:]
    print(json.dumps(_measured(int(width), int(height), device, int(runs))))


if __name__ == "__main__":
    main()
