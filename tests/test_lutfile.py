"""LUT files: known files read right, ours read right by others, hostile ones refused."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import PyOpenColorIO as ocio
import pytest
from PIL import Image

from core.errors import InputError, LutFileError
from core.lut import Lut, bake
from core.lutfile import read_lut, write_lut

# Two nodes a side, red fastest: red and blue change places, green is halved.
SWAPPED = "0 0 0\n0 0 1\n0 .5 0\n0 .5 1\n1 0 0\n1 0 1\n1 .5 0\n1 .5 1\n"


def film(x: np.ndarray) -> np.ndarray:
    mix = np.array([[1.25, -0.2, 0.1], [0.1, 0.9, -0.15], [-0.2, 0.2, 1.1]])
    return np.tanh(1.6 * (x @ mix) - 0.7) * 0.45 + 0.5


def colors(count: int = 5000) -> np.ndarray:
    return np.random.default_rng(11).random((count, 3), dtype=np.float32)


def cube(folder: Path, text: str | bytes) -> Path:
    path = folder / "look.cube"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def png(path: Path, pixels: np.ndarray) -> Path:
    output = oiio.ImageOutput.create(str(path))
    depth = oiio.UINT16 if pixels.dtype == np.uint16 else oiio.UINT8
    height, width, channels = pixels.shape
    assert output is not None
    spec = oiio.ImageSpec(width, height, channels, depth)
    spec.attribute("png:compressionLevel", 1)
    assert output.open(str(path), spec)
    assert output.write_image(pixels) and output.close()
    return path


def hald(level: int, full: int) -> np.ndarray:
    """The identity HaldCLUT from its definition: pixel number = r + n g + n n b, n = level^2."""
    n = level * level
    number = np.arange(n**3)
    steps = np.stack([number % n, number // n % n, number // n**2], axis=1)
    values = np.rint(steps / (n - 1) * full).astype(np.uint16 if full > 255 else np.uint8)
    return values.reshape(level**3, level**3, 3)


def test_a_cube_with_comments_title_and_windows_line_ends(tmp_path: Path) -> None:
    head = '\ufeff# made by hand\nTITLE "LUT 3D"\n\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\n'
    text = (head + "DOMAIN_MAX 1 1 1\nPRIVATE 7\n" + SWAPPED).replace("\n", "\r\n")
    lut = read_lut(cube(tmp_path, text))
    np.testing.assert_allclose(lut(np.array([[0.2, 0.6, 0.9]])), [[0.9, 0.3, 0.2]], atol=1e-6)
    assert lut.size == 2


def test_values_outside_the_range_are_kept(tmp_path: Path) -> None:
    lut = read_lut(cube(tmp_path, "LUT_3D_SIZE 2\n" + SWAPPED.replace(".5", "-1.5e0")))
    assert lut.lattice.min() == -1.5


@pytest.mark.parametrize(
    "head", ["DOMAIN_MIN -1 -1 -1\nDOMAIN_MAX 3 3 3\n", "LUT_3D_INPUT_RANGE -1 3\n"]
)
def test_a_table_over_another_input_range_is_moved_to_ours(tmp_path: Path, head: str) -> None:
    lut = read_lut(cube(tmp_path, "LUT_3D_SIZE 2\n" + head + SWAPPED))
    x = colors(100)
    expected = (x[:, ::-1] + 1) / 4 * np.array([1.0, 0.5, 1.0])
    np.testing.assert_allclose(lut(x), expected, atol=1e-5)


def test_a_1d_table_works_on_each_channel(tmp_path: Path) -> None:
    lut = read_lut(cube(tmp_path, "LUT_1D_SIZE 3\n0 1 0\n.2 .5 .5\n1 0 2\n"))
    mapped = lut(np.array([[0.25, 0.25, 0.25], [0.75, 0.5, 1.0]]))
    np.testing.assert_allclose(mapped, [[0.1, 0.75, 0.25], [0.6, 0.5, 2.0]], atol=1e-6)


def test_a_long_1d_table_is_baked_closely(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 4096) ** 1.5
    rows = "\n".join(f"{v:.6f} {v:.6f} {v:.6f}" for v in ramp)
    lut = read_lut(cube(tmp_path, f"LUT_1D_SIZE 4096\n{rows}\n"))
    np.testing.assert_allclose(lut(colors()), colors() ** 1.5, atol=0.25 / 255)


def test_a_1d_table_before_a_3d_one_comes_first(tmp_path: Path) -> None:
    head = "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 1\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 2\n"
    lut = read_lut(cube(tmp_path, head + "0 0 0\n2 1 0.5\n" + SWAPPED))
    np.testing.assert_allclose(lut(np.array([[0.4, 0.6, 0.8]])), [[0.2, 0.15, 0.4]], atol=1e-5)


def test_opencolorio_reads_our_cube_as_we_mean_it(tmp_path: Path) -> None:
    path = tmp_path / "Goldene Stunde für später.cube"
    write_lut(path, bake(film), title='Gold\n"hour"')
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_TETRAHEDRAL)
    processor = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
    mapped = colors()
    processor.applyRGB(mapped)
    np.testing.assert_allclose(mapped, bake(film)(colors()), atol=1e-5)
    assert "TITLE \"Gold'hour'\"\n" in path.read_text("utf-8")


def test_our_cube_comes_back_clamped_and_to_six_decimals(tmp_path: Path) -> None:
    wide = bake(lambda x: film(x) * 1.4 - 0.2, 17)
    write_lut(tmp_path / "a.cube", wide)
    back = read_lut(tmp_path / "a.cube")
    np.testing.assert_allclose(back.lattice, np.clip(wide.lattice, 0, 1), atol=6e-7)
    write_lut(tmp_path / "b.CUBE", wide, size=9)
    assert read_lut(tmp_path / "b.CUBE").size == 9


def test_the_numbers_of_a_cube_are_rounded_as_python_rounds_them(tmp_path: Path) -> None:
    values = np.random.default_rng(4).normal(0.5, 0.5, (9, 9, 9, 3)).astype(np.float32)
    # Halves of a millionth, as near as a float32 comes, and what just fails to be 1.
    values[0, 0, 0], values[1, 0, 0] = (0.5e-6, 1.5e-6, 2.5e-6), (0.9999995, 1 - 2**-24, 1)
    write_lut(tmp_path / "a.cube", Lut(values))
    red_fastest = np.clip(values, 0, 1).transpose(2, 1, 0, 3).reshape(-1, 3).tolist()
    expected = [f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in red_fastest]
    assert (tmp_path / "a.cube").read_text("utf-8").splitlines()[-(9**3) :] == expected


def test_an_identity_cube_is_the_identity_again(tmp_path: Path) -> None:
    write_lut(tmp_path / "none.cube", Lut.identity())
    assert read_lut(tmp_path / "none.cube").is_identity


@pytest.mark.parametrize("level, full", [(2, 255), (3, 65535), (8, 255), (8, 65535), (12, 255)])
def test_the_identity_hald_of_any_depth_changes_nothing(
    tmp_path: Path, level: int, full: int
) -> None:
    lut = read_lut(png(tmp_path / "hald.png", hald(level, full)))
    np.testing.assert_allclose(lut(colors()), colors(), atol=0.51 / full)


def test_a_hald_runs_red_fastest_then_green_then_blue(tmp_path: Path) -> None:
    pixels = hald(2, 255).reshape(-1, 3)
    for number, red, green, blue in ((1, 1, 0, 0), (4, 0, 1, 0), (16, 0, 0, 1)):
        marked = pixels.copy()
        marked[number] = (9, 99, 199)
        lut = read_lut(png(tmp_path / "hald.png", marked.reshape(8, 8, 3)))
        np.testing.assert_allclose(lut.lattice[red, green, blue] * 255, (9, 99, 199), atol=1e-4)


def test_a_hald_with_transparency_or_a_palette_keeps_its_colours(tmp_path: Path) -> None:
    alpha = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)  # from wholly transparent on
    rgba = Image.fromarray(np.concatenate([hald(2, 255), alpha], axis=2))
    palette = Image.fromarray(hald(2, 255)).quantize(64)
    for picture in (rgba, palette):
        picture.save(tmp_path / "hald.png")
        lut = read_lut(tmp_path / "hald.png")
        np.testing.assert_allclose(lut.lattice, Lut.identity(4).lattice, atol=1e-6)


@pytest.mark.parametrize("size, side", [(9, 512), (33, 512), (64, 512), (65, 729)])
def test_our_hald_is_16_bit_and_large_enough(tmp_path: Path, size: int, side: int) -> None:
    path = tmp_path / "look.png"
    write_lut(path, bake(film), size=size)
    header = struct.unpack(">IIBB", path.read_bytes()[16:26])
    assert header == (side, side, 16, 2)
    # Of the 33 nodes of the look itself, not of 9 that a HaldCLUT never has.
    np.testing.assert_allclose(read_lut(path)(colors()), film(colors()), atol=0.5 / 255)


def test_the_largest_lut_fits_the_largest_hald_that_can_be_read_back(tmp_path: Path) -> None:
    write_lut(tmp_path / "look.png", Lut.identity(129))
    back = read_lut(tmp_path / "look.png")
    assert back.size == 121
    np.testing.assert_allclose(back.lattice, Lut.identity(121).lattice, atol=0.51 / 65535)


def test_an_existing_file_is_kept_unless_overwriting_is_asked_for(tmp_path: Path) -> None:
    for name in ("look.cube", "look.png"):
        path = tmp_path / name
        path.write_bytes(b"mine")
        with pytest.raises(LutFileError, match="exists already"):
            write_lut(path, Lut.identity(4))
        assert path.read_bytes() == b"mine"
        write_lut(path, Lut.identity(4), overwrite=True)
        assert read_lut(path).size in (4, 64)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["look.cube", "look.png"]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    for name in ("look.cube", "look.png"):
        with pytest.raises(LutFileError, match="no folder"):
            write_lut(tmp_path / "missing" / name, Lut.identity(4))


def test_sizes_beyond_the_limit_are_refused(tmp_path: Path) -> None:
    for name in ("look.cube", "look.png"):
        with pytest.raises(InputError, match="2 to 129"):
            write_lut(tmp_path / name, Lut.identity(), size=130)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "not a .cube file"),
        ("hello\n", "not a .cube file"),
        ("0 0 0\n", "Line 1: there are colours before"),
        ("LUT_3D_SIZE 999999999\n", "Line 1: LUT_3D_SIZE must lie between 2 and 129"),
        ("LUT_3D_SIZE 99999999999999999999999\n", "Line 1: LUT_3D_SIZE needs one whole number"),
        ("LUT_3D_SIZE -3\n", "Line 1: LUT_3D_SIZE needs one whole number"),
        ("LUT_3D_SIZE 1\n", "between 2 and 129"),
        ("LUT_1D_SIZE 65537\n", "between 2 and 65536"),
        ("LUT_3D_SIZE\n", "needs one whole number"),
        ("LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n", "Line 2: LUT_3D_SIZE comes twice"),
        ("LUT_3D_SIZE 2\n0 0 0\nLUT_1D_SIZE 2\n", "Line 3: LUT_1D_SIZE must come before"),
        ("LUT_3D_SIZE 2\n" + SWAPPED + "0 0 0\n", "Line 10: there are more than the 8 colours"),
        ("LUT_3D_SIZE 2\n" + SWAPPED[:-7], "holds 7 of 8 colours: the file seems to be cut off"),
        ("LUT_3D_SIZE 2\n0 0\n", "Line 2: 3 numbers with decimal points are needed, not '0 0'"),
        ("LUT_3D_SIZE 2\n0,5 0,5 0,5\n", "numbers with decimal points"),
        ("LUT_3D_SIZE 2\n0 0 nan\n", "Line 2: a colour is not a finite number"),
        ("LUT_3D_SIZE 2\nnan 0 0\n", "Line 2: a colour is not a finite number"),
        ("LUT_3D_SIZE 2\n-inf 0 0\n", "not a finite number"),
        ("LUT_3D_SIZE 2\n1e999 0 0\n", "not a finite number"),
        ("LUT_3D_SIZE 2\n1e30 0 0\n", "larger than 65504"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 0 1 1\n" + SWAPPED, "input range is empty"),
        ("LUT_IN_VIDEO_RANGE\nLUT_3D_SIZE 2\n" + SWAPPED, "video levels"),
        ("LUT_3D_SIZE 2\n" + "#" * 5000, "Line 2: it is too long"),
        ("\n" * 20_000, "too many lines without colours"),
        (b"\xff\xfeL\x00U\x00T\x00", "not a .cube file"),
        (bytes(range(256)), "cannot be used"),
    ],
)
def test_damaged_and_hostile_cubes_are_refused(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    path = cube(tmp_path, text)
    with pytest.raises(LutFileError, match=re.escape(message)) as caught:
        read_lut(path)
    assert str(caught.value).startswith("look.cube cannot be used.")


def test_pictures_that_are_no_hald_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "look.png"
    for shape in ((8, 16, 3), (100, 100, 3), (1, 1, 3)):
        png(path, np.zeros(shape, np.uint8))
        with pytest.raises(LutFileError, match="square with a side of 8, 27"):
            read_lut(path)
    png(path, np.zeros((8, 8, 1), np.uint8))
    with pytest.raises(LutFileError, match="gray"):
        read_lut(path)
    Image.new("RGB", (8, 8)).save(path, "JPEG")
    with pytest.raises(LutFileError, match="not a PNG picture"):
        read_lut(path)


def test_a_damaged_png_is_refused(tmp_path: Path) -> None:
    path = png(tmp_path / "look.png", hald(4, 65535))
    whole = path.read_bytes()
    for damaged in (whole[:40], whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(LutFileError, match="damaged or cut off"):
            read_lut(path)


def test_a_header_of_a_gigantic_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "look.png"
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 1_000_000, 1_000_000, 16, 2, 0, 0, 0)
    end = struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + end)
    with pytest.raises(LutFileError, match="1000000 x 1000000"):
        read_lut(path)


def test_other_names_and_files_that_are_missing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LutFileError, match="is not a LUT file"):
        read_lut(tmp_path / "look.3dl")
    with pytest.raises(LutFileError, match="is not a LUT file"):
        write_lut(tmp_path / "look", Lut.identity())
    with pytest.raises(LutFileError, match="no file"):
        read_lut(tmp_path / "missing.cube")
    (tmp_path / "folder.cube").mkdir()
    with pytest.raises(LutFileError, match="not an ordinary file"):
        read_lut(tmp_path / "folder.cube")
