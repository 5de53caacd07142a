"""The looks that a session has asked for: one that the worker has dropped is asked for again.

(Standard library only.) A client goes on using the name of the LUT that it was given first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from core.errors import ProtocolError

_REMEMBERED = 8


class AskedLooks:
    """The last eight looks; `send` makes a request."""

    def __init__(self, send: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._send = send
        self._messages: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._current: dict[str, str] = {}

    def __contains__(self, lut_id: str) -> bool:
        return lut_id in self._messages

    def ask(self, message: dict[str, Any]) -> str:
        """The name of the LUT that the worker makes for a request of a look."""
        lut_id = self._name(message)
        self._messages[lut_id] = message
        self._messages.move_to_end(lut_id)
        while len(self._messages) > _REMEMBERED:
            oldest, _ = self._messages.popitem(last=False)
            self._current.pop(oldest, None)
        return lut_id

    def ask_again(self, lut_id: str) -> str:
        """The worker's present name of the same look, which `in` has found here."""
        self._current[lut_id] = self._name(self._messages[lut_id])
        return self._current[lut_id]

    def current(self, lut_id: str) -> str:
        """The worker's name of a LUT, as far as is known."""
        return self._current.get(lut_id, lut_id)

    def _name(self, message: dict[str, Any]) -> str:
        lut_id = self._send(message).get("lut")
        if not isinstance(lut_id, str):
            raise ProtocolError("The worker named no look.")
        return lut_id
