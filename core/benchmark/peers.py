"""Other programs that apply a 3D LUT to the same pixels: the pure operation, as far as one can see.

Command-line programs read uncompressed pixels and write nothing; the time that they take for the
same without the LUT is subtracted.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import PyOpenColorIO as ocio
from PIL import Image, ImageFilter

from core.benchmark.scene import LOOK
from core.benchmark.timing import Timing, timed
from core.lutfile import write_lut

# The programs' own limits and files in memory allow no more.
_LARGEST = 40_000_000


class Peer(Protocol):
    """Another way to apply LOOK to a picture."""

    name: str

    def takes(self, pixels: np.ndarray) -> bool:
        """Whether it can work on pixels of this depth, number of channels and size."""

    def measure(self, pixels: np.ndarray, runs: int) -> Timing:
        """How long the LUT takes for one picture, (H, W, 3 or 4)."""


class Pillow:
    """`Image.filter(ImageFilter.Color3DLUT)`: trilinear, one thread, a new picture."""

    name = "Pillow"

    def takes(self, pixels: np.ndarray) -> bool:
        return pixels.dtype == np.uint8

    def measure(self, pixels: np.ndarray, runs: int) -> Timing:
        picture = Image.fromarray(pixels)
        table = np.clip(LOOK.lattice, 0, 1).transpose(2, 1, 0, 3).ravel()  # red fastest
        lut = ImageFilter.Color3DLUT(LOOK.size, table)
        return timed(lambda: picture.filter(lut), runs)


class OpenColorIO:
    """One plain call for the whole picture: tetrahedral, one thread, in place, rounded."""

    name = "OpenColorIO"
    _depths = {  # noqa: RUF012
        "uint8": ocio.BIT_DEPTH_UINT8,
        "uint16": ocio.BIT_DEPTH_UINT16,
        "float32": ocio.BIT_DEPTH_F32,
    }

    def takes(self, pixels: np.ndarray) -> bool:
        return True

    def measure(self, pixels: np.ndarray, runs: int) -> Timing:
        transform = ocio.Lut3DTransform()
        transform.setGridSize(LOOK.size)
        transform.setData(LOOK.lattice.reshape(-1))
        transform.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        depth = self._depths[pixels.dtype.name]
        table = (
            ocio.Config.CreateRaw()
            .getProcessor(transform)
            .getOptimizedCPUProcessor(depth, depth, ocio.OPTIMIZATION_DEFAULT)
        )
        target = pixels.copy()
        height, width, channels = pixels.shape
        item = pixels.itemsize
        strides = (item, item * channels, item * channels * width)
        picture = ocio.PackedImageDesc(target, width, height, channels, depth, *strides)
        return timed(lambda: table.apply(picture), runs, lambda: np.copyto(target, pixels))


class FFmpeg:
    """`ffmpeg -vf lut3d=interp=tetrahedral` on raw video: slices on threads."""

    name = "ffmpeg"
    _formats = {"uint8": "rgb24", "uint16": "rgb48le"}  # noqa: RUF012

    def __init__(self, program: str) -> None:
        self._program = program

    def takes(self, pixels: np.ndarray) -> bool:
        return _is_small_rgb(pixels)

    def measure(self, pixels: np.ndarray, runs: int) -> Timing:
        with tempfile.TemporaryDirectory(prefix="neural-preset-") as name:
            raw, cube = Path(name) / "pixels", Path(name) / "look.cube"
            pixels.tofile(raw)
            write_lut(cube, LOOK)
            height, width, _ = pixels.shape
            frames = max(1, _LARGEST // 2 // (width * height))
            kind = self._formats[pixels.dtype.name]
            read = [
                *(self._program, "-v", "error", "-nostdin", "-stream_loop", str(frames - 1)),
                *("-f", "rawvideo", "-pix_fmt", kind, "-s", f"{width}x{height}", "-i", str(raw)),
            ]
            without = timed(lambda: _call([*read, "-f", "null", "-"]), runs)
            look = ["-vf", f"lut3d=file={cube}:interp=tetrahedral"]
            return (
                timed(lambda: _call([*read, *look, "-f", "null", "-"]), runs)
                .less(without)
                .shared(frames)
            )


class ImageMagick:
    """`convert -hald-clut` with 36 nodes on a PPM file: threads of OpenMP, 16 bits inside."""

    name = "ImageMagick"

    def __init__(self, program: str) -> None:
        self._program = program

    def takes(self, pixels: np.ndarray) -> bool:
        return _is_small_rgb(pixels) and pixels.dtype == np.uint8

    def measure(self, pixels: np.ndarray, runs: int) -> Timing:
        with tempfile.TemporaryDirectory(prefix="neural-preset-") as name:
            picture, hald = Path(name) / "picture.ppm", Path(name) / "look.png"
            height, width, _ = pixels.shape
            with picture.open("wb") as file:
                file.write(f"P6\n{width} {height}\n255\n".encode())
                pixels.tofile(file)
            write_lut(hald, LOOK, size=36)
            read = [self._program, str(picture)]
            without = timed(lambda: _call([*read, "null:"]), runs)
            return timed(lambda: _call([*read, str(hald), "-hald-clut", "null:"]), runs).less(
                without
            )


def installed() -> tuple[list[Peer], list[str]]:
    """The peers of this computer, and a note for each that it lacks."""
    peers: list[Peer] = [OpenColorIO(), Pillow()]
    notes = []
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg:
        peers.append(FFmpeg(ffmpeg))
    else:
        notes.append("ffmpeg is not installed: its column is left out.")
    magick = next(filter(_is_magick, ("magick", "convert-im6.q16", "convert")), None)
    if magick:
        peers.append(ImageMagick(magick))
    else:
        notes.append("ImageMagick is not installed: its column is left out.")
    return peers, notes


def _is_small_rgb(pixels: np.ndarray) -> bool:
    whole = pixels.dtype != np.float32 and pixels.shape[2] == 3
    return whole and pixels[..., 0].size <= _LARGEST


def _is_magick(program: str) -> bool:
    # Windows has a `convert` of its own.
    if shutil.which(program) is None:
        return False
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return "ImageMagick" in done.stdout


def _call(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
