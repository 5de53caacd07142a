"""`python -m core.benchmark.memory WIDTH HEIGHT DEPTH CHANNELS`: memory that a LUT takes (bytes).

In a process of its own: what the peak of its memory rises by while a look is applied to pixels
that are there already.
"""

from __future__ import annotations

import subprocess
import sys

from core.benchmark.scene import LOOK, photo
from core.processor import Processor


def peak() -> int:
    """The most memory that this process ever had, in bytes; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def extra(width: int, height: int, depth: str, channels: int) -> int:
    """Bytes beyond the picture and the program, measured in a fresh process."""
    words = [str(word) for word in (width, height, depth, channels)]
    done = subprocess.run(
        [sys.executable, "-m", __name__, *words], stdout=subprocess.PIPE, text=True, check=True
    )
    return int(done.stdout)


def main() -> None:
    """Print the bytes."""
    width, height, depth, channels = sys.argv[1:]
    pixels = photo(int(width), int(height), depth, int(channels))
    before = peak()
    Processor(LOOK).apply(pixels)
    print(peak() - before)


if __name__ == "__main__":
    main()
