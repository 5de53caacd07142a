"""Requests to the worker's service, by a client that means harm or is out of its mind."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from core.lookrequests import mix_source, normalize_source, preset_source, reference_source
from core.lut import bake
from core.model import Codes, Model
from core.process.pixelmemory import PixelMemory
from core.protocol import Picture
from core.service import Service, Visitor
from tests.fuzz.campaign import Execute, Target
from tests.fuzz.mutation import changed_json, changed_text
from tests.preset_samples import neural, table

_PICTURE = Picture(4, 3, 3, bytes(range(36)))
_HERE = "{folder}"
_SIZE = 4 * 3 * 4


def _requests() -> list[bytes]:
    """Conversations: lists of requests, each with what the ones before it have made."""
    shown = _PICTURE.to_json()
    sources: list[dict[str, Any]] = [
        normalize_source(),
        reference_source(_PICTURE),
        reference_source(_PICTURE, "mkl"),
        preset_source(neural()),
        preset_source(table(size=2)),
        mix_source(reference_source(_PICTURE), preset_source(table(size=2)), 40),
        {"kept": 0},
    ]
    strip = {"offset": 0, "width": 4, "rows": 3, "x": 0, "y": 0, "dither": True}
    options = {"strength": 80, "intent": 30, "keep_luminance": True}
    conversations: list[list[dict[str, Any]]] = [
        *([{"request": "look", "content": shown, "source": each, **options}] for each in sources),
        [
            {"request": "attach", "path": f"{_HERE}/pixels", "size": _SIZE},
            {"request": "look", "content": shown, "source": normalize_source()},
            {"request": "apply", "lut": "{lut}", "format": "RGBA u8", **strip},
        ],
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
    return [json.dumps(each).encode() for each in conversations]


def _changed(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Anything but which folder a file is written to: that a client may choose."""
    if chance.random() < 0.1 and b"out.cube" in data:
        documents = json.loads(data)
        for each in documents:
            if isinstance(each, dict) and isinstance(each.get("path"), str):
                name = changed_text(chance, "out.cube").replace("/", "").replace("..", "")
                each["path"] = f"{_HERE}/{name}"
        return json.dumps(documents).encode()
    changed = changed_json(chance, data, others)
    return changed if _paths_stay(changed) else data


def _paths_stay(data: bytes) -> bool:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return all(path.startswith(f"{_HERE}/") and "/." not in path for path in _paths(document))


def _paths(document: object) -> Iterator[str]:
    if isinstance(document, dict):
        if isinstance(document.get("path"), str):
            yield document["path"]
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from _paths(each)


@contextmanager
def _opened(folder: Path) -> Iterator[Execute]:
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
        service = Service(["cpu"])
        yield lambda data: _converse(service, data, folder)


def _converse(service: Service, data: bytes, folder: Path) -> None:
    memory = PixelMemory(_SIZE, [folder], named=True)
    visitor = Visitor()
    made = ""
    try:
        assert memory.path is not None
        memory.path.rename(folder / "pixels")
        text = data.decode().replace(_HERE, str(folder))
        documents = json.loads(text)
        for request in documents if isinstance(documents, list) else [documents]:
            if not isinstance(request, dict):
                continue
            if request.get("lut") == "{lut}":
                request["lut"] = made
            reply = service.handle(visitor, request)
            json.dumps(reply, allow_nan=False)
            made = str(reply.get("lut", made))
    finally:
        visitor.detach()
        memory.close()
        for path in folder.iterdir():
            if not path.name.startswith(".np-"):
                path.unlink()


TARGETS = {"request": Target("request", _requests, _opened, _changed)}
