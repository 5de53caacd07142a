"""Photo files in and out: 8, 16 and 32 bits a channel, metadata kept, nothing silently reduced.

The EXIF orientation stays a tag: pixels are as stored, which a map of colours does not mind.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image

from core import atomic
from core.errors import InputError, PhotoError
from core.photofile import encoding as encodings
from core.photofile import exif, exr, icc, lossy, png, tiff
from core.photofile.encoding import SRGB, Encoding
from core.photofile.stored import Container, Depth, Metadata, Stored
from core.phrase import Phrase

_log = logging.getLogger(__name__)

PICTURE_SIDE = 1024
SUFFIXES: dict[str, Container] = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jpe": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".exr": "exr",
    ".webp": "webp",
}
_READERS: dict[Container, Callable[[Path], Stored]] = {
    "jpeg": lossy.read_jpeg,
    "webp": lossy.read_webp,
    "png": png.read,
    "tiff": tiff.read,
    "exr": exr.read,
}
_SIGNATURES: tuple[tuple[bytes, Container], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\x76\x2f\x31\x01", "exr"),
)
_NAMES = Phrase("JPEG, PNG, TIFF, OpenEXR or WebP")


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as its file stores it: (H, W, 3|4) uint8, uint16 or float32, C-contiguous.

    `encoding` says what the numbers mean as colours, `depth` how the file stores them (by default
    as `pixels` does), `metadata` is carried to the file that is written.
    """

    pixels: np.ndarray
    encoding: Encoding = SRGB
    metadata: Metadata = field(default_factory=Metadata)
    depth: Depth | None = None

    def to_srgb(self) -> np.ndarray:
        """A new array (H, W, 3|4), sRGB-encoded, for a LUT.

        A file that is sRGB-encoded gives its own numbers in its own depth; a linear one or one
        with another profile gives float32, where values outside [0, 1] are kept.
        """
        if self.encoding.is_srgb:
            return self.pixels.copy()
        return self.encoding.to_srgb(self.pixels, np.dtype(np.float32))

    def with_srgb(self, pixels: np.ndarray, dither: bool = False) -> Photo:
        """The photo with other colours: (H, W, 3|4) u8, u16 or f32, sRGB-encoded.

        They are brought to the file's own encoding and depth; integers are rounded and clamped,
        those of 8 bits, where they were more precise, dithered if wanted.
        Raises InputError when the size differs.
        """
        if pixels.shape != self.pixels.shape:
            raise InputError(
                "The photo is {expected}, the new pixels {found}.",
                expected=self.pixels.shape,
                found=pixels.shape,
            )
        dtype = self.pixels.dtype
        if self.encoding.is_srgb and pixels.dtype == dtype:
            return replace(self, pixels=np.ascontiguousarray(pixels))
        return replace(self, pixels=self.encoding.from_srgb(pixels, dtype, dither))

    def picture(self, side: int = PICTURE_SIDE, quick: bool = False) -> np.ndarray:
        """A small (h, w, 3|4) uint8 sRGB copy, area-averaged, no side above `side` (1..1024).

        The longer side is `side`, or with `quick`, which takes a third of the time, the largest
        whole fraction of the photo's that is not above it.
        """
        if not 1 <= side <= PICTURE_SIDE:
            raise InputError(
                "The side of a picture is 1 to {largest}, not {side}.",
                largest=PICTURE_SIDE,
                side=side,
            )
        eight_bits = np.dtype(np.uint8)
        if self.encoding.is_gamma:  # shrinking before the profile is many times faster
            pixels = self.pixels
            if pixels.dtype != eight_bits:
                pixels = encodings.resampled_depth(pixels, eight_bits)
            small = _shrunk(pixels, side, quick)
            return small if self.encoding.is_srgb else self.encoding.to_srgb(small, eight_bits)
        return _shrunk(self.encoding.to_srgb(self.pixels, eight_bits), side, quick)


def read(path: Path) -> Photo:
    """Read a JPEG, PNG, TIFF, OpenEXR or WebP photo, whatever its name ends in.

    Gray photos come as RGB of the same depth, palettes as RGB. Numbers of float files without a
    profile are linear, of all others sRGB-encoded.
    Raises PhotoError for damaged or truncated files, CMYK, animations and several pages.
    """
    path = Path(path)
    stored = _READERS[_container_of(path)](path)
    try:
        if stored.pixels.shape[2] not in (1, 2, 3, 4):
            raise PhotoError("It has more channels than red, green, blue and alpha.")
        return _colored(stored) if stored.pixels.shape[2] > 2 else _from_gray(stored)
    except PhotoError as problem:
        raise PhotoError(
            "{file} cannot be used. {problem}", file=path.name, problem=problem
        ) from problem


def write(
    path: Path, photo: Photo, overwrite: bool = False, quality: int = 95, dither: bool = False
) -> None:
    """Write a photo in the format of the name's suffix; the file is there whole or not at all.

    `quality` (1..100) is for JPEG and lossy WebP. A format that cannot hold the photo's depth gets
    rounded values (with `dither` those of 8 bits are dithered) and a warning in the log.
    Raises PhotoError for an unknown suffix, an existing file without `overwrite`, and for
    transparency in a JPEG.
    """
    path = Path(path)
    container = SUFFIXES.get(path.suffix.lower())
    if container is None:
        raise PhotoError(
            "{file}: photos are written as {formats}. Choose a name that ends in one of {endings}.",
            file=path.name,
            formats=_NAMES,
            endings=", ".join(SUFFIXES),
        )
    if not 1 <= quality <= 100:
        raise InputError("The quality is 1 to 100, not {quality}.", quality=quality)
    with atomic.replacing(path, overwrite=overwrite, error=PhotoError) as temporary:
        fitted = _fitted(photo, container, path.name, dither)
        metadata = replace(fitted.metadata, exif=exif.without_thumbnail(fitted.metadata.exif))
        stored = Stored(
            fitted.pixels, _depth(fitted), metadata, premultiplied=fitted.encoding.premultiplied
        )
        match container:
            case "jpeg" | "webp":
                lossy.write(temporary, stored, container, quality)
            case "png":
                png.write(temporary, stored)
            case "tiff":
                tiff.write(temporary, stored)
            case "exr":
                exr.write(temporary, stored)


