"""Photo files: exact pixels, colours by profile. Metadata and refusals: test_photofile_*.py."""

from __future__ import annotations

import io
import logging
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import Image, ImageCms

from core import images
from core.errors import InputError, PhotoError
from core.photofile import icc
from core.photofile.encoding import Encoding, Power, linear


def samples(dtype: str, channels: int = 3, height: int = 37, width: int = 53) -> np.ndarray:
    rng = np.random.default_rng(7)
    if dtype == "float32":
        return (rng.random((height, width, channels)) * 4 - 0.5).astype(np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels)).astype(dtype)


def store(path: Path, pixels: np.ndarray, depth: str, **attributes: object) -> Path:
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], depth)
    spec.attribute("oiio:UnassociatedAlpha", 1)
    for name, value in attributes.items():
        if name == "chromaticities":
            spec.attribute(name, oiio.TypeDesc("float[8]"), value)
        else:
            spec.attribute(name, value)
    target = oiio.ImageOutput.create(str(path))
    assert target is not None and target.open(str(path), spec)
    assert target.write_image(pixels)
    target.close()
    return path


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(
    ("suffix", "dtype", "depth"),
    [
        (".png", "uint8", "uint8"),
        (".png", "uint16", "uint16"),
        (".tif", "uint8", "uint8"),
        (".tif", "uint16", "uint16"),
        (".tif", "float32", "float"),
        (".exr", "float32", "float"),
    ],
)
def test_an_unchanged_photo_is_written_bit_for_bit(
    tmp_path: Path, suffix: str, dtype: str, depth: str, channels: int
) -> None:
    pixels = samples(dtype, channels)
    photo = images.read(store(tmp_path / f"in{suffix}", pixels, depth))
    images.write(tmp_path / f"out{suffix}", photo)
    back = images.read(tmp_path / f"out{suffix}")
    assert back.pixels.dtype == dtype and back.depth == depth
    assert back.pixels.flags.c_contiguous and back.pixels.flags.writeable
    np.testing.assert_array_equal(back.pixels, pixels)


def test_an_srgb_file_gives_its_own_numbers_and_is_not_changed_by_the_look(tmp_path: Path) -> None:
    photo = images.read(store(tmp_path / "a.png", samples("uint16", 4), "uint16"))
    before = photo.pixels.copy()
    colors = photo.to_srgb()
    assert colors.dtype == np.uint16
    colors //= 2
    np.testing.assert_array_equal(photo.pixels, before)
    np.testing.assert_array_equal(photo.with_srgb(colors).pixels, before // 2)


def test_a_float_result_is_rounded_and_clamped_to_the_depth_of_the_file() -> None:
    photo = images.Photo(np.zeros((1, 4, 3), np.uint8))
    row = np.array([-1.0, 0.4999 / 255, 0.5001 / 255, 2.0], np.float32)
    result = photo.with_srgb(np.repeat(row[None, :, None], 3, axis=2))
    assert result.pixels[0, :, 0].tolist() == [0, 0, 1, 255]
    with pytest.raises(InputError, match="new pixels"):
        photo.with_srgb(np.zeros((2, 4, 3), np.uint8))


def test_half_float_exr_keeps_highlights_depth_and_header(tmp_path: Path) -> None:
    pixels = np.full((4, 6, 3), 8.5, np.float32)
    path = store(tmp_path / "a.exr", pixels, "half", Copyright="Ada", compression="piz")
    photo = images.read(path)
    # IEC 61966-2-1 continued above 1: 1.055 * 8.5 ** (1 / 2.4) - 0.055
    np.testing.assert_allclose(photo.to_srgb(), 2.51843, atol=1e-4)
    images.write(tmp_path / "b.exr", photo.with_srgb(photo.to_srgb()))
    np.testing.assert_array_equal(images.read(tmp_path / "b.exr").pixels, pixels)
    source = oiio.ImageInput.open(str(tmp_path / "b.exr"))
    assert source is not None
    spec = source.spec()
    assert str(spec.format) == "half"
    assert spec.get_string_attribute("Copyright") == "Ada"
    assert spec.get_string_attribute("compression") == "piz"


def test_premultiplied_colors_are_divided_by_alpha_for_the_look(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 4), np.float32)
    pixels[0] = (0.25, 0.25, 0.25, 0.5)
    pixels[1] = (0.25, 0.25, 0.25, 0.0)  # a glow without cover
    photo = images.read(store(tmp_path / "a.exr", pixels, "float"))
    colors = photo.to_srgb()
    np.testing.assert_allclose(colors[0, 0], (0.735357, 0.735357, 0.735357, 0.5), atol=1e-5)
    np.testing.assert_allclose(colors[1, 0], (0.537099, 0.537099, 0.537099, 0.0), atol=1e-5)
    np.testing.assert_allclose(photo.with_srgb(colors).pixels, pixels, atol=1e-6)


