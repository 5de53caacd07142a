"""The pixels that a filter leaves in a layer are those that `core` computes, at every precision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import looks, lut, model, presets
from core.presetfile import LUT, Preset
from core.processor import Processor
from tests.gimp.harness import CHECKOUT, Gimp

WIDTH, HEIGHT = 160, 270  # more than a strip of 256 rows, and read unscaled for the network
SHAPE = (HEIGHT, WIDTH)


def _strong(colors: np.ndarray) -> np.ndarray:
    mixed = colors @ np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.1], [0.1, 0.2, 0.8]], np.float32)
    changed: np.ndarray = mixed**0.7 * [1.1, 0.9, 0.8] + [-0.02, 0.03, 0.1]
    return changed.astype(np.float32)


@pytest.fixture(scope="module")
def table() -> Preset:
    """A strong look that does not depend on the photo."""
    lattice = lut.bake(_strong).lattice.astype("<f2")
    return Preset("Strong", LUT, lattice_size=33, lattice=lattice.tobytes())


@pytest.fixture(scope="module")
def keep(gimp: Gimp, table: Preset) -> None:
    """The preset, where this GIMP finds it."""
    presets.PresetStore(gimp.home / "presets", gimp.home).add(table, overwrite=True)


@pytest.fixture(scope="module")
def looked() -> looks.Looks:
    return looks.Looks(model.load())


def _changed(looked: looks.Looks, pixels: np.ndarray, preset: Preset) -> np.ndarray:
    """What core makes of pixels (H, W, 3 or 4) with a preset that is a table."""
    _, made = looked.lut(None, looks.PresetSource(preset))
    expected = pixels.copy()
    Processor(made).apply(expected)
    return expected


def _from(path: Path, dtype: type, channels: int) -> np.ndarray:
    return np.frombuffer(path.read_bytes(), dtype).reshape(*SHAPE, channels)


def test_neural_looks_are_those_of_core(
    gimp: Gimp, looked: looks.Looks, photo: Callable[[str], Path]
) -> None:
    """Preset, matched look and normalized colours on a photo, u8, with the neural network."""
    content = gimp.scratch / "content.png"
    style = gimp.scratch / "style.png"
    with Image.open(photo("coffee")) as picture:
        picture.convert("RGB").crop((100, 50, 100 + WIDTH, 50 + HEIGHT)).save(content)
    with Image.open(photo("chelsea")) as picture:
        picture.convert("RGB").crop((0, 0, WIDTH, HEIGHT)).save(style)
    gimp.run_python(
        """
        def changed(name, **arguments):
            image, layer = load(args["content"])
            outcome = call("plug-in-neural-preset-" + name, image=image, drawables=[layer],
                           **arguments)
            assert outcome.ok, (name, outcome)
            with open(args["scratch"] + "/" + name, "wb") as file:
                file.write(read(layer))

        changed("apply", preset="Golden hour", strength=80.0, intent=30.0, keep_luminance=True)
        changed("transfer", style_file=args["style"])
        changed("normalize", strength=50.0)
        """,
        content=content,
        style=style,
        scratch=gimp.scratch,
    )
    before = np.asarray(Image.open(content))
    reference = looks.Reference(np.asarray(Image.open(style)))
    builtin = presets.PresetStore(gimp.home, CHECKOUT / "core" / "presets_builtin")
    cases: dict[str, tuple[looks.Source, looks.Options]] = {
        "apply": (looks.PresetSource(builtin.get("Golden hour")), looks.Options(80, 30, True)),
        "transfer": (reference, looks.Options(100, 50)),
        "normalize": (looks.Normalize(), looks.Options(50)),
    }
    for name, (source, options) in cases.items():
        _, made = looked.lut(before, source, options)
        expected = before.copy()
        Processor(made).apply(expected)
        after = _from(gimp.scratch / name, np.uint8, 3)
        assert np.abs(after.astype(int) - expected).max() <= 1, name
        assert np.abs(after.astype(int) - before).mean() > 1, f"{name} changed next to nothing"


# Precision, alpha, and how far a channel may lie from core's float32 result, sRGB-encoded.
PRECISIONS = {
    "U8_NON_LINEAR": (True, 1 / 255),  # dithered
    "U16_NON_LINEAR": (False, 1 / 65535),
    "U32_NON_LINEAR": (True, 1e-5),
    "FLOAT_NON_LINEAR": (True, 1e-5),
    "FLOAT_LINEAR": (False, 1e-4),
    "HALF_NON_LINEAR": (True, 1e-3),
    "DOUBLE_LINEAR": (True, 1e-4),
    "U16_PERCEPTUAL": (True, 1e-4),
}


@pytest.mark.usefixtures("keep")
def test_every_precision_is_changed_exactly(
    gimp: Gimp, looked: looks.Looks, table: Preset
) -> None:
    """Also by the way that copies, and with values outside 0 to 1 where a layer can hold them."""
    colors = (np.random.default_rng(1).integers(0, 256, (*SHAPE, 4)) / 255).astype(np.float32)
    beyond = colors.copy()
    beyond[0, 0, :3] = 1.75, -0.25, 0.5
    for form, channels in (("RGB", 3), ("RGBA", 4)):
        (gimp.scratch / f"{form}-in").write_bytes(colors[..., :channels].tobytes())
        (gimp.scratch / f"{form}-beyond").write_bytes(beyond[..., :channels].tobytes())
    code = """
        for name, alpha in args["precisions"].items():
            image, layer = new_image(*args["size"], precision=name, alpha=alpha)
            form = "R'G'B'A float" if alpha else "R'G'B' float"
            kind = "beyond" if name.startswith(("FLOAT", "HALF", "DOUBLE")) else "in"
            with open(f"{args['scratch']}/{'RGBA' if alpha else 'RGB'}-{kind}", "rb") as file:
                write(layer, file.read(), form)
            before = read(layer, form)
            outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                           preset="Strong")
            assert outcome.ok, (name, outcome)
            for moment, data in (("before", before), ("after", read(layer, form))):
                with open(f"{args['scratch']}/{name}-{moment}", "wb") as file:
                    file.write(data)
            image.delete()
        """
    precisions = {name: alpha for name, (alpha, _) in PRECISIONS.items()}
    size = (WIDTH, HEIGHT)
    gimp.run_python(code, precisions=precisions, size=size, scratch=gimp.scratch)
    for name, (alpha, tolerance) in PRECISIONS.items():
        channels = 4 if alpha else 3
        before = _from(gimp.scratch / f"{name}-before", np.float32, channels)
        after = _from(gimp.scratch / f"{name}-after", np.float32, channels)
        expected = _changed(looked, before, table)
        if not name.startswith(("FLOAT", "HALF", "DOUBLE")):
            expected = expected.clip(0, 1)
        error = np.abs(after[..., :3] - expected[..., :3]).max()
        assert error <= tolerance, f"{name}: {error}"
        if alpha:
            assert np.array_equal(after[..., 3], before[..., 3]), f"{name}: alpha"

    exact = {
        name: (gimp.scratch / f"{name}-after").read_bytes()
        for name in ("U8_NON_LINEAR", "FLOAT_NON_LINEAR")
    }
    copying = {name: precisions[name] for name in exact}
    gimp.run_python(
        code,
        precisions=copying,
        size=size,
        scratch=gimp.scratch,
        environment={"NEURAL_PRESET_COPY": "1"},
    )
    for name, data in exact.items():
        assert (gimp.scratch / f"{name}-after").read_bytes() == data, f"{name}: the copying way"


@pytest.mark.usefixtures("keep")
def test_dithering_can_be_switched_off(gimp: Gimp, looked: looks.Looks, table: Preset) -> None:
    gimp.run_python(
        """
        image, layer = new_image(*args["size"])
        write(layer, gradient(*args["size"]), "R'G'B' u8")
        def keep(moment):
            with open(f"{args['scratch']}/plain-{moment}", "wb") as file:
                file.write(read(layer, "R'G'B' float"))
        keep("before")
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                       preset="Strong", dither=False)
        assert outcome.ok, outcome
        keep("after")
        """,
        size=(WIDTH, HEIGHT),
        scratch=gimp.scratch,
    )
    before, after = (
        _from(gimp.scratch / f"plain-{moment}", np.float32, 3) for moment in ("before", "after")
    )
    expected = _changed(looked, before, table).clip(0, 1)
    assert np.abs(after - expected[..., :3]).max() <= 0.51 / 255


@pytest.mark.usefixtures("keep")
def test_colors_of_another_profile_are_converted(
    gimp: Gimp, looked: looks.Looks, table: Preset
) -> None:
    """An AdobeRGB layer gets the look as its colours are, not as its numbers are."""
    gimp.run_python(
        """
        import struct
        from gi.repository import Babl
        for name in ("U8_NON_LINEAR", "FLOAT_NON_LINEAR"):
            profile = Gimp.ColorProfile.new_rgb_adobe()
            image, layer = new_image(*args["size"], precision=name, profile=profile)
            own = Babl.format_with_space("R'G'B' float", Babl.format_get_space(layer.get_format()))
            # Within sRGB: beyond, a step of 1/255 in one space is a large one in the other.
            data = gradient(*args["size"])
            floats = struct.pack(f"{len(data)}f", *(0.4 + value / 1000 for value in data))
            write(layer, floats, Babl.get_name(own))
            def keep(moment):
                for space, form in (("own", Babl.get_name(own)), ("srgb", "R'G'B' float")):
                    with open(f"{args['scratch']}/{name}-{space}-{moment}", "wb") as file:
                        file.write(read(layer, form))
            keep("before")
            outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                           preset="Strong")
            assert outcome.ok, (name, outcome)
            keep("after")
        """,
        size=(WIDTH, HEIGHT),
        scratch=gimp.scratch,
    )

    def kept(name: str) -> np.ndarray:
        return _from(gimp.scratch / name, np.float32, 3)

    for name, tolerance in (("U8_NON_LINEAR", 0.015), ("FLOAT_NON_LINEAR", 1e-4)):
        after = kept(f"{name}-srgb-after")
        expected = _changed(looked, kept(f"{name}-srgb-before"), table)
        error = np.abs(after - expected).max()
        assert error <= tolerance, f"{name}: {error}"
        naive = _changed(looked, kept(f"{name}-own-before"), table)
        assert np.abs(kept(f"{name}-own-after") - naive).max() > 0.05, f"{name} was not converted"


@pytest.mark.usefixtures("keep")
def test_no_strength_changes_no_bit(gimp: Gimp) -> None:
    result = gimp.run_python(
        """
        for name in ("U8_NON_LINEAR", "FLOAT_LINEAR", "HALF_PERCEPTUAL"):
            image, layer = new_image(64, 64, precision=name, alpha=True)
            write(layer, gradient(64, 64, 4), "R'G'B'A u8")
            before = read(layer)
            image.clean_all()
            outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                           preset="Strong", strength=0.0)
            result[name] = [outcome.status, read(layer) == before, image.is_dirty()]
        """
    )
    assert set(map(tuple, result.values())) == {("SUCCESS", True, False)}


def test_the_small_picture_of_any_photo_file_is_rgb(gimp: Gimp) -> None:
    """What GIMP hands over may be gray, indexed or deep: only usual pixels come as they are."""
    colors = np.array([[[200, 40, 90], [10, 250, 60]]], np.uint8).repeat(20, 0).repeat(8, 1)
    files = {
        "plain": Image.fromarray(colors),
        "indexed": Image.fromarray(colors).quantize(4),
        "gray": Image.fromarray(colors[..., 0]),
    }
    for name, picture in files.items():
        picture.save(gimp.scratch / f"small-{name}.png")
    found = gimp.run_python(
        """
        import sys
        sys.path.insert(0, args["plugin"])
        import pixels

        for name in args["names"]:
            file = Gio.File.new_for_path(f"{args['folder']}/small-{name}.png")
            made = pixels.picture_of_file(file)
            result[name] = [made.channels, made.data[: made.channels].hex()]
        """,
        plugin=gimp.plugin,
        folder=gimp.scratch,
        names=list(files),
    )
    assert found == {
        "plain": [4, "c8285aff"],
        "indexed": [4, "c8285aff"],
        "gray": [4, "c8c8c8ff"],
    }
