"""Every procedure is there and does its work without a window, from Python and from Script-Fu."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import lutfile, presetfile
from tests.gimp.harness import CHECKOUT, Gimp

NAMES = ("apply", "transfer", "create", "normalize", "export-lut", "manage", "diagnostics")


@pytest.fixture(scope="module")
def picture(gimp: Gimp, photo: Callable[[str], Path]) -> Path:
    """A small photo as a file, without a colour profile."""
    small = gimp.scratch / "small.png"
    with Image.open(photo("coffee")) as whole:
        whole.convert("RGB").resize((150, 100)).save(small)
    return small


def test_every_procedure_works_from_python(gimp: Gimp, picture: Path) -> None:
    shutil.rmtree(gimp.home / "presets", ignore_errors=True)
    result = gimp.run_python(
        """
        pdb = Gimp.get_pdb()
        result["there"] = [
            name for name in args["names"] if pdb.procedure_exists("plug-in-neural-preset-" + name)
        ]
        result["documented"] = all(
            getattr(pdb.lookup_procedure("plug-in-neural-preset-" + name), "get_" + text)()
            for name in args["names"] for text in ("blurb", "help", "menu_label", "authors")
        )
        result["menus"] = pdb.lookup_procedure("plug-in-neural-preset-create").get_menu_paths()

        image, layer = load(args["picture"])
        style = add_layer(image, 40, 30, name="style")
        write(style, gradient(40, 30), "R'G'B' u8")
        place = args["scratch"]

        def use(name, /, **arguments):
            before = read(layer)
            chosen = arguments.pop("drawables", [layer])
            outcome = call("plug-in-neural-preset-" + name, image=image, drawables=chosen,
                           **arguments)
            return [outcome.status, outcome.message, read(layer) != before]

        result["create"] = use("create", drawables=[style], name="Été \u6642")
        result["again"] = use("create", drawables=[style], name="ÉTÉ \u6642")
        result["overwrite"] = use("create", drawables=[style], name="été \u6642", overwrite=True)
        result["apply"] = use("apply", preset="été \u6642")
        result["by file"] = use("apply", preset=args["preset"], strength=50.0)
        result["layer"] = use("transfer", style_layer=style)
        result["file"] = use("transfer", style_file=args["picture"], method="mkl", intent=100.0)
        result["normalize"] = use("normalize")
        result["cube"] = use("export-lut", preset="Sepia", file=place + "/look.cube", size=17)
        result["hald"] = use("export-lut", preset="Sepia", file=place + "/look.png")
        """,
        names=NAMES,
        picture=picture,
        preset=CHECKOUT / "core" / "presets_builtin" / "sepia.json",
        scratch=gimp.scratch,
    )
    assert result["there"] == list(NAMES)
    assert result["documented"]
    menus = {"<Image>/Filters/Neural Preset", "<Image>/Layer", "<Layers>/Layers Menu"}
    assert set(result["menus"]) == menus
    for name in ("apply", "by file", "layer", "file", "normalize"):
        assert result[name] == ["SUCCESS", "", True], name
    for name in ("create", "overwrite", "cube", "hald"):
        assert result[name] == ["SUCCESS", "", False], name
    assert result["again"][0] == "CALLING_ERROR"
    assert "already" in result["again"][1]

    (path,) = (gimp.home / "presets").iterdir()
    kept = presetfile.read(path)
    assert kept.name == "été \u6642"
    assert kept.reference is not None
    assert lutfile.read_lut(gimp.scratch / "look.cube").size == 17
    cube, hald = (lutfile.read_lut(gimp.scratch / name) for name in ("look.cube", "look.png"))
    colors = np.random.default_rng(3).random((100, 3), np.float32)
    assert np.abs(cube(colors) - hald(colors)).max() < 0.05


def test_every_procedure_works_from_script_fu(gimp: Gimp, picture: Path) -> None:
    place = gimp.scratch / "script-fu"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    done = gimp.run_script_fu(
        f"""
        (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{picture}")))
               (layer (vector-ref (car (gimp-image-get-layers image)) 0)))
          (plug-in-neural-preset-create #:run-mode RUN-NONINTERACTIVE #:image image
            #:drawables (vector layer) #:name "From Script-Fu" #:overwrite TRUE)
          (plug-in-neural-preset-apply #:run-mode RUN-NONINTERACTIVE #:image image
            #:drawables (vector layer) #:preset "Sepia" #:strength 70 #:keep-luminance TRUE)
          (plug-in-neural-preset-transfer #:run-mode RUN-NONINTERACTIVE #:image image
            #:drawables (vector layer) #:style-file "{picture}" #:intent 20 #:method "neural")
          (plug-in-neural-preset-normalize #:run-mode RUN-NONINTERACTIVE #:image image
            #:drawables (vector layer) #:strength 50 #:output "new-layer")
          (plug-in-neural-preset-export-lut #:run-mode RUN-NONINTERACTIVE #:image image
            #:drawables (vector layer) #:preset "From Script-Fu" #:file "{place}/look.cube")
          (gimp-file-save RUN-NONINTERACTIVE image "{place}/result.png"))
        """
    )
    assert done.returncode == 0, done.stderr
    with Image.open(place / "result.png") as after, Image.open(picture) as before:
        change = np.abs(np.asarray(after.convert("RGB"), int) - np.asarray(before, int))
    assert change.mean() > 2
    assert lutfile.read_lut(place / "look.cube").size == 33

    refused = gimp.run_script_fu(
        f"""
        (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{picture}")))
               (layer (vector-ref (car (gimp-image-get-layers image)) 0)))
          (plug-in-neural-preset-apply #:run-mode RUN-NONINTERACTIVE #:image image
            #:drawables (vector layer) #:preset "Sepai"))
        """
    )
    assert refused.returncode != 0
    assert "Did you mean “Sepia”?" in refused.stdout + refused.stderr