def test_exr_primaries_other_than_those_of_srgb_are_converted(tmp_path: Path) -> None:
    rec2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
    red = np.zeros((2, 2, 3), np.float32)
    red[..., 0] = 1.0
    photo = images.read(store(tmp_path / "a.exr", red, "float", chromaticities=rec2020))
    in_srgb = linear().from_srgb(photo.to_srgb(), np.dtype(np.float32))
    # Red column of ITU-R BT.2087-0, inverted: Rec. 2020 to Rec. 709.
    np.testing.assert_allclose(in_srgb[0, 0], (1.6605, -0.1246, -0.0182), atol=2e-4)
    np.testing.assert_allclose(photo.with_srgb(photo.to_srgb()).pixels, red, atol=1e-6)


def test_not_finite_pixels_of_a_render_do_not_spread(tmp_path: Path) -> None:
    pixels = np.full((2, 3, 3), 0.5, np.float32)
    pixels[0, 0] = (np.inf, 0.5, np.nan)
    photo = images.read(store(tmp_path / "a.exr", pixels, "float"))
    back = photo.with_srgb(photo.to_srgb()).pixels
    np.testing.assert_allclose(back[1:], 0.5, atol=1e-6)
    assert np.isinf(back[0, 0, 0]) and np.isnan(back[0, 0, 2])
    assert photo.picture()[0, 0].tolist() == [255, 188, 0]


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_adobe_rgb_becomes_srgb_and_back_without_loss(tmp_path: Path, dtype: str) -> None:
    pixels = samples(dtype)
    pixels = np.maximum(pixels, np.iinfo(dtype).max // 64)  # above the float noise of deep black
    top = np.iinfo(dtype).max
    pixels[0, 0] = np.rint(np.array((0.5, 0.6, 0.4)) * top)
    photo = images.Photo(pixels, metadata=images.Metadata(icc=icc.adobe_rgb()))
    images.write(tmp_path / "a.tif", photo)
    photo = images.read(tmp_path / "a.tif")
    colors = photo.to_srgb()
    assert colors.dtype == np.float32
    # Power 563/256, then Lindbloom's matrices (D65): red 1.3984 R - 0.3984 G, green G,
    # blue 1.0429 B - 0.0429 G; then IEC 61966-2-1. u8 rounds the input by up to 0.002.
    np.testing.assert_allclose(colors[0, 0], (0.4552, 0.6056, 0.3887), atol=4e-3)
    assert colors.min() < 0 and colors.max() > 1
    images.write(tmp_path / "b.tif", photo.with_srgb(colors))
    back = images.read(tmp_path / "b.tif")
    np.testing.assert_array_equal(back.pixels, pixels)
    assert back.metadata.icc == icc.adobe_rgb()


def test_our_profile_maths_agrees_with_littlecms() -> None:
    pixels = samples("uint8")
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc.adobe_rgb()))
    expected = ImageCms.profileToProfile(
        Image.fromarray(pixels),
        source,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    ours = icc.encoding(icc.adobe_rgb()).to_srgb(pixels, np.dtype(np.uint8))
    assert np.abs(np.asarray(expected, int) - ours).max() <= 1


def test_the_usual_srgb_profile_means_no_conversion() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert icc.encoding(profile).is_srgb
    assert not icc.encoding(icc.adobe_rgb()).is_srgb


@pytest.mark.parametrize("damage", ["short", "lab", "tables", "curve"])
def test_profiles_that_cannot_be_used_are_refused_with_advice(tmp_path: Path, damage: str) -> None:
    profile = icc.adobe_rgb()
    if damage == "short":
        profile = profile[:150]
    elif damage == "lab":
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    elif damage == "tables":
        profile = profile.replace(b"rXYZ", b"A2B0")
    else:
        profile = profile.replace(b"curv", b"????")
    path = tmp_path / "a.png"
    Image.new("RGB", (4, 4)).save(path, icc_profile=profile)
    with pytest.raises(PhotoError, match=r"a\.png cannot be used.*sRGB"):
        images.read(path)


def test_gray_photos_become_rgb_of_the_same_depth(tmp_path: Path) -> None:
    gray = samples("uint16", 1)
    photo = images.read(store(tmp_path / "a.png", gray, "uint16"))
    np.testing.assert_array_equal(photo.pixels, np.repeat(gray, 3, axis=2))
    images.write(tmp_path / "b.png", photo)
    assert images.read(tmp_path / "b.png").pixels.dtype == np.uint16


def test_sixteen_bit_gray_where_zero_is_white_is_turned_round(tmp_path: Path) -> None:
    with Image.open(store(tmp_path / "a.tif", samples("uint16", 1), "uint16")) as image:
        image.save(tmp_path / "b.tif")
    data = bytearray((tmp_path / "b.tif").read_bytes())
    at = data.index(struct.pack("<HHI", 262, 3, 1)) + 8
    data[at : at + 2] = b"\0\0"  # PhotometricInterpretation: 0 is white
    (tmp_path / "b.tif").write_bytes(data)
    np.testing.assert_array_equal(
        images.read(tmp_path / "b.tif").pixels[..., :1], 65535 - samples("uint16", 1)
    )


def test_integers_of_32_bits_stay_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pixels = samples("uint32")
    photo = images.read(store(tmp_path / "a.tif", pixels, "uint"))
    images.write(tmp_path / "b.tif", photo.with_srgb(photo.to_srgb()))
    assert "upper 24 bits" in caplog.text
    source = oiio.ImageInput.open(str(tmp_path / "b.tif"))
    assert source is not None and str(source.spec().format) == "uint"
    back = source.read_image(0, 0, 0, 3, "uint")
    assert back is not None and np.abs(back.astype(float) - pixels).max() <= 2**9
    source.close()


def test_a_gray_profile_is_replaced_by_srgb_with_the_same_look(tmp_path: Path) -> None:
    body = b"curv" + struct.pack(">IIH", 0, 1, round(1.8 * 256)) + b"\0\0"
    head = icc.adobe_rgb()[:128].replace(b"RGB ", b"GRAY")
    profile = head + struct.pack(">I4sII", 1, b"kTRC", 144, len(body)) + body
    Image.new("L", (4, 4), 128).save(tmp_path / "a.png", icc_profile=profile)
    photo = images.read(tmp_path / "a.png")
    # (128 / 255) ** (461 / 256) = 0.28913 in linear light, sRGB-encoded 0.57395
    assert photo.pixels[0, 0].tolist() == [146, 146, 146]
    assert photo.encoding.is_srgb and not photo.metadata.icc


def test_a_palette_with_transparency_is_expanded(tmp_path: Path) -> None:
    palette = Image.fromarray(samples("uint8")).quantize(16)
    palette.save(tmp_path / "a.png", transparency=3)
    with Image.open(tmp_path / "a.png") as image:
        expected = np.asarray(image.convert("RGBA"))
    np.testing.assert_array_equal(images.read(tmp_path / "a.png").pixels, expected)


def test_an_existing_photo_is_kept_unless_overwriting_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    photo = images.Photo(samples("uint8"))
    with pytest.raises(PhotoError, match="exists already"):
        images.write(path, photo)
    assert path.read_bytes() == b"mine"
    images.write(path, photo, overwrite=True)
    np.testing.assert_array_equal(images.read(path).pixels, photo.pixels)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    transparent = images.Photo(np.zeros((4, 4, 4), np.uint8))
    with pytest.raises(PhotoError, match=r"JPEG has no transparency"):
        images.write(tmp_path / "a.jpg", transparent)
    with pytest.raises(PhotoError, match=r"at most 16383 pixels"):
        images.write(tmp_path / "a.webp", images.Photo(np.zeros((1, 16384, 3), np.uint8)))
    with pytest.raises(PhotoError, match=r"a\.gif: photos are written as"):
        images.write(tmp_path / "a.gif", transparent)
    with pytest.raises(InputError, match="quality"):
        images.write(tmp_path / "a.png", transparent, quality=0)
    assert list(tmp_path.iterdir()) == []


def test_a_shallower_format_rounds_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deep = np.full((8, 8, 4), 200 * 257 + 100, np.uint16)
    deep[..., 3] = 65535  # opaque: alpha is dropped without loss
    with caplog.at_level(logging.WARNING):
        images.write(tmp_path / "a.jpg", images.Photo(deep))
    assert "uint16 samples, the file only uint8" in caplog.text
    assert np.abs(images.read(tmp_path / "a.jpg").pixels.astype(int) - 200).max() <= 1


def test_a_shallower_format_can_be_dithered(tmp_path: Path) -> None:
    """A level that 8 bits do not have is the mean of its neighbours; alpha stays whole."""
    deep = np.full((64, 300, 4), 100 * 257 + 128, np.uint16)
    deep[..., 3] = np.arange(300) % 256 * 257
    Image.new("RGBA", (1, 1)).save(tmp_path / "empty.webp", lossless=True)
    like = images.read(tmp_path / "empty.webp").metadata  # of lossless files
    images.write(tmp_path / "a.webp", images.Photo(deep, metadata=like), dither=True)
    found = images.read(tmp_path / "a.webp").pixels
    assert np.unique(found[..., :3]).tolist() == [100, 101]
    assert abs(found[..., :3].mean() - deep[0, 0, 0] / 257) < 0.02
    np.testing.assert_array_equal(found[..., 3], deep[..., 3] // 257)


def test_dithered_8_bits_of_a_profile_are_off_by_less_than_a_level() -> None:
    adobe = Encoding(np.eye(3), (Power(563 / 256),) * 3)
    photo = images.Photo(samples("uint8", 3, 150, 200), adobe)
    colors = photo.to_srgb() * np.float32(0.83)
    exact = replace(photo, pixels=photo.pixels.astype(np.float32)).with_srgb(colors).pixels * 255
    dithered = photo.with_srgb(colors, dither=True).pixels
    assert np.abs(dithered - exact).max() < 15 / 16 + 1e-3
    assert np.abs(photo.with_srgb(colors).pixels - exact).max() < 1 / 2 + 1e-3
    assert abs((dithered - exact).mean()) < 0.01
    unchanged = photo.with_srgb(photo.to_srgb(), dither=True).pixels
    np.testing.assert_array_equal(unchanged, photo.pixels)


def test_formats_that_expect_another_encoding_get_the_same_colors(tmp_path: Path) -> None:
    source = images.Photo(samples("uint8", 4))
    images.write(tmp_path / "a.exr", source)
    render = images.read(tmp_path / "a.exr")
    assert render.depth == "float" and render.encoding.is_linear_srgb
    images.write(tmp_path / "b.tif", render)
    images.write(tmp_path / "c.png", images.read(tmp_path / "b.tif"))
    back = images.read(tmp_path / "c.png")
    assert back.pixels.dtype == np.uint16
    seen = source.pixels[..., 3] > 0
    np.testing.assert_array_equal(back.picture()[seen], source.pixels[seen])


def test_lossless_webp_stays_lossless(tmp_path: Path) -> None:
    pixels = samples("uint8", 4)
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True, exact=True)
    photo = images.read(tmp_path / "a.webp")
    images.write(tmp_path / "b.webp", photo)
    np.testing.assert_array_equal(images.read(tmp_path / "b.webp").pixels, pixels)


def test_the_small_picture_is_srgb_whatever_the_file_is(tmp_path: Path) -> None:
    gray = np.full((300, 2000, 3), 0.2140411, np.float32)  # linear, sRGB-encoded 0.5
    linear_photo = images.read(store(tmp_path / "a.exr", gray, "float"))
    adobe = replace(
        images.Photo(np.full((300, 2000, 3), 128, np.uint8)),
        encoding=icc.encoding(icc.adobe_rgb()),
    )
    for photo in (linear_photo, adobe):
        picture = photo.picture()
        assert picture.shape == (154, 1024, 3) and picture.dtype == np.uint8
        assert np.abs(picture.astype(int) - 128).max() <= 1
    assert linear_photo.picture(64).shape == (10, 64, 3)
    with pytest.raises(InputError, match="side"):
        linear_photo.picture(2000)


def test_a_quick_picture_is_a_whole_fraction_of_the_photo() -> None:
    pixels = np.zeros((90, 300, 3), np.uint8)
    pixels[::3] = 90  # three rows to one of the picture
    small = images.Photo(pixels).picture(128, quick=True)
    assert small.shape == (30, 100, 3) and (small == 30).all()
    assert images.Photo(small).picture(quick=True).shape == small.shape
