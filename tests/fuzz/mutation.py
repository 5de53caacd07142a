"""Real inputs changed as an attacker or a bad disk would: bytes, JSON documents, names.

Every function takes its randomness as an argument, so that a seed repeats a campaign.
"""

from __future__ import annotations

import copy
import json
import random
import struct
import zlib
from collections.abc import Sequence
from typing import Any

_LARGEST = 1 << 17  # bytes that an input may grow to
_NUMBERS: tuple[int, ...] = (
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    127,
    128,
    255,
    256,
    257,
    1023,
    1024,
    4096,
    32767,
    32768,
    65535,
)
_NUMBERS += (65536, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) - 1)
_TEXTS = (
    *("", " ", "\0", "..", ".", "/", "\\", "../../escape", "/etc/passwd", "C:\\escape", "~/escape"),
    *("CON", "nul.json", "com1", "aux.", ".hidden", "trailing ", "trailing.", "-rf", '*?<>|:"'),
    *("a" * 300, "ä" * 200, "\u202egnp.exe", "a\u0301", "\u0430dmin", "ﬁ", "İ", "ß", "\ufeff"),
    *("\ud800", "\U0001f305", "\n", "\x1b[31m", "{path}", "{problem}", "%s%n", "NaN", "1e999"),
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 0.5, -0.0, 1e-320, 1e308, 10**30, 10**400, 2**31, 2**63),
    *([], {}, [[]], [0] * 300, {"a": {"b": []}}, ["x"] * 100, *_TEXTS),
)
_WORDS = (b"NaN", b"inf", b"-1", b"1e999", b"0x7f", b"\0", b"\xff\xfe", b"{", b"[", b'"', b"\n")


def changed_bytes(
    chance: random.Random, data: bytes, others: Sequence[bytes], words: Sequence[bytes] = _WORDS
) -> bytes:
    """The input with one to five changes; `others` are inputs to take pieces from."""
    result = bytearray(data)
    for _ in range(1 + min(int(chance.expovariate(1.2)), 4)):
        _change(chance, result, others, words)
    return bytes(result[:_LARGEST])


def _change(
    chance: random.Random, data: bytearray, others: Sequence[bytes], words: Sequence[bytes]
) -> None:
    size = len(data)
    # Headers decide more than what follows them.
    within = min(size, 512) if chance.random() < 0.5 else size
    at = chance.randrange(within) if within else 0
    length = min(1 << chance.randrange(10), size - at)
    match chance.randrange(10):
        case 0 | 1 if size:
            data[at] ^= 1 << chance.randrange(8)
        case 2 if size:
            data[at] = chance.randrange(256)
        case 3 | 4:
            number = chance.choice(_NUMBERS)
            layout = chance.choice(("<H", ">H", "<I", ">I", "<I", ">I", "<Q", ">Q"))
            packed = struct.pack(layout, number % (1 << 8 * struct.calcsize(layout)))
            data[at : at + len(packed)] = packed
        case 5:
            del data[at : at + length]
        case 6:
            data[at:at] = data[at : at + length] * chance.choice((1, 1, 2, 20))
        case 7:
            del data[at if chance.random() < 0.5 else max(size - length, 0) :]
        case 8:
            other = chance.choice(others) if others else b"\0" * 64
            start = chance.randrange(max(len(other), 1))
            piece = other[start : start + length]
            data[at : at + len(piece)] = piece
        case _:
            data[at:at] = chance.choice(words)


def changed_json(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A JSON text with values replaced, moved or removed; now and then broken as a text."""
    if chance.random() < 0.25:
        return changed_bytes(chance, data, others)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return changed_bytes(chance, data, others)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        document = changed_value(chance, document)
        changed = json.dumps(document).encode()
        # Lists of lists of lists grow beyond measure, and every input into the next one.
        if len(changed) > _LARGEST:
            return changed_bytes(chance, data, others)
    return changed


def changed_value(chance: random.Random, document: Any) -> Any:
    """A copy of a parsed JSON document with one value, somewhere in it, changed."""
    document = copy.deepcopy(document)
    holder: Any = None
    key: Any = None
    value = document
    while isinstance(value, dict | list) and value and (holder is None or chance.random() < 0.7):
        holder = value
        key = (
            chance.choice(list(holder))
            if isinstance(holder, dict)
            else chance.randrange(len(holder))
        )
        value = holder[key]
    if holder is None:
        return chance.choice(_VALUES)
    match chance.randrange(7):
        case 0:
            del holder[key]
        case 1 if isinstance(value, dict | list):
            holder[key] = type(value)()
        case 1 | 2 if isinstance(value, str) and value:
            holder[key] = changed_text(chance, value)
        case 1 | 2 if isinstance(value, int | float) and abs(value) < 1 << 64:
            holder[key] = value * chance.choice((-1, 0, 2, 1000, 1e-9, 1e300))
        case 3:
            holder[key] = [copy.deepcopy(value)] * chance.choice((1, 2, 70))
        case 4 if isinstance(holder, dict):
            holder[chance.choice(_TEXTS)] = copy.deepcopy(value)
        case _:
            holder[key] = copy.deepcopy(chance.choice(_VALUES))
    return document


def changed_text(chance: random.Random, text: str) -> str:
    """A text, a name or a path with something hostile in it."""
    at = chance.randrange(len(text) + 1)
    match chance.randrange(4):
        case 0:
            return text[:at] + chance.choice(_TEXTS) + text[at:]
        case 1:
            return chance.choice(_TEXTS)
        case 2:
            return (
                text[:at]
                + chr(chance.choice((chance.randrange(128), chance.randrange(0xD7FF))))
                + text[at + 1 :]
            )
        case _:
            return text[:at]


def with_png_sums(data: bytes) -> bytes:
    """The same PNG with every chunk's checksum made right: else no decoder looks further."""
    result = bytearray(data)
    at = 8
    while at + 12 <= len(result):
        end = at + 8 + int.from_bytes(result[at : at + 4], "big")
        if end + 4 > len(result):
            break
        result[end : end + 4] = zlib.crc32(result[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(result)
