"""What the worker remembers stays small, and a thing is known by its bytes."""

from __future__ import annotations

import numpy as np

from core import looks
from core.looks import Looks, Options, PresetSource
from core.lut import Lut
from core.memory import Cache, digest
from core.model import load
from core.presetfile import LARGEST_LATTICE, Preset
from core.processor import Processor


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    cache: Cache[str] = Cache(2)
    for key in "aba":
        cache.get_or_make(key, key.upper)
    cache.get_or_make("c", "C".lower)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == ("A", None, "c")


def test_heavy_values_are_fewer() -> None:
    cache: Cache[bytes] = Cache(10, 100, len)
    for name, size in (("a", 40), ("b", 40), ("c", 20), ("d", 1)):
        cache.get_or_make(name, lambda size=size: bytes(size))  # type: ignore[misc]
    assert cache.get("a") is None and len(cache) == 3


def test_one_value_is_kept_whatever_it_weighs() -> None:
    cache: Cache[bytes] = Cache(10, 100, len)
    cache.get_or_make("light", lambda: b"1")
    assert len(cache.get_or_make("heavy", lambda: bytes(1000))) == 1000
    assert cache.get("heavy") is not None and len(cache) == 1


def test_a_thing_that_grows_is_weighed_again() -> None:
    cache: Cache[bytearray] = Cache(10, 100, len)
    grown = cache.get_or_make("grows", bytearray)
    grown.extend(bytes(90))
    cache.get_or_make("next", lambda: bytearray(20))
    assert cache.get("grows") is None


def test_the_largest_luts_do_not_fill_the_memory() -> None:
    """Each is 25 MB, and the worker lives long."""
    known = Looks(load())
    lattice = Lut.identity(LARGEST_LATTICE).lattice[..., ::-1].astype("<f2").tobytes()
    preset = Preset(name="Swap", kind="lut", lattice_size=LARGEST_LATTICE, lattice=lattice)
    for strength in range(80, 87):
        name, lut = known.lut(None, PresetSource(preset), Options(strength=strength))
    assert known.get(name) is lut
    count = known.counts()["luts"]
    assert count >= 2 and count * lut.lattice.nbytes <= looks._MOST_BYTES


def test_a_processor_tells_its_tables_too() -> None:
    lut = Lut(Lut.identity(9).lattice[..., ::-1])
    processor = Processor(lut)
    assert processor.nbytes == lut.lattice.nbytes
    processor.apply(np.zeros((2, 2, 3), np.uint8))
    assert processor.nbytes == lut.lattice.nbytes * 7 // 3


def test_parts_are_told_apart() -> None:
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
    assert digest(np.zeros(2, np.float32)) == digest(np.zeros(2, np.float32))
