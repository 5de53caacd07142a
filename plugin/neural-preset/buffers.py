"""Pixels between GEGL buffers and shared memory.

PyGObject can only hand pixels over as `bytes`, one more copy; calling GEGL through ctypes moves
them straight into the mapped memory. Where that cannot be set up the copying way is taken.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from functools import cache
from typing import Any, Protocol

from gi.repository import Babl, Gegl

_LOG = logging.getLogger(__name__)
_LIBRARIES = {
    "linux": ("libgegl-0.4.so.0", "libbabl-0.1.so.0"),
    "darwin": ("libgegl-0.4.0.dylib", "libbabl-0.1.0.dylib"),
    "win32": ("libgegl-0.4-0.dll", "libbabl-0.1-0.dll"),
}
_AUTO_ROWSTRIDE = 0
_ABYSS_NONE = 0
_CACHE_BYTES = 32 << 20


@cache
def start() -> None:
    """Start GEGL for its buffers alone, each tile of which is needed once.

    Its two hundred operations run in GIMP; to load them here too takes longer than many a call.
    The rest takes 20 ms, so it waits until a buffer is needed.
    """
    os.environ.setdefault("GEGL_PATH", os.path.dirname(__file__))  # where there are none
    Gegl.init(None)
    Gegl.config().set_property("tile-cache-size", _CACHE_BYTES)


class Access(Protocol):
    """A way to move a rectangle of packed pixels in a babl format of the sRGB space."""

    def read(self, buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str, memory: Any) -> None:
        """Fill the start of `memory` (writable) with the pixels of `area`, row by row."""

    def write(self, buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str, memory: Any) -> None:
        """Give the pixels of `area` the values at the start of `memory`."""


class CopyAccess:
    """Through PyGObject, with one copy more."""

    def read(self, buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str, memory: Any) -> None:
        data = bytes(buffer.get(area, 1.0, form, Gegl.AbyssPolicy.NONE))
        memory[: len(data)] = data

    def write(self, buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str, memory: Any) -> None:
        size = area.width * area.height * Babl.format_get_bytes_per_pixel(Babl.format(form))
        buffer.set(area, form, bytes(memory[:size]))


class _Rectangle(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int) for name in ("x", "y", "width", "height"))


class DirectAccess:
    """Through ctypes, straight between GEGL's tiles and `memory`. OSError without the libraries."""

    def __init__(self) -> None:
        names = _LIBRARIES.get(sys.platform)
        if names is None:
            raise OSError(f"no known names of GEGL's libraries on {sys.platform}")
        gegl, babl = (ctypes.CDLL(name) for name in names)
        pointer, rectangle, number = ctypes.c_void_p, ctypes.POINTER(_Rectangle), ctypes.c_int
        scale = ctypes.c_double
        self._get, self._set = gegl.gegl_buffer_get, gegl.gegl_buffer_set
        self._get.argtypes = (pointer, rectangle, scale, pointer, pointer, number, number)
        self._set.argtypes = (pointer, rectangle, number, pointer, pointer, number)
        self._get.restype = self._set.restype = None
        self._format = babl.babl_format
        self._format.argtypes, self._format.restype = (ctypes.c_char_p,), pointer

    def read(self, buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str, memory: Any) -> None:
        anchor = ctypes.c_char.from_buffer(memory)
        where, babl = ctypes.byref(_rectangle(area)), self._format(form.encode())
        address = ctypes.byref(anchor)
        self._get(_address(buffer), where, 1.0, babl, address, _AUTO_ROWSTRIDE, _ABYSS_NONE)

    def write(self, buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str, memory: Any) -> None:
        anchor = ctypes.c_char.from_buffer(memory)
        where, babl = ctypes.byref(_rectangle(area)), self._format(form.encode())
        address = ctypes.byref(anchor)
        self._set(_address(buffer), where, 0, babl, address, _AUTO_ROWSTRIDE)


def _rectangle(area: Gegl.Rectangle) -> _Rectangle:
    return _Rectangle(area.x, area.y, area.width, area.height)


def _address(buffer: Gegl.Buffer) -> int | None:
    """The address of the GeglBuffer in C, which PyGObject keeps in a capsule."""
    capsule = buffer.__gpointer__
    name = ctypes.pythonapi.PyCapsule_GetName
    name.argtypes, name.restype = (ctypes.py_object,), ctypes.c_char_p
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.argtypes, pointer.restype = (ctypes.py_object, ctypes.c_char_p), ctypes.c_void_p
    address: int | None = pointer(capsule, name(capsule))
    return address


@cache
def access() -> Access:
    """The direct way, or the copying one where there is none or NEURAL_PRESET_COPY is set."""
    if not os.environ.get("NEURAL_PRESET_COPY"):
        try:
            return DirectAccess()
        except (OSError, AttributeError) as problem:
            _LOG.info("pixels are copied, not mapped: %s", problem)
    return CopyAccess()
