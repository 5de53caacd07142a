"""Looks as tables: interpolation, excess, and the operations on the lattice."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from core.lut import LUMA, Lut, bake

EIGHT_BIT = 1.0 / 255.0


def colors(count: int = 20_000, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    return np.random.default_rng(7).uniform(low, high, (count, 3)).astype(np.float32)


def film(x: np.ndarray) -> np.ndarray:
    """A smooth look with mixed channels and a tone curve, which leaves [0, 1] on both sides."""
    mix = np.array([[1.25, -0.2, 0.1], [0.1, 0.9, -0.15], [-0.2, 0.2, 1.1]])
    return np.tanh(1.6 * (x @ mix) - 0.7) * 0.75 + 0.5


def warm(x: np.ndarray) -> np.ndarray:
    return x ** np.array([0.8, 1.0, 1.3])


def test_a_baked_smooth_look_is_closer_than_half_a_level_to_the_look_itself() -> None:
    x = colors()
    lut = bake(film)
    assert lut.lattice.min() < 0.0
    assert lut.lattice.max() > 1.0
    error = np.abs(np.clip(lut(x), 0.0, 1.0) - np.clip(film(x), 0.0, 1.0))
    assert error.max() < 0.5 * EIGHT_BIT
    assert error.mean() < 0.06 * EIGHT_BIT


def test_the_lattice_is_indexed_red_green_blue() -> None:
    lut = bake(lambda x: x[:, [0, 0, 2]] * np.array([1.0, 0.0, 1.0]), 5)
    assert lut.lattice[4, 2, 1].tolist() == [1.0, 0.0, 0.25]


def test_nodes_come_back_exactly_and_cell_centres_lie_on_the_gray_diagonal() -> None:
    values = np.random.default_rng(1).random((3, 3, 3, 3), dtype=np.float32)
    lut = Lut(values)
    nodes = np.stack(np.meshgrid(*[[0.0, 0.5, 1.0]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    np.testing.assert_array_equal(lut(nodes), values.reshape(-1, 3))
    # By Kasson's tetrahedra the centre of a cell is the mean of its two gray corners alone.
    np.testing.assert_allclose(
        lut(np.array([[0.25, 0.25, 0.25]]))[0], (values[0, 0, 0] + values[1, 1, 1]) / 2, atol=1e-7
    )


def test_an_affine_look_is_exact_between_the_nodes() -> None:
    mix = np.array([[1.1, 0.2, -0.3], [0.0, 0.7, 0.1], [0.4, -0.1, 0.9]])
    x = colors()
    np.testing.assert_allclose(bake(lambda c: c @ mix + 0.05, 4)(x), x @ mix + 0.05, atol=1e-6)


def test_values_outside_the_range_keep_their_excess() -> None:
    lut = bake(film)
    mapped = lut(np.array([[1.5, 0.5, -0.25], [1.0, 0.5, 0.0]]))
    np.testing.assert_allclose(mapped[0] - mapped[1], [0.5, 0.0, -0.25], atol=1e-6)


def test_colours_that_are_not_finite_pass_unchanged() -> None:
    x = np.array([[np.nan, 0.5, 0.5], [0.5, np.inf, 0.5], [0.5, 0.5, 0.5]], np.float32)
    mapped = bake(film)(x)
    np.testing.assert_array_equal(mapped[:2], x[:2])
    np.testing.assert_allclose(mapped[2], film(x[2:])[0], atol=0.5 * EIGHT_BIT)


def test_the_ends_of_strength_and_blend_are_exact() -> None:
    look, other = bake(film), bake(warm, 17)
    assert look.with_strength(0.0).is_identity
    np.testing.assert_array_equal(look.with_strength(1.0).lattice, look.lattice)
    np.testing.assert_array_equal(look.blend(other, 0.0).lattice, look.lattice)
    np.testing.assert_array_equal(look.blend(other, 1.0).lattice, other.lattice)
    assert not look.with_strength(0.01).is_identity


def test_strength_and_blend_are_linear_between_their_ends() -> None:
    x = colors()
    look, other = bake(film), bake(warm, 17)
    expected = 0.75 * look(x) + 0.25 * other(x)
    np.testing.assert_allclose(look.blend(other, 0.25)(x), expected, atol=0.5 * EIGHT_BIT)
    np.testing.assert_allclose(look.with_strength(0.4)(x), 0.6 * x + 0.4 * look(x), atol=1e-5)


@pytest.mark.parametrize("amount", [-0.01, 1.01, float("nan"), float("inf")])
def test_amounts_outside_zero_to_one_are_refused(amount: float) -> None:
    with pytest.raises(InputError, match="goes from 0 to 1"):
        bake(film).with_strength(amount)
    with pytest.raises(InputError, match="goes from 0 to 1"):
        bake(film).blend(Lut.identity(), amount)


def test_keeping_luminance_keeps_the_luma_between_the_nodes_and_the_colour_differences() -> None:
    x = colors()
    look = bake(film)
    kept = look.keeping_luminance()
    np.testing.assert_allclose(kept(x) @ LUMA, x @ LUMA, atol=1e-5)
    np.testing.assert_allclose(
        np.diff(kept.lattice, axis=-1), np.diff(look.lattice, axis=-1), atol=1e-6
    )


def test_composition_is_one_look_after_the_other() -> None:
    x = colors()
    first, second = bake(film), bake(warm, 17)
    np.testing.assert_allclose(first.then(second)(x), second(first(x)), atol=2 * EIGHT_BIT)
    assert first.then(second).size == 33
    np.testing.assert_array_equal(first.then(Lut.identity()).lattice, first.lattice)
    np.testing.assert_allclose(Lut.identity().then(first).lattice, first.lattice, atol=1e-6)


def test_resampling_keeps_the_look_and_an_identity_stays_exact() -> None:
    x = colors()
    np.testing.assert_allclose(bake(film).resampled(65)(x), bake(film)(x), atol=1e-5)
    assert Lut.identity(33).resampled(64).is_identity


def test_the_identity_returns_every_bit() -> None:
    special = np.array([[np.nan, 0.2, 0.1], [-0.0, 3.0, 1e-40], [-1e-9, 0.3, np.inf]], np.float32)
    x = np.concatenate([special, colors(2000), colors(2000, -2.0, 3.0)])
    assert Lut.identity()(x).tobytes() == x.tobytes()


def test_a_lut_owns_a_read_only_copy_of_its_lattice() -> None:
    values = np.zeros((2, 2, 2, 3), np.float32)
    lut = Lut(values)
    values[:] = 1.0
    assert not lut.lattice.any()
    with pytest.raises(ValueError, match="read-only"):
        lut.lattice[0] = 1.0


@pytest.mark.parametrize("shape", [(2, 2, 3), (2, 3, 2, 3), (2, 2, 2, 4), ()])
def test_lattices_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="same number of nodes"):
        Lut(np.zeros(shape))


@pytest.mark.parametrize("size", [-1, 0, 1, 130])
def test_sizes_outside_the_limits_are_refused(size: int) -> None:
    with pytest.raises(InputError, match="2 to 129 nodes"):
        bake(film, size)


def test_mappings_that_break_their_promise_are_refused() -> None:
    with pytest.raises(InputError, match="not numbers"):
        bake(lambda x: x * np.nan)
    with pytest.raises(InputError, match="must return as many"):
        bake(lambda x: x[:, :2])
