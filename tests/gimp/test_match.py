"""Match Look at the screen: layers, a photo file and the clipboard as references, and swapping.

The pixels are those that a headless call with the same arguments makes. GIMP does not write down
which layer was the reference; that it was the right one is told by the pixels.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core import presetfile
from tests.gimp import lastvalues
from tests.gimp.harness import Gimp
from tests.gimp.steps import choose_photo, press_ok, reference
from tests.gimp.window import Window, press_until

DIALOG = "^Match Look of$"
SAVING = "^Save as Preset$"
CLEAN, CHANGED = "^matched[.]xcf.*GIMP", "^[*]matched[.]xcf.*GIMP"
# In the window's own coordinates, at the size in which it first opens.
SECOND_LAYER, SECOND_METHOD = (120, 325), (966, 515)

READ = """
    image, _ = load(args["path"])
    result["layers"] = {
        each.get_name(): read(each, "R'G'B' u8").hex() for each in image.get_layers()
    }
"""
TRANSFER = """
    after, _ = load(args["after"])
    result["after"] = {
        each.get_name(): read(each, "R'G'B' u8").hex() for each in after.get_layers()
    }
    image, _ = load(args["path"])
    layers = {each.get_name(): each for each in image.get_layers()}
    values = dict(args["values"])
    if args["style"]:
        values["style_layer"] = layers[args["style"]]
    outcome = call("plug-in-neural-preset-transfer", image=image, drawables=[layers["photo"]],
                   **values)
    result["outcome"] = outcome.as_dict()
    result["layers"] = {name: read(layer, "R'G'B' u8").hex() for name, layer in layers.items()}
