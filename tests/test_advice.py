"""What is said of pictures that have little, or odd, to give to a preset."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from core.protocol import Picture
from core.toning import toning
from tests.conftest import CHECKOUT
from tests.pictures import coffee

sys.path.insert(0, str(CHECKOUT / "plugin" / "neural-preset"))
from widgets.advice import advice


def said_of(pixels: np.ndarray) -> str:
    """The advice on (H, W, 3 or 4) uint8, whose monochrome curve the worker would have found."""
    height, width, channels = pixels.shape
    curve = toning(np.ascontiguousarray(pixels[:, :, :3])) or ()
    return " ".join(advice(Picture(width, height, channels, pixels.tobytes()), curve))


def in_gray(photo: np.ndarray) -> np.ndarray:
    gray = photo.mean(2, keepdims=True)
    return np.repeat(gray, 3, 2).astype(np.uint8)


def test_nothing_is_said_of_a_photo() -> None:
    assert said_of(coffee()) == ""


def test_tiny_pictures_are_told_with_their_size() -> None:
    assert "tiny (60 by 40 pixels)" in said_of(coffee()[:400:10, ::10])


@pytest.mark.parametrize("value", [0, 128, 250])
def test_flat_pictures_are_told_but_not_called_monochrome(value: int) -> None:
    noise = np.random.default_rng(0).integers(0, 6, (200, 200, 1))
    flat = np.clip(noise + np.array([value, value, value // 2]), 0, 255).astype(np.uint8)
    said = said_of(flat)
    assert "nearly of one color" in said
    assert "monochrome" not in said and "black and white" not in said


def test_a_blue_sky_with_a_gradient_is_not_flat() -> None:
    sky = np.zeros((200, 200, 3), np.uint8)
    sky[..., 1], sky[..., 2] = np.linspace(120, 180, 200)[:, None], 230
    assert "nearly of one color" not in said_of(sky)


def test_what_transparency_hides_does_not_count() -> None:
    photo = np.dstack([coffee(), np.zeros(coffee().shape[:2], np.uint8)])
    photo[100:200, 100:200] = (90, 80, 70, 255)
    assert "nearly of one color" in said_of(photo)


def test_monochrome_pictures_are_fine_and_their_tint_is_told() -> None:
    gray = in_gray(coffee())
    assert "black and white" in said_of(gray)
    sepia = np.clip(gray * np.array([1.05, 0.9, 0.7]) + 5, 0, 255).astype(np.uint8)
    assert "one tint only" in said_of(sepia)
