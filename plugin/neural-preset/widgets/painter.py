"""Pictures from the worker while the window stays alive: one thread, one connection.

Whatever is asked here returns at once. The answers come in GTK's main loop, so that callbacks
may touch widgets. What the user wants to see next goes first: the large preview, then single
requests, then thumbnails; a preview that a newer one has overtaken is never painted.
"""

from __future__ import annotations

import logging
import os
import platform
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gi.repository import GLib
from translation import translated

from core.client import Session
from core.errors import InputError, NeuralPresetError, WorkerError
from core.locations import Locations
from core.protocol import Picture

_LOG = logging.getLogger(__name__)
STARTING, READY, FAILED = "starting", "ready", "failed"
# Small enough that a slider need not wait for long, large enough to be painted in one go.
PORTION = 6
_LOG_TAIL = 8000

Source = dict[str, Any]
Painted = Callable[[Any, "Picture | str"], None]


@dataclass(frozen=True)
class Options:
    """How a look is used: percent, percent, yes or no, as `Session.look` takes them."""

    strength: float = 100
    intent: float = 0
    keep_luminance: bool = False


@dataclass(frozen=True)
class _Thumbnails:
    content: Picture
    shown: Picture
    options: Options
    wanted: deque[tuple[Any, Source]]
    on_done: Painted
    count: int

    def mark(self, key: Any) -> Any:
        """What tells whether two requests are for the same picture."""
        return (id(self.content), id(self.shown), self.options, self.on_done, key)


@dataclass(frozen=True)
class _Draft:
    content: Picture
    shown: Picture
    source: Source
    options: Options
    on_done: Callable[[Picture | str], None]