def _shrunk(pixels: np.ndarray, side: int, quick: bool) -> np.ndarray:
    image = Image.fromarray(pixels)
    scale = side / max(image.size)
    if scale < 1 and quick:
        image = image.reduce(math.ceil(1 / scale))
    elif scale < 1:
        width, height = (max(1, round(length * scale)) for length in image.size)
        image = image.resize((width, height), Image.Resampling.BOX)
    return np.array(image)


def _container_of(path: Path) -> Container:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError as problem:
        raise PhotoError("There is no file {path}.", path=path) from problem
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise PhotoError(
            "{path} could not be read: {reason}.", path=path, reason=reason
        ) from problem
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    for signature, container in _SIGNATURES:
        if head.startswith(signature):
            return container
    raise PhotoError("{file} is not a {formats} photo.", file=path.name, formats=_NAMES)


def _colored(stored: Stored) -> Photo:
    metadata = stored.metadata
    if not metadata.icc and stored.depth not in ("half", "float") and _is_adobe_rgb(metadata.exif):
        metadata = replace(metadata, icc=icc.adobe_rgb())
    if metadata.icc:
        encoding = icc.encoding(metadata.icc)
    elif stored.depth in ("half", "float"):
        encoding = encodings.linear(stored.chromaticities)
    else:
        encoding = SRGB
    if stored.premultiplied and stored.pixels.shape[2] == 4:
        encoding = replace(encoding, premultiplied=True)
    return Photo(np.ascontiguousarray(stored.pixels), encoding, metadata, stored.depth)


def _from_gray(stored: Stored) -> Photo:
    """Gray as RGB; a gray profile no longer fits, so its curve is replaced by the usual one."""
    pixels, profile = stored.pixels, stored.metadata.icc
    gray, alpha = pixels[..., :1], pixels[..., 1:]
    colored = np.concatenate([gray, gray, gray, alpha], axis=2)
    without = replace(stored, pixels=colored, metadata=replace(stored.metadata, icc=b""))
    photo = _colored(without)
    if not profile:
        return photo
    described = icc.gray_encoding(profile) if icc.is_gray(profile) else icc.encoding(profile)
    described = replace(described, premultiplied=photo.encoding.premultiplied)
    if described.is_srgb and photo.encoding.is_srgb:
        return photo
    return photo.with_srgb(described.to_srgb(colored, np.dtype(np.float32)))


def _is_adobe_rgb(block: bytes) -> bool:
    """Whether a camera says so by EXIF alone (DCF 2.0: interoperability index R03)."""
    try:
        tags = exif.parse_block(block).get(exif.EXIF_POINTER) if block else None
    except PhotoError:
        return False
    interop = tags.directory.get(exif.INTEROP_POINTER) if tags and tags.directory else None
    index = interop.directory.get(1) if interop and interop.directory else None
    return index is not None and index.data.startswith(b"R03")


def _fitted(photo: Photo, container: Container, name: str, dither: bool) -> Photo:
    """The photo in an encoding and a depth that `container` can hold."""
    if container == "jpeg" and photo.pixels.shape[2] == 4:
        alpha = photo.pixels[..., 3]
        if np.any(alpha != (1 if alpha.dtype.kind == "f" else np.iinfo(alpha.dtype).max)):
            raise PhotoError(
                "{name}: JPEG has no transparency. Choose .png, .tif or .webp.", name=name
            )
        opaque = np.ascontiguousarray(photo.pixels[..., :3])
        photo = replace(photo, pixels=opaque, encoding=replace(photo.encoding, premultiplied=False))
    depth, encoding, profile = _depth(photo), photo.encoding, photo.metadata.icc
    floating = depth in ("half", "float")
    if container == "exr":
        if photo.metadata.container != "exr":
            depth = depth if floating else "float"
            encoding, profile = encodings.linear(premultiplied=True), b""
    elif container == "tiff":
        if floating and not profile and not encoding.is_linear_srgb:
            encoding = encodings.linear(premultiplied=encoding.premultiplied)
    else:
        depth = "uint16" if container == "png" and depth != "uint8" else "uint8"
        if floating:
            encoding, profile = SRGB, b""
        encoding = replace(encoding, premultiplied=False) if encoding.premultiplied else encoding
    if depth != _depth(photo) and depth != "float":
        _log.warning(
            "%s: the photo has %s samples, the file only %s ones%s.",
            name,
            _depth(photo),
            depth,
            "; values beyond white are cut off" if floating else "",
        )
    metadata = replace(photo.metadata, icc=profile)
    dtype = np.dtype(depth if depth in ("uint8", "uint16") else "float32")
    pixels = photo.pixels
    if encoding is not photo.encoding:
        pixels = encoding.from_srgb(photo.to_srgb(), dtype, dither)
    elif dtype != pixels.dtype:
        pixels = encodings.resampled_depth(pixels, dtype, dither)
    return Photo(pixels, encoding, metadata, depth)


def _depth(photo: Photo) -> Depth:
    if photo.depth is not None:
        return photo.depth
    depths: dict[str, Depth] = {"uint8": "uint8", "uint16": "uint16", "float32": "float"}
    return depths[photo.pixels.dtype.name]
