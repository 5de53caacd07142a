"""A LUT applied to pixels in place by OpenColorIO: tetrahedral, SIMD, strips on threads."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import PyOpenColorIO as ocio

from core.errors import InputError
from core.lut import Lut

_DEPTHS = {
    "uint8": ocio.BIT_DEPTH_UINT8,
    "uint16": ocio.BIT_DEPTH_UINT16,
    "float32": ocio.BIT_DEPTH_F32,
}
_WIDTH = 4096  # a row as OpenColorIO sees it: its buffers of one row stay in the CPU's cache
_STRIP = 16 * _WIDTH  # pixels that one thread takes at a time; bounds the float temporaries


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


_THREADS = ThreadPoolExecutor(_cores(), thread_name_prefix="lut")  # started when first used


class Processor:
    """Applies one LUT to any number of pixel arrays; built once per LUT, usable by many threads.

    The tables for each bit depth are built when that depth is first asked for.
    """

    def __init__(self, lut: Lut) -> None:
        self._lut = lut
        self._identity = lut.is_identity
        self._lock = threading.Lock()
        self._tables: dict[str, ocio.CPUProcessor] = {}

    def apply(self, pixels: np.ndarray) -> None:
        """Map the colours of a picture in place; alpha never changes, not by a bit.

        pixels: C-contiguous, writable (H, W, 3 or 4) uint8, uint16 or float32, sRGB-encoded.
        Integers are rounded and clamped; floats become lut(clamp(x)) + (x - clamp(x)), so values
        outside [0, 1] keep their excess, and a pixel with a NaN or infinite colour stays as it
        is. The identity leaves every bit alone. Raises InputError for any other array.
        """
        _check(pixels)
        if self._identity or pixels.size == 0:
            return
        table = self._table(pixels.dtype.name)
        flat = pixels.reshape(-1, pixels.shape[2])
        strips = np.array_split(flat, -(-len(flat) // _STRIP))
        work = _apply_float if pixels.dtype == np.float32 else _apply
        if len(strips) == 1:
            work(table, strips[0])
            return
        jobs = [_THREADS.submit(work, table, strip) for strip in strips]
        wait(jobs)  # all of them, so that no thread writes to the pixels after an error
        for job in jobs:
            job.result()

    def _table(self, depth: str) -> ocio.CPUProcessor:
        with self._lock:
            if depth not in self._tables:
                transform = ocio.Lut3DTransform()
                transform.setGridSize(self._lut.size)
                transform.setData(self._lut.lattice.reshape(-1))
                transform.setInterpolation(ocio.INTERP_TETRAHEDRAL)
                processor = ocio.Config.CreateRaw().getProcessor(transform)
                self._tables[depth] = processor.getOptimizedCPUProcessor(
                    _DEPTHS[depth], _DEPTHS[depth], ocio.OPTIMIZATION_DEFAULT
                )
            return self._tables[depth]


def _check(pixels: np.ndarray) -> None:
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise InputError(
            "Pixels need rows, columns and 3 (RGB) or 4 (RGBA) channels, but these have the "
            "shape {shape}.",
            shape=pixels.shape,
        )
    if pixels.dtype.name not in _DEPTHS or not pixels.dtype.isnative:
        raise InputError(
            "Pixels need 8-bit, 16-bit or 32-bit float values in this computer's byte order, but "
            "these are {type}.",
            type=pixels.dtype.str,
        )
    # OpenColorIO would write through a read-only array without a word.
    if not pixels.flags.c_contiguous or not pixels.flags.writeable or not pixels.flags.aligned:
        raise InputError("Pixels need to lie in one writable piece of memory, row after row.")


def _apply(table: ocio.CPUProcessor, strip: np.ndarray) -> None:
    """Apply to (N, channels) pixels that lie one after the other."""
    # The last row is a long one, never a single pixel: OpenColorIO computes a row of one pixel
    # in another way, and the last bit would depend on where in the picture that pixel lies.
    whole = max(len(strip) // _WIDTH - 1, 0) * _WIDTH
    for part, width in ((strip[:whole], _WIDTH), (strip[whole:], len(strip) - whole)):
        if len(part):
            channels, item = part.shape[1], part.itemsize
            table.apply(
                ocio.PackedImageDesc(
                    part,
                    width,
                    len(part) // width,
                    channels,
                    _DEPTHS[part.dtype.name],
                    item,
                    item * channels,
                    item * channels * width,
                )
            )


def _apply_float(table: ocio.CPUProcessor, strip: np.ndarray) -> None:
    # Comparisons with NaN are false, so this also sends NaN the long way.
    if strip.min() >= 0.0 and strip.max() <= 1.0:
        _apply(table, strip)
        return
    colour = strip[:, :3]
    finite = np.isfinite(colour).all(axis=1, keepdims=True)
    inside = np.where(finite, np.clip(colour, 0.0, 1.0), np.float32(0.0))
    with np.errstate(invalid="ignore"):  # NaN and infinite minus a number; dropped below
        excess = colour - inside
    _apply(table, inside)
    with np.errstate(invalid="ignore"):
        inside += excess
    np.copyto(colour, inside, where=finite)
