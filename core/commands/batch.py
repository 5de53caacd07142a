"""`neural-preset apply`, `transfer` and `normalize`: one look for many photos."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from core.commands import options, outputs
from core.commands.console import Console
from core.commands.progress import Progress
from core.commands.work import Job, Look, Outcome, Work

if TYPE_CHECKING:
    from core.commands.cluster import Cluster
    from core.commands.crew import Crew


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the three commands."""
    apply = options.command(
        commands, "apply", _apply, "give photos the look of a preset", _where("PRESET")
    )
    options.add_photos(apply)
    options.add_batch(apply)
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
    options.add_batch(transfer)
    options.add_style(transfer, required=True)
    options.add_look(transfer, default_intent=options.TRANSFER_INTENT)
    options.add_method(transfer)

    normalize = options.command(
        commands, "normalize", _normalize, "take the look out of photos", _where("normalized")
    )
    options.add_photos(normalize)
    options.add_batch(normalize)
    options.add_strength(normalize)


def _where(label: str) -> str:
    return options.WHERE.format(label=label)


def _apply(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import preset_source
    from core.commands.presets import find
    from core.presetfile import slug

    preset = find(arguments.preset)
    _run(arguments, console, _look(arguments, preset_source(preset)), slug(preset.name))


def _transfer(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import reference_source
    from core.commands.photos import read_picture
    from core.presetfile import slug

    source = reference_source(read_picture(arguments.style), arguments.method)
    _run(arguments, console, _look(arguments, source), slug(arguments.style.stem))


def _normalize(arguments: argparse.Namespace, console: Console) -> None:
    from core.client import normalize_source

    look = Look(normalize_source(), strength=arguments.strength)
    _run(arguments, console, look, "normalized")


def _look(arguments: argparse.Namespace, source: dict[str, Any]) -> Look:
    return Look(source, arguments.strength, arguments.intent, arguments.keep_luminance)


def _run(arguments: argparse.Namespace, console: Console, look: Look, label: str) -> None:
    """Processes every photo; one that fails is named and the others go on."""
    from core.commands import photos, resume
    from core.paths import locations

    jobs = outputs.plan(
        outputs.expand(arguments.photos),
        label,
        arguments.output,
        arguments.out_dir,
        photos.suffix_for,
    )
    if arguments.out_dir is not None:
        arguments.out_dir.mkdir(parents=True, exist_ok=True)
    work = Work(look, arguments.overwrite, arguments.quality, not arguments.no_dither)
    notes = resume.Notes(locations().log.parent / resume.FOLDER, work)
    made = notes.made(jobs) if arguments.resume else set()
    left = [job for job in jobs if job not in made]
    if arguments.resume or len(jobs) > 1:
        notes.begin(left)
    if not left:
        for job in jobs:
            console.say(str(job.result))
        return
    progress = Progress(console, len(left))
    with _hands(arguments, left, work, progress.step) as hands:
        _report(console, jobs, made, hands)


@contextmanager
def _hands(
    arguments: argparse.Namespace,
    jobs: Sequence[Job],
    work: Work,
    finished: Callable[[], None],
) -> Iterator[Crew | Cluster]:
    """Whoever does the jobs: the threads of this computer, or a Dask cluster."""
    if arguments.dask is not None:
        from core.commands.cluster import Cluster

        with Cluster(arguments.dask, jobs, work, finished) as cluster:
            yield cluster
        return
    from core.commands import photos
    from core.commands.crew import Crew
    from core.cores import cores
    from core.paths import locations

    threads = min(arguments.jobs or cores(), len(jobs))
    with photos.Sessions(locations()) as sessions:
        do = partial(photos.process, sessions, work)
        with Crew(do, jobs, threads, finished) as crew:
            yield crew


def _report(
    console: Console, jobs: Sequence[Job], made: Collection[Job], hands: Crew | Cluster
) -> None:
    """Names results and failures in the order of the photos, whichever is ready first."""
    outcomes = hands.outcomes()
    untried = 0
    for job in jobs:
        outcome = Outcome() if job in made else next(outcomes)
        if outcome is None:
            untried += 1
            continue
        for line in outcome.remarks:
            named = line if job.photo.name in line else f"{job.photo}: {line}"
            console.warn(f"neural-preset: {named}")
        with console.attempt(job.photo):
            if outcome.error is not None:
                raise outcome.error
            console.say(str(job.result))
    if untried:
        console.warn(f"neural-preset: giving up: {untried} more photos were not tried")
