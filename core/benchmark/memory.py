"""`python -m core.benchmark.memory WIDTH HEIGHT DEPTH CHANNELS`: memory that a LUT takes (bytes).

In a process of its own: what the peak of its memory rises by while a look is applied to pixels
that are there already.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from core.benchmark.scene import LOOK, photo
from core.processor import Processor


def peak() -> int:
    """The most memory that this process ever had, in bytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the parent's, from before this program began
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of macOS: in bytes


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
