"""The encoder's view of a picture: averages, transparency, depths, refusals."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from core.errors import InputError
from core.thumbnail import SIDE, from_jpeg, thumbnail, to_jpeg


def test_every_depth_and_alpha_of_one_photo_gives_the_same_thumbnail() -> None:
    photo = data.astronaut()[:, :400]
    opaque = np.full((*photo.shape[:2], 1), 255, np.uint8)
    eight = thumbnail(photo)
    assert eight.shape == (SIDE, SIDE, 3) and eight.dtype == np.uint8
    for other in (
        photo.astype(np.uint16) * 257,
        (photo / 255).astype(np.float32),
        np.concatenate([photo, opaque], axis=2),
    ):
        assert np.abs(thumbnail(other).astype(int) - eight).max() <= 1


@pytest.mark.parametrize("dtype, full", [("uint8", 255), ("uint16", 65535), ("float32", 1.0)])
def test_blocks_are_averaged_not_sampled(dtype: str, full: float) -> None:
    fine = np.zeros((512, 1024, 3), dtype)
    fine[::2, ::2] = full  # one pixel in four is white: any block of 2 x 4 averages to a quarter
    assert np.abs(thumbnail(fine).astype(float) - 63.75).max() <= 1.0


def test_any_shape_becomes_a_square_with_its_corners_in_place() -> None:
    wide = np.zeros((60, 900, 3), np.uint8)
    wide[:, 450:] = (250, 10, 20)
    small = thumbnail(wide)
    assert small[0, 0].tolist() == [0, 0, 0]
    assert small[255, 255].tolist() == [250, 10, 20]


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (300, 2)])
def test_tiny_pictures_fill_the_square(shape: tuple[int, int]) -> None:
    assert (thumbnail(np.full((*shape, 3), 90, np.uint8)) == 90).all()
    assert (thumbnail(np.full((*shape, 4), 90, np.uint8)) == 90).all()


def test_what_lies_under_transparency_does_not_count() -> None:
    pixels = np.zeros((512, 512, 4), np.float32)
    pixels[..., :3] = np.nan  # GEGL leaves anything there
    pixels[:, :200] = (0.8, 0.4, 0.2, 1.0)
    pixels[:, 200:300] = (0.8, 0.4, 0.2, 0.01)
    assert np.abs(thumbnail(pixels).astype(int) - (204, 102, 51)).max() <= 1


def test_transparent_places_take_the_mean_visible_colour() -> None:
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[:, :64] = (200, 0, 0, 255)
    pixels[:, 64:128] = (0, 100, 0, 255)
    small = thumbnail(pixels)
    assert small[10, 10].tolist() == [200, 0, 0]
    assert small[10, 100].tolist() == [0, 100, 0]
    assert (small[:, 128:] == (100, 50, 0)).all()


def test_a_half_transparent_pixel_counts_half() -> None:
    pixels = np.zeros((256, 512, 4), np.uint16)
    pixels[:, ::2] = (65535, 65535, 65535, 65535)
    pixels[:, 1::2] = (0, 0, 0, 32768)
    assert np.abs(thumbnail(pixels).astype(float) - 170).max() <= 1.0


def test_float_values_are_clamped_before_they_are_averaged() -> None:
    pixels = np.zeros((512, 512, 3), np.float32)
    pixels[:, ::2] = 50.0
    assert np.abs(thumbnail(pixels).astype(float) - 127.5).max() <= 1.0


@pytest.mark.parametrize(
    "picture, message",
    [
        (np.zeros((0, 4, 3), np.uint8), "empty"),
        (np.zeros((4, 4), np.uint8), "3 \\(RGB\\) or 4"),
        (np.zeros((4, 4, 2), np.uint8), "3 \\(RGB\\) or 4"),
        (np.zeros((4, 4, 3), np.float64), "8-bit, 16-bit or 32-bit float"),
        (np.zeros((4, 4, 4), np.uint8), "fully transparent"),
        (np.zeros((4, 4, 4), np.float32), "fully transparent"),
        (np.full((4, 4, 3), np.nan, np.float32), "not numbers"),
        (np.full((4, 4, 4), np.inf, np.float32), "not numbers"),
    ],
)
def test_unusable_pictures_are_refused(picture: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        thumbnail(picture)


def test_a_jpeg_of_a_thumbnail_is_small_and_close_to_it() -> None:
    small = thumbnail(data.chelsea())
    jpeg = to_jpeg(small)
    assert len(jpeg) < 100_000
    back = from_jpeg(jpeg)
    assert back.shape == small.shape and back.dtype == np.uint8
    assert np.abs(back.astype(int) - small).mean() < 1.5


def test_pictures_that_are_no_thumbnail_are_refused() -> None:
    large, png = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (640, 480)).save(large, "JPEG")
    Image.new("RGB", (SIDE, SIDE)).save(png, "PNG")
    with pytest.raises(InputError, match="640 x 480"):
        from_jpeg(large.getvalue())
    whole = to_jpeg(thumbnail(data.chelsea()))
    for damaged in (b"", b"JPEG", png.getvalue(), whole[:300], whole[: len(whole) // 2]):
        with pytest.raises(InputError, match="damaged"):
            from_jpeg(damaged)
