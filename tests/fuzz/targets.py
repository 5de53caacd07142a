"""All targets by name; their modules are imported when they are asked for."""

from __future__ import annotations

import importlib

from tests.fuzz.campaign import Target

_MODULES = {
    "documents": ("preset", "record"),
    "luts": ("cube", "hald"),
    "messages": ("message", "reply"),
    "requests": ("request",),
    "connections": ("worker",),
    "photos": ("jpeg", "png", "tiff", "webp", "exr"),
    "weights": ("weights",),
    "names": ("names",),
}
NAMES = tuple(name for names in _MODULES.values() for name in names)


def target(name: str) -> Target:
    """The target of that name."""
    module = next(module for module, names in _MODULES.items() if name in names)
    found: dict[str, Target] = importlib.import_module(f"tests.fuzz.{module}").TARGETS
    return found[name]
