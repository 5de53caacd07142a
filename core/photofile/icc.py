"""ICC profiles of matrix and curve type, which nearly all photos carry, read for exact float maths.

ICC.1:2022, sections 8.3 (matrix/TRC model), 10.6 (curveType), 10.18 (parametricCurveType). Our own
reader because LittleCMS through Pillow works in 8 bits only and OpenColorIO clamps.
"""

from __future__ import annotations

import struct

import numpy as np

from core.errors import PhotoError
from core.photofile.encoding import (
    SRGB,
    SRGB_CURVE,
    SRGB_TO_XYZ_D50,
    Curve,
    Encoding,
    Power,
    Sampled,
)
from core.phrase import Phrase

_NODES = 4096
_COLORANTS = (b"rXYZ", b"gXYZ", b"bXYZ")
_TRCS = (b"rTRC", b"gTRC", b"bTRC")
# The number of parameters of each function type of a parametricCurveType.
_PARAMETERS = (1, 3, 4, 5, 7)
_CURVE_TOLERANCE = 0.003
_MATRIX_TOLERANCE = 0.003


def encoding(profile: bytes) -> Encoding:
    """The encoding that an RGB profile describes: SRGB itself for the many variants of sRGB.

    Raises PhotoError for a damaged profile, for another colour space than RGB, and for profiles
    made of tables alone (scanners, printers), which have no exact inverse.
    """
    tags = _tags(profile)
    if profile[16:20] != b"RGB ":
        raise PhotoError("Its colour profile is not for RGB. Convert the photo to sRGB first.")
    try:
        columns = [_xyz(tags[name]) for name in _COLORANTS]
        curves = tuple(_curve(tags[name]) for name in _TRCS)
    except KeyError as problem:
        raise PhotoError(
            "Its colour profile is made of tables and cannot be converted exactly. "
            "Convert the photo to sRGB or Adobe RGB first."
        ) from problem
    to_xyz = np.stack(columns, axis=1)
    white = to_xyz.sum(axis=1)
    if not np.all(white > 0.1) or abs(np.linalg.det(to_xyz)) < 1e-6:
        raise PhotoError("Its colour profile is damaged. Convert the photo to sRGB first.")
    # Profiles round to 1/65536 or forget to adapt: equal amounts of R, G and B must be neutral.
    to_xyz *= (SRGB_TO_XYZ_D50.sum(axis=1) / white)[:, None]
    same_matrix = np.abs(to_xyz - SRGB_TO_XYZ_D50).max() < _MATRIX_TOLERANCE
    if same_matrix and all(_is_srgb(curve) for curve in curves):
        return SRGB
    matrix = np.linalg.inv(SRGB_TO_XYZ_D50) @ to_xyz
    linear = all(curve == Power(1.0) for curve in curves)
    return Encoding(matrix=matrix, curves=None if linear else curves)


def gray_encoding(profile: bytes) -> Encoding:
    """The encoding that a gray profile describes; SRGB when it has the curve of sRGB.

    Raises PhotoError for a damaged profile and for one that is not for gray.
    """
    tags = _tags(profile)
    if profile[16:20] != b"GRAY" or b"kTRC" not in tags:
        raise PhotoError("Its colour profile is not for gray photos. Convert it to sRGB first.")
    curve = _curve(tags[b"kTRC"])
    if _is_srgb(curve):
        return SRGB
    return Encoding(matrix=np.eye(3), curves=(curve, curve, curve))