class Painter:
    """The worker of one dialog; `close` it with the dialog.

    A problem with a preset or a picture arrives as words in place of the picture. Where the worker
    itself fails, `state` becomes "failed" with `reason`; what is waiting stays, and `retry` goes
    on with it.
    """

    def __init__(self, locations: Locations) -> None:
        self._locations = locations
        self._changed = threading.Condition()
        self._draft: _Draft | None = None
        self._calls: deque[tuple[Callable[[Session], Any], Callable[[Any], None]]] = deque()
        self._thumbnails: dict[str, _Thumbnails] = {}
        self._in_hand: set[Any] = set()
        self._closed = self._again = False
        self._listeners: list[Callable[[str], None]] = []
        self._trace = ""
        self.state = STARTING
        self.reason = ""
        self._thread = threading.Thread(target=self._work, name="painter", daemon=True)
        self._thread.start()

    def thumbnails(
        self,
        content: Picture,
        shown: Picture,
        wanted: Sequence[tuple[Any, Source]],
        on_done: Painted,
        options: Options = Options(),
        group: str = "",
    ) -> None:
        """Paint `shown` with every source and call `on_done(key, Picture or problem)` for each.

        What earlier calls of the same group asked for and is not painted yet is forgotten, so give
        all that is in sight now.
        """
        with self._changed:
            asked = _Thumbnails(content, shown, options, deque(), on_done, len(wanted))
            # What is painted already, or just now, arrives anyway.
            asked.wanted.extend(each for each in wanted if asked.mark(each[0]) not in self._in_hand)
            self._thumbnails[group] = asked
            self._changed.notify()

    def draft(
        self,
        content: Picture,
        shown: Picture,
        source: Source,
        options: Options,
        on_done: Callable[[Picture | str], None],
    ) -> None:
        """Paint the large preview; only the newest is painted, and answered."""
        with self._changed:
            self._draft = _Draft(content, shown, source, options, on_done)
            self._changed.notify()

    def call(
        self, function: Callable[[Session], Any], on_done: Callable[[Any], None]
    ) -> None:
        """Run `function` with the session in the thread; its result, or its exception, arrives."""
        with self._changed:
            self._calls.append((function, on_done))
            self._changed.notify()

    def on_state(self, callback: Callable[[str], None]) -> None:
        """Call back with the state, now and whenever it changes."""
        self._listeners.append(callback)
        callback(self.state)

    def retry(self) -> None:
        """Try to start the worker again after a failure."""
        with self._changed:
            self._again = True
            self._changed.notify()

    def diagnostics(self) -> str:
        """What somebody who is to help needs to know: versions, places, the reason, the log."""
        lines = [
            "Neural Preset for GIMP: diagnostics",
            f"Python {platform.python_version()}, {platform.platform()}",
            f"state: {self.state} {self.reason}",
            f"interpreter of the worker: {self._locations.python}",
            f"application: {self._locations.app}",
            f"runtime folder: {self._locations.runtime}",
            f"plug-in run by: {sys.executable}",
            self._trace,
            f"--- {self._locations.log}",
            _tail(self._locations.log),
        ]
        return "\n".join(line for line in lines if line)

    def close(self) -> None:
        """Forget all that waits and disconnect; nothing is called back any more."""
        with self._changed:
            self._closed = True
            self._draft = None
            self._calls.clear()
            self._thumbnails.clear()
            self._changed.notify()

    def _work(self) -> None:
        while not self._closed:
            try:
                with Session(self._locations) as session:
                    self._tell(READY, "")
                    while not self._closed:
                        self._serve(session)
            except Exception as error:
                self._trace = traceback.format_exc()
                self._tell(FAILED, translated(error) or repr(error))
                self._wait_for_retry()

    def _wait_for_retry(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._again or self._closed)
            self._again = False
        self._tell(STARTING, "")

    def _serve(self, session: Session) -> None:
        """Do the most urgent of what waits, or wait for it. A failing worker raises."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._draft or self._calls or self._portion_waits()
            )
            draft, self._draft = self._draft, None
            call = None if draft or not self._calls else self._calls.popleft()
        if draft is not None:
            self._paint_draft(session, draft)
        elif call is not None:
            function, on_done = call
            try:
                self._answer(on_done, function(session))
            except Exception as error:
                self._answer(on_done, error)
        else:
            self._paint_thumbnails(session)

    def _portion_waits(self) -> bool:
        return any(each.wanted for each in self._thumbnails.values())

    def _paint_draft(self, session: Session, draft: _Draft) -> None:
        use = _keywords(draft.options)
        painted: Picture | str
        try:
            painted = session.draft(draft.content, draft.shown, draft.source, **use)
        except WorkerError:
            with self._changed:
                self._draft = self._draft or draft
            raise
        except NeuralPresetError as problem:
            painted = translated(problem)
        self._answer(draft.on_done, painted)

    def _paint_thumbnails(self, session: Session) -> None:
        with self._changed:
            asked = next((each for each in self._thumbnails.values() if each.wanted), None)
            if asked is None:
                return
            portion = [asked.wanted.popleft() for _ in range(min(PORTION, len(asked.wanted)))]
            marks = {asked.mark(key) for key, _ in portion}
            self._in_hand |= marks
        sources = [source for _, source in portion]
        pictures: Sequence[Picture | str]
        try:
            pictures = session.previews(
                asked.content, asked.shown, sources, **_keywords(asked.options)
            )
        except (InputError, ValueError) as problem:
            pictures = [translated(problem)] * len(portion)
        except Exception:
            with self._changed:
                asked.wanted.extendleft(reversed(portion))
                self._in_hand -= marks
            raise

        def deliver() -> None:
            with self._changed:
                self._in_hand -= marks
            for (key, _), picture in zip(portion, pictures, strict=True):
                shown = picture if isinstance(picture, Picture) else translated(picture)
                asked.on_done(key, shown)
            if not asked.wanted:
                _LOG.debug("page of %d painted", asked.count)

        self._answer(deliver)

    def _answer(self, callback: Callable[..., None], *answer: Any) -> None:
        def deliver() -> bool:
            if not self._closed:
                callback(*answer)
            return False

        GLib.idle_add(deliver)

    def _tell(self, state: str, reason: str) -> None:
        def deliver() -> bool:
            if not self._closed:
                self.state, self.reason = state, reason
                for listener in self._listeners:
                    listener(state)
            return False

        GLib.idle_add(deliver)


def _keywords(options: Options) -> Mapping[str, Any]:
    return {
        "strength": options.strength,
        "intent": options.intent,
        "keep_luminance": options.keep_luminance,
    }


def _tail(log: Path) -> str:
    try:
        with open(log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_TAIL))
            return file.read().decode(errors="replace")
    except OSError as problem:
        return f"({problem.strerror or problem})"
