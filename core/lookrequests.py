"""How a client words the looks it asks for, and reads what it gets (standard library only).

A source says where a look comes from; it is a value: one that was handed on is not changed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from core.errors import ProtocolError
from core.fields import Fields
from core.phrase import Phrase
from core.presetfile import CODE_LENGTH, LARGEST, NEURAL, TONING_LENGTH, Preset, now
from core.protocol import LARGEST_MESSAGE, Picture

MADE = Phrase("The worker's preset")
_MOST_AT_ONCE = 16  # a worker that says nothing for a minute is taken to hang


def preset_source(preset: Preset) -> dict[str, Any]:
    """The look that a preset keeps."""
    return {"kind": "preset", "preset": preset.to_json()}


def reference_source(picture: Picture, method: str = "neural") -> dict[str, Any]:
    """The look of a picture, found by the network ("neural") or by colour statistics ("mkl")."""
    return {"kind": "reference", "picture": picture.to_json(), "method": method}


def normalize_source() -> dict[str, Any]:
    """No look: the photo as the network would have it without one."""
    return {"kind": "normalize"}


def mix_source(first: dict[str, Any], second: dict[str, Any], share: float) -> dict[str, Any]:
    """Something between two presets or references: share 0 is the first alone, 100 the second.

    Two looks of the network are mixed by their style codes, others by their lattices.
    """
    return {"kind": "mix", "first": first, "second": second, "share": share}


def options(strength: float, intent: float, keep_luminance: bool) -> dict[str, Any]:
    """How much of a look, in percent, and which: intent 0 (look) to 100 (colors)."""
    return {"strength": strength, "intent": intent, "keep_luminance": keep_luminance}


def portions(
    sources: Sequence[dict[str, Any]], shown_bytes: int
) -> Iterator[list[dict[str, Any]]]:
    """Sources for one request each: it and its answer stay well below the largest message."""
    room = LARGEST_MESSAGE // 2
    most = max(1, min(_MOST_AT_ONCE, room // (2 * shown_bytes)))
    portion: list[dict[str, Any]] = []
    weight = 0
    for source in sources:
        added = _weight(source)
        if portion and (len(portion) == most or weight + added > room):
            yield portion
            portion, weight = [], 0
        portion.append(source)
        weight += added
    if portion:
        yield portion


def previews_of(reply: dict[str, Any], count: int) -> list[Picture | str]:
    """The pictures of a reply, or for each that there is not, why. Raises ProtocolError."""
    answers = reply.get("previews")
    if not isinstance(answers, list) or len(answers) != count:
        raise ProtocolError("The worker's answer is not as long as the question.")
    found: list[Picture | str] = []
    for answer in answers:
        if not isinstance(answer, dict):
            raise ProtocolError("The worker's answer holds something that is no preview.")
        problem = answer.get("problem")
        if isinstance(problem, str):
            found.append(Phrase.from_json(problem, answer))
        else:
            found.append(Picture.from_json(answer.get("picture")))
    return found


def created_preset(
    reply: dict[str, Any], name: str, tags: Iterable[str], notes: str
) -> Preset:
    """The preset of the look that a reply describes; raises InputError or PresetError."""
    made = Fields(reply, what=MADE)
    model, style = made.fields("model"), made.fields("style")
    return Preset(
        name=name,
        kind=NEURAL,
        model_id=model.text("id"),
        model_sha256=model.text("sha256"),
        look=style.floats("look", CODE_LENGTH),
        colors=style.floats("colors", CODE_LENGTH),
        reference=made.base64("reference", LARGEST[NEURAL]),
        toning=made.floats("toning", TONING_LENGTH) if made.document.get("toning") else (),
        created=now(),
        tags=tuple(tags),
        notes=notes,
    )


def _weight(document: object) -> int:
    """About the bytes of something as JSON."""
    if isinstance(document, str):
        return len(document)
    if isinstance(document, dict):
        return sum(_weight(value) for value in document.values())
    return 24 * len(document) if isinstance(document, list) else 24
