"""One connection to the worker: requests and replies, and another worker where one is lost.

(Standard library only.)
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from core import protocol
from core.errors import ProtocolError, WorkerError
from core.locations import Locations
from core.process.rendezvous import reach


class Connection:
    """Reaches the worker, starting it if `start`; `lost` is called whenever a connection ends.

    timeout: seconds without an answer after which a worker counts as hanging. Raises WorkerError.
    """

    def __init__(
        self, locations: Locations, start: bool, timeout: float, lost: Callable[[], None]
    ) -> None:
        self._locations = locations
        self._start = start
        self._timeout = timeout
        self._lost = lost
        self._sock: socket.socket | None = None
        self.greeting: dict[str, Any] = {}
        self._connect()

    def request(
        self, message: dict[str, Any], again: bool = True, descriptor: int | None = None
    ) -> dict[str, Any]:
        """The worker's reply; a lost worker is replaced and asked once more if `again`.

        `descriptor` goes with the message. Raises the error that the reply carries, or WorkerError.
        """
        try:
            return self._exchange(message, descriptor)
        except (OSError, _NoReplyError) as error:
            self.close()
            if not again:
                raise WorkerError(
                    "The background worker was lost while it changed pixels: please try again. Its "
                    "log may say why: {log}",
                    log=self._locations.log,
                ) from error
        self._connect()
        try:
            return self._exchange(message, descriptor)
        except (OSError, _NoReplyError) as error:
            self.close()
            raise WorkerError(
                'The background worker fails at "{request}", also after a new start. Its log may '
                "say why: {log}",
                request=message["request"],
                log=self._locations.log,
            ) from error

    def close(self) -> None:
        """Disconnect; the worker stays."""
        self._lost()
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _connect(self) -> None:
        link = reach(self._locations, start=self._start, timeout=self._timeout)
        self._sock, self.greeting = link.sock, link.greeting
        self._sock.settimeout(self._timeout)

    def _exchange(self, message: dict[str, Any], descriptor: int | None) -> dict[str, Any]:
        if self._sock is None:
            raise _NoReplyError
        try:
            protocol.send(self._sock, message, descriptor)
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


class _NoReplyError(Exception):
    """The worker closed the connection, or what came from it makes no sense."""
