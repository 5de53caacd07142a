"""What the worker remembers: a digest to know a thing by, and the last few values asked for."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")


def digest(*parts: object) -> str:
    """The same text for the same parts: arrays (by their bytes), bytes, or things with a repr."""
    hashed = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            data = part.tobytes()
        else:
            data = part if isinstance(part, bytes) else repr(part).encode()
        hashed.update(len(data).to_bytes(8, "big") + data)
    return hashed.hexdigest()[:32]


class Cache(Generic[T]):
    """The last `size` values asked for; two threads may make the same one, both get one.

    With `weigh`, which gives the bytes of a value, fewer where all together weigh more than
    `most`; the very last is kept whatever it weighs.
    """

    def __init__(self, size: int, most: int = 0, weigh: Callable[[T], int] = lambda _: 0) -> None:
        self._size, self._most, self._weigh = size, most, weigh
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> T | None:
        """The value, if it is still there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def get_or_make(self, key: str, make: Callable[[], T]) -> T:
        """The value, made now if it is not there."""
        kept = self.get(key)
        if kept is not None:
            return kept
        made = make()
        with self._lock:
            made = self._values.setdefault(key, made)
            self._values.move_to_end(key)
            while len(self._values) > self._size or (len(self._values) > 1 and self._heavy()):
                self._values.popitem(last=False)
        return made

    def _heavy(self) -> bool:
        return sum(map(self._weigh, self._values.values())) > self._most
