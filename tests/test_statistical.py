"""The closed-form transfers: what they promise about the statistics, and flat pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from skimage import data

from core.lut import bake
from core.statistical import Mapping, mkl, reinhard
from core.thumbnail import thumbnail

Method = Callable[[np.ndarray, np.ndarray], Mapping]
METHODS = [mkl, reinhard]


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return thumbnail(data.astronaut())


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return thumbnail(data.coffee())


def unit(picture: np.ndarray) -> np.ndarray:
    return picture.reshape(-1, 3).astype(np.float32) / np.float32(255)


def flat(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((256, 256, 3), (red, green, blue), np.uint8)


def test_mkl_gives_the_content_the_styles_mean_and_covariance(
    astronaut: np.ndarray, coffee: np.ndarray
) -> None:
    # Summed in float64: 65,536 float32 numbers added one by one lose four digits.
    mapped = mkl(astronaut, coffee)(unit(astronaut)).astype(np.float64)
    style = unit(coffee).astype(np.float64)
    np.testing.assert_allclose(mapped.mean(axis=0), style.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(np.cov(mapped.T), np.cov(style.T), atol=1e-6)


def test_mkl_is_the_symmetric_positive_map(astronaut: np.ndarray, coffee: np.ndarray) -> None:
    # Among all maps that match the Gaussians, optimal transport is the symmetric positive one.
    mapping = mkl(astronaut, coffee)
    matrix = mapping(np.eye(3, dtype=np.float32)) - mapping(np.zeros((3, 3), np.float32))
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)
    assert np.linalg.eigvalsh(matrix.astype(np.float64)).min() > 0.0


def test_mkl_undoes_a_linear_change_of_the_same_photo(astronaut: np.ndarray) -> None:
    warmer = np.clip(astronaut * np.array([1.0, 0.85, 0.6]), 0, 255).astype(np.uint8)
    mapped = mkl(astronaut, warmer)(unit(astronaut))
    assert np.abs(mapped - unit(warmer)).mean() < 3 / 255


@pytest.mark.parametrize("method", METHODS)
def test_a_picture_with_its_own_colours_stays_as_it_is(
    method: Method, astronaut: np.ndarray
) -> None:
    mapped = method(astronaut, astronaut)(unit(astronaut))
    assert np.abs(mapped - unit(astronaut)).max() < 0.01


@pytest.mark.parametrize("method", METHODS)
def test_the_result_comes_nearer_to_the_style(
    method: Method, astronaut: np.ndarray, coffee: np.ndarray
) -> None:
    mapped = np.clip(method(astronaut, coffee)(unit(astronaut)), 0.0, 1.0)
    target = unit(coffee).mean(axis=0)
    before = np.abs(unit(astronaut).mean(axis=0) - target).sum()
    assert np.abs(mapped.mean(axis=0) - target).sum() < 0.4 * before


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("colour", [(0, 0, 0), (128, 128, 128), (255, 255, 255), (200, 30, 90)])
def test_flat_pictures_give_a_finite_look(
    method: Method, colour: tuple[int, int, int], coffee: np.ndarray
) -> None:
    for pair in ((flat(*colour), coffee), (coffee, flat(*colour)), (flat(*colour), flat(9, 9, 9))):
        lattice = bake(method(*pair)).lattice
        assert np.abs(lattice).max() < 40.0


@pytest.mark.parametrize("method", METHODS)
def test_the_noise_of_a_flat_picture_does_not_become_posters(
    method: Method, coffee: np.ndarray
) -> None:
    # Without a least spread one level of 255 would decide between black and white.
    levels = unit(np.array([[[126] * 3, [127] * 3, [128] * 3, [129] * 3]], np.uint8))
    steps = np.diff(method(flat(128, 128, 128), coffee)(levels), axis=0)
    assert np.abs(steps).max() < 0.25


def test_mkl_from_one_flat_colour_to_another_moves_the_colour() -> None:
    mapped = mkl(flat(128, 128, 128), flat(200, 100, 50))(unit(flat(128, 128, 128))[:1])
    np.testing.assert_allclose(mapped[0] * 255, [200, 100, 50], atol=1e-3)


def test_reinhard_undoes_an_exposure_of_the_same_photo(coffee: np.ndarray) -> None:
    # Half the light is one shift of all three logarithms, so shifting the means undoes it.
    bright = coffee.clip(13, 255)  # dark values would be rounded too coarsely
    dark = np.round(encode(decode(bright / 255) * 0.5) * 255).astype(np.uint8)
    mapped = reinhard(bright, dark)(unit(bright))
    assert np.abs(mapped - unit(dark)).mean() < 1 / 255


def decode(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def encode(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)
