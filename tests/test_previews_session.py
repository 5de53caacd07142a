"""Previews and drafts as clients ask for them: what travels, how often, and what comes back."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from core.client import (
    MOST_PREVIEWS,
    Picture,
    Session,
    mix_source,
    preset_source,
    reference_source,
    stop_worker,
)
from core.errors import ForgottenError, InputError, PresetError, ProtocolError, WorkerError
from core.locations import Locations
from core.lookrequests import portions, previews_of
from core.presetfile import Preset
from core.process.keeper import Keeper
from core.protocol import LARGEST_MESSAGE, PLACES
from tests.workers import cold_picture, temporary_locations, warm_picture

# A table of two nodes, black and white exchanged.
CORNERS = [(1 - r, 1 - g, 1 - b) for r in (0, 1) for g in (0, 1) for b in (0, 1)]
VALUES = [value for corner in CORNERS for value in corner]
NEGATIVE = Preset("Negative", "lut", lattice_size=2, lattice=struct.pack("<24e", *VALUES))
SHOWN = Picture(2, 1, 4, bytes([0, 100, 255, 7, 10, 20, 30, 0]))
NEGATED = bytes([255, 155, 0, 7, 245, 235, 225, 0])


@pytest.fixture(scope="module")
def places() -> Iterator[Locations]:
    with temporary_locations() as locations:
        yield locations


@pytest.fixture
def session(places: Locations) -> Iterator[Session]:
    with Session(places) as session:
        yield session


class Recorder:
    """Stands for a connection."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def __call__(self, message: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(message)
        return {}


def picture(level: int) -> Picture:
    return Picture(1, 1, 3, bytes([level] * 3))


def test_a_thing_travels_once_until_the_connection_is_new():
    sent = Recorder()
    keeper = Keeper(sent)
    first = keeper.picture(picture(1))
    assert keeper.picture(picture(1)) == first
    assert keeper.picture(None) is None
    source = {"kind": "preset", "preset": {"name": "a"}}
    second = keeper.source(source)
    assert keeper.source(dict(source)) == second != first
    assert [set(message) for message in sent.sent] == [
        {"request", "place", "picture"},
        {"request", "place", "source"},
    ]
    keeper.forget()
    keeper.picture(picture(1))
    assert len(sent.sent) == 3


def test_of_a_mix_the_parts_are_kept_and_the_share_is_not():
    sent = Recorder()
    keeper = Keeper(sent)
    one, other = ({"kind": "preset", "preset": {"name": name}} for name in "ab")
    asked = [keeper.source(mix_source(one, other, share)) for share in (10, 20)]
    assert len(sent.sent) == 2
    assert [each["share"] for each in asked] == [10, 20]
    assert asked[0]["first"] == asked[1]["first"] != asked[0]["second"]


def test_the_place_named_longest_ago_is_used_anew():
    sent = Recorder()
    keeper = Keeper(sent)
    first = keeper.picture(picture(0))
    places = [keeper.picture(picture(level)) for level in range(1, PLACES)]
    assert keeper.picture(picture(0)) == first
    assert keeper.picture(picture(PLACES)) == places[0]
    assert keeper.picture(picture(0)) == first
    assert len(sent.sent) == PLACES + 1


def test_a_worker_that_forgets_for_ever_is_given_up():
    def forget(message: dict[str, Any]) -> dict[str, Any]:
        raise ForgottenError("again")

    keeper = Keeper(forget)
    with pytest.raises(WorkerError, match="several times"):
        keeper.ask(lambda: {"request": "draft"})


def test_what_could_not_be_sent_is_not_taken_to_be_kept():
    class Broken(Recorder):
        def __call__(self, message: dict[str, Any]) -> dict[str, Any]:
            super().__call__(message)
            raise InputError("no")

    broken = Broken()
    keeper = Keeper(broken)
    for _ in range(2):
        with pytest.raises(InputError):
            keeper.picture(picture(1))
    assert len(broken.sent) == 2


