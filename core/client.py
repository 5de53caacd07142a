"""The worker as its clients see it: one Session per task (standard library only).

    with Session(locations) as session:
        lut = session.look(content, preset_source(preset), strength=80)
        pixels = session.pixels(size)        # write the pixels into this memory
        session.apply(lut, 0, width, rows, "RGB u8")
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections import OrderedDict
from pathlib import Path
from types import TracebackType
from typing import Any

from core import protocol
from core.errors import ProtocolError, UnknownLutError, WorkerError
from core.locations import Locations
from core.presetfile import Preset
from core.process.pixelmemory import PixelMemory
from core.process.rendezvous import NotRunningError, reach, stop_worker
from core.protocol import FORMATS, Picture

__all__ = [
    "FORMATS",
    "NotRunningError",
    "Picture",
    "Session",
    "normalize_source",
    "preset_source",
    "reference_source",
    "stop_worker",
]

_REMEMBERED = 8


def preset_source(preset: Preset) -> dict[str, Any]:
    """The look that a preset keeps."""
    return {"kind": "preset", "preset": preset.to_json()}


def reference_source(picture: Picture, method: str = "neural") -> dict[str, Any]:
    """The look of a picture, found by the network ("neural") or by colour statistics ("mkl")."""
    return {"kind": "reference", "picture": picture.to_json(), "method": method}


def normalize_source() -> dict[str, Any]:
    """No look: the photo as the network would have it without one."""
    return {"kind": "normalize"}


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
        self._start = start
        self._timeout = timeout
        self._sock: socket.socket | None = None
        self._memory: PixelMemory | None = None
        self._asked: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._current: dict[str, str] = {}
        self.greeting: dict[str, Any] = {}
        self._connect()

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
            "strength": strength,
            "intent": intent,
            "keep_luminance": keep_luminance,
        }
        lut_id = self._ask_look(message)
        self._asked[lut_id] = message
        self._asked.move_to_end(lut_id)
        while len(self._asked) > _REMEMBERED:
            oldest, _ = self._asked.popitem(last=False)
            self._current.pop(oldest, None)
        return lut_id

    def pixels(self, size: int) -> memoryview:
        """Writable memory of `size` bytes, shared with the worker until the next call or `close`.

        A view from an earlier call may be the same memory. Raises NeuralPresetError where there is
        no room for it.
        """
        if self._memory is None or self._memory.size < size:
            self._release()
            memory = PixelMemory(size)
            try:
                self._request({"request": "attach", "path": str(memory.path), "size": size})
            except BaseException:
                memory.close()
                raise
            memory.unlink()
            self._memory = memory
        return self._memory.view[:size]

    def apply(self, lut_id: str, offset: int, width: int, rows: int, format: str) -> None:
        """Apply a LUT in place to a strip of the shared memory: `rows` rows of `width` pixels.

        offset: in bytes. format: one of FORMATS. Raises WorkerError where the worker was lost: the
        shared pixels are then of no use.
        """
        strip = {"offset": offset, "width": width, "rows": rows, "format": format}
        if self._memory is None:
            raise WorkerError("The worker was lost, and the pixels with it: please try again.")
        self._with_lut({"request": "apply", **strip}, lut_id, again=False)

    def create(self, picture: Picture) -> dict[str, Any]:
        """What a preset keeps of a picture: "style", "reference" (base64 JPEG) and "model"."""
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
        return Path(self._with_lut(message, lut_id)["path"])

    def preset_of_lut(self, path: str | os.PathLike[str], name: str) -> Preset:
        """The preset called `name` that a .cube or HaldCLUT .png makes; it is not kept yet.

        Raises LutFileError for a file that cannot be used, PresetError for a bad name.
        """
        message = {"request": "import", "path": os.path.abspath(path), "name": name}
        return Preset.from_json(self._request(message).get("preset"), what="The worker's preset")

    def status(self) -> dict[str, Any]:
        """What the worker says of itself: pid, uptime (s), model, device, counts, rss (bytes)..."""
        return self._request({"request": "status"})

    def stop(self) -> None:
        """End the worker and wait until it is gone."""
        self.close()
        stop_worker(self._locations)

    def close(self) -> None:
        """Disconnect; the shared memory goes back, the worker stays."""
        self._release()
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _connect(self) -> None:
        link = reach(self._locations, start=self._start, timeout=self._timeout)
        self._sock, self.greeting = link.sock, link.greeting
        self._sock.settimeout(self._timeout)

    def _ask_look(self, message: dict[str, Any]) -> str:
        lut_id = self._request(message).get("lut")
        if not isinstance(lut_id, str):
            raise ProtocolError("The worker named no look.")
        return lut_id

    def _with_lut(
        self, message: dict[str, Any], lut_id: str, again: bool = True
    ) -> dict[str, Any]:
        """A request about a LUT; one that the worker has dropped meanwhile is asked for anew."""
        current = self._current.get(lut_id, lut_id)
        try:
            return self._request({**message, "lut": current}, again=again)
        except UnknownLutError:
            if lut_id not in self._asked:
                raise
        self._current[lut_id] = self._ask_look(self._asked[lut_id])
        return self._request({**message, "lut": self._current[lut_id]}, again=again)

    def _request(self, message: dict[str, Any], again: bool = True) -> dict[str, Any]:
        try:
            return self._exchange(message)
        except (OSError, _NoReplyError) as error:
            self.close()
            if not again:
                raise WorkerError(
                    "The background worker was lost while it changed pixels: please try again. "
                    f"Its log may say why: {self._locations.log}"
                ) from error
        self._connect()
        try:
            return self._exchange(message)
        except (OSError, _NoReplyError) as error:
            self.close()
            raise WorkerError(
                f'The background worker fails at "{message["request"]}", also after a new start. '
                f"Its log may say why: {self._locations.log}"
            ) from error

    def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._sock is None:
            raise _NoReplyError
        try:
            protocol.send(self._sock, message)
            reply = protocol.receive(self._sock)
        except ProtocolError as error:
            raise _NoReplyError from error
        except KeyboardInterrupt:
            # The reply still comes: it must not be taken for that to the next request.
            self.close()
            raise
        if reply is None:
            raise _NoReplyError
        return protocol.checked(reply)

    def _release(self) -> None:
        memory, self._memory = self._memory, None
        if memory is not None:
            with contextlib.suppress(OSError):
                memory.close()


class _NoReplyError(Exception):
    """The worker closed the connection, or what came from it makes no sense."""