"""


@pytest.fixture
def scene(gimp: Gimp, photo: Callable[[str], Path]) -> Path:
    """An image with the layer “photo”, which is chosen, above “red” and “green”."""
    for name in ("astronaut", "coffee"):
        with Image.open(photo(name)) as whole:
            whole.convert("RGB").resize((300, 200)).save(gimp.scratch / f"{name}.png")
    path = gimp.scratch / "matched.xcf"
    gimp.run_python(
        """
        image, photo = load(args["photo"])
        photo.set_name("photo")
        for name, change in (("red", (1, 0.4, 0.3)), ("green", (0.3, 0.9, 0.6))):
            layer = add_layer(image, 300, 200, name=name)
            image.reorder_item(layer, None, 1)
            colors = gradient(300, 200)
            write(layer, bytes(int(value * change[place % 3])
                  for place, value in enumerate(colors)), "R'G'B' u8")
        image.set_selected_layers([photo])
        file = Gio.File.new_for_path(args["path"])
        assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
        result["order"] = [each.get_name() for each in image.get_layers()]
        """,
        photo=gimp.scratch / "astronaut.png",
        path=path,
    )
    shutil.rmtree(gimp.home / "presets", ignore_errors=True)
    return path


def layers(gimp: Gimp, path: Path) -> dict[str, str]:
    found: dict[str, str] = gimp.run_python(READ, path=path)["layers"]
    return found


def values_of(gimp: Gimp) -> dict[str, Any]:
    """What the dialog has given, beside the style layer, as a headless call takes it."""
    found = lastvalues.take(gimp, "transfer")
    if "style-file" in found:
        found["style-file"] = found["style-file"].removeprefix("file://")
    return {name.replace("-", "_"): value for name, value in found.items()}


def carry_out(window: Window, gimp: Gimp) -> dict[str, Any]:
    """Press OK; the values given. The file is left changed."""
    press_ok(window, DIALOG)
    window.wait_for(CHANGED)
    values = values_of(gimp)
    press_until(window, "ctrl+s", CHANGED, CLEAN)
    return values


def same_as_headless(
    gimp: Gimp, original: Path, style: str, values: dict[str, Any], after: Path
) -> dict[str, str]:
    """Assert that a script makes of the original the layers of the other file, and return them."""
    made = gimp.run_python(TRANSFER, path=original, style=style, values=values, after=after)
    assert made["outcome"] == {"status": "SUCCESS", "message": ""}, values
    assert made["after"] == made["layers"], values
    found: dict[str, str] = made["layers"]
    return found


def take_back(window: Window) -> None:
    press_until(window, "ctrl+z", CLEAN, CHANGED)
    press_until(window, "ctrl+s", CHANGED, CLEAN)


def test_layers_are_matched_and_swapped(gimp: Gimp, scene: Path) -> None:
    """By mouse: the second layer, by color statistics. By keyboard: the first one, swapped."""
    original = gimp.scratch / "original.xcf"
    shutil.copy(scene, original)
    before = layers(gimp, scene)
    with Window(gimp, scene) as window:
        dialog = window.open_dialog("Match Look of", DIALOG)
        red, mkl = window.says(style_layer="red"), window.says(method="mkl")
        window.until(red, lambda: window.click(*SECOND_LAYER, window=dialog))
        window.until(mkl, lambda: window.click(*SECOND_METHOD, window=dialog))
        weaker = window.says(strength=98)
        window.press("alt+g", "End", "Left", "Left", where=DIALOG, until=weaker)
        window.screenshot("match-layer")
        values = carry_out(window, gimp)
        assert values["method"] == "mkl"
        assert values["strength"] == 98
        after = same_as_headless(gimp, original, "red", values, scene)
        assert after["photo"] != before["photo"]
        take_back(window)

        window.open_dialog("Match Look of", DIALOG)
        window.press("alt+e", "Left", where=DIALOG, until=window.says(method="neural"))
        window.press("alt+y", "End", where=DIALOG, until=window.says(style_layer="red"))
        window.press("Home", where=DIALOG, until=window.says(style_layer="green"))
        window.press("alt+w", where=DIALOG, until=window.says(swap=True))
        window.screenshot("match-swapped")
        values = carry_out(window, gimp)
        assert values["method"] == "neural"
        assert values["swap"]
        after = same_as_headless(gimp, original, "green", values, scene)
        assert {name for name in after if after[name] != before[name]} == {"green"}
        take_back(window)
        assert layers(gimp, scene) == before


def test_a_file_and_the_clipboard_are_matched_and_kept(gimp: Gimp, scene: Path) -> None:
    """The look of the file is saved as a preset first, with tags, and is the one of a layer."""
    original, coffee = gimp.scratch / "original.xcf", gimp.scratch / "coffee.png"
    shutil.copy(scene, original)
    preset = gimp.home / "presets" / "coffee.json"
    with Window(gimp, scene) as window:
        window.open_dialog("Match Look of", DIALOG)
        choose_photo(window, DIALOG, coffee)
        window.press("alt+p", where=DIALOG, until=window.there(SAVING))
        window.write("alt+t", "warm, cup", where=SAVING, until=preset.exists, end="alt+s")
        window.wait_until_gone(SAVING)
        window.screenshot("match-file")
        values = carry_out(window, gimp)
        assert Path(values["style_file"]).samefile(coffee)
        same_as_headless(gimp, original, "", values, scene)
        take_back(window)

        pasted = gimp.home / "clipboard.png"
        window.strike(CLEAN, "ctrl+c")
        window.open_dialog("Match Look of", DIALOG)

        def paste() -> None:
            if "told There is no picture in the clipboard: copy one first." in window.told().lines:
                window.strike(CLEAN, "ctrl+c")
            window.strike(DIALOG, "alt+i")

        window.until(lambda: reference(window) == pasted, paste)
        window.screenshot("match-clipboard")
        values = carry_out(window, gimp)
        assert Path(values["style_file"]).samefile(pasted)
        same_as_headless(gimp, original, "", values, scene)
        with Image.open(pasted) as copy, Image.open(gimp.scratch / "astronaut.png") as photo:
            assert copy.convert("RGB").tobytes() == photo.tobytes()

    kept = presetfile.read(preset)
    assert (kept.name, kept.tags) == ("coffee", ("warm", "cup"))
    made = gimp.run_python(
        """
        image, _ = load(args["photo"])
        layer = image.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        result["made"] = call("plug-in-neural-preset-create", image=image, drawables=[layer],
                              name="headless", tags="cup").as_dict()
        """,
        photo=coffee,
    )
    assert made["made"] == {"status": "SUCCESS", "message": ""}
    other = presetfile.read(gimp.home / "presets" / "headless.json")
    assert other.tags == ("cup",)
    assert (other.look, other.colors, other.reference) == (kept.look, kept.colors, kept.reference)


def test_swapping_changes_the_other_image_alone(gimp: Gimp) -> None:
    """Without a window: the same as if the other image had been the one to start from."""
    result = gimp.run_python(
        """
        def pictures():
            made = [new_image(60, 40), new_image(50, 30)]
            write(made[0][1], gradient(60, 40), "R'G'B' u8")
            dark = bytes(value // 2 for value in gradient(50, 30))
            write(made[1][1], dark[1:] + dark[:1], "R'G'B' u8")
            return made

        def match(own, layer, style, **arguments):
            return call("plug-in-neural-preset-transfer", image=own, drawables=[layer],
                        style_layer=style, method="mkl", **arguments).as_dict()

        (here, mine), (there, other) = pictures()
        before = read(mine)
        here.clean_all()
        result["swapped"] = match(here, mine, other, swap=True)
        result["mine stays"] = read(mine) == before and not here.is_dirty()
        result["changed"] = read(other).hex()
        result["new layer"] = match(here, mine, other, swap=True, output="new-layer")
        result["names"] = [layer.get_name() for layer in there.get_layers()]
        (here, mine), (there, other) = pictures()
        result["straight"] = match(there, other, mine)
        result["expected"] = read(other).hex()
        """
    )
    for case in ("swapped", "new layer", "straight"):
        assert result[case] == {"status": "SUCCESS", "message": ""}
    assert result["mine stays"]
    assert result["changed"] == result["expected"]
    assert len(result["names"]) == 2


def test_layers_may_vanish_while_the_dialog_is_open(gimp: Gimp, scene: Path) -> None:
    """The row of a layer that is gone leads to one that is there, or to none: then OK is off.

    One that went while it was chosen is missed by the job.
    """
    result = gimp.run_python(
        """
        from tests.gimp.inside import np_dialogs
        screen = np_dialogs.start_screen()
        image, photo = load(args["path"])
        layers = {each.get_name(): each for each in image.get_layers()}

        def visit(window):
            from gi.repository import Gtk
            (rows,) = (each for each in np_dialogs.parts(window) if isinstance(each, Gtk.TreeView))
            ok = window.get_widget_for_response(Gtk.ResponseType.OK)

            def chosen():
                _, paths = rows.get_selection().get_selected_rows()
                return [path.get_indices()[0] for path in paths], ok.get_sensitive()

            seen = [chosen()]
            for name, row in (("red", 1), ("green", 0)):
                image.remove_layer(layers[name])
                rows.get_selection().unselect_all()
                rows.get_selection().select_path(Gtk.TreePath.new_from_indices([row]))
                seen.append(chosen())
            return seen

        try:
            result["seen"] = np_dialogs.look(
                args["plugin"], "transfer", image, [layers["photo"]], visit
            )
            import filters
            values = {"style-layer": layers["red"], "style-file": None, "swap": False}
            try:
                filters.transfer(filters.Request(image, [layers["photo"]], values, None))
            except filters.InputError as problem:
                result["problem"] = str(problem)
        finally:
            screen.kill()
        """,
        path=scene,
        plugin=gimp.plugin,
        environment={"NO_AT_BRIDGE": "1"},
    )
    assert result["seen"] == [[[0], True], [[0], True], [[], False]]
    assert result["problem"].startswith("The style layer is gone")
