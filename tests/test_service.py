"""What the worker answers to each request, without a socket in between."""

from __future__ import annotations

import base64
import gc
import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from core import model
from core.errors import InputError, NeuralPresetError, PresetError, UnknownLutError
from core.looks import Looks
from core.lut import Lut
from core.lutfile import read_lut, write_lut
from core.presetfile import Preset
from core.process.pixelmemory import PixelMemory
from core.processor import Processor
from core.protocol import FORMATS
from core.service import Service
from core.visitor import Visitor
from tests.workers import cold_picture, warm_picture

NORMALIZE = {"kind": "normalize"}


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(["cpu"])


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    visitor = Visitor()
    yield visitor
    visitor.detach()


def ask(service: Service, visitor: Visitor, request: str, **fields: Any) -> dict[str, Any]:
    """The reply to a request that has been through JSON, as on the wire."""
    return service.handle(visitor, json.loads(json.dumps({"request": request, **fields})))


def look(service: Service, source: dict[str, Any], **options: Any) -> str:
    content = warm_picture().to_json()
    reply = ask(service, Visitor(), "look", content=content, source=source, **options)
    return reply["lut"]


def reference(method: str = "neural") -> dict[str, Any]:
    return {"kind": "reference", "picture": cold_picture().to_json(), "method": method}


def lut_preset(lut: Lut) -> dict[str, Any]:
    lattice = lut.lattice.astype("<f2").tobytes()
    preset = Preset("Table", "lut", lattice_size=lut.size, lattice=lattice)
    return {"kind": "preset", "preset": preset.to_json()}


def attach(service: Service, visitor: Visitor, pixels: np.ndarray) -> PixelMemory:
    """Memory that still has its descriptor, as `mapped` needs it."""
    memory = PixelMemory(pixels.nbytes)
    memory.view[:] = pixels.tobytes()
    visitor.descriptors.append(os.dup(memory.descriptor))
    ask(service, visitor, "attach", size=memory.size)
    assert visitor.descriptors == []
    return memory


def exported(service: Service, lut_id: str, path: Any) -> np.ndarray:
    ask(service, Visitor(), "export", lut=lut_id, path=str(path), overwrite=True)
    return read_lut(path).lattice


@pytest.mark.parametrize(
    "source", [reference(), reference("mkl"), NORMALIZE], ids=["neural", "mkl", "normalize"]
)
def test_every_source_gives_a_look_and_the_same_question_the_same_one(service, source, tmp_path):
    lut_id = look(service, source)
    assert look(service, source) == lut_id
    assert look(service, source, strength=50) != lut_id
    lattice = exported(service, lut_id, tmp_path / "look.cube")
    assert np.abs(lattice - Lut.identity(len(lattice)).lattice).max() > 0.01


def test_strength_and_intent_are_percent(service):
    reply = ask(
        service,
        Visitor(),
        "look",
        content=warm_picture().to_json(),
        source=reference(),
        strength=0,
    )
    assert reply["identity"] is True
    look_intent, colors_intent, between = (
        look(service, reference(), intent=percent) for percent in (0, 100, 50)
    )
    colors = np.random.default_rng(0).random((500, 3), dtype=np.float32)
    ends = [service._looks.get(lut_id)(colors) for lut_id in (look_intent, colors_intent)]
    assert not np.allclose(ends[0], ends[1], atol=1e-3)
    middle = service._looks.get(between)(colors)
    # Each is off by less than half a level of 255: see bake_accurately.
    np.testing.assert_allclose(middle, (ends[0] + ends[1]) / 2, atol=1 / 255)


def test_what_create_keeps_is_the_look_of_its_picture(service):
    kept = ask(service, Visitor(), "create", picture=cold_picture().to_json())
    about = service.describe()
    assert kept["model"] == {"id": about["model"], "sha256": about["sha256"]}
    preset = Preset(
        "Cold",
        "neural",
        model_id=kept["model"]["id"],
        model_sha256=kept["model"]["sha256"],
        look=tuple(kept["style"]["look"]),
        colors=tuple(kept["style"]["colors"]),
        reference=base64.b64decode(kept["reference"]),
    )
    by_preset = look(service, {"kind": "preset", "preset": preset.to_json()})
    by_picture = look(service, reference())
    difference = service._looks.get(by_preset).lattice - service._looks.get(by_picture).lattice
    # The preset's picture is a JPEG of the thumbnail: nearly the same, not the same.
    assert np.abs(difference).mean() < 0.02


def test_a_preset_that_is_a_table_needs_no_content(service):
    swap = Lut(np.ascontiguousarray(Lut.identity(9).lattice[..., ::-1]))
    reply = ask(service, Visitor(), "look", content=None, source=lut_preset(swap))
    np.testing.assert_allclose(service._looks.get(reply["lut"]).lattice, swap.lattice, atol=1e-3)
    with pytest.raises(InputError, match="depends on the photo"):
        ask(service, Visitor(), "look", content=None, source=reference())


