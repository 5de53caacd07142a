"""`neural-preset preset ...`: the user's presets, made, listed, shared."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands import options
from core.commands.console import Console
from core.errors import PresetError

if TYPE_CHECKING:
    from core.presetfile import Preset
    from core.presets import PresetStore

_LUT_SUFFIXES = (".cube", ".png")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the commands under `preset`."""
    group = options.command(commands, "preset", None, "make, list and share presets")
    actions = group.add_subparsers(metavar="ACTION", required=True)

    create = options.command(actions, "create", _create, "make a preset of a photo's look")
    create.add_argument("reference", type=Path, metavar="REFERENCE", help="the photo to learn from")
    create.add_argument("--name", required=True, help="the name of the preset")
    options.add_overwrite(create, "replace your preset of this name")

    listing = options.command(actions, "list", _list, "list all presets")
    listing.add_argument("--json", action="store_true", help="for programs: one JSON array")

    show = options.command(actions, "show", _show, "show what a preset holds")
    show.add_argument("preset", metavar="NAME|FILE")
    show.add_argument("--json", action="store_true", help="for programs: one JSON object")

    rename = options.command(actions, "rename", _rename, "rename one of your presets")
    rename.add_argument("old", metavar="OLD")
    rename.add_argument("new", metavar="NEW")

    tag = options.command(actions, "tag", _tag, "give one of your presets other tags")
    tag.add_argument("name", metavar="NAME")
    tag.add_argument("tags", nargs="*", metavar="TAG", help="its tags from now on; none for none")

    duplicate = options.command(
        actions, "duplicate", _duplicate, "copy a preset, also a built-in one, to your own"
    )
    duplicate.add_argument("name", metavar="NAME")
    duplicate.add_argument("new", nargs="?", metavar="NEW", help="default: NAME with a number")

    delete = options.command(actions, "delete", _delete, "delete presets of yours")
    delete.add_argument("names", nargs="+", metavar="NAME")

    importing = options.command(
        actions, "import", _import, "add a preset file, a .cube file or a HaldCLUT .png"
    )
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--name", help="its name here (default: its own, or the file's)")
    options.add_overwrite(importing, "replace your preset of this name")

    export = options.command(actions, "export", _export, "write a preset file to share")
    export.add_argument("name", metavar="NAME")
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument(
        "--without-picture",
        action="store_true",
        help="leave out the small copy of the reference photo",
    )
    options.add_overwrite(export, "replace FILE if it exists")


def store() -> PresetStore:
    """The user's and the built-in presets."""
    from core.paths import locations
    from core.presets import PresetStore

    places = locations()
    return PresetStore(places.presets, places.builtin)


def find(text: str) -> Preset:
    """The preset of this name or file; a .cube or HaldCLUT .png file becomes a `lut` preset."""
    path = Path(text)
    if path.suffix.lower() in _LUT_SUFFIXES and os.path.isfile(path):
        from core.lutpresets import preset_of_lut

        return preset_of_lut(path, path.stem)
    try:
        return store().get(text)
    except PresetError as error:
        if path.suffix.lower() == ".json" or not os.path.isfile(path):
            raise
        raise PresetError(
            f"{path} is not a preset. If it is a photo whose look you want, use "
            f"neural-preset transfer --style {path}, or make a preset of it first."
        ) from error


def _create(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import Session
    from core.commands.photos import read_picture
    from core.paths import locations

    picture = read_picture(arguments.reference)
    with Session(locations()) as session:
        preset = session.preset_of(picture, arguments.name)
    path = store().add(preset, overwrite=arguments.overwrite)
    console.say(f"{preset.name}: {path}")


def _list(arguments: argparse.Namespace, console: Console) -> None:
    entries = store().list()
    if arguments.json:
        console.say(json.dumps([_entry(entry) for entry in entries], indent=2, ensure_ascii=False))
        return
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        kind = entry.preset.kind if entry.preset else "damaged"
        console.say(f"{entry.name:{width}}  {kind:7}  {'built-in' if entry.builtin else 'yours'}")
        if entry.problem:
            console.warn(f"neural-preset: {entry.path}: {entry.problem}")
    if not entries:
        console.say("There are no presets yet: make one with neural-preset preset create.")


def _entry(entry: Any) -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": entry.preset.kind if entry.preset else None,
        "builtin": entry.builtin,
        "path": str(entry.path),
        "problem": entry.problem,
    }


def _show(arguments: argparse.Namespace, console: Console) -> None:
    preset = find(arguments.preset)
    if arguments.json:
        console.say(json.dumps(preset.to_json(), indent=2, ensure_ascii=False))
        return
    facts = [("name", preset.name), ("kind", preset.kind)]
    if preset.kind == "lut":
        facts.append(("lattice", " x ".join([str(preset.lattice_size)] * 3)))
    else:
        facts.append(("model", preset.model_id))
        facts.append(("picture", "included" if preset.reference else "left out"))
    facts += [
        ("created", preset.created),
        ("author", preset.author),
        ("tags", ", ".join(preset.tags)),
        ("notes", preset.notes),
    ]
    for label, value in facts:
        if value:
            console.say(f"{label:8} {value}")


def _rename(arguments: argparse.Namespace, console: Console) -> None:
    store().rename(arguments.old, arguments.new)
    console.say(f"{arguments.old} is now {arguments.new}")


def _tag(arguments: argparse.Namespace, console: Console) -> None:
    store().retag(arguments.name, arguments.tags)
    tags = ", ".join(arguments.tags)
    console.say(f"{arguments.name} has the tags {tags}" if tags else f"{arguments.name} has no tag")


def _duplicate(arguments: argparse.Namespace, console: Console) -> None:
    made = store().duplicate(arguments.name, arguments.new)
    console.say(f"{arguments.name} is copied to {made.name}")


def _delete(arguments: argparse.Namespace, console: Console) -> None:
    presets = store()
    for name in arguments.names:
        with console.attempt():
            presets.delete(name)
            console.say(f"{name} is deleted")


def _import(arguments: argparse.Namespace, console: Console) -> None:
    path: Path = arguments.file
    if path.suffix.lower() in _LUT_SUFFIXES:
        from core.lutpresets import preset_of_lut

        preset = preset_of_lut(path, arguments.name or path.stem)
        store().add(preset, overwrite=arguments.overwrite)
    elif path.suffix.lower() == ".json":
        preset = store().import_file(path, arguments.name, arguments.overwrite)
    else:
        raise PresetError(
            f"{path} is not a preset: give a preset file (.json), a .cube file or a HaldCLUT .png."
        )
    console.say(f"{preset.name} is imported")


def _export(arguments: argparse.Namespace, console: Console) -> None:
    path = store().export_file(
        arguments.name, arguments.file, arguments.overwrite, arguments.without_picture
    )
    console.say(str(path))
