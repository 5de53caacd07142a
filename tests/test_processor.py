"""LUTs on pixels in place: every depth, alpha, excess, and what must not change by a bit."""

from __future__ import annotations

import mmap
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.errors import InputError
from core.lut import Lut, bake
from core.processor import Processor

FULL = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}


def film(x: np.ndarray) -> np.ndarray:
    mix = np.array([[1.25, -0.2, 0.1], [0.1, 0.9, -0.15], [-0.2, 0.2, 1.1]])
    return np.tanh(1.6 * (x @ mix) - 0.7) * 0.75 + 0.5


LOOK = bake(film)


def picture(depth: str, channels: int, rows: int = 90, columns: int = 2111) -> np.ndarray:
    """Random pixels; by default enough for several strips and a ragged end."""
    values = np.random.default_rng(3).random((rows, columns, channels))
    if depth == "float32":
        return values.astype(np.float32)
    return np.round(values * FULL[depth]).astype(depth)


def expected(pixels: np.ndarray, lut: Lut = LOOK) -> np.ndarray:
    """What the table's own interpolation says, rounded and clamped where the depth asks it."""
    full = FULL[pixels.dtype.name]
    mapped = lut(pixels[..., :3].reshape(-1, 3).astype(np.float32) / full) * full
    if full > 1.0:
        mapped = np.rint(np.clip(mapped, 0.0, full))
    return mapped.reshape(*pixels.shape[:2], 3)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("depth", FULL)
def test_pixels_get_the_look_and_alpha_keeps_every_bit(depth: str, channels: int) -> None:
    pixels = picture(depth, channels)
    before = pixels.copy()
    Processor(LOOK).apply(pixels, dither=False)
    error = np.abs(pixels[..., :3] - expected(before).astype(np.float64))
    if depth == "float32":
        assert error.max() < 1e-6
    else:
        # Two float paths may round a tie differently: one step of the depth, and rarely.
        assert error.max() <= 1.0
        assert (error > 0).mean() < 0.01
    assert pixels[..., 3:].tobytes() == before[..., 3:].tobytes()


