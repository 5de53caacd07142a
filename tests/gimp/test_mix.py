"""Apply Preset with a second preset: from a script, without a window."""

from __future__ import annotations

import numpy as np

from tests.gimp.harness import Gimp

LARGEST_DIFFERENCE = 1  # levels of 255


def test_mix_goes_from_the_first_preset_to_the_second(gimp: Gimp) -> None:
    result = gimp.run_python(
        """
        def use(preset, **arguments):
            image, layer = new_image(60, 40)
            write(layer, gradient(60, 40), "R'G'B' u8")
            outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                           preset=preset, **arguments)
            top = image.get_layers()[0]
            return [outcome.status, outcome.message, read(top, "R'G'B' u8").hex(), top.get_name()]

        result["first"] = use("Cold Film")
        result["second"] = use("Sepia")
        for share in (0, 50, 100):
            result[str(share)] = use("Cold Film", mix_preset="sepia", mix=float(share))
        result["copy"] = use("Cold Film", mix_preset="Sepia", mix=50.0, output="new-layer")
        result["copy of one"] = use("Cold Film", mix_preset="Sepia", mix=0.0, output="new-layer")
        result["unknown"] = use("Cold Film", mix_preset="Sepai")
        result["too much"] = use("Cold Film", mix_preset="Sepia", mix=101.0)
        """
    )
    pixels = {
        name: np.frombuffer(bytes.fromhex(found[2]), np.uint8).astype(int)
        for name, found in result.items()
    }

    def difference(one: str, other: str) -> float:
        return float(np.abs(pixels[one] - pixels[other]).max())

    for name in ("first", "second", "0", "50", "100", "copy", "copy of one"):
        assert result[name][:2] == ["SUCCESS", ""], name
    assert difference("0", "first") == 0
    assert difference("100", "second") <= LARGEST_DIFFERENCE
    assert difference("50", "first") > 5 and difference("50", "second") > 5
    assert difference("copy", "50") <= LARGEST_DIFFERENCE
    assert "Cold Film + Sepia" in result["copy"][3]
    assert "Sepia" not in result["copy of one"][3]
    assert result["unknown"][0] == "CALLING_ERROR"
    assert "Did you mean “Sepia”?" in result["unknown"][1]
    assert result["too much"][0] == "CALLING_ERROR"
    assert "“mix” cannot be 101" in result["too much"][1]
