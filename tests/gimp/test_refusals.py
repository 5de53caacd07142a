"""What cannot be done is refused with a reason, and the image stays exactly as it was."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from core.locations import Locations
from tests.gimp.harness import CHECKOUT, Gimp

# Sees the image before and after a call: pixels, layers, and whether there is an undo step more.
REFUSE = """
    def state(image):
        def tree(layers):
            for each in layers:
                yield each
                if each.is_group():
                    yield from tree(each.get_children())
        return [[each.get_name(), read(each)] for each in tree(image.get_layers())]

    def refuse(case, image, drawables, name="apply", /, **arguments):
        before = state(image)
        image.clean_all()
        if name in ("apply", "export-lut"):
            arguments.setdefault("preset", "Sepia")
        outcome = call("plug-in-neural-preset-" + name, image=image, drawables=drawables,
                       **arguments)
        untouched = state(image) == before and not image.is_dirty()
        result[case] = [outcome.status, outcome.message, untouched]
"""

# The status CALLING_ERROR and what the message says.
REASONS = {
    "strength": "“strength” cannot be 100.5: give a number from 0 to 100",
    "intent": "“intent” cannot be -1",
    "size": "“size” cannot be 130: give a number from 2 to 129",
    "output": "“output” cannot be “beside”: give one of in-place, new-layer",
    "method": "“method” cannot be “magic”: give one of neural, mkl",
    "no preset": "“preset” is empty. Give the name of a preset",
    "unknown preset": "There is no preset “Sepai”. Did you mean “Sepia”?",
    "missing preset file": "There is no preset file “/no/such.json”",
    "damaged preset file": "broken.json",
    "no style": "Whose look? Give a style layer or a style photo. To repeat it with a layer",
    "two styles": "Give a style layer or a style photo, not both",
    "missing style": "There is no file /no/such.png: choose a photo",
    "nothing to swap with": "Only two layers can be swapped: give a style layer. To repeat it",
    "several to swap": "Several layers are chosen: choose a single one",
    "no photo": "broken.json cannot be opened as a photo",
    "empty style": "The layer “nothing” is empty: all of it is transparent",
    "no name": "“name” is empty. Give the new preset a name",
    "long tag": "tags",
    "two layers to create from": "Several layers are chosen: choose a single one",
    "no file": "Where to? Give a file on this computer",
    "wrong suffix": "“look.txt” is no LUT file: its name must end with .cube or .png",
    "no folder": "There is no folder /no",
    "existing file": "taken.cube exists already: choose another name or overwrite",
    "no layer": "No layer is chosen",
    "empty layer": "The layer “nothing” is empty: all of it is transparent",
    "locked": "The pixels of “layer” are locked: unlock them first",
    "locked group": "The pixels of “group” are locked: unlock them first",
    "group": "“group” is a layer group: choose the layers in it",
    "mask": "“layer mask” is a layer mask: click on the layer's own picture first",
    "channel": "“channel” is a channel: choose a layer",
    "beside the selection": "The selection does not touch the layer “layer”",
    "one of two is empty": "The layer “nothing” is empty",
    "gray": "The image is not in RGB colors: use Image > Mode > RGB first",
    "indexed": "The image is not in RGB colors",
}


def test_refusals_name_the_reason_and_change_nothing(gimp: Gimp) -> None:
    (gimp.scratch / "broken.json").write_text('{"format": "neural-preset", "version": 1}')
    (gimp.scratch / "taken.cube").write_text("mine")
    result = gimp.run_python(
        REFUSE
        + """
    place = args["scratch"]
    image, layer = new_image(40, 30)
    write(layer, gradient(40, 30), "R'G'B' u8")
    nothing = add_layer(image, 10, 10, alpha=True, name="nothing")
    nothing.fill(Gimp.FillType.TRANSPARENT)
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    inner = Gimp.Layer.new(image, "inner", 9, 9, Gimp.ImageType.RGB_IMAGE, 100.0,
                           Gimp.LayerMode.NORMAL)
    image.insert_layer(inner, group, 0)
    one = [layer]

    refuse("strength", image, one, strength=100.5)
    refuse("intent", image, one, intent=-1.0)
    refuse("size", image, one, "export-lut", size=130, file=place + "/x.cube")
    refuse("output", image, one, output="beside")
    refuse("method", image, one, "transfer", method="magic", style_layer=inner)
    refuse("no preset", image, one, preset=" ")
    refuse("unknown preset", image, one, preset="Sepai")
    refuse("missing preset file", image, one, preset="/no/such.json")
    refuse("damaged preset file", image, one, preset=place + "/broken.json")
    refuse("no style", image, one, "transfer")
    refuse("two styles", image, one, "transfer", style_layer=inner, style_file=place)
    refuse("missing style", image, one, "transfer", style_file="/no/such.png")
    refuse("nothing to swap with", image, one, "transfer", swap=True, style_file=place)
    refuse("several to swap", image, [layer, nothing], "transfer", swap=True, style_layer=inner)
    refuse("no photo", image, one, "transfer", style_file=place + "/broken.json")
    refuse("empty style", image, one, "transfer", style_layer=nothing)
    refuse("no name", image, one, "create")
    refuse("long tag", image, one, "create", name="x", tags="y" * 81)
    refuse("two layers to create from", image, [layer, inner], "create", name="x")
    refuse("no file", image, one, "export-lut")
    refuse("wrong suffix", image, one, "export-lut", file=place + "/look.txt")
    refuse("no folder", image, one, "export-lut", file="/no/look.cube")
    refuse("existing file", image, one, "export-lut", file=place + "/taken.cube")
    refuse("no layer", image, [])
    refuse("empty layer", image, [nothing], "normalize")
    refuse("group", image, [group])
    refuse("one of two is empty", image, [layer, nothing], output="new-layer")
    layer.set_lock_content(True)
    refuse("locked", image, [inner, layer])
    layer.set_lock_content(False)
    group.set_lock_content(True)
    refuse("locked group", image, [inner], output="new-layer")
    group.set_lock_content(False)
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(mask)
    mask.set_name("layer mask")
    refuse("mask", image, [mask])
    channel = Gimp.Channel.new(image, "channel", 40, 30, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    refuse("channel", image, [channel])
    layer.set_offsets(100, 100)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 20)
    refuse("beside the selection", image, one)
    gray, drawable = new_image(20, 20, kind="GRAY")
    refuse("gray", gray, [drawable])
    indexed, drawable = new_image(20, 20)
    indexed.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 8,
                            False, False, "")
    refuse("indexed", indexed, indexed.get_layers())
        """,
        scratch=gimp.scratch,
    )
    for case, reason in REASONS.items():
        status, message, untouched = result[case]
        assert status == "CALLING_ERROR", f"{case}: {status} {message}"
        assert reason in message, case
        assert untouched, f"{case} left a change"
    assert set(result) == set(REASONS)
    assert (gimp.scratch / "taken.cube").read_text() == "mine"


def test_a_worker_that_dies_half_way_leaves_the_layers_as_they_were(gimp: Gimp) -> None:
    """The first of three strips of the second layer is done when the worker is gone."""
    home, interpreter = gimp.folder / "dying", gimp.scratch / "dying-python"
    interpreter.write_text(
        f"""#!{sys.executable}
