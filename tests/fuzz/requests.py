"""Requests to the worker's service, by a client that means harm or is out of its mind."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from core.errors import InputError
from core.lookrequests import mix_source, normalize_source, preset_source, reference_source
from core.lut import bake
from core.model import Codes, Model
from core.process.pixelmemory import PixelMemory
from core.protocol import Picture
from core.service import Service
from core.visitor import Visitor
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.descriptors import KINDS, count, descriptor
from tests.fuzz.mutation import changed_json, changed_text
from tests.preset_samples import neural, table

_PICTURE = Picture(4, 3, 3, bytes(range(36)))
_HERE = "{folder}"
_SIZE = 4 * 3 * 4


def conversations() -> list[list[dict[str, Any]]]:
    """Lists of requests, each with what the ones before it have made; `Client` understands them."""
    shown = _PICTURE.to_json()
    sources: list[dict[str, Any]] = [
        normalize_source(),
        reference_source(_PICTURE),
        reference_source(_PICTURE, "mkl"),
        preset_source(neural()),
        preset_source(table(size=2)),
        mix_source(reference_source(_PICTURE), preset_source(table(size=2)), 40),
    ]
    strip = {"offset": 0, "width": 4, "rows": 3, "x": 0, "y": 0, "dither": True}
    options = {"strength": 80, "intent": 30, "keep_luminance": True}
    usual = ("sealed", "loose")
    attach: dict[str, Any] = {"request": "attach", "size": _SIZE}
    look: dict[str, Any] = {"request": "look", "content": shown, "source": normalize_source()}
    apply: dict[str, Any] = {"request": "apply", "lut": "{lut}", "format": "RGBA u8", **strip}
    return [
        *([{"request": "look", "content": shown, "source": each, **options}] for each in sources),
        [{**attach, "path": f"{_HERE}/pixels"}, look, apply],
        *([{**attach, "descriptor": kind}, look, apply, {**apply, "cut": 0}] for kind in usual),
        [
            {"request": "look", "source": preset_source(table(size=2))},
            {"request": "export", "lut": "{lut}", "path": f"{_HERE}/out.cube", "size": 3},
            {"request": "import", "path": f"{_HERE}/out.cube", "name": "A look"},
            {"request": "lattice", "lut": "{lut}"},
        ],
        [
            {"request": "keep", "place": 0, "picture": shown},
            {"request": "keep", "place": 1, "source": normalize_source()},
            {
                "request": "previews",
                "content": {"kept": 0},
                "shown": shown,
                "sources": [*sources, {"kept": 1}],
                **options,
            },
            {"request": "draft", "content": shown, "shown": {"kept": 0}, "source": {"kept": 1}},
        ],
        [{"request": "create", "picture": shown}],
    ]


def _changed(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    if chance.random() < 0.2:
        documents = json.loads(data)
        for each in documents if isinstance(documents, list) else []:
            change_names(chance, each)
        return json.dumps(documents).encode()
    changed = changed_json(chance, data, others)
    with suppress(ValueError, RecursionError):
        json.loads(changed)
        return changed
    return data


def change_names(chance: random.Random, request: object) -> None:
    """Another name of the file, another kind of descriptor, where the request has one."""
    if isinstance(request, dict) and isinstance(request.get("path"), str):
        name = changed_text(chance, request["path"].rpartition("/")[2])
        request["path"] = f"{_HERE}/{name.replace('/', '')}"
    if isinstance(request, dict) and "descriptor" in request and chance.random() < 0.5:
        request["descriptor"] = chance.choice(KINDS)


@contextmanager
def quick_service() -> Iterator[Service]:
    """A real service but for the encoder, which costs a tenth of a second a picture."""

    def codes_of(self: Model, thumbnails: Any) -> list[Codes]:
        names = self.network.intents
        code = torch.full((272,), 0.01)
        return [Codes(dict.fromkeys(names, code), dict.fromkeys(names, code))] * len(thumbnails)

    def coarse(mapping: Any, *_: object) -> Any:
        return bake(mapping, 3)

    with (
        patch.object(Model, "codes_of", codes_of),
        patch("core.looks.bake_accurately", coarse),
        patch("core.previews.bake_accurately", coarse),
    ):
        yield Service(["cpu"])


class Client:
    """Fills in what the requests of a conversation cannot know, and keeps pixels for them.

    What is {folder} and {lut} in them, what a "descriptor" is by its kind, and memory that is
    "cut" to so many bytes before the request. Everything is closed and removed at the end.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory = PixelMemory(_SIZE, [folder], named=True)
        assert self._memory.path is not None
        self._memory.path.rename(folder / "pixels")
        self._made = ""
        self._ours = os.dup(self._memory.descriptor)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._memory.close()
        os.close(self._ours)
        for path in self._folder.iterdir():
            if not path.name.startswith(".np-"):
                path.unlink()

    def descriptor(self, request: dict[str, Any]) -> int | None:
        """What is passed along with this request, if anything; the caller closes it."""
        found = descriptor(request.get("descriptor"), _SIZE, self._folder)
        if found is not None and request.get("request") == "attach":
            os.dup2(found, self._ours, inheritable=False)
        return found

    def ask(self, service: Service, visitor: Visitor, request: dict[str, Any]) -> dict[str, Any]:
        """The reply, which must be one that can be sent. Raises NeuralPresetError."""
        asked = {**request}
        if isinstance(asked.get("path"), str):
            asked["path"] = self._path(asked["path"])
        if asked.get("lut") == "{lut}":
            asked["lut"] = self._made
        cut = asked.get("cut")
        if isinstance(cut, int):
            with suppress(OSError, OverflowError):
                os.ftruncate(self._ours, cut)
        reply = service.handle(visitor, asked)
        json.dumps(reply, allow_nan=False)
        self._made = str(reply.get("lut", self._made))
        return reply

    def _path(self, path: str) -> str:
        """Which folder a file is written to a client may choose: here it is always the same."""
        full = path.replace(_HERE, str(self._folder))
        if not full.startswith(f"{self._folder}/") or "/." in full[len(str(self._folder)) :]:
            raise InputError("That is another folder.")
        return full


@contextmanager
def _opened(folder: Path) -> Iterator[Execute]:
    with quick_service() as service:
        yield lambda data: _converse(service, data, folder)


def _converse(service: Service, data: bytes, folder: Path) -> None:
    before = count()
    documents = json.loads(data)
    with Client(folder) as client:
        visitor = Visitor()
        try:
            for request in documents if isinstance(documents, list) else [documents]:
                if not isinstance(request, dict):
                    continue
                came = client.descriptor(request)
                if came is not None:
                    visitor.descriptors.append(came)
                client.ask(service, visitor, request)
        finally:
            while visitor.descriptors:
                os.close(visitor.descriptors.pop())
            visitor.detach()
    assert count() == before, "a descriptor stays open"


def _seeds() -> list[bytes]:
    return [json.dumps(each).encode() for each in conversations()]


TARGETS = {"request": Target("request", _seeds, _opened, _changed)}
