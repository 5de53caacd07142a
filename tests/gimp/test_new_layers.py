"""New layers are what the layers themselves would become, to the last bit, and like them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.faults.in_gimp.desk import EXACT
from tests.gimp.harness import Gimp


def test_a_new_layer_has_the_pixels_that_the_layer_would_get(gimp: Gimp) -> None:
    """Whatever the precision, the selection, the alpha lock, and where the layer lies."""
    result = gimp.run_python(
        """
        import itertools, random, sys
        sys.path.insert(0, args["plugin"])
        import buffers, output
        from layers import targets

        def select(image, how):
            if how != "nothing":
                image.select_ellipse(Gimp.ChannelOps.REPLACE, 20, 10, 70, 60)
            if how == "feathered":
                Gimp.Selection.feather(image, 12.0)

        buffers.start()
        precisions = ("U8_NON_LINEAR", "U16_LINEAR", "FLOAT_PERCEPTUAL", "DOUBLE_NON_LINEAR")
        hows, locks = ("nothing", "sharp", "feathered"), (None, False, True)
        adobe = Gimp.ColorProfile.new_rgb_adobe()
        for case in itertools.product(precisions, hows, locks):
            precision, how, lock = case
            alpha, profile = lock is not None, adobe if how == "feathered" else None
            image, layer = new_image(120, 90, precision=precision, alpha=alpha, profile=profile)
            write(layer, gradient(120, 90, 4), "R'G'B'A u8")
            layer.set_offsets(-10, 7)
            layer.set_lock_alpha(bool(lock))
            select(image, how)
            before = read(layer)
            chosen = targets(image, [layer], copy=True)
            area, shadow = chosen[0].area, layer.get_shadow_buffer()
            colors = random.Random(1).randbytes(area.width * area.height * 4)
            shadow.set(area.rectangle, "R'G'B'A u8", colors)
            shadow.flush()
            output.add(image, chosen, "new")
            kept = read(layer) == before
            output.change(image, chosen)
            new, changed = map(read, image.get_layers())
            result[str(case)] = [kept, changed != before, new == changed]
            image.delete()
        result["images"] = [not Gimp.get_images()]
        """,
        environment=EXACT,
        plugin=gimp.plugin,
    )
    assert len(result) == 37
    assert {name: good for name, good in result.items() if not all(good)} == {}


ALIKE = """
    def about(layer):
        mask = layer.get_mask()
        effects = [
            (each.get_operation_name(), each.get_name(), each.get_visible(), each.get_opacity())
            for each in layer.get_filters()
        ]
        return [
            list(layer.get_offsets())[1:], layer.get_opacity(), int(layer.get_mode()),
            int(layer.get_blend_space()), int(layer.get_composite_space()),
            int(layer.get_composite_mode()), layer.get_visible(), layer.get_lock_alpha(),
            layer.get_lock_position(), layer.get_lock_visibility(), int(layer.get_color_tag()),
            layer.get_parasite_list(), read(mask).hex(), layer.get_apply_mask(),
            layer.get_show_mask(), layer.get_edit_mask(), effects,
        ]

    image, layer = new_image(60, 40, alpha=True)
    write(layer, gradient(60, 40, 4), "R'G'B'A u8")
    layer.set_name("Photo")
    layer.set_opacity(40.0)
    layer.set_mode(Gimp.LayerMode.MULTIPLY)
    layer.set_blend_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)
    layer.set_composite_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)
    layer.set_composite_mode(Gimp.LayerCompositeMode.CLIP_TO_LAYER)
    layer.set_color_tag(Gimp.ColorTag.RED)
    layer.attach_parasite(Gimp.Parasite.new("mine", 1, b"data"))
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.ALPHA))
    layer.set_apply_mask(False)
    layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:gaussian-blur", "my blur"))
    layer.set_visible(False)
    for lock in ("alpha", "content", "position", "visibility"):
        getattr(layer, f"set_lock_{lock}")(True)
    before = read(layer)
    for strength in (100, 0):
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                       preset="sepia", output="new-layer", strength=strength)
        assert outcome.ok, outcome
    *copies, _ = image.get_layers()
    result["alike"] = [about(each) == about(layer) for each in copies]
    result["names"] = [each.get_name() for each in image.get_layers()]
    result["locked"] = [each.get_lock_content() for each in image.get_layers()]
    result["changed"] = [read(each) != before for each in image.get_layers()]
