"""What the worker does for its clients: requests (dict) to replies (dict), see core.protocol.

All state that outlives a request is a cache; what belongs to one connection is in its Visitor.
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from core import model, placement
from core.errors import InputError
from core.fields import Fields
from core.looks import Looks, Options
from core.memory import Cache
from core.phrase import Phrase
from core.previews import Previews
from core.process.pixelmemory import LARGEST, AttachedPixels
from core.processor import Processor
from core.protocol import FORMATS, LARGEST_MESSAGE, MOST_PREVIEWS, PLACES, Picture
from core.sources import Source, Still, read_source, read_still
from core.thumbnail import SIDE
from core.visitor import Visitor

_PROCESSORS, _MOST_TABLES = 16, 128 << 20  # bytes
_LONGEST_PATH = 4096

log = logging.getLogger(__name__)
T = TypeVar("T")


class Service:
    """Answers all requests that need the network or pixels; safe to call from several threads."""

    def __init__(self, devices: Sequence[str] = ("cpu",)) -> None:
        """Load the network onto the CPU and run it once. Raises WeightsError.

        After the first answer other devices are tried, and what is quicker there moves.
        """
        # One thread for all of torch: several callers at once would be slower than one after the
        # other. And it stays alone: for work this small OpenMP's threads cost more than they give,
        # many times more on a computer that is busy, for each step waits for the slowest of them.
        self._torch = ThreadPoolExecutor(
            1, "torch", initializer=torch.set_num_threads, initargs=(1,)
        )
        self._looks = self._torch.submit(_load).result()
        self._previews = Previews(self._looks)
        self._processors: Cache[Processor] = Cache(
            _PROCESSORS, _MOST_TABLES, lambda processor: processor.nbytes
        )
        self._answered = threading.Event()
        self.placing = threading.Thread(target=self._place, args=(devices,), daemon=True)
        if any(device != "cpu" for device in devices):
            self.placing.start()
        self._handlers: dict[str, Callable[[Visitor, Fields], dict[str, Any]]] = {
            "look": self._look,
            "attach": self._attach,
            "apply": self._apply,
            "create": self._create,
            "lattice": self._lattice,
            "export": self._export,
            "import": self._import,
            "keep": self._keep,
            "previews": self._gallery,
            "draft": self._draft,
        }

    def handle(self, visitor: Visitor, request: dict[str, Any]) -> dict[str, Any]:
        """The reply's fields. Raises NeuralPresetError for whatever cannot be done."""
        fields = Fields(request, what=Phrase("The request to the worker"))
        return self._handlers[fields.choice("request", self._handlers)](visitor, fields)

    def describe(self) -> dict[str, Any]:
        """The network in use."""
        network = self._looks.model
        return {
            "model": network.id,
            "sha256": network.sha256,
            "device": network.device,
            "lattices": network.lattices,
        }

    def counts(self) -> dict[str, int]:
        """How much the caches hold."""
        return {**self._looks.counts(), "processors": len(self._processors)}

    def _look(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        content = _content(visitor, request)
        source = read_source(request.fields("source"), visitor.kept)
        options = _options(request)
        pixels = None if content is None else content.pixels
        lut_id, lut = self._think(lambda looks: looks.lut(pixels, source, options))
        return {"lut": lut_id, "identity": lut.is_identity}

    def _attach(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        visitor.detach()
        size = request.integer("size", 1, LARGEST)
        if visitor.descriptors:
            visitor.pixels = AttachedPixels(size, visitor.descriptors.pop())
        else:
            path = request.text("path", longest=_LONGEST_PATH)
            visitor.pixels = AttachedPixels(size, path=path)
        return {}

    def _apply(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        if visitor.pixels is None:
            raise InputError("There are no pixels to apply the look to: attach them first.")
        size = visitor.pixels.size
        form = FORMATS[request.choice("format", FORMATS)]
        offset = request.integer("offset", 0, size)
        width, rows = request.integer("width", 1, size), request.integer("rows", 1, size)
        values = width * rows * form.channels
        if offset % form.item_bytes or offset + values * form.item_bytes > size:
            raise InputError(
                "{width} x {rows} pixels at byte {offset} do not lie within the attached {size}.",
                width=width,
                rows=rows,
                offset=offset,
                size=size,
            )
        x, y = (request.integer(name, -LARGEST, LARGEST, default=0) for name in ("x", "y"))
        dither = request.boolean("dither", default=True)
        processor = self._processor(request.text("lut"))
        with visitor.pixels.shared(offset, values * form.item_bytes):
            view = np.frombuffer(visitor.pixels.map, form.dtype, values, offset)
            try:
                processor.apply(view.reshape(rows, width, form.channels), x, y, dither)
            finally:
                # A traceback that lives on would keep the memory mapped.
                del view
        return {}

    def _create(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        picture = read_still(request.document.get("picture"), visitor.kept)
        style = self._think(lambda looks: looks.style(picture.pixels))
        about = self.describe()
        return {
            "style": {"look": list(style.look), "colors": list(style.colors)},
            "toning": list(style.toning or ()),
            "reference": base64.b64encode(style.reference).decode("ascii"),
            "model": {"id": about["model"], "sha256": about["sha256"]},
        }

    def _lattice(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        lattice = self._looks.get(request.text("lut")).lattice
        return {"lattice": base64.b64encode(lattice.tobytes()).decode("ascii")}

    def _export(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        # Not at the start: to load OpenImageIO takes a fifth of a second.
        from core.lutfile import write_lut

        path = _full_path(request)
        size = request.integer("size", 2, 129) if request.has("size") else None
        title = request.text("title", longest=200, default="")
        overwrite = request.boolean("overwrite", default=False)
        write_lut(path, self._looks.get(request.text("lut")), size, title, overwrite=overwrite)
        return {"path": str(path)}

    def _import(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        from core.lutpresets import preset_of_lut

        preset = preset_of_lut(_full_path(request), request.text("name", longest=_LONGEST_PATH))
        return {"preset": preset.to_json()}

    def _keep(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        place = request.integer("place", 0, PLACES - 1)
        if request.has("picture"):
            visitor.keep(place, read_still(request.document["picture"], {}))
        else:
            visitor.keep(place, read_source(request.fields("source"), {}))
        return {}

    def _gallery(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        content, options = _content(visitor, request), _options(request)
        shown = read_still(request.document.get("shown"), visitor.kept)
        asked = request.document.get("sources")
        if not isinstance(asked, list) or len(asked) > MOST_PREVIEWS:
            raise request.wrong("sources", "a list of at most {most} looks", most=MOST_PREVIEWS)
        if len(asked) * shown.pixels.size > LARGEST_MESSAGE // 2:
            raise InputError("So many pictures of this size do not fit into one answer.")
        sources = [_readable(document, visitor) for document in asked]
        made = self._think(lambda looks: self._on(looks).gallery(content, shown, sources, options))
        return {
            "previews": [
                _problem(each) if isinstance(each, InputError) else _picture(each) for each in made
            ]
        }

    def _draft(self, visitor: Visitor, request: Fields) -> dict[str, Any]:
        content, options = _content(visitor, request), _options(request)
        shown = read_still(request.document.get("shown"), visitor.kept)
        source = read_source(request.fields("source"), visitor.kept)
        return _picture(
            self._think(lambda looks: self._on(looks).draft(content, shown, source, options))
        )

    def _on(self, looks: Looks) -> Previews:
        """Previews by the network in use, which changes where a GPU fails."""
        if self._previews.looks is not looks:
            self._previews = Previews(looks)
        return self._previews

    def _processor(self, lut_id: str) -> Processor:
        return self._processors.get_or_make(lut_id, lambda: Processor(self._looks.get(lut_id)))

    def _think(self, work: Callable[[Looks], T]) -> T:
        """Do something with the network in torch's thread."""
        looks = self._looks
        try:
            return self._torch.submit(work, looks).result()
        except RuntimeError as error:
            if looks.model.device == looks.model.lattices == "cpu":
                raise
            log.warning("the GPU fails (%s): going on with the CPU", error)
        finally:
            self._answered.set()
        self._looks = self._torch.submit(_load).result()
        return self._torch.submit(work, self._looks).result()

    def _place(self, devices: Sequence[str]) -> None:
        """Let the quicker devices do the work; until that is known the CPU does."""
        self._answered.wait()
        torch.set_num_threads(1)  # as in torch's own thread
        try:
            network = placement.placed(devices)
        except (RuntimeError, AssertionError) as error:
            log.warning("the network cannot run on %s: %s", ", ".join(devices), error)
            return

        def move() -> None:
            self._looks.model = network  # of the same weights: what is remembered stays true
            self._previews = Previews(self._looks)

        self._torch.submit(move).result()
        log.info("encoder on %s, lattices on %s", network.device, network.lattices)


def _load() -> Looks:
    network = model.load()
    # The first run is several times slower than the next: not at a user's expense.
    network.codes(np.zeros((SIDE, SIDE, 3), np.uint8))
    return Looks(network)


def _full_path(request: Fields) -> Path:
    path = Path(request.text("path", longest=_LONGEST_PATH))
    if not path.is_absolute():
        raise InputError("The worker needs the full path of the file, not {path}.", path=path)
    return path


def _content(visitor: Visitor, request: Fields) -> Still | None:
    if not request.has("content"):
        return None
    return read_still(request.document["content"], visitor.kept)


def _options(request: Fields) -> Options:
    return Options(
        request.number("strength", 0, 100, default=100.0),
        request.number("intent", 0, 100, default=0.0),
        request.boolean("keep_luminance", default=False),
    )


def _readable(document: object, visitor: Visitor) -> Source | InputError:
    """A look of the gallery; one that cannot be used must not spoil the others."""
    try:
        return read_source(Fields(document, what=Phrase("A look in the request")), visitor.kept)
    except InputError as error:
        return error


def _problem(error: InputError) -> dict[str, Any]:
    return {"problem": str(error), **error.phrase.to_json()}


def _picture(pixels: np.ndarray) -> dict[str, Any]:
    height, width, channels = pixels.shape
    return {"picture": Picture(width, height, channels, pixels.tobytes()).to_json()}
