"""Layers that no camera makes: of one pixel, of one row, of one colour, with NaN in them."""

from __future__ import annotations

import numpy as np

from core.presets import PresetStore
from tests.gimp.harness import Gimp
from tests.preset_samples import table

WIDTH, HEIGHT = 150, 260
SHAPE = (HEIGHT, WIDTH, 4)
# Quiet NaNs with and without a payload, infinities, and what is merely large.
ODD = np.array([0x7FC00000, 0x7FC12345, 0x7F800000, 0xFF800000, 0x7149F2CA], "<u4").view("<f4")


def test_one_pixel_one_row_one_column_and_one_color(gimp: Gimp) -> None:
    result = gimp.run_python(
        """
        for width, height in ((1, 1), (1, 30000), (30000, 1), (2, 3)):
            for name, amount in (("apply", dict(preset="Golden Hour")), ("normalize", {})):
                image, layer = new_image(width, height, alpha=True)
                data = bytes(37 * index % 255 + 1 for index in range(4 * width * height))
                write(layer, data, "R'G'B'A u8")
                outcome = call(f"plug-in-neural-preset-{name}", image=image, drawables=[layer],
                               **amount)
                after = read(layer, "R'G'B'A u8")
                alpha = after[3::4] == data[3::4]
                result[f"{name} {width} x {height}"] = [outcome.status, outcome.message, alpha]
                image.delete()
        for color in ((0, 0, 0), (255, 255, 255), (255, 0, 0), (128, 128, 128)):
            image, layer = new_image(64, 64)
            write(layer, bytes(color) * 64 * 64, "R'G'B' u8")
            outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                           preset="Golden Hour")
            result[str(color)] = [outcome.status, outcome.message, True]
        image, layer = new_image(256, 4)
        write(layer, bytes(gray for gray in range(256) for _ in "RGB") * 4, "R'G'B' u8")
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                       preset="Golden Hour")
        after = read(layer, "R'G'B' u8")[: 256 * 3]
        light = [sum(after[at : at + 3]) for at in range(0, len(after), 3)]
        sane = light[-1] - light[0] > 300 and all(
            later > earlier - 20 for earlier, later in zip(light, light[8:]))
        result["monochrome"] = [outcome.status, outcome.message, sane]
        """
    )
    assert len(result) == 13
    for name, (status, message, good) in result.items():
        assert (status, good) == ("SUCCESS", True), (name, message)


def test_values_that_are_no_numbers_stay_and_spoil_no_others(gimp: Gimp) -> None:
    PresetStore(gimp.home / "presets", gimp.home).add(table("Odd"), overwrite=True)
    clean = np.random.default_rng(2).random(SHAPE, dtype=np.float32)
    clean[..., 3] = 1
    odd = clean.copy()
    places = np.random.default_rng(3).choice(HEIGHT * WIDTH, 60, replace=False)
    for place, value in zip(places, np.tile(ODD, 12), strict=True):
        odd.reshape(-1, 4)[place, place % 3] = value
    (gimp.scratch / "clean").write_bytes(clean.tobytes())
    (gimp.scratch / "odd").write_bytes(odd.tobytes())
    result = gimp.run_python(
        """
        for preset in ("Odd", "Golden Hour"):
            for name in ("clean", "odd"):
                image, layer = new_image(*args["size"], precision="FLOAT_NON_LINEAR", alpha=True)
                with open(f"{args['scratch']}/{name}", "rb") as file:
                    write(layer, file.read(), "R'G'B'A float")
                outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                               preset=preset)
                result[f"{preset} {name}"] = [outcome.status, outcome.message]
                with open(f"{args['scratch']}/{preset} {name}", "wb") as file:
                    file.write(read(layer, "R'G'B'A float"))
        """,
        size=(WIDTH, HEIGHT),
        scratch=gimp.scratch,
    )
    assert {status for status, _ in result.values()} == {"SUCCESS"}, result

    def kept(name: str) -> np.ndarray:
        return np.frombuffer((gimp.scratch / name).read_bytes(), np.float32).reshape(SHAPE)

    broken = ~np.isfinite(odd).all(axis=2)
    whole = np.ones_like(broken)
    whole.reshape(-1)[places] = False
    for preset in ("Odd", "Golden Hour"):
        after = kept(f"{preset} odd")
        # As bits: a NaN is unlike itself.
        assert np.array_equal(after[broken].view(np.uint32), odd[broken].view(np.uint32)), preset
        assert np.isfinite(after[whole]).all(), preset
    np.testing.assert_array_equal(kept("Odd odd")[whole], kept("Odd clean")[whole])
