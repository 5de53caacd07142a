"""Does in GIMP what a program outside asks for, order by order, for as long as GIMP lives.

An order is a line of JSON on a Unix socket, {"order": name, ...}; so is its answer. The pixels
stay here: what goes out of them is a hash for each layer.
"""

# mypy: disable-error-code="import-not-found,attr-defined,name-defined"

from __future__ import annotations

import hashlib
import json
import os
import random
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any

import gi

from tests.gimp.inside import np_inside

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio  # noqa: E402


class Server:
    """One image at a time, and calls of procedures on it."""

    def __init__(self) -> None:
        self._image: Any = None
        self._display: Any = None
        self._chosen: list[Any] = []
        self._layers: list[Any] = []
        self._orders: dict[str, Callable[..., dict[str, Any]]] = {
            "scene": self.scene,
            "call": self.call,
            "state": self.state,
            "saved": self.saved,
            "keep": self.keep,
            "compare": self.compare,
        }

    def serve(self, path: str) -> None:
        """Carry out orders until the other side hangs up."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(path)
            with sock.makefile("rw", encoding="utf-8") as lines:
                for line in lines:
                    order = json.loads(line)
                    try:
                        answer = self._orders[order.pop("order")](**order)
                    except Exception:
                        answer = {"error": traceback.format_exc()}
                    lines.write(json.dumps(answer) + "\n")
                    lines.flush()

    def scene(
        self,
        width: int,
        height: int,
        precision: str = "U8_NON_LINEAR",
        alpha: bool = False,
        chosen: int = 1,
        selection: bool = False,
        shown: bool = False,
    ) -> dict[str, Any]:
        """A new image in place of the last, with a layer that is not chosen above those that are.

        shown: in a window, where GIMP has any.
        """
        if self._display is not None:
            self._display.delete()  # which takes the image along
        for image in Gimp.get_images():
            image.delete()
        image, first = np_inside.new_image(width, height, precision=precision, alpha=alpha)
        layers = [first, *(np_inside.add_layer(image, width, height, alpha) for _ in range(chosen))]
        for number, layer in enumerate(layers):
            layer.set_name(f"layer {number}")
            data = random.Random(number).randbytes(width * height * (4 if alpha else 3))
            np_inside.write(layer, data, "R'G'B'A u8" if alpha else "R'G'B' u8")
        self._image, self._layers, self._chosen = image, layers, layers[:chosen]
        if selection:
            image.select_ellipse(Gimp.ChannelOps.REPLACE, width / 8, height / 8, width, height / 2)
        image.set_selected_layers(self._chosen)
        image.clean_all()
        self._display = Gimp.Display.new(image) if shown else None
        return self.state()

    def call(self, procedure: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A call on the chosen layers; an argument that wants a layer has its number."""
        arguments = {
            name: self._layers[value] if name.endswith("_layer") else value
            for name, value in arguments.items()
        }
        began = time.monotonic()
        name = f"plug-in-neural-preset-{procedure}"
        outcome = np_inside.call(name, image=self._image, drawables=self._chosen, **arguments)
        return {**outcome.as_dict(), "seconds": time.monotonic() - began}

    def state(self) -> dict[str, Any]:
        """What is in the image, from the top, whether anything was done to it, all images."""
        layers = [[each.get_name(), _hash(each)] for each in self._image.get_layers()]
        dirty, images = self._image.is_dirty(), len(Gimp.get_images())
        return {"layers": layers, "dirty": dirty, "images": images}

    def saved(self, path: str) -> dict[str, Any]:
        """The image as it comes back from a file."""
        file = Gio.File.new_for_path(path)
        if not Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, self._image, file, None):
            return {"layers": None}
        image, _ = np_inside.load(path)
        layers = [[each.get_name(), _hash(each)] for each in image.get_layers()]
        image.delete()
        os.unlink(path)
        return {"layers": layers}

    def keep(self, path: str) -> dict[str, Any]:
        """Write the pixels of all layers to a file."""
        with open(path, "wb") as file:
            file.write(b"".join(map(np_inside.read, self._image.get_layers())))
        return {}

    def compare(self, path: str) -> dict[str, Any]:
        """Of each layer how many bytes differ from those kept, by how much at most, and where."""
        found = []
        with open(path, "rb") as file:
            for layer in self._image.get_layers():
                now = np_inside.read(layer)
                pairs = enumerate(zip(now, file.read(len(now)), strict=True))
                wrong = [(at, abs(a - b)) for at, (a, b) in pairs if a != b]
                most = max((difference for _, difference in wrong), default=0)
                places = [at for at, _ in wrong[:1] + wrong[-1:]]
                found.append([layer.get_name(), len(wrong), most, places])
        return {"differences": found}


def _hash(layer: Any) -> str:
    return hashlib.sha256(np_inside.read(layer)).hexdigest()[:16]
