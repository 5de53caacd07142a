"""What bad light, haze and water do to a photo: degradations whose truth is the photo itself.

Light adds and is absorbed in linear light, so each works there. Photos are (H, W, 3) uint8,
sRGB-encoded, in and out: what is dark or faint loses levels to rounding, as it does in a camera's
JPEG. There is no noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Per metre of water, red to blue: between Jerlov's clearest coastal water and the open ocean.
_ABSORBED = np.array([0.40, 0.08, 0.06], dtype=np.float32)
# The light that the water scatters into the view: what is seen where nothing is.
_WATER = np.array([0.02, 0.25, 0.35], dtype=np.float32)


def to_linear(encoded: np.ndarray) -> np.ndarray:
    """sRGB-encoded values in [0, 1] to linear light (IEC 61966-2-1)."""
    low = encoded <= 0.04045
    return np.where(low, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def to_encoded(linear: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1] to sRGB-encoded values."""
    low = linear <= 0.0031308
    return np.where(low, linear * 12.92, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)


def low_light(photo: np.ndarray, stops: float) -> np.ndarray:
    """The photo underexposed by so many stops: light divided by 2 ** stops."""
    return _picture(_light(photo) * 2.0**-stops)


def haze(
    photo: np.ndarray, transmission: np.ndarray | float, airlight: np.ndarray
) -> np.ndarray:
    """The photo seen through haze: ``J t + A (1 - t)`` (Koschmieder 1924).

    transmission t: the share of the scene's light that arrives, 0..1: one number, (H, W, 1), or
    (3,) by channel. airlight A: (3,) linear light of the haze.
    """
    return _picture(_light(photo) * transmission + airlight * (1 - transmission))


def transmission_with_depth(height: int, width: int, density: float) -> np.ndarray:
    """(H, W, 1) transmission ``exp(-density d)`` of a plain: depth d is 0.1 below, 1 on top."""
    distance = np.linspace(1.0, 0.1, height, dtype=np.float32)[:, None, None]
    return np.exp(-density * np.broadcast_to(distance, (height, width, 1)))


def underwater(photo: np.ndarray, metres: float) -> np.ndarray:
    """The photo through so many metres of sea: red goes first, and blue-green light veils it."""
    return haze(photo, np.exp(-_ABSORBED * metres), _WATER)


@dataclass(frozen=True)
class Ellipse:
    """Where an object is in a picture: centre and half axes, as shares of its sides."""

    x: float
    y: float
    width: float
    height: float

    def mask(self, height: int, width: int) -> np.ndarray:
        """(H, W) bool: the pixels whose centres are inside."""
        across = ((np.arange(width) + 0.5) / width - self.x) / self.width
        down = ((np.arange(height) + 0.5) / height - self.y) / self.height
        return across[None, :] ** 2 + down[:, None] ** 2 <= 1

    @classmethod
    def random(cls, random: np.random.Generator) -> Ellipse:
        """An ellipse of a tenth to a quarter of the picture, wholly inside."""
        width, height = random.uniform(0.18, 0.28, 2)
        x, y = random.uniform(0.3, 0.7, 2)
        return cls(float(x), float(y), float(width), float(height))


def _light(photo: np.ndarray) -> np.ndarray:
    return to_linear(photo.astype(np.float32) / 255)


def _picture(light: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(to_encoded(light), 0, 1) * 255).astype(np.uint8)