def adobe_rgb() -> bytes:
    """A profile for cameras that write Adobe RGB (1998) and say so by EXIF alone."""
    red, green = (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087)
    columns = (red, green, (0.14919, 0.06322, 0.74457))
    gamma = b"curv" + struct.pack(">IIHH", 0, 1, 563, 0)  # 563 / 256 = 2.19921875
    name = b"Compatible with Adobe RGB (1998)\0"
    text = struct.pack(">4sII", b"desc", 0, len(name)) + name + bytes(78)
    tags = {
        b"desc": text.ljust(-len(text) % 4 + len(text), b"\0"),
        b"cprt": struct.pack(">4sI8s", b"text", 0, b"CC0 1.0"),
        b"wtpt": _xyz_tag((0.9505, 1.0, 1.0891)),
        **{name: _xyz_tag(xyz) for name, xyz in zip(_COLORANTS, columns, strict=True)},
        **{name: gamma for name in _TRCS},
    }
    table, heap = b"", b""
    for tag, body in tags.items():
        table += struct.pack(">4sII", tag, 132 + 12 * len(tags) + len(heap), len(body))
        heap += body
    size = 132 + len(table) + len(heap)
    head = struct.pack(">I4sI4s4s4s", size, b"", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    date = struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp")
    illuminant = _xyz_tag((0.9642, 1.0, 0.8249))[8:]
    head = (head + date + bytes(28) + illuminant).ljust(128, b"\0")
    return head + struct.pack(">I", len(tags)) + table + heap


def is_gray(profile: bytes) -> bool:
    """Whether the profile is for gray photos."""
    return profile[16:20] == b"GRAY"


def _is_srgb(curve: Curve) -> bool:
    grid = np.linspace(0, 1, 257)
    return bool(np.abs(curve.decode(grid) - SRGB_CURVE.decode(grid)).max() < _CURVE_TOLERANCE)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    if len(profile) < 132 or profile[36:40] != b"acsp":
        raise PhotoError("Its colour profile is damaged. Convert the photo to sRGB first.")
    (count,) = struct.unpack(">I", profile[128:132])
    if count > 256 or len(profile) < 132 + 12 * count:
        raise PhotoError("Its colour profile is damaged. Convert the photo to sRGB first.")
    entries = struct.iter_unpack(">4sII", profile[132 : 132 + 12 * count])
    return {name: profile[start : start + size] for name, start, size in entries}


def _xyz_tag(xyz: tuple[float, ...]) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *(round(value * 65536) for value in xyz))


def _xyz(tag: bytes) -> np.ndarray:
    if tag[:4] != b"XYZ " or len(tag) < 20:
        raise PhotoError("Its colour profile is damaged. Convert the photo to sRGB first.")
    return np.frombuffer(tag, ">i4", 3, 8) / 65536.0


def _curve(tag: bytes) -> Curve:
    try:
        if tag[:4] == b"curv":
            return _sampled(tag)
        if tag[:4] == b"para":
            return _parametric(tag)
        raise ValueError(Phrase("it is of an unknown type"))
    except (ValueError, struct.error, IndexError) as problem:
        raise PhotoError(
            "A curve of its colour profile cannot be used: {problem}. "
            "Convert the photo to sRGB first.",
            problem=problem,
        ) from problem


def _sampled(tag: bytes) -> Curve:
    (count,) = struct.unpack(">I", tag[8:12])
    if count == 0:
        return Power(1.0)
    samples = np.frombuffer(tag, ">u2", count, 12)
    if count == 1:
        return Power(float(samples[0]) / 256.0)
    return Sampled(samples / 65535.0)


def _parametric(tag: bytes) -> Curve:
    (kind,) = struct.unpack(">H", tag[8:10])
    values = np.frombuffer(tag, ">i4", _PARAMETERS[kind], 12) / 65536.0
    if kind in (0, 3):
        return Power(*values.tolist())
    x = np.linspace(0, 1, _NODES)
    g, a, b = values[:3]
    c, knee = (values[3], values[4]) if kind == 4 else (0.0, -b / a if a else 0.0)
    above, below = 0.0, 0.0
    if kind == 2:
        above = below = values[3]
    elif kind == 4:
        above, below = values[5], values[6]
    power = np.maximum(a * x + b, 0.0) ** g + above
    return Sampled(np.clip(np.where(x >= knee, power, c * x + below), 0.0, 1.0))
