"""EXIF, XMP, IPTC and profiles travel from file to file as they are."""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from core import images
from core.errors import PhotoError
from core.photofile import exif, icc

XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>\xc3\xa9</x:xmpmeta>"
IPTC = b"\x1c\x02\x50\x00\x03Ada"
MAKER_NOTE = bytes(range(256)) * 3
PIXELS = np.random.default_rng(3).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def exif_block(endian: str = "<") -> bytes:
    tags = Image.Exif()
    tags.endian = endian
    tags[Base.Make] = "Camera"
    tags[Base.Orientation] = 6
    tags[Base.XResolution] = TiffImagePlugin.IFDRational(300, 1)
    inner = tags.get_ifd(IFD.Exif)
    inner[Base.ExposureTime] = TiffImagePlugin.IFDRational(1, 125)
    inner[Base.ExposureBiasValue] = TiffImagePlugin.IFDRational(-1, 3)
    inner[Base.MakerNote] = MAKER_NOTE
    inner[Base.ISOSpeedRatings] = 400
    tags.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    return tags.tobytes()


def with_thumbnail(block: bytes) -> bytes:
    """The EXIF block with a second directory, as cameras add one for the thumbnail."""
    body = block.removeprefix(b"Exif\0\0")
    (count,) = struct.unpack("<H", body[8:10])
    link = 10 + 12 * count
    directory = struct.pack("<HHHII", 1, 0x0201, 4, 1, 8) + bytes(4)
    linked = body[:link] + struct.pack("<I", len(body)) + body[link + 4 :]
    return b"Exif\0\0" + linked + directory


def camera_jpeg(path: Path, block: bytes) -> Path:
    resource = b"Photoshop 3.0\0" + struct.pack(">4sHHI", b"8BIM", 0x0404, 0, len(IPTC)) + IPTC
    segment = struct.pack(">BBH", 0xFF, 0xED, len(resource) + 2) + resource
    Image.fromarray(PIXELS).save(
        path,
        quality=95,
        exif=block,
        xmp=XMP,
        icc_profile=icc.adobe_rgb(),
        extra=segment,
        comment=b"a comment",
        dpi=(300, 300),
    )
    return path


def assert_exif(path: Path) -> None:
    with Image.open(path) as image:
        tags = image.getexif()
        inner, gps = tags.get_ifd(IFD.Exif), tags.get_ifd(IFD.GPSInfo)
    assert (tags[Base.Make], tags[Base.Orientation]) == ("Camera", 6)
    exposure, bias = inner[Base.ExposureTime], inner[Base.ExposureBiasValue]
    assert (exposure.numerator, exposure.denominator) == (1, 125)
    assert (bias.numerator, bias.denominator) == (-1, 3)
    assert inner[Base.MakerNote] == MAKER_NOTE
    assert gps[GPS.GPSLatitudeRef] == "N"


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_metadata_of_a_camera_jpeg_reach_every_format_and_come_back(
    tmp_path: Path, suffix: str, endian: str
) -> None:
    photo = images.read(camera_jpeg(tmp_path / "a.jpg", exif_block(endian)))
    there, back = tmp_path / f"b{suffix}", tmp_path / "c.jpg"
    images.write(there, photo.with_srgb(photo.to_srgb()))
    assert_exif(there)
    images.write(back, images.read(there))
    assert_exif(back)
    metadata = images.read(back).metadata
    assert metadata.xmp == XMP
    assert metadata.icc == icc.adobe_rgb()
    assert metadata.iptc == (IPTC if suffix in (".jpg", ".tif") else b"")
    with Image.open(there) as image:
        assert image.info.get("icc_profile") == icc.adobe_rgb()


def test_a_jpeg_keeps_its_exif_block_byte_for_byte_without_the_old_thumbnail(
    tmp_path: Path,
) -> None:
    block = with_thumbnail(exif_block())
    camera_jpeg(tmp_path / "a.jpg", block)
    images.write(tmp_path / "b.jpg", images.read(tmp_path / "a.jpg"))
    with Image.open(tmp_path / "a.jpg") as before, Image.open(tmp_path / "b.jpg") as after:
        assert before.getexif().get_ifd(IFD.IFD1)
        assert not after.getexif().get_ifd(IFD.IFD1)
        assert sum(x != y for x, y in zip(block, after.info["exif"], strict=True)) <= 4
        assert after.info["comment"] == b"a comment"
        assert after.info["dpi"] == (300, 300)


def test_tiff_metadata_stay_with_sixteen_bit_pixels(tmp_path: Path) -> None:
    pixels = PIXELS.astype(np.uint16) * 257 + 1
    metadata = images.Metadata(exif=exif_block()[6:], icc=icc.adobe_rgb(), xmp=XMP, iptc=IPTC)
    images.write(tmp_path / "a.tif", images.Photo(pixels, metadata=metadata))
    images.write(tmp_path / "b.png", images.read(tmp_path / "a.tif"))
    images.write(tmp_path / "c.tif", images.read(tmp_path / "b.png"))
    for name in ("a.tif", "b.png", "c.tif"):
        photo = images.read(tmp_path / name)
        np.testing.assert_array_equal(photo.pixels, pixels)
        tags = exif.parse_block(photo.metadata.exif)
        inner = tags[exif.EXIF_POINTER].directory
        assert inner is not None
        assert inner[Base.ExposureTime].data == struct.pack("<II", 1, 125)
        assert inner[Base.MakerNote].data == MAKER_NOTE
        assert tags[Base.Orientation].numbers() == (6,)
        assert not {Base.ImageWidth, Base.Software, Base.DateTime} & set(tags)
        assert (photo.metadata.xmp, photo.metadata.icc) == (XMP, icc.adobe_rgb())


