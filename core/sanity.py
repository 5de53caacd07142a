"""What no look may do to a picture: turn light and dark round, or leave nothing to be seen.

References of one colour ask for that, and contents of one colour give the network nothing to hold
on to. A look is sane if along the grays, from black to white, the result never falls back by more
than a twentieth in luma, and rises by a fifth in all. One that is not gets as much of the identity
as makes it sane. Tables of others (imported LUTs) are taken as they are.
"""

from __future__ import annotations

import numpy as np

from core.lut import LUMA, Lut

MOST_FALL, LEAST_RISE = 0.05, 0.2
GRAYS = np.repeat(np.arange(256, dtype=np.float32)[:, None] / 255, 3, axis=1)
_STEPS = 10


def softened(lut: Lut) -> Lut:
    """The look itself if it is sane, else as much of it as is."""
    part = share(lut(GRAYS))
    return lut if part == 1 else lut.with_strength(part)


def share(grays: np.ndarray) -> float:
    """How much of a look is sane, 0 to 1, by what it makes of GRAYS: (256, 3), not clamped."""
    if is_sane(grays):
        return 1.0
    least, most = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (least + most) / 2
        if is_sane(GRAYS + np.float32(middle) * (grays - GRAYS)):
            least = middle
        else:
            most = middle
    return least


def is_sane(grays: np.ndarray) -> bool:
    """Whether GRAYS may become these colours: (256, 3), sRGB-encoded, not clamped."""
    luma = np.clip(grays, 0, 1) @ LUMA
    fall = (np.maximum.accumulate(luma) - luma).max()
    return bool(fall <= MOST_FALL and luma[-1] - luma[0] >= LEAST_RISE)
