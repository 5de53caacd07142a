"""The 256 x 256 picture that the encoder sees and a preset keeps (arXiv 2303.13511)."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from core.errors import InputError

SIDE = 256
_FULL_SCALE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}


def thumbnail(picture: np.ndarray) -> np.ndarray:
    """Area-average a picture to a square, as the paper does, whatever its shape.

    picture: (H, W, 3 or 4) uint8, uint16 or float32, sRGB-encoded; float values are clamped to
    [0, 1]. Returns (256, 256, 3) uint8. Pixels count by their alpha; places where nothing is
    visible take the mean visible colour. Raises InputError for a picture that is empty, wholly
    transparent, not finite where it is visible, or of another shape or type.
    """
    _check(picture)
    if picture.dtype == np.uint8 and picture.shape[2] == 3:
        small = Image.fromarray(np.ascontiguousarray(picture))
        return np.array(small.resize((SIDE, SIDE), Image.Resampling.BOX))
    colour = _averages(picture) if picture.shape[2] == 3 else _visible_averages(picture)
    return np.rint(np.clip(colour, 0.0, 1.0) * 255.0).astype(np.uint8)


def to_jpeg(thumb: np.ndarray) -> bytes:
    """Compress a thumbnail, (256, 256, 3) uint8 sRGB-encoded, at quality 95 without subsampling."""
    data = io.BytesIO()
    Image.fromarray(thumb).save(data, "JPEG", quality=95, subsampling=0)
    return data.getvalue()


def from_jpeg(data: bytes) -> np.ndarray:
    """Decode a thumbnail of `to_jpeg` to (256, 256, 3) uint8; raises InputError for anything else.

    The size is checked in the header, before a pixel is decoded.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            if picture.size != (SIDE, SIDE):
                width, height = picture.size
                raise InputError(
                    "The reference picture is {width} x {height} pixels, but must be {side} x "
                    "{side}: make the preset again from the photo.",
                    width=width,
                    height=height,
                    side=SIDE,
                )
            return np.array(picture.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InputError(
            "The reference picture is damaged: make the preset again from the photo."
        ) from error


def _check(picture: np.ndarray) -> None:
    if picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise InputError(
            "A picture needs rows, columns and 3 (RGB) or 4 (RGBA) channels, but this one "
            "has the shape {shape}.",
            shape=picture.shape,
        )
    if picture.dtype.name not in _FULL_SCALE:
        raise InputError(
            "A picture needs 8-bit, 16-bit or 32-bit float values, but this one has {type}.",
            type=picture.dtype.name,
        )
    if picture.size == 0:
        raise InputError("The picture is empty: it has no pixels.")


def _channel(picture: np.ndarray, index: int) -> np.ndarray:
    values = picture[:, :, index].astype(np.float32)
    return values if picture.dtype == np.float32 else values / _FULL_SCALE[picture.dtype.name]


def _average(values: np.ndarray) -> np.ndarray:
    small = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.array(small.resize((SIDE, SIDE), Image.Resampling.BOX))


def _finite(values: np.ndarray) -> np.ndarray:
    if not np.isfinite(values).all():
        raise InputError(
            "The picture holds values that are not numbers (NaN or infinite): repair these "
            "pixels first, for instance by painting over them."
        )
    return np.clip(values, 0.0, 1.0)


def _averages(picture: np.ndarray) -> np.ndarray:
    channels = [_average(_finite(_channel(picture, index))) for index in range(3)]
    return np.stack(channels, axis=2)


def _visible_averages(picture: np.ndarray) -> np.ndarray:
    alpha = _finite(_channel(picture, 3))
    total = float(alpha.sum(dtype=np.float64))
    if total == 0.0:
        raise InputError("The picture is fully transparent: there are no colours to look at.")
    hidden = alpha == 0.0
    coverage = _average(alpha)
    visible = coverage > 0.0
    small = np.empty((SIDE, SIDE, 3), np.float32)
    for index in range(3):
        values = _channel(picture, index)
        values[hidden] = 0.0  # what lies under full transparency may even be NaN
        values = _finite(values) * alpha
        small[:, :, index] = float(values.sum(dtype=np.float64)) / total
        np.divide(_average(values), coverage, out=small[:, :, index], where=visible)
    return small
