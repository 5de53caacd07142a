"""Pictures and looks that travel to the worker once, however often requests are about them.

(Standard library only.) The worker keeps a few for each connection, in numbered places; a request
then names the place: {"kept": 3}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ForgottenError, WorkerError
from core.protocol import PLACES, Picture

_TRIES = 3


class Keeper:
    """Knows what one connection keeps; `send` makes a request.

    A place whose thing has not been named for longest is used anew, never one of the last eight.
    """

    def __init__(self, send: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._send = send
        self._held: list[tuple[int, object]] = []
        self._losses = 0

    def forget(self) -> None:
        """There is a new connection, which keeps nothing yet."""
        self._held.clear()
        self._losses += 1

    def ask(self, message: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The reply to a request that names kept things.

        Where the connection was lost meanwhile, `message` is called again to name them anew.
        """
        for _ in range(_TRIES):
            losses = self._losses
            request = message()
            if losses == self._losses:
                try:
                    return self._send(request)
                except ForgottenError:
                    self.forget()
        raise WorkerError("The background worker was lost several times: please try again.")

    def picture(self, picture: Picture | None) -> dict[str, Any] | None:
        """How a request names this picture."""
        if picture is None:
            return None
        return self._place("picture", picture, picture.to_json)

    def source(self, source: dict[str, Any]) -> dict[str, Any]:
        """How a request names this look; of a mix both parts are kept, its share is not."""
        if source.get("kind") == "mix":
            parts = {name: source.get(name) for name in ("first", "second")}
            named = {
                name: self.source(part) if isinstance(part, dict) else part
                for name, part in parts.items()
            }
            return {**source, **named}
        return self._place("source", source, lambda: source)

    def _place(
        self, kind: str, thing: object, document: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        for index, (place, held) in enumerate(self._held):
            if held is thing or held == thing:
                self._held.append(self._held.pop(index))
                return {"kept": place}
        taken = {place for place, _ in self._held}
        free = [place for place in range(PLACES) if place not in taken]
        place = free[0] if free else self._held.pop(0)[0]
        self._send({"request": "keep", "place": place, kind: document()})
        self._held.append((place, thing))
        return {"kept": place}