import os, sys
code, app, *rest = sys.argv[sys.argv.index("-c") + 1:]
sys.path.insert(0, app)
import core.processor
apply, calls = core.processor.Processor.apply, []
def dying(self, pixels, *where):
    calls.append(1)
    if len(calls) == 3:
        os._exit(1)
    apply(self, pixels, *where)
core.processor.Processor.apply = dying
sys.argv = ["-c", app, *rest]
exec(code)
"""
    )
    interpreter.chmod(0o755)
    result = _under(
        gimp,
        home,
        interpreter,
        """
    image, small = new_image(40, 30)
    large = add_layer(image, 16, 700, name="large")
    for output in ("in-place", "new-layer"):
        refuse(output, image, [small, large], output=output)
        """,
    )
    for output, (status, message, untouched) in result.items():
        assert status == "EXECUTION_ERROR", f"{output}: {status} {message}"
        assert "worker was lost while it changed pixels: please try again" in message
        assert untouched, f"{output} left a change"


def test_a_broken_installation_says_so(gimp: Gimp) -> None:
    result = _under(
        gimp,
        gimp.folder / "broken",
        Path("/no/such/python"),
        """
    image, layer = new_image(40, 30)
    refuse("no interpreter", image, [layer])
        """,
    )
    status, message, untouched = result["no interpreter"]
    assert (status, untouched) == ("EXECUTION_ERROR", True)
    assert re.search(r"cannot be started with /no/such/python.*install\.py", message)

    record = gimp.plugin / "installation.json"
    aside = gimp.folder / "aside.json"
    shutil.move(record, aside)
    try:
        code = """
    image, layer = new_image(40, 30)
    refuse("no record", image, [layer])
        """
        missing = gimp.run_python(REFUSE + code)["no record"]
        record.write_text("{")
        damaged = gimp.run_python(REFUSE + code)["no record"]
    finally:
        shutil.move(aside, record)
    for (status, message, untouched), reason in ((missing, "missing"), (damaged, "damaged")):
        assert (status, untouched) == ("EXECUTION_ERROR", True)
        assert message.startswith("Neural Preset is not completely installed")
        assert reason in message
        assert "Run install.py" in message


def _under(gimp: Gimp, home: Path, python: Path, code: str) -> dict[str, list[Any]]:
    """What calls come to with an installation of its own, whose worker `python` runs."""
    home.mkdir()
    Locations.under(home, python, CHECKOUT).save(home / "installation.json")
    settings = {"NEURAL_PRESET_HOME": str(home)}
    result: dict[str, list[Any]] = gimp.run_python(REFUSE + code, environment=settings)
    return result
