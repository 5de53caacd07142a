"""The presets: the folder that takes new ones, every file, and those that come with the program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.doctor.finding import Finding
from core.doctor.installation import Installation
from core.doctor.program import expected_network, some
from core.doctor.remedies import move_away, permit, renew
from core.phrase import Phrase
from core.presetfile import NEURAL, Preset
from core.presetfolders import Entry, PresetFolders
from core.setup import application


def check(installation: Installation) -> Iterator[Finding]:
    """The folder first: of files that cannot be seen nothing can be said."""
    locations = installation.locations
    nowhere = locations.app / "nowhere"
    obstacle = folder(installation)
    own: list[Entry] = []
    if obstacle is not None:
        yield obstacle
    if obstacle is None or os.access(locations.presets, os.R_OK | os.X_OK):
        own = PresetFolders(locations.presets, nowhere).list()
    yield from of_the_user(installation, own)
    shipped = PresetFolders(nowhere, locations.builtin).list()
    yield from builtin(installation, shipped)
    text = Phrase(
        "Presets: {own} of yours in {folder}, {builtin} built in",
        own=sum(entry.preset is not None for entry in own),
        folder=locations.presets,
        builtin=sum(entry.preset is not None for entry in shipped),
    )
    yield Finding("ok", text)


def folder(installation: Installation) -> Finding | None:
    """What keeps presets from being saved, if anything does."""
    place = installation.locations.presets
    there = next(path for path in (place, *place.parents) if os.path.lexists(path))
    if not there.is_dir():
        text = Phrase("Presets cannot be kept: {path} is not a folder.", path=there)
        return Finding("wrong", text, move_away(installation, there))
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        text = Phrase("Presets cannot be kept in {folder}: it is closed to you.", folder=there)
        return Finding("wrong", text, permit(installation, there))
    return None


def of_the_user(installation: Installation, entries: list[Entry]) -> Iterator[Finding]:
    """Files without use, and presets that today's network cannot use."""
    network = expected_network(installation)
    for entry in entries:
        if entry.problem is not None:
            closed = entry.path.is_file() and not os.access(entry.path, os.R_OK)
            remedy = (permit if closed else move_away)(installation, entry.path)
            yield Finding("wrong", entry.problem, remedy)
        elif entry.preset and not entry.preset.reference and _is_stale(entry.preset, network):
            text = Phrase(
                "The preset “{name}” was made for another network and has no picture from which "
                "it could be made anew: {file}",
                name=entry.name,
                file=entry.path,
            )
            yield Finding("note", text, move_away(installation, entry.path))


def builtin(installation: Installation, entries: list[Entry]) -> Iterator[Finding]:
    """Whether all are there, can be read and belong to the network."""
    place, network = installation.locations.builtin, expected_network(installation)
    for entry in entries:
        if entry.problem is not None:
            yield Finding("wrong", entry.problem, renew(installation))
    noted = application.noted_sums(installation.locations.app) or {}
    wanted = {Path(name).name for name in noted if Path(name).match(f"*/{place.name}/*.json")}
    missing = sorted(wanted - {entry.path.name for entry in entries})
    if missing or not entries:
        text = Phrase(
            "Built-in presets are missing from {folder}: {names}.",
            folder=place,
            names=some(missing) if missing else Phrase("all of them"),
        )
        yield Finding("wrong", text, renew(installation))
    stale = [entry.path.name for entry in entries if _is_stale(entry.preset, network)]
    if stale:
        text = Phrase("Built-in presets were made for another network: {names}.", names=some(stale))
        yield Finding("wrong", text, renew(installation))


def _is_stale(preset: Preset | None, network: str | None) -> bool:
    if preset is None or preset.kind != NEURAL or network is None:
        return False
    return preset.model_sha256 != network
