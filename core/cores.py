"""How many cores there are for us, which may be fewer than the computer has."""

from __future__ import annotations

import os


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
