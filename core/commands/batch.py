"""`neural-preset apply`, `transfer` and `normalize`: one look for many photos."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

from core.commands import options, outputs
from core.commands.console import Console
from core.errors import WeightsError, WorkerError

_HOPELESS = (WorkerError, WeightsError)  # the next photo will hardly fare better
_MOST_WORKER_FAILURES = 2


@dataclass(frozen=True)
class Look:
    """What a batch does to each photo.

    `source` is the protocol's source of the look; strength and intent are percent.
    """

    source: dict[str, Any]
    label: str
    strength: float = 100.0
    intent: float = 0.0
    keep_luminance: bool = False


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the three commands."""
    apply = options.command(
        commands, "apply", _apply, "give photos the look of a preset", _where("PRESET")
    )
    options.add_photos(apply)
    options.add_preset(apply, required=True)
    options.add_look(apply, default_intent=options.PRESET_INTENT)

    transfer = options.command(
        commands,
        "transfer",
        _transfer,
        "give photos the look of another photo",
        _where("REFERENCE"),
    )
    options.add_photos(transfer)
    options.add_style(transfer, required=True)
    options.add_look(transfer, default_intent=options.TRANSFER_INTENT)
    options.add_method(transfer)

    normalize = options.command(
        commands, "normalize", _normalize, "take the look out of photos", _where("normalized")
    )
    options.add_photos(normalize)
    options.add_strength(normalize)


def _where(label: str) -> str:
    return options.WHERE.format(label=label)


def _apply(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import preset_source
    from core.commands.presets import find
    from core.presetfile import slug

    preset = find(arguments.preset)
    _run(arguments, console, _look(arguments, preset_source(preset), slug(preset.name)))


def _transfer(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import reference_source
    from core.commands.strips import read_picture
    from core.presetfile import slug

    source = reference_source(read_picture(arguments.style), arguments.method)
    _run(arguments, console, _look(arguments, source, slug(arguments.style.stem)))


def _normalize(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import normalize_source

    look = Look(normalize_source(), "normalized", strength=arguments.strength)
    _run(arguments, console, look)


def _look(arguments: argparse.Namespace, source: dict[str, Any], label: str) -> Look:
    return Look(source, label, arguments.strength, arguments.intent, arguments.keep_luminance)


def _run(arguments: argparse.Namespace, console: Console, look: Look) -> None:
    """Processes every photo; one that fails is named and the others go on."""
    from core.client import Session
    from core.commands import strips
    from core.paths import locations

    photos = outputs.expand(arguments.photos)
    jobs = outputs.plan(
        photos, look.label, arguments.output, arguments.out_dir, strips.suffix_for
    )
    if arguments.out_dir is not None:
        arguments.out_dir.mkdir(parents=True, exist_ok=True)
    worker_failures = 0
    with Session(locations()) as session:
        for done, job in enumerate(jobs):
            console.progress(done, len(jobs), job.photo.name)
            with console.attempt(job.photo) as attempt:
                outputs.check_free(job.result, arguments.overwrite)
                strips.process(
                    session, job.photo, job.result, look, arguments.overwrite, arguments.quality
                )
                console.say(str(job.result))
            worker_failures += isinstance(attempt.error, _HOPELESS)
            left = len(jobs) - done - 1
            if worker_failures == _MOST_WORKER_FAILURES and left:
                console.warn(f"neural-preset: giving up: {left} more photos were not tried")
                break