def test_a_big_endian_tiff_and_its_smaller_copy_are_read(tmp_path: Path) -> None:
    samples = np.array([1, 256, 65535, 0, 2, 3], ">u2").tobytes()
    bits = struct.pack(">3H", 16, 16, 16)
    shorts = {256: 2, 257: 1, 259: 1, 262: 2, 277: 3, 278: 1, 279: 12}
    entries = [struct.pack(">HHIHH", tag, 3, 1, value, 0) for tag, value in shorts.items()]
    entries.append(struct.pack(">HHII", 258, 3, 3, 20))
    entries.append(struct.pack(">HHII", 271, 2, 3, 0x41646100))  # Make: "Ada"
    entries.append(struct.pack(">HHII", 273, 4, 1, 8))
    directory = struct.pack(">H", len(entries)) + b"".join(sorted(entries))
    head = b"MM\0*" + struct.pack(">I", 26) + samples + bits
    first = head + directory + struct.pack(">I", len(head) + len(directory) + 4)
    path = tmp_path / "a.tif"
    path.write_bytes(first + struct.pack(">HI", 0, 0))
    with pytest.raises(PhotoError, match="2 pages"):
        images.read(path)
    reduced = struct.pack(">HHHIII", 1, 254, 4, 1, 1, 0)  # NewSubfileType: a smaller copy
    path.write_bytes(first + reduced)
    photo = images.read(path)
    assert photo.pixels.reshape(-1).tolist() == [1, 256, 65535, 0, 2, 3]
    assert exif.parse_block(photo.metadata.exif)[271].data == b"Ada"


def test_png_texts_stay_and_contradicting_gamma_is_not_written(tmp_path: Path) -> None:
    texts = PngInfo()
    texts.add_text("Author", "Ada")
    texts.add_itxt("Title", "Été", zip=True)
    Image.fromarray(PIXELS).save(tmp_path / "a.png", pnginfo=texts, dpi=(300, 300))
    images.write(tmp_path / "b.png", images.read(tmp_path / "a.png"))
    with Image.open(tmp_path / "b.png") as image:
        image.load()
        assert (image.info["Author"], image.info["Title"]) == ("Ada", "Été")
        assert "gamma" not in image.info and "srgb" in image.info
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_camera_that_names_adobe_rgb_by_exif_alone_is_believed(tmp_path: Path) -> None:
    index = {1: exif.Field(2, b"R03\0")}
    inner = {exif.INTEROP_POINTER: exif.Field(4, b"", index)}
    block = exif.to_block({exif.EXIF_POINTER: exif.Field(4, b"", inner)})
    Image.fromarray(PIXELS).save(tmp_path / "a.jpg", exif=b"Exif\0\0" + block)
    photo = images.read(tmp_path / "a.jpg")
    assert not photo.encoding.is_srgb
    assert photo.metadata.icc == icc.adobe_rgb()


def test_what_a_format_has_no_place_for_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    long = images.Metadata(exif=exif_block()[6:] + bytes(70000), iptc=IPTC)
    photo = images.Photo(PIXELS, metadata=long)
    with caplog.at_level(logging.WARNING):
        images.write(tmp_path / "a.jpg", photo)
        images.write(tmp_path / "a.png", photo)
        images.write(tmp_path / "a.exr", photo)
    assert "EXIF data is too long for a JPEG" in caplog.text
    assert "PNG file has no place for IPTC" in caplog.text
    assert "OpenEXR file has no place for EXIF" in caplog.text


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_exif_never_makes_a_photo_unreadable_or_unwritable(tmp_path: Path) -> None:
    whole = exif_block()
    rng = np.random.default_rng(5)
    for _ in range(25):
        block = bytearray(whole)
        for at in rng.integers(6, 200, 5):
            block[at] = rng.integers(0, 256)
        Image.fromarray(PIXELS).save(tmp_path / "a.jpg", exif=bytes(block))
        photo = images.read(tmp_path / "a.jpg")
        images.write(tmp_path / "b.tif", photo, overwrite=True)
        np.testing.assert_array_equal(images.read(tmp_path / "b.tif").pixels, photo.pixels)


def test_a_directory_that_points_to_itself_is_refused(tmp_path: Path) -> None:
    loop = b"II*\0" + struct.pack("<IHHHII", 8, 1, 271, 2, 1, 65) + struct.pack("<I", 8)
    (tmp_path / "a.tif").write_bytes(loop)
    with pytest.raises(PhotoError, match="circle"):
        images.read(tmp_path / "a.tif")
