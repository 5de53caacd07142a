"""Lets timm be imported without torchvision and torch's compiler, of which our model uses nothing.

Each would take a second of every start. And torchvision cannot be imported where it was built for
another torch (the CPU wheel of torch beside the index's torchvision, the commonest broken
installation). So timm finds modules here whose every name is an empty class, and what other models
of it keep from the compiler is left as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import torch

_NAME = "torchvision"


class _Empty(type):
    """A class that has whatever is asked of it: another one."""

    def __getattr__(cls, name: str) -> Any:
        return _make(cls, name)


def _make(holder: Any, name: str) -> _Empty:
    if name.startswith("__"):
        raise AttributeError(name)
    made = _Empty(name, (), {})
    setattr(holder, name, made)
    return made


class _Module(ModuleType):
    __path__: list[str] = []  # noqa: RUF012 - a package, so that parts of it can be imported

    def __getattr__(self, name: str) -> Any:
        return _make(self, name)


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name.partition(".")[0] == _NAME else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


@contextmanager
def timm_alone() -> Iterator[None]:
    """In this block `import torchvision` finds empty modules, unless the real one is there.

    They are gone afterwards, so that others still find the real torchvision.
    """
    finder, disable = _Finder(), torch.compiler.disable
    there = _NAME in sys.modules
    torch.compiler.disable = _as_it_is  # type: ignore[assignment]
    if not there:
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        torch.compiler.disable = disable
        if not there:
            sys.meta_path.remove(finder)
            for name in [each for each in sys.modules if each.partition(".")[0] == _NAME]:
                del sys.modules[name]


def _as_it_is(function: Any = None, *_: Any, **__: Any) -> Any:
    """In place of torch.compiler.disable, as a decorator with or without arguments."""
    return function if function is not None else _as_it_is
