"""The connections of a worker, when there are more than it serves (standard library only).

A program gone wild must not shut out its user's other programs. So a newcomer is always let in:
the connection that asks for nothing goes, first one that has never asked, then the one that has
been silent for longest. A client whose connection went so connects again at its next request.
And a connection that asks faster than anybody has use for is answered later, so that the others
are answered at all.
"""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
from collections.abc import Iterator

_RATE = 2000.0  # requests a second, for all connections; a filter at work asks less than 200
_BURST = 256  # requests of one connection that need not wait


class Seat:
    """One connection, waiting for a request or at work on one."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.waiting, self.asked = True, False
        self.since = time.monotonic()
        self.due = -math.inf  # when its next request would come, did it keep to the rate

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """While a request is answered the connection is not one that may go."""
        self.waiting = False
        try:
            yield
        finally:
            self.waiting, self.asked = True, True
            self.since = time.monotonic()


class Crowd:
    """At most `most` connections at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seats: list[Seat] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._seats)

    @contextlib.contextmanager
    def joined(self, sock: socket.socket) -> Iterator[Seat | None]:
        """A seat for a new connection; None where all others are at work."""
        seat = Seat(sock)
        with self._lock:
            if len(self._seats) < self._most or self._dismissed():
                self._seats.append(seat)
            seated = seat in self._seats
        try:
            yield seat if seated else None
        finally:
            with self._lock, contextlib.suppress(ValueError):
                self._seats.remove(seat)

    def pace(self, seat: Seat) -> float:
        """For how many seconds this connection's next request has to wait; mostly 0.

        Every connection has an equal share of the rate (the generic cell rate algorithm).
        """
        interval = len(self._seats) / _RATE
        now = time.monotonic()
        seat.due = max(seat.due, now - _BURST * interval) + interval
        return max(0.0, seat.due - now)

    def _dismissed(self) -> bool:
        """Whether there was a connection to part with."""
        waiting = [seat for seat in self._seats if seat.waiting]
        if not waiting:
            return False
        seat = min(waiting, key=lambda each: (each.asked, each.since))
        self._seats.remove(seat)
        # Its thread, which waits for a request, sees the end and closes the connection.
        with contextlib.suppress(OSError):
            seat.sock.shutdown(socket.SHUT_RDWR)
        return True
