"""The worker as its clients see it: one Session per task (standard library only).

    with Session(locations) as session:
        lut = session.look(content, preset_source(preset), strength=80)
        pixels = session.pixels(size)        # write the pixels into this memory
        session.apply(lut, 0, width, rows, "RGB u8")

While somebody chooses: `previews` of many looks in small, `draft` of one at every turn of a slider.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import InputError, ProtocolError, UnknownLutError, WorkerError
from core.fields import Fields
from core.locations import Locations
from core.lookrequests import (
    MADE,
    created_preset,
    mix_source,
    normalize_source,
    options,
    portions,
    preset_source,
    previews_of,
    reference_source,
)
from core.phrase import Phrase
from core.presetfile import Preset
from core.process.askedlooks import AskedLooks
from core.process.connection import Connection
from core.process.keeper import Keeper
from core.process.pixelmemory import PixelMemory
from core.process.rendezvous import NotRunningError, stop_worker
from core.protocol import FORMATS, LARGEST_MESSAGE, MOST_PREVIEWS, Picture

__all__ = [
    "FORMATS",
    "MOST_PREVIEWS",
    "NotRunningError",
    "Picture",
    "Session",
    "mix_source",
    "normalize_source",
    "preset_source",
    "reference_source",
    "stop_worker",
]

_ANSWER = Phrase("The worker's answer")


class Session:
    """One connection to the worker, which is started if need be; for one thread at a time.

    A worker that is dead, hangs or runs other code is replaced, once for each request; what then
    still fails raises WorkerError. An `apply` is never repeated: pixels may be half done.
    """

    def __init__(self, locations: Locations, *, start: bool = True, timeout: float = 60) -> None:
        """Connect. `timeout`: seconds without an answer after which a worker counts as hanging.

        Raises WorkerError; NotRunningError where none runs and `start` is False.
        """
        self._locations = locations
        self._memory: PixelMemory | None = None
        self._looks = AskedLooks(self._request)
        self._keeper = Keeper(self._request)
        self._connection = Connection(locations, start, timeout, self._lost)

    @property
    def greeting(self) -> dict[str, Any]:
        """What the worker said of itself when it was reached."""
        return self._connection.greeting

    def look(
        self,
        content: Picture | None,
        source: dict[str, Any],
        strength: float = 100,
        intent: float = 0,
        keep_luminance: bool = False,
    ) -> str:
        """The id of the LUT that gives `content` (a small copy of it) the look of `source`.

        strength: percent. intent: 0 (look) to 100 (colors). Raises InputError and PresetError.
        """
        message = {
            "request": "look",
            "content": None if content is None else content.to_json(),
            "source": source,
            **options(strength, intent, keep_luminance),
        }
        return self._looks.ask(message)

    def pixels(self, size: int) -> memoryview:
        """Writable memory of `size` bytes, shared with the worker until the next call or `close`.

        A view from an earlier call may be the same memory. Raises NeuralPresetError where there is
        no room for it.
        """
        if self._memory is None or self._memory.size < size:
            self._release()
            memory = PixelMemory(size)
            attach: dict[str, Any] = {"request": "attach", "size": size}
            descriptor: int | None = memory.descriptor
            if memory.path is not None:
                attach["path"], descriptor = str(memory.path), None
            try:
                self._connection.request(attach, descriptor=descriptor)
            except BaseException:
                memory.close()
                raise
            memory.settle()
            self._memory = memory
        return self._memory.view[:size]

    def apply(
        self,
        lut_id: str,
        offset: int,
        width: int,
        rows: int,
        format: str,
        x: int = 0,
        y: int = 0,
        dither: bool = True,
    ) -> None:
        """Apply a LUT in place to a strip of the shared memory: `rows` rows of `width` pixels.

        offset: in bytes. format: one of FORMATS. x, y: where the strip lies in its layer, for the
        pattern by which 8 bits are dithered. Raises WorkerError where the worker was lost: the
        shared pixels are then of no use.
        """
        strip = {"offset": offset, "width": width, "rows": rows, "format": format}
        strip |= {"x": x, "y": y, "dither": dither}
        self._check_pixels()
        self._with_lut({"request": "apply", **strip}, lut_id, again=False)

    def lattice(self, lut_id: str) -> bytes:
        """The nodes of a LUT as in core.lut.Lut, (n, n, n, 3) float32: for a client with numpy.

        It can apply them to any number of pixels, which then need not travel.
        """
        reply = self._with_lut({"request": "lattice"}, lut_id)
        return Fields(reply, what=Phrase("The worker's LUT")).base64("lattice", LARGEST_MESSAGE)

    def previews(
        self,
        content: Picture | None,
        shown: Picture,
        sources: Sequence[dict[str, Any]],
        strength: float = 100,
        intent: float = 0,
        keep_luminance: bool = False,
    ) -> list[Picture | str]:
        """The small picture `shown` with each of at most 64 looks, or what is wrong with that one.

        content: what the looks are judged by, a small copy of the whole photo; only LUTs can do
        without. Options as for `look`; alpha stays.
        """
        if len(sources) > MOST_PREVIEWS:
            raise InputError(
                "At most {most} previews can be asked for at once.", most=MOST_PREVIEWS
            )
        amounts = options(strength, intent, keep_luminance)

        def message(portion: list[dict[str, Any]]) -> dict[str, Any]:
            return {
                "request": "previews",
                "content": self._keeper.picture(content),
                "shown": self._keeper.picture(shown),
                "sources": portion,
                **amounts,
            }

        made: list[Picture | str] = []
        for portion in portions(sources, len(shown.data)):
            reply = self._keeper.ask(partial(message, portion))
            made += previews_of(reply, len(portion))
        return made

    def draft(
        self,
        content: Picture | None,
        shown: Picture,
        source: dict[str, Any],
        strength: float = 100,
        intent: float = 0,
        keep_luminance: bool = False,
    ) -> Picture:
        """The picture `shown` with a look, made for sliders: at most 3 of 255 from the result.

        As `previews`, but raises InputError and PresetError. Asked again with other options or
        another share of a mix it is quick; give it the same pictures and sources then.
        """
        reply = self._keeper.ask(
            lambda: {
                "request": "draft",
                "content": self._keeper.picture(content),
                "shown": self._keeper.picture(shown),
                "source": self._keeper.source(source),
                **options(strength, intent, keep_luminance),
            }
        )
        return Picture.from_json(reply.get("picture"))

    def preset_of(
        self, picture: Picture, name: str, tags: Iterable[str] = (), notes: str = ""
    ) -> Preset:
        """The preset called `name` of a picture's look; it is not kept yet.

        Raises InputError for a picture without visible colours, PresetError for a bad name.
        """
        return created_preset(self.create(picture), name, tags, notes)

    def create(self, picture: Picture) -> dict[str, Any]:
        """What a preset keeps: "style", "toning", "reference" (base64 JPEG) and "model"."""
        return self._request({"request": "create", "picture": picture.to_json()})

    def export(
        self,
        lut_id: str,
        path: str | os.PathLike[str],
        size: int | None = None,
        title: str = "",
        overwrite: bool = False,
    ) -> Path:
        """Write a LUT as a .cube or HaldCLUT .png file. Raises InputError, LutFileError."""
        message = {
            "request": "export",
            "path": os.path.abspath(path),
            "size": size,
            "title": title,
            "overwrite": overwrite,
        }
        reply = self._with_lut(message, lut_id)
        return Path(Fields(reply, what=_ANSWER, error=ProtocolError).text("path", longest=4096))

    def preset_of_lut(self, path: str | os.PathLike[str], name: str) -> Preset:
        """The preset called `name` that a .cube or HaldCLUT .png makes; it is not kept yet.

        Raises LutFileError for a file that cannot be used, PresetError for a bad name.
        """
        message = {"request": "import", "path": os.path.abspath(path), "name": name}
        return Preset.from_json(self._request(message).get("preset"), what=MADE)

    def status(self) -> dict[str, Any]:
        """What the worker says of itself: pid, uptime (s), model, device, counts, rss (bytes)..."""
        return self._request({"request": "status"})

    def stop(self) -> None:
        """End the worker and wait until it is gone."""
        self.close()
        stop_worker(self._locations)

    def close(self) -> None:
        """Disconnect; the shared memory goes back, the worker stays."""
        self._connection.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _with_lut(self, message: dict[str, Any], lut_id: str, again: bool = True) -> dict[str, Any]:
        """A request about a LUT; one that the worker has dropped meanwhile is asked for anew."""
        try:
            return self._request({**message, "lut": self._looks.current(lut_id)}, again=again)
        except UnknownLutError:
            if lut_id not in self._looks:
                raise
        current = self._looks.ask_again(lut_id)
        if not again:  # the worker may have been lost even now
            self._check_pixels()
        return self._request({**message, "lut": current}, again=again)

    def _check_pixels(self) -> None:
        if self._memory is None:
            raise WorkerError("The worker was lost, and the pixels with it: please try again.")

    def _request(self, message: dict[str, Any], again: bool = True) -> dict[str, Any]:
        return self._connection.request(message, again)

    def _lost(self) -> None:
        self._release()
        self._keeper.forget()

    def _release(self) -> None:
        memory, self._memory = self._memory, None
        if memory is not None:
            with contextlib.suppress(OSError):
                memory.close()
