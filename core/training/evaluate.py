"""Evaluates weights: ``python -m core.training.evaluate --photos DIR --looks FILE...``.

On photos and looks that were never trained on: the protocols of `core.training.protocols`, the
figures of `metrics` and `similarity`, for our intents and the methods of others in one run. Needs
scikit-image (the extra `test`); G'MIC's transfers take part where the program `gmic` is installed.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch

from core import model
from core.model import Model
from core.training import discriminator, gmic, looks, metrics, photos, protocols, report, similarity
from core.training.methods import Panel, reference, statistical_peers
from core.training.protocols import SIDE, Case
from core.training.scores import Scores

log = logging.getLogger("evaluate")
SIMILARITIES = ("cross photo", "distance")  # the protocols that the paper's own metrics judge
GOAL = "truth"  # the row of what a perfect method would get there


def evaluate(trained: Model, shot: np.ndarray, lattices: torch.Tensor, cases: int) -> Scores:
    """The quick evaluation: a network against doing nothing and MKL, PSNR and distance alone.

    shot: photos (N, 256, 256, 3) uint8, sRGB-encoded; lattices: looks (M, n, n, n, 3).
    """
    panel = reference()
    panel.add_model(trained)
    return run(protocols.draw(shot, lattices, cases), panel)


def run(
    rounds: Iterable[tuple[Case, ...]],
    panel: Panel,
    judge: similarity.StyleJudge | None = None,
    slow_rounds: int = 0,
) -> Scores:
    """Asks every method every case. Without a judge only PSNR and distance are measured.

    Slow methods see the first `slow_rounds` rounds.
    """
    scores = Scores()
    for number, cases in enumerate(rounds, 1):
        for case in cases:
            for method, output in _outputs(case, panel, number <= slow_rounds):
                figures = _against_truth(output, case.truth, thorough=judge is not None)
                if case.protocol == "distance" and case.style is not None:
                    figures["distance"] = metrics.color_distance(output, case.style)
                scores.add(case.protocol, method, figures | _similarities(output, case, judge))
            if judge and case.protocol in SIMILARITIES and case.truth is not None:
                scores.add(case.protocol, GOAL, _similarities(case.truth, case, judge))
        if number % 16 == 0:
            log.info("%d cases of each protocol", number)
    return scores


def _outputs(case: Case, panel: Panel, with_slow: bool) -> Iterator[tuple[str, np.ndarray]]:
    if case.style is None:
        for name, normaliser in panel.normalisers.items():
            yield name, normaliser(case.content)
        return
    for name, method in panel.methods.items():
        if with_slow or name not in panel.slow:
            yield name, method(case.content, case.style)


def _against_truth(
    output: np.ndarray, truth: np.ndarray | None, thorough: bool
) -> dict[str, float]:
    if truth is None:
        return {}
    figures = {"psnr": metrics.psnr(output, truth)}
    if thorough:
        figures["ciede2000"] = metrics.ciede2000(output, truth)
        figures["ssim"] = metrics.ssim(output, truth)
    return figures


def _similarities(
    output: np.ndarray, case: Case, judge: similarity.StyleJudge | None
) -> dict[str, float]:
    if judge is None or case.style is None or case.protocol not in SIMILARITIES:
        return {}
    return {
        "style": judge.similarity(output, case.style),
        "content": similarity.content_similarity(output, case.content),
    }


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.training.evaluate", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--looks", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--weights", type=Path, help="the shipped ones by default")
    parser.add_argument("--also", type=_named, nargs="+", default=[], metavar="NAME=WEIGHTS",
                        help="other weights to compare with")
    parser.add_argument("--cases", type=int, default=192, help="of every protocol")
    parser.add_argument("--gmic-cases", type=int, metavar="N",
                        help="G'MIC sees the first N cases only; all by default")
    parser.add_argument("--discriminator", type=Path, default=similarity.WEIGHTS, metavar="FILE",
                        help="judges style similarity; the shipped one by default")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures here")
    parser.add_argument("--sheet", type=Path, metavar="OUT.png", help="draw a contact sheet")
    parser.add_argument("--pairs", type=Path, metavar="DIR",
                        help="NAME_content and NAME_style pictures for the sheet")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Prints the table; writes JSON and the contact sheet where asked."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args = options().parse_args(arguments)
    shot, lattices = photos.load(args.photos, SIDE), looks.load(args.looks)
    trained, judge = model.load(args.weights), similarity.load(args.discriminator)
    panel = statistical_peers()
    notes = [] if panel.add_gmic() else [gmic.NOTICE]
    panel.add_model(trained)
    for name, weights in args.also:
        panel.add_model(model.load(weights), name)
    right = discriminator.accuracy(judge.network, shot, lattices)
    share = f"{100 * right:.1f} %"
    notes.append(f"The style discriminator is right on {share} of pairs of these photos and looks.")
    slow = args.cases if args.gmic_cases is None else args.gmic_cases
    scores = run(protocols.draw(shot, lattices, args.cases), panel, judge, slow)
    print(f"{len(shot)} photos, {len(lattices)} looks, {trained.id} {trained.sha256[:12]}\n")
    print(report.table(scores))
    print("\n" + "\n".join(notes))
    if args.json:
        document = {
            "photos": len(shot),
            "looks": len(lattices),
            "weights": {"id": trained.id, "sha256": trained.sha256},
            "discriminator": {"accuracy": right, "training": judge.metadata},
            "notes": notes,
            "protocols": scores.document(),
        }
        args.json.write_text(json.dumps(document, indent=1) + "\n")
    if args.sheet:
        report.sheet(_rows(args, shot, lattices), panel, args.sheet)


def _rows(args: argparse.Namespace, shot: np.ndarray, lattices: torch.Tensor) -> list[report.Row]:
    if args.pairs:
        return report.pairs(args.pairs, SIDE)
    rounds = protocols.draw(shot, lattices, min(args.cases, 12))
    cross = [case for cases in rounds for case in cases if case.protocol == "cross photo"]
    return [(case.content, case.style) for case in cross if case.style is not None]


def _named(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=WEIGHTS")
    return name, Path(path)


if __name__ == "__main__":
    main()
