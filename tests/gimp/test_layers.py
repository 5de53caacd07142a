"""What of a layer changes: the selection, several layers, new layers; and all that stays."""

from __future__ import annotations

from tests.gimp.harness import Gimp


def test_only_selected_pixels_change(gimp: Gimp) -> None:
    """Also softly at a feathered edge, on a layer that lies beside the image's corner."""
    result = gimp.run_python(
        """
        def changed(select):
            image, layer = new_image(120, 90)
            layer.set_offsets(-10, 7)
            write(layer, gradient(120, 90), "R'G'B' u8")
            before = read(layer)
            if select:
                image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 30, 60, 40)
                Gimp.Selection.feather(image, 12.0)
            outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                           preset="Sepia")
            assert outcome.ok, outcome
            mask = read(image.get_selection(), "Y u8")
            return before, read(layer), mask

        before, whole, _ = changed(False)
        _, part, mask = changed(True)
        counts = {"out": 0, "full": 0, "soft": 0, "wrong": 0, "blend": 0}
        for y in range(90):
            for x in range(120):
                left, top = x - 10, y + 7
                inside = 0 <= left < 120 and 0 <= top < 90
                weight = mask[top * 120 + left] if inside else 0
                where = slice((y * 120 + x) * 3, (y * 120 + x) * 3 + 3)
                b, w, p = before[where], whole[where], part[where]
                if weight == 0:
                    counts["out"] += 1
                    counts["wrong"] += b != p
                elif weight == 255:
                    counts["full"] += 1
                    counts["wrong"] += any(abs(i - j) > 1 for i, j in zip(w, p))
                else:
                    counts["soft"] += 1
                    counts["wrong"] += any(
                        not min(i, j) - 1 <= k <= max(i, j) + 1 for i, j, k in zip(b, w, p)
                    )
                    counts["blend"] += p != b and p != w
        result.update(counts)
        """
    )
    assert result["wrong"] == 0
    assert result["out"] > 3000
    assert result["full"] > 100
    assert result["soft"] > 500
    assert result["blend"] > 100


def test_layers_keep_what_is_not_color(gimp: Gimp) -> None:
    """Alpha, with and without its lock; a hidden layer and one with a mask change too."""
    result = gimp.run_python(
        """
        image, layer = new_image(64, 48, alpha=True)
        for lock in (False, True):
            write(layer, gradient(64, 48, 4), "R'G'B'A u8")
            layer.set_lock_alpha(lock)
            layer.set_visible(False)
            before = read(layer)
            outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer],
                           preset="Sepia")
            after = read(layer)
            result[f"lock {lock}"] = [outcome.ok, after[3::4] == before[3::4], after != before]
        mask = layer.create_mask(Gimp.AddMaskType.ALPHA)
        layer.add_mask(mask)
        before, masked = read(layer), read(mask)
        outcome = call("plug-in-neural-preset-normalize", image=image, drawables=[layer])
        result["mask"] = [outcome.ok, read(mask) == masked, read(layer) != before]
        """
    )
    assert set(map(tuple, result.values())) == {(True, True, True)}


def test_each_of_several_layers_is_judged_by_its_own_picture(gimp: Gimp) -> None:
    result = gimp.run_python(
        """
        def layers(order):
            image, first = new_image(80, 60)
            write(first, gradient(80, 60), "R'G'B' u8")
            second = add_layer(image, 50, 40, name="dark")
            write(second, bytes(value // 4 for value in gradient(50, 40)), "R'G'B' u8")
            group = Gimp.GroupLayer.new(image, "group")
            image.insert_layer(group, None, 0)
            image.reorder_item(second, group, 0)
            for chosen in order([first, second]):
                outcome = call("plug-in-neural-preset-apply", image=image, drawables=chosen,
                               preset="Golden hour")
                assert outcome.ok, outcome
            return [read(first).hex(), read(second).hex()]

        result["together"] = layers(lambda both: [both])
        result["alone"] = layers(lambda both: [[each] for each in both])
        result["twice named"] = layers(lambda both: [[*both, both[0]]])
        """
    )
    assert result["together"] == result["alone"]
    assert result["together"] == result["twice named"]


def test_new_layers_lie_above_the_originals(gimp: Gimp) -> None:
    """Same place, opacity and mode; the selection holds for them too; a lock does not hinder."""
    result = gimp.run_python(
        """
        image, layer = new_image(80, 60)
        write(layer, gradient(80, 60), "R'G'B' u8")
        layer.set_name("Photo")
        layer.set_opacity(40.0)
        layer.set_mode(Gimp.LayerMode.MULTIPLY)
        layer.set_offsets(5, 6)
        layer.set_lock_content(True)
        group = Gimp.GroupLayer.new(image, "group")
        image.insert_layer(group, None, 0)
        inner = Gimp.Layer.new(image, "Inner", 20, 20, Gimp.ImageType.RGBA_IMAGE, 100.0,
                               Gimp.LayerMode.NORMAL)
        image.insert_layer(inner, group, 0)
        write(inner, gradient(20, 20, 4), "R'G'B'A u8")
        before = [read(layer), read(inner)]
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 5, 6, 40, 60)
        outcome = call("plug-in-neural-preset-apply", image=image, drawables=[layer, inner],
                       preset="sepia", output="new-layer")
        result["status"] = outcome.as_dict()
        result["kept"] = [read(layer), read(inner)] == before
        result["tree"] = [
            [each.get_name() for each in image.get_layers()],
            [each.get_name() for each in group.get_children()],
        ]
        copy = image.get_layers()[1]
        result["same"] = [
            copy.get_opacity(), copy.get_mode() == layer.get_mode(), list(copy.get_offsets())[1:],
        ]
        result["selected"] = sorted(each.get_name() for each in image.get_selected_layers())
        made = read(copy)
        row = 30 * 80 * 3
        result["half"] = [
            made[row:row + 120] != before[0][row:row + 120],
            made[row + 120:row + 240] == before[0][row + 120:row + 240],
        ]
        """
    )
    assert result["status"] == {"status": "SUCCESS", "message": ""}
    assert result["kept"]
    names = ["Photo – Sepia", "Inner – Sepia"]  # noqa: RUF001
    assert result["tree"] == [["group", names[0], "Photo"], [names[1], "Inner"]]
    assert result["same"] == [40, True, [5, 6]]
    assert result["selected"] == sorted(names)
    assert result["half"] == [True, True]
