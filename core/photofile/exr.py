"""OpenEXR files: linear light, colours multiplied by alpha, half or float."""

from __future__ import annotations

import logging
from pathlib import Path

import OpenImageIO as oiio

from core.errors import PhotoError
from core.photofile import pixelio
from core.photofile.stored import Metadata, Stored

_log = logging.getLogger(__name__)

_CHANNELS = (("R", "G", "B"), ("R", "G", "B", "A"), ("Y",), ("Y", "A"))


def read(path: Path) -> Stored:
    """An OpenEXR picture with its whole header, kept for writing.

    Raises PhotoError for further channels (depth, mattes) and parts, which would be lost.
    """
    pixels, depth, spec = pixelio.read(path, "exr")
    try:
        names = tuple(spec.channelnames)
    except UnicodeDecodeError as problem:
        raise PhotoError(
            "{file} is damaged: its channels have no names.", file=path.name
        ) from problem
    if names not in _CHANNELS:
        raise PhotoError(
            "{file} has the channels {channels}: only R, G, B and A can be kept.",
            file=path.name,
            channels=", ".join(names),
        )
    if spec.get_int_attribute("oiio:subimages", 1) > 1:
        raise PhotoError(
            "{file} has several parts: save each as a file of its own.", file=path.name
        )
    chromaticities = spec.getattribute("chromaticities")
    return Stored(
        pixels,
        "float" if depth != "half" or spec.channelformats else "half",
        Metadata(container="exr", header=spec),
        premultiplied=True,
        chromaticities=tuple(map(float, chromaticities)) if chromaticities else None,
    )


def write(path: Path, stored: Stored) -> None:
    """Write linear, premultiplied f32 samples; the header is that of the source if it was EXR."""
    metadata = stored.metadata
    height, width, channels = stored.pixels.shape
    names = _CHANNELS[0] if channels == 3 else _CHANNELS[1]
    if metadata.container == "exr" and metadata.header is not None:
        spec = oiio.ImageSpec(metadata.header)
        spec.nchannels = channels
        spec.tile_width = spec.tile_height = spec.tile_depth = 0
        spec.erase_attribute("openexr:levelmode")
        spec.erase_attribute("openexr:roundingmode")
    else:
        spec = oiio.ImageSpec(width, height, channels, stored.depth)
        spec.attribute("compression", "zip")
    if metadata.exif or metadata.xmp or metadata.iptc:
        _log.warning("An OpenEXR file has no place for EXIF, XMP and IPTC data: left out.")
    spec.set_format(oiio.TypeDesc(stored.depth))
    spec.channelformats = ()
    spec.channelnames = names
    spec.alpha_channel = names.index("A") if "A" in names else -1
    spec.erase_attribute("oiio:UnassociatedAlpha")
    pixelio.write(path, "exr", spec, stored.pixels)
