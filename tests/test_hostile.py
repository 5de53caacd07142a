"""What campaigns of hostile input once found: each stays a refusal in our own words."""

from __future__ import annotations

import json
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save

from core import images, model
from core.client import Session
from core.errors import InputError, PhotoError, ProtocolError, WeightsError
from core.locations import Locations
from core.process.rendezvous import Link
from tests.workers import warm_picture


class Liar(Session):
    """A session whose worker answers every request with the same."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, reply: dict[str, Any]) -> None:
        reach = lambda *_, **__: Link(socket.socket(), {})  # noqa: E731
        monkeypatch.setattr("core.process.connection.reach", reach)
        super().__init__(Locations(*[Path("/nowhere")] * 6))
        self._reply = reply

    def _request(self, message: dict[str, Any], again: bool = True) -> dict[str, Any]:
        return self._reply


@pytest.mark.parametrize("path", [None, 3, ["a"], "\ud800", "x" * 5000])
def test_an_export_without_a_path_is_an_error_of_ours(monkeypatch, path) -> None:
    with Liar(monkeypatch, {"path": path}) as session, pytest.raises(ProtocolError, match="path"):
        session.export("lut", "/nowhere/a.cube")


@pytest.mark.parametrize("toning", [7, ["a"] * 51, [0.5], "tones"])
def test_tones_that_are_none_are_an_error_of_ours(monkeypatch, toning) -> None:
    reply = {
        "model": {"id": "np", "sha256": "0" * 64},
        "style": {"look": [0.0] * 272, "colors": [0.0] * 272},
        "reference": "",
        "toning": toning,
    }
    with Liar(monkeypatch, reply) as session, pytest.raises(InputError, match="toning"):
        session.preset_of(warm_picture(), "Golden")


def test_a_record_with_a_name_that_no_disk_takes_is_read(tmp_path: Path) -> None:
    here = Locations(*[tmp_path / "a"] * 6)
    record = {name: str(path) for name, path in vars(here).items()}
    record |= {"format": "neural-preset-installation", "runtime": f"/{'a' * 300}/run"}
    file = tmp_path / "record.json"
    file.write_text(json.dumps({**record, "version": 1}), encoding="utf-8")
    assert Locations.load(file).runtime.name == "run"


def _png(path: Path, side: int) -> None:
    body = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [b"\0\0\0\r" + body + struct.pack(">I", zlib.crc32(body))]
    for body in (b"IDAT" + zlib.compress(bytes(1000)), b"IEND"):
        length = struct.pack(">I", len(body) - 4)
        chunks.append(length + body + struct.pack(">I", zlib.crc32(body)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def _webp(path: Path, side: int) -> None:
    Image.new("RGB", (side, side)).save(path, lossless=True)


def _jpeg(path: Path, side: int) -> None:
    Image.new("RGB", (64, 64)).save(path)
    data = path.read_bytes()
    frame = data.index(b"\xff\xc0") + 5
    path.write_bytes(data[:frame] + struct.pack(">HH", side, side) + data[frame + 4 :])


def _tiff(path: Path, side: int) -> None:
    Image.new("RGB", (64, 64)).save(path, compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    start = int.from_bytes(data[4:8], "little")
    for entry in range(start + 2, start + 26, 12):  # width and height come first
        tag = int.from_bytes(data[entry : entry + 2], "little")
        if tag in (256, 257):
            data[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, side)
    path.write_bytes(data)


@pytest.mark.parametrize("make", [_png, _webp, _jpeg, _tiff])
def test_a_few_bytes_do_not_announce_a_picture_that_fills_the_memory(tmp_path, make) -> None:
    path = tmp_path / f"a.{make.__name__[1:]}"
    make(path, 10_000)
    with pytest.raises(PhotoError, match=r"10000 x 10000 pixels cannot lie in \d+ bytes"):
        images.read(path)


def test_a_large_picture_of_one_colour_is_read(tmp_path: Path) -> None:
    path = tmp_path / "flat.png"
    Image.new("L", (4000, 3000), 90).save(path, compress_level=9)
    assert images.read(path).pixels.shape == (3000, 4000, 3)


@pytest.mark.parametrize(
    "change", [{"k": 100_000}, {"k": 0}, {"intents": ["x"]}, {"intents": ["look"] * 1000}]
)
def test_weights_cannot_ask_for_a_network_of_any_size(tmp_path: Path, change) -> None:
    described = {"k": 16, "linear": False, "statistics": True, "intents": ["look", "colors"]}
    about = {"format": "neural-preset-weights", "architecture": json.dumps(described | change)}
    path = tmp_path / "a.safetensors"
    path.write_bytes(save({"a": np.zeros(1, np.float32)}, metadata={**about, "id": "np"}))
    with pytest.raises(WeightsError, match="another architecture"):
        model.load(path)