def test_portions_keep_the_order_and_fit_into_messages():
    lattice = {"size": 2, "float16": "A" * (LARGEST_MESSAGE // 5)}
    heavy: dict[str, Any] = {"kind": "preset", "preset": {"lattice": lattice}}
    light: dict[str, Any] = {"kind": "normalize"}
    sources = [light, heavy, heavy, heavy, light, light]
    cut = list(portions(sources, 1000))
    assert [source for portion in cut for source in portion] == sources
    assert [portion.count(heavy) for portion in cut] == [2, 1]
    assert [len(portion) for portion in portions([light] * 40, 4 << 20)] == [4] * 10
    assert list(portions([], 1)) == []


@pytest.mark.parametrize("reply", [{}, {"previews": []}, {"previews": [7]}])
def test_an_answer_that_is_none_is_a_broken_protocol(reply):
    with pytest.raises(ProtocolError):
        previews_of(reply, 1)


def test_a_gallery_with_a_look_that_cannot_be_used(session):
    table = preset_source(NEGATIVE)
    damaged = {"kind": "preset", "preset": {**NEGATIVE.to_json(), "lattice": None}}
    sources = [table, damaged, {"kind": "wish"}, reference_source(cold_picture()), table]
    made = session.previews(warm_picture(), SHOWN, sources)
    assert made[0] == made[4] == Picture(2, 1, 4, NEGATED)
    assert isinstance(made[1], str) and "lattice" in made[1]
    assert isinstance(made[2], str)
    assert isinstance(made[3], Picture) and made[3].data[3::4] == SHOWN.data[3::4]
    assert session.previews(warm_picture(), SHOWN, []) == []


def test_the_options_are_used(session):
    table = preset_source(NEGATIVE)
    black = Picture(1, 1, 3, bytes(3))
    gray = Picture(1, 1, 3, bytes([51] * 3))
    assert session.previews(None, black, [table], strength=20) == [gray]
    assert session.previews(None, black, [table], keep_luminance=True) == [black]
    assert session.draft(None, black, table, strength=20) == gray
    assert session.draft(None, black, table, keep_luminance=True) == black
    with pytest.raises(InputError, match="strength"):
        session.previews(None, black, [table], strength=101)
    with pytest.raises(InputError, match="intent"):
        session.draft(None, black, table, intent=-1)


def test_more_than_one_message_of_previews_and_more_than_are_allowed(session):
    black = Picture(1, 1, 3, bytes(3))
    table = preset_source(NEGATIVE)
    mixed = [mix_source(table, table, share) for share in range(MOST_PREVIEWS)]
    assert session.previews(None, black, mixed) == [Picture(1, 1, 3, b"\xff" * 3)] * MOST_PREVIEWS
    with pytest.raises(InputError, match="At most 64"):
        session.previews(None, black, [*mixed, table])


def test_a_mixed_look_is_shown_applied_and_exported_alike(session, tmp_path):
    mixed = mix_source(preset_source(NEGATIVE), reference_source(cold_picture(), "mkl"), 40)
    draft = session.draft(warm_picture(), SHOWN, mixed)
    lut_id = session.look(warm_picture(), mixed)
    pixels = session.pixels(len(SHOWN.data))
    pixels[:] = SHOWN.data
    session.apply(lut_id, 0, 2, 1, "RGBA u8")
    assert max(abs(a - b) for a, b in zip(pixels, draft.data, strict=True)) <= 3
    assert session.export(lut_id, tmp_path / "mixed.cube").is_file()


def test_a_draft_says_what_is_wrong(session):
    with pytest.raises(PresetError):
        session.draft(warm_picture(), SHOWN, {"kind": "preset", "preset": {}})
    with pytest.raises(InputError):
        session.draft(warm_picture(), SHOWN, mix_source(preset_source(NEGATIVE), {}, 50))
    with pytest.raises(InputError, match="depends on the photo"):
        session.draft(None, SHOWN, reference_source(cold_picture()))
    assert session.draft(None, SHOWN, preset_source(NEGATIVE)).data == NEGATED


def test_what_a_worker_kept_is_sent_again_to_the_next(locations):
    with Session(locations) as session:
        table = preset_source(NEGATIVE)
        assert session.draft(warm_picture(), SHOWN, table).data == NEGATED
        assert stop_worker(locations)
        assert session.draft(warm_picture(), SHOWN, table).data == NEGATED
        assert stop_worker(locations)
        made = session.previews(warm_picture(), SHOWN, [table])
        assert made == [Picture(2, 1, 4, NEGATED)]
        session.stop()


def test_a_worker_lost_between_two_things_that_it_was_to_keep(locations, monkeypatch):
    source = reference_source(cold_picture())
    other = Picture(2, 1, 4, NEGATED)
    with Session(locations) as session:
        expected = session.draft(warm_picture(), other, source)
        session._keeper.forget()
        session.draft(warm_picture(), SHOWN, preset_source(NEGATIVE))
        send = session._keeper._send
        lost: list[Any] = []

        def lose_it_once(message: dict[str, Any]) -> dict[str, Any]:
            if not lost:
                lost.append(stop_worker(locations))
            return send(message)

        # The content is known, the picture and the source are not; only their places are in use
        # at the new worker when the request is made.
        monkeypatch.setattr(session._keeper, "_send", lose_it_once)
        draft = session.draft(warm_picture(), other, source)
        assert lost == [True]
        assert max(abs(a - b) for a, b in zip(draft.data, expected.data, strict=True)) <= 1
        session.stop()


def test_a_worker_that_has_dropped_what_it_kept_gets_it_again(session, monkeypatch):
    source = reference_source(cold_picture())
    before = session.draft(warm_picture(), SHOWN, source)
    # As if this connection's places had never been filled.
    session._keeper._held[:] = [(7 - place, held) for place, held in session._keeper._held]
    assert session.draft(warm_picture(), SHOWN, source) == before


def test_a_preset_is_made_of_a_picture_once_for_all(session):
    preset = session.preset_of(cold_picture(), "Kühl", tags=["winter"], notes="From the ice.")
    kept = session.create(cold_picture())
    assert (preset.name, preset.tags, preset.notes) == ("Kühl", ("winter",), "From the ice.")
    assert preset.kind == "neural" and preset.created
    assert preset.model_sha256 == kept["model"]["sha256"]
    assert list(preset.look) == kept["style"]["look"]
    assert preset.reference is not None
    with pytest.raises(PresetError):
        session.preset_of(cold_picture(), "")
    with pytest.raises(InputError, match="transparent"):
        session.preset_of(Picture(1, 1, 4, bytes(4)), "Nothing")


def test_the_worker_refuses_what_does_not_fit_into_an_answer(session):
    large = Picture(1024, 1024, 4, bytes(1024 * 1024 * 4))
    request = {
        "request": "previews",
        "content": None,
        "shown": large.to_json(),
        "sources": [preset_source(NEGATIVE)] * 9,
    }
    with pytest.raises(InputError, match="fit"):
        session._request(request)
    made = session.previews(None, large, [preset_source(NEGATIVE)] * 9)
    assert len(made) == 9 and all(isinstance(each, Picture) for each in made)