@pytest.mark.parametrize("name", FORMATS)
def test_apply_changes_the_strip_it_names_as_the_look_says_and_nothing_else(service, visitor, name):
    form = FORMATS[name]
    largest = 1.0 if form.dtype == "float32" else np.iinfo(form.dtype).max
    values = np.random.default_rng(7).random((9, 5, form.channels)) * largest
    pixels = values.astype(form.dtype)
    memory = attach(service, visitor, pixels)
    lut_id = look(service, reference("mkl"))
    offset = 2 * 5 * form.pixel_bytes
    strip = {"offset": offset, "width": 5, "rows": 4, "format": name, "x": -3, "y": 2}
    assert ask(service, visitor, "apply", lut=lut_id, **strip) == {}
    expected = pixels.copy()
    Processor(service._looks.get(lut_id)).apply(expected[2:6], x=-3, y=2)
    got = np.frombuffer(memory.view, form.dtype).reshape(pixels.shape)
    np.testing.assert_array_equal(got, expected)
    assert not np.array_equal(got[2:6, :, :3], pixels[2:6, :, :3])
    del got
    memory.close()


def test_a_strip_can_do_without_dithering(service, visitor):
    pixels = np.random.default_rng(7).integers(0, 256, (9, 5, 3), np.uint8)
    memory = attach(service, visitor, pixels)
    lut_id = look(service, reference("mkl"))
    strip = {"offset": 0, "width": 5, "rows": 9, "format": "RGB u8", "dither": False}
    ask(service, visitor, "apply", lut=lut_id, **strip)
    expected = pixels.copy()
    Processor(service._looks.get(lut_id)).apply(expected, dither=False)
    assert bytes(memory.view) == expected.tobytes()
    memory.close()


@pytest.mark.parametrize(
    "change",
    [
        {"offset": -4},
        {"offset": 4},
        {"offset": 1, "rows": 1},
        {"rows": 0},
        {"rows": 5},
        {"rows": 2**62, "width": 2**62},
        {"width": 0},
        {"width": 2.0},
        {"width": True},
        {"format": "RGB half"},
        {"format": None},
        {"lut": 7},
        {"x": 0.5},
        {"dither": 1},
    ],
    ids=str,
)
def test_a_strip_outside_the_pixels_or_of_no_format_changes_nothing(service, visitor, change):
    pixels = np.full((4, 4, 3), 0.25, np.float32)
    memory = attach(service, visitor, pixels)
    strip = {"lut": look(service, NORMALIZE), "offset": 0, "width": 4, "rows": 4}
    with pytest.raises(InputError):
        ask(service, visitor, "apply", **{**strip, "format": "RGB f32", **change})
    assert bytes(memory.view) == pixels.tobytes()
    memory.close()


def test_apply_needs_pixels_and_a_look_that_is_known(service, visitor):
    strip = {"offset": 0, "width": 1, "rows": 1, "format": "RGB u8"}
    with pytest.raises(InputError, match="attach"):
        ask(service, visitor, "apply", lut=look(service, NORMALIZE), **strip)
    memory = attach(service, visitor, np.zeros((1, 1, 3), np.uint8))
    with pytest.raises(UnknownLutError):
        ask(service, visitor, "apply", lut="long forgotten", **strip)
    memory.close()


def test_pixels_may_come_in_a_file_that_the_client_names(service, visitor):
    memory = PixelMemory(3, named=True)
    memory.view[:] = b"abc"
    ask(service, visitor, "attach", path=str(memory.path), size=3)
    with visitor.pixels.shared(0, 3):
        assert visitor.pixels.map[:] == b"abc"
    memory.close()


