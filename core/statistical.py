"""Colour transfer from the statistics of two pictures alone: the classic methods, closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Mapping = Callable[[np.ndarray], np.ndarray]

_LEAST_SPREAD = 4.0 / 255.0  # of the content, sRGB-encoded; less is noise, not colour
_DARKEST = 1.0 / 255.0 / 12.92  # linear light of the darkest 8-bit value: the logarithm's floor
_BRIGHTEST = 4.0  # linear light; two stops above white

# Linear sRGB to LMS, and log LMS to l-alpha-beta (Reinhard et al. 2001, equations 4 and 6).
_LMS = np.array(
    [[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]]
)
_OPPONENT = np.diag([1 / np.sqrt(3), 1 / np.sqrt(6), 1 / np.sqrt(2)]) @ np.array(
    [[1.0, 1.0, 1.0], [1.0, 1.0, -2.0], [1.0, -1.0, 0.0]]
)


def mkl(content: np.ndarray, style: np.ndarray) -> Mapping:
    """Linear optimal transport between the two pictures' RGB Gaussians (Monge-Kantorovitch).

    content, style: (H, W, 3) uint8, sRGB-encoded. The mapping, (N, 3) -> (N, 3) float32 of
    sRGB-encoded colours, not clamped, gives the content the style's mean and covariance; of all
    linear maps that do it moves colours least. Directions in which the content is flat are not
    stretched beyond reason. Source: Pitie & Kokaram, "The linear Monge-Kantorovitch linear
    colour mapping for example-based colour transfer", 2007.
    """
    content_mean, content_covariance = _gaussian(_unit(content))
    style_mean, style_covariance = _gaussian(_unit(style))
    root, inverse_root = _roots(content_covariance)
    middle, _ = _roots(root @ style_covariance @ root, least=0.0)
    transport = inverse_root @ middle @ inverse_root

    def mapping(colors: np.ndarray) -> np.ndarray:
        moved = (colors.astype(np.float64) - content_mean) @ transport + style_mean
        return moved.astype(np.float32)

    return mapping


def reinhard(content: np.ndarray, style: np.ndarray) -> Mapping:
    """Match mean and standard deviation of each l-alpha-beta channel (Reinhard et al. 2001).

    content, style: (H, W, 3) uint8, sRGB-encoded. The mapping takes and returns (N, 3) float32
    sRGB-encoded colours, not clamped but never brighter than two stops above white. Source:
    "Color Transfer between Images", IEEE Computer Graphics and Applications 21(5).
    """
    content_lab, style_lab = _to_lab(_unit(content)), _to_lab(_unit(style))
    content_mean, style_mean = content_lab.mean(axis=0), style_lab.mean(axis=0)
    scale = style_lab.std(axis=0) / np.maximum(content_lab.std(axis=0), _noise_in_lab(content))

    def mapping(colors: np.ndarray) -> np.ndarray:
        lab = (_to_lab(colors.astype(np.float64)) - content_mean) * scale + style_mean
        return _from_lab(lab).astype(np.float32)

    return mapping


def _unit(picture: np.ndarray) -> np.ndarray:
    return picture.reshape(-1, 3).astype(np.float64) / 255.0


def _gaussian(colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = colors.mean(axis=0)
    centred = colors - mean
    return mean, centred.T @ centred / len(colors)


def _roots(covariance: np.ndarray, least: float = _LEAST_SPREAD) -> tuple[np.ndarray, np.ndarray]:
    """The symmetric square root and its inverse, with eigenvalues held above `least`."""
    values, vectors = np.linalg.eigh(covariance)
    spread = np.maximum(np.sqrt(np.maximum(values, 0.0)), least)
    inverse = np.divide(1.0, spread, out=np.zeros(3), where=spread > 0.0)
    return vectors * spread @ vectors.T, vectors * inverse @ vectors.T


def _noise_in_lab(content: np.ndarray) -> np.ndarray:
    """What the least spread of each of R, G and B comes to in l-alpha-beta at the mean colour."""
    mean = _unit(content).mean(axis=0)
    step = _LEAST_SPREAD * np.where(mean < 0.5, 1.0, -1.0)  # to the inside of [0, 1]
    return np.asarray(np.linalg.norm(_to_lab(mean + np.diag(step)) - _to_lab(mean), axis=0))


def _to_lab(colors: np.ndarray) -> np.ndarray:
    linear = np.where(colors <= 0.04045, colors / 12.92, (np.abs(colors) + 0.055) / 1.055)
    linear = np.where(colors <= 0.04045, linear, linear**2.4)
    return np.log10(np.maximum(linear @ _LMS.T, _DARKEST)) @ _OPPONENT.T


def _from_lab(lab: np.ndarray) -> np.ndarray:
    exponent = np.minimum(lab @ _OPPONENT, np.log10(_BRIGHTEST))  # _OPPONENT is orthogonal
    linear = 10.0**exponent @ np.linalg.inv(_LMS).T
    size = np.abs(linear)
    encoded = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    return np.copysign(encoded, linear)
