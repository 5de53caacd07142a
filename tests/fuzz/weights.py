"""Weights that somebody has changed: the head of a safetensors file, and what it points to."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from core import model
from core.encoder import Network
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.mutation import changed_bytes, changed_json

_SIZE = 8
_HELD = 4096  # bytes of numbers that an input keeps; the file of the target holds the rest


def _seeds() -> list[bytes]:
    """The head of the shipped file and the first of its numbers, and smaller files, for speed."""
    data = model.WEIGHTS.read_bytes()
    length = int.from_bytes(data[:_SIZE], "little")
    head = json.loads(data[_SIZE : _SIZE + length])
    few = {"__metadata__": head["__metadata__"]}
    few |= {name: head[name] for name in list(head)[1:6]}
    body = data[_SIZE + length :][:_HELD]
    return [data[: _SIZE + length] + body, *[_with_head(few) + body] * 12]


def _with_head(head: Any) -> bytes:
    text = json.dumps(head).encode()
    return len(text).to_bytes(_SIZE, "little") + text


def _changed(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    if chance.random() < 0.3:
        return changed_bytes(chance, data, others)
    length = int.from_bytes(data[:_SIZE], "little")
    head, body = data[_SIZE : _SIZE + length], data[_SIZE + length :]
    try:
        document = json.loads(head)
        about = document["__metadata__"]
        assert isinstance(about, dict)
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError):
        return changed_bytes(chance, data, others)
    described = about.get("architecture")
    if chance.random() < 0.4 and isinstance(described, str):
        architecture = changed_json(chance, described.encode(), [])
        about["architecture"] = architecture.decode(errors="replace")
        head = json.dumps(document).encode()
    else:
        head = changed_json(chance, head, [])
    return len(head).to_bytes(_SIZE, "little") + head + body


@contextmanager
def _opened(folder: Path) -> Iterator[Execute]:
    path = folder / "a.safetensors"
    shipped = model.WEIGHTS.read_bytes()
    rest = shipped[_SIZE + int.from_bytes(shipped[:_SIZE], "little") + _HELD :]
    path.touch()
    # To make a network takes a tenth of a second; the usual one is made once.
    usual = Network()

    @lru_cache(maxsize=1)
    def kept() -> Network:
        return usual

    def network(**architecture: Any) -> Network:
        ours = {"k": 16, "linear": False, "statistics": True, "one_stage": False}
        if architecture == {**ours, "intents": usual.intents}:
            return kept()
        return Network(**architecture)

    def execute(data: bytes) -> None:
        whole = len(data) > 3 * _HELD
        path.write_bytes(data + rest if whole else data)
        model.load(path)

    with patch("core.model.Network", network):
        yield execute


TARGETS = {"weights": Target("weights", _seeds, _opened, _changed)}