def mapped(memory: PixelMemory) -> int:
    """How often this process maps that memory; once by the client's end itself."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return sum(f" {os.fstat(memory.descriptor).st_ino} " in line for line in maps)


def test_pixels_are_unmapped_when_others_come_after_an_error_and_at_the_end(service, visitor):
    gc.disable()
    try:
        first = attach(service, visitor, np.zeros((64, 64, 4), np.uint8))
        assert mapped(first) == 2
        strip = {"offset": 0, "width": 64, "rows": 64, "format": "RGBA u8"}
        ask(service, visitor, "apply", lut=look(service, reference("mkl")), **strip)
        with pytest.raises(NeuralPresetError):
            ask(service, visitor, "apply", lut=look(service, NORMALIZE), **{**strip, "rows": 65})
        second = attach(service, visitor, np.zeros((8, 8, 4), np.uint8))
        assert (mapped(first), mapped(second)) == (1, 2)
        visitor.detach()
        assert (mapped(first), mapped(second)) == (1, 1)
    finally:
        gc.enable()
    first.close()
    second.close()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"content": None, "source": None},
        {"content": 7, "source": NORMALIZE},
        {"content": {"width": 1}, "source": NORMALIZE},
        {"source": {"kind": "wish"}},
        {"source": {"kind": "reference"}},
        {"source": {"kind": "reference", "method": "magic", "picture": warm_picture().to_json()}},
        {"source": NORMALIZE, "strength": 101},
        {"source": NORMALIZE, "strength": "all"},
        {"source": NORMALIZE, "intent": -1},
        {"source": NORMALIZE, "keep_luminance": 1},
    ],
    ids=str,
)
def test_a_look_that_makes_no_sense_is_refused(service, fields):
    with pytest.raises(InputError):
        ask(service, Visitor(), "look", **{"content": warm_picture().to_json(), **fields})


def test_a_damaged_preset_is_refused_as_such(service):
    with pytest.raises(PresetError):
        look(service, {"kind": "preset", "preset": {"format": "neural-preset", "version": 1}})
    with pytest.raises(PresetError):
        look(service, {"kind": "preset"})


@pytest.mark.parametrize("name", ["preview", "_look", "", None, 3, ["look"], {"a": 1}])
def test_an_unknown_request_is_refused(service, name):
    with pytest.raises(InputError):
        service.handle(Visitor(), {"request": name})


def test_export_writes_the_look_and_overwrites_only_when_told(service, tmp_path):
    lut_id = look(service, reference("mkl"))
    path = tmp_path / "look.cube"
    file = {"lut": lut_id, "path": str(path), "size": 17, "title": "Kühl"}
    assert ask(service, Visitor(), "export", **file) == {"path": str(path)}
    assert read_lut(path).size == 17
    with pytest.raises(InputError, match=r"look\.cube"):
        ask(service, Visitor(), "export", **file)
    ask(service, Visitor(), "export", **{**file, "size": None, "overwrite": True})
    expected = np.clip(service._looks.get(lut_id).lattice, 0, 1)
    np.testing.assert_allclose(read_lut(path).lattice, expected, atol=1e-5)
    with pytest.raises(InputError, match="full path"):
        ask(service, Visitor(), "export", lut=lut_id, path="look.cube")


def test_import_makes_a_preset_of_a_lut_file(service, tmp_path):
    write_lut(tmp_path / "warm.cube", Lut.identity(9), 9)
    reply = ask(service, Visitor(), "import", path=str(tmp_path / "warm.cube"), name="Warm film")
    preset = Preset.from_json(reply["preset"])
    assert (preset.name, preset.kind, preset.lattice_size) == ("Warm film", "lut", 9)
    for path, problem in [("warm.cube", "full path"), (str(tmp_path / "no.cube"), "no file")]:
        with pytest.raises(InputError, match=problem):
            ask(service, Visitor(), "import", path=path, name="Warm film")


def test_connections_that_work_at_the_same_time_get_their_own_pixels_done(service):
    looks = [look(service, source) for source in (reference(), reference("mkl"), NORMALIZE)] * 2
    pixels = np.random.default_rng(3).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    failures: list[BaseException] = []

    def work(lut_id: str) -> None:
        visitor = Visitor()
        try:
            expected = pixels.copy()
            Processor(service._looks.get(lut_id)).apply(expected)
            memory = attach(service, visitor, pixels)
            strip = {"width": 64, "rows": 16, "format": "RGB u8"}
            for top in range(0, 64, 16):
                start = top * 64 * 3
                ask(service, visitor, "apply", lut=lut_id, offset=start, y=top, **strip)
            assert bytes(memory.view) == expected.tobytes()
            memory.close()
        except BaseException as error:
            failures.append(error)
        finally:
            visitor.detach()

    threads = [threading.Thread(target=work, args=(lut_id,)) for lut_id in looks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_torch_leaves_the_other_cores_to_the_pixels(service):
    assert service._think(lambda _looks: torch.get_num_threads()) == 1


def test_the_cpu_goes_on_where_another_device_does_not_work(caplog):
    # No computer has a hundredth GPU; one without CUDA fails differently.
    service = Service(["cpu", "cuda:99"])
    before = look(service, NORMALIZE)
    service.placing.join(120)
    assert service.describe()["device"] == service.describe()["lattices"] == "cpu"
    assert "cannot run on cpu, cuda:99" in caplog.text
    assert look(service, NORMALIZE) == before


def test_other_devices_are_tried_after_the_first_answer_and_nothing_is_forgotten(caplog):
    caplog.set_level("INFO")
    service = Service(["cpu", "cpu:0"])  # by another name the same, but torch does not mind
    first = service._looks.model
    assert service.placing.is_alive()
    lut_id = look(service, NORMALIZE)
    lattice = service.handle(Visitor(), {"request": "lattice", "lut": lut_id})
    service.placing.join(120)
    assert "encoder on cpu" in caplog.text and service._looks.model is not first
    assert service.handle(Visitor(), {"request": "lattice", "lut": lut_id}) == lattice
    assert look(service, reference()) == look(Service(), reference())


def test_the_cpu_takes_over_where_a_gpu_runs_out_of_memory(caplog):
    class Full(model.Model):
        def codes_of(self, thumbnails):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    usual = model.load()
    full = Full(usual.network, usual.id, usual.sha256, "cpu")
    full.device = "cuda"
    service = Service(["cpu"])
    service._looks = Looks(full)
    assert service.describe()["device"] == "cuda"
    lut_id = look(service, reference())
    assert service.describe()["device"] == "cpu"
    assert "the GPU fails (CUDA out of memory" in caplog.text
    assert look(Service(["cpu"]), reference()) == lut_id
