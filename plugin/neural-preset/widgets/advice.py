"""What to tell somebody who makes a preset of a picture that has little, or odd, to give.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence

from translation import _

from core.protocol import Picture

_TINY_SIDE = 96
_FLAT_SPREAD = 30
_GRAY_TINT = 6 / 255
_SAMPLES = 4096
_OPAQUE = 128


def advice(picture: Picture, toning: Sequence[float]) -> list[str]:
    """Sentences for the user; none where all is well.

    picture: what the preset is made of. toning: the monochrome curve found in it, see
    `core.toning`; empty for a coloured one.
    """
    found = []
    if min(picture.width, picture.height) < _TINY_SIDE:
        words = _("The picture is tiny ({width} by {height} pixels): its look may be chance.")
        found.append(words.format(width=picture.width, height=picture.height))
    if _is_flat(picture):
        found.append(
            _("The picture is nearly of one color: there is little look in it to be taken.")
        )
    elif toning and _is_gray(toning):
        found.append(_("The picture is black and white, and so will be all photos with its look."))
    elif toning:
        found.append(
            _("The picture is monochrome: photos with its look will have this one tint only.")
        )
    return found


def _is_flat(picture: Picture) -> bool:
    """Whether nearly all visible pixels are alike, channel by channel."""
    pixels = picture.width * picture.height
    step = max(1, pixels // _SAMPLES)
    places: Sequence[int] = range(0, pixels * picture.channels, step * picture.channels)
    if picture.channels == 4:
        places = [place for place in places if picture.data[place + 3] >= _OPAQUE] or places
    for channel in range(3):
        values = sorted(picture.data[place + channel] for place in places)
        margin = len(values) // 50
        if values[-1 - margin] - values[margin] > _FLAT_SPREAD:
            return False
    return True


def _is_gray(toning: Sequence[float]) -> bool:
    tones = (toning[place : place + 3] for place in range(0, len(toning), 3))
    return all(max(tone) - min(tone) <= _GRAY_TINT for tone in tones)