"""


def test_a_new_layer_is_like_its_original_but_for_the_pixels(gimp: Gimp) -> None:
    """Also where nothing is to change."""
    result = gimp.run_python(ALIKE)
    name = "Photo – Sepia"  # noqa: RUF001
    assert result["alike"] == [True, True]
    assert result["names"] == [name, f"{name} #1", "Photo"]
    assert result["locked"] == [False, False, True]
    assert result["changed"] == [True, False, False]


DRAWN = """
    image, base = new_image(120, 90)
    write(base, gradient(120, 90), "R'G'B' u8")
    photo = Gio.File.new_for_path(f"{args['folder']}/linked.png")
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, photo, None)
    path = Gimp.Path.new(image, "triangle")
    image.insert_path(path, None, 0)
    corners = [corner for corner in ((10, 10), (80, 10), (40, 60)) for _ in range(3)]
    path.stroke_new_from_points(
        Gimp.PathStrokeType.BEZIER, [float(part) for corner in corners for part in corner], True)
    for layer in (Gimp.VectorLayer.new(image, path), Gimp.LinkLayer.new(image, photo)):
        image.insert_layer(layer, None, 0)
    drawn = image.get_layers()[:2]
    before = [read(each) for each in drawn]
    outcome = call("plug-in-neural-preset-transfer", image=image, drawables=drawn,
                   style_file=args["style"], output="new-layer", intent=100.0)
    assert outcome.ok, outcome
    made = [read(each) for each in image.get_layers()]
    file = Gio.File.new_for_path(f"{args['folder']}/drawn.xcf")
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
    loaded, _ = load(file.get_path())
    result["kept"] = [read(each) for each in loaded.get_layers()] == made
    result["changed"] = [made[0] != before[0], made[2] != before[1]]
    result["same"] = [made[1] == before[0], made[3] == before[1]]
"""


@pytest.mark.parametrize("bare_gimp", ["3.2"], indirect=True)
def test_what_gimp_draws_itself_is_not_drawn_again_over_the_new_pixels(gimp: Gimp) -> None:
    """Layers of paths and links, which GIMP 3.0 does not have."""
    style = gimp.scratch / "drawn-style.png"
    Image.fromarray(np.random.default_rng(1).integers(90, 160, (64, 64, 3), np.uint8)).save(style)
    result = gimp.run_python(DRAWN, folder=gimp.scratch, style=style)
    assert result == {"kept": True, "changed": [True, True], "same": [True, True]}


MEANWHILE = """
    import sys
    sys.path.insert(0, args["plugin"])
    import buffers, output
    from layers import targets
    from core.errors import NeuralPresetError

    buffers.start()

    def trial(happens, copy):
        image, layer = new_image(60, 40)
        second = add_layer(image, 60, 40)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 20, 20)
        chosen = targets(image, [layer, second], copy)
        for each in chosen:
            shadow = each.layer.get_shadow_buffer()
            shadow.set(each.area.rectangle, "R'G'B' u8", bytes(20 * 20 * 3))
            shadow.flush()
        happens(image, second)
        before = [[each.get_id(), read(each).hex()] for each in image.get_layers()]
        try:
            output.add(image, chosen, "new") if copy else output.change(image, chosen)
            told = ""
        except NeuralPresetError as error:
            told = str(error)
        after = [[each.get_id(), read(each).hex()] for each in image.get_layers()]
        strays = len(Gimp.get_images()) - 1
        image.delete()
        return [told, after == before, strays]

    happenings = {
        "nothing": lambda image, layer: None,
        "select all": lambda image, layer: Gimp.Selection.all(image),
        "select elsewhere": lambda image, layer: image.select_rectangle(
            Gimp.ChannelOps.REPLACE, 10, 19, 20, 20),
        "move": lambda image, layer: layer.set_offsets(-5, -5),
        "remove": lambda image, layer: image.remove_layer(layer),
    }
    for name, happens in happenings.items():
        for copy in (False, True):
            result[f"{name} {copy}"] = trial(happens, copy)

    def locked(image, layer):
        layer.set_lock_content(True)

    result["lock"] = trial(locked, False)[:1]
    insert = Gimp.Image.insert_layer
    def refused(image, layer, parent, position):
        if layer.get_name() == args["refused"]:
            return False
        return insert(image, layer, parent, position)
    Gimp.Image.insert_layer = refused
    result["refused"] = trial(happenings["nothing"], True)
"""


def test_what_changes_meanwhile_damages_nothing(gimp: Gimp) -> None:
    """Pixels are made for an area: after another is selected, the rest of it would be black."""
    name = "layer #1 – new"  # noqa: RUF001
    result = gimp.run_python(MEANWHILE, plugin=gimp.plugin, refused=name)
    for name in ("nothing False", "nothing True"):
        assert result.pop(name) == ["", False, 0]
    lock, refused = result.pop("lock"), result.pop("refused")
    assert lock == ["GIMP refused to change the layer “layer #1”."]
    assert refused == ["GIMP did not take a new layer above “layer #1”.", True, 0]
    assert len(result) == 8
    for told, kept, strays in result.values():
        assert "changed meanwhile" in told and kept and not strays, result
