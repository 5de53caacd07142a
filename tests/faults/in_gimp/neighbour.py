"""A second GIMP of the same user, at work while the first is disturbed."""

from __future__ import annotations

import threading
from collections import Counter
from types import TracebackType

from tests.faults.in_gimp.calls import Call
from tests.faults.in_gimp.desk import Desk


class Neighbour:
    """Calls the same procedure again and again; `damages` tells of every wrong pixel."""

    def __init__(self, desk: Desk, call: Call) -> None:
        self._desk = desk
        self._call = call
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.outcomes: Counter[str] = Counter()
        self.damages: list[str] = []

    def __enter__(self) -> Neighbour:
        self._desk.ask("scene", **self._call.scene)
        self._call.begin(self._desk)
        assert self._desk.answer()["status"] == "SUCCESS"
        self._fresh = self._desk.ask("state")["layers"]
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.is_set():
            before = self._desk.ask("scene", **self._call.scene)
            self._call.begin(self._desk)
            answer = self._desk.answer()
            now = self._desk.ask("state")
            self.outcomes[answer["status"]] += 1
            good = answer["status"] == "SUCCESS"
            if now["layers"] != (self._fresh if good else before["layers"]):
                self.damages.append(f"the second GIMP: {answer['status']} {answer['message']}")