@pytest.mark.parametrize("depth", ["uint8", "uint16"])
def test_every_alpha_value_of_the_depth_is_kept(depth: str) -> None:
    count = int(FULL[depth]) + 1
    pixels = np.full((max(256, count) * 256 // count, count, 4), 77, depth)
    pixels[..., 3] = np.arange(count)  # 8 bits meet every threshold
    Processor(LOOK).apply(pixels)
    assert (pixels[..., 3] == np.arange(count)).all()


def test_float_alpha_is_kept_even_where_it_is_no_number() -> None:
    pixels = picture("float32", 4, 4, 64)
    bits = np.random.default_rng(5).integers(0, 2**32, pixels.shape[:2], dtype=np.uint32)
    pixels.view(np.uint32)[..., 3] = bits
    before = pixels.copy()
    Processor(LOOK).apply(pixels)
    np.testing.assert_array_equal(pixels.view(np.uint32)[..., 3], bits)
    np.testing.assert_allclose(pixels[..., :3], expected(before), atol=1e-6)


@pytest.mark.parametrize("depth", FULL)
def test_the_identity_leaves_every_bit(depth: str) -> None:
    pixels = picture(depth, 4, 8, 100)
    if depth == "float32":
        # A quiet NaN with a payload, a signalling one, infinities, minus zero, a denormal.
        special = [0x7FC01234, 0x7F801234, 0x7F800000, 0xFF800000, 0x80000000, 0x00000001]
        pixels.view(np.uint32)[0, : len(special), 0] = special
    before = pixels.tobytes()
    Processor(LOOK.with_strength(0.0)).apply(pixels)
    assert pixels.tobytes() == before


@pytest.mark.parametrize("channels", [3, 4])
def test_floats_outside_the_range_keep_their_excess(channels: int) -> None:
    pixels = picture("float32", channels, 40, 500) * 3.0 - 1.0
    before = pixels.copy()
    Processor(LOOK).apply(pixels)
    colour = before[..., :3]
    inside = np.clip(colour, 0.0, 1.0)
    mapped = film(inside.reshape(-1, 3)).reshape(inside.shape) + (colour - inside)
    np.testing.assert_allclose(pixels[..., :3], mapped, atol=0.5 / 255)


def test_a_colour_within_the_range_gets_the_same_bits_beside_one_outside() -> None:
    alone = picture("float32", 4, 30, 70)
    beside = alone.copy()
    beside[3, 5, 1], beside[9, 60, 3] = 1.5, np.nan
    Processor(LOOK).apply(alone)
    Processor(LOOK).apply(beside)
    differ = (alone != beside).any(axis=2)
    assert np.argwhere(differ).tolist() == [[3, 5], [9, 60]]
    np.testing.assert_array_equal(alone[9, 60, :3], beside[9, 60, :3])


def test_pixels_that_are_not_finite_stay_and_their_neighbours_do_not() -> None:
    pixels = picture("float32", 3, 2, 50)
    pixels.view(np.uint32)[0, 10, 1] = 0x7FC01234
    pixels[1, 20, 0] = -np.inf
    before = pixels.copy()
    Processor(LOOK).apply(pixels)
    for row, column in ((0, 10), (1, 20)):
        assert pixels[row, column].tobytes() == before[row, column].tobytes()
    changed = (pixels != before).any(axis=2)
    assert changed.sum() == 2 * 50 - 1  # NaN is unlike itself, so only the infinite pixel is equal


def test_integers_are_rounded_and_clamped() -> None:
    pixels = np.array([[[10, 128, 250]]], np.uint8)
    Processor(bake(lambda x: x * 1.5 - np.array([0.1, 0.0, 0.0]), 2)).apply(pixels)
    assert pixels.tolist() == [[[0, 192, 255]]]


def test_unclamped_nodes_let_integers_reach_white_where_the_look_does() -> None:
    # 1.37 x crosses 1 between two nodes: a lattice clamped at its nodes would miss by levels.
    pixels = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)
    before = pixels.astype(np.float64)
    Processor(bake(lambda x: x * 1.37)).apply(pixels, dither=False)
    assert np.abs(pixels - np.minimum(before * 1.37, 255.0)).max() <= 0.51


@pytest.mark.parametrize("shape", [(8, 9001), (9, 32769), (9001, 8), (9001, 1)], ids=str)
@pytest.mark.parametrize("depth", FULL)
def test_a_colour_gives_the_same_bits_wherever_it_lies(depth: str, shape: tuple[int, int]) -> None:
    whole = picture(depth, 3, *shape)
    parts = whole.copy()
    Processor(LOOK).apply(whole)
    for rows in (slice(0, 3), slice(3, 5), slice(5, shape[0])):
        Processor(LOOK).apply(parts[rows], y=rows.start)
    np.testing.assert_array_equal(whole, parts)


def test_a_part_of_the_columns_gets_the_bits_that_it_has_in_the_whole() -> None:
    whole = picture("uint8", 4, 40, 300)
    part = whole[7:31, 111:].copy()
    Processor(LOOK).apply(whole)
    Processor(LOOK).apply(part, x=111, y=7)
    np.testing.assert_array_equal(whole[7:31, 111:], part)


@pytest.mark.parametrize("count", [4097, 8193, 12289])
def test_the_last_pixel_is_like_the_first(count: int) -> None:
    # A multiple of the row's length and one more: a last row of one pixel would differ in a bit.
    forwards = picture("float32", 3, 1, count)
    processor = Processor(LOOK)
    for shift in range(10):
        pixels = np.roll(forwards, shift, axis=1)
        backwards = np.ascontiguousarray(pixels[:, ::-1])
        processor.apply(pixels)
        processor.apply(backwards)
        np.testing.assert_array_equal(pixels[:, ::-1], backwards)


def test_many_threads_share_one_processor() -> None:
    processor = Processor(LOOK)
    jobs = [picture(depth, 4, 60, 1500) for depth in FULL for _ in range(3)]
    results = [pixels.copy() for pixels in jobs]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(processor.apply, results))
    for before, after in zip(jobs, results, strict=True):
        alone = before.copy()
        Processor(LOOK).apply(alone)
        np.testing.assert_array_equal(after, alone)


def test_a_view_on_shared_memory_is_changed_in_place() -> None:
    with mmap.mmap(-1, 2 * 5 * 3) as shared:
        view = np.frombuffer(shared, np.uint8).reshape(2, 5, 3)
        Processor(bake(lambda x: 1.0 - x)).apply(view)
        del view
        assert shared[:] == b"\xff" * 30


def test_an_empty_array_is_nothing_to_do() -> None:
    Processor(LOOK).apply(np.empty((0, 5, 3), np.uint8))


def test_arrays_that_cannot_be_changed_in_place_are_refused_untouched() -> None:
    frozen = np.full((2, 2, 3), 9, np.uint8)
    frozen.setflags(write=False)  # OpenColorIO itself would write to it
    for pixels in (frozen, np.full((4, 4, 3), 9, np.uint8)[:, ::2]):
        with pytest.raises(InputError, match="one writable piece of memory"):
            Processor(LOOK).apply(pixels)
        assert (pixels == 9).all()


@pytest.mark.parametrize("depth", ["float64", "float16", "int16", "bool", ">u2", ">f4"])
def test_other_depths_are_refused_even_by_the_identity(depth: str) -> None:
    with pytest.raises(InputError, match="8-bit, 16-bit or 32-bit float"):
        Processor(Lut.identity()).apply(np.zeros((2, 2, 3), depth))


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 1), (2, 2, 5), (1, 2, 2, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="3 \\(RGB\\) or 4 \\(RGBA\\)"):
        Processor(LOOK).apply(np.zeros(shape, np.uint8))
