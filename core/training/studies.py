"""The paper's studies at a small, equal budget: ``python -m core.training.studies``.

Trains one small network for each row of `STUDIES` (those of arXiv 2303.13511: the width k, L_con,
one stage or two; and ours: the linear or the non-linear mapping, one intent or two, colour
statistics), evaluates each on photos and looks it never saw, and prints the table that is in the
model card. A study that was already run is read back, so the command can go on where it stopped.
`--plot` draws the studies of k as curves (needs matplotlib, of the extra `test`).
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from core import model
from core.training import evaluate, looks, photos, train

STUDIES: dict[str, list[str]] = {
    **{f"k = {k}": ["--k", str(k)] for k in (2, 4, 8, 16, 32)},
    **{f"k = {k}, linear": ["--k", str(k), "--linear"] for k in (2, 4, 8, 16, 32)},
    "without L_con": ["--recipe", "no-consistency"],
    "one stage": ["--one-stage"],
    "one intent (the paper's losses)": ["--recipe", "paper"],
    "without colour statistics": ["--no-statistics"],
}
COLUMNS = (
    ("same photo", "colors"),
    ("distance", "colors"),
    ("cross photo", "look"),
    ("re-grade", "look"),
    ("normalise", "ours"),
)


def main(arguments: list[str] | None = None) -> None:
    """Trains and evaluates what is missing, then prints the table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m core.training.studies", description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--looks", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--dev-photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--dev-looks", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, help="directory of all studies")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--cases", type=int, default=96)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draws the curves over k there")
    args = parser.parse_args(arguments)
    common = ["--photos", *args.photos, "--looks", *args.looks, "--cache", args.out / "cache",
              "--steps", args.steps, "--batch", args.batch, "--side", args.side]
    # Judged at the size it was trained at: so short a training does not carry over to another.
    shot = photos.load(args.dev_photos, args.side)
    lattices = looks.load(args.dev_looks)
    rows: dict[str, dict] = {}
    for number, (name, variant) in enumerate(STUDIES.items()):
        folder = args.out / f"{number:02d}"
        result = folder / "table.json"
        if not result.exists():
            train.main([str(part) for part in (*common, "--out", folder, *variant)])
            trained = model.load(folder / "weights.safetensors")
            scores = evaluate.evaluate(trained, shot, lattices, args.cases)
            result.write_text(json.dumps(scores.summary()))
        rows[name] = json.loads(result.read_text())
    print(table(rows))
    if args.plot:
        plot(rows, args.plot)


def table(rows: dict[str, dict]) -> str:
    """Markdown: a line for each study, beside doing nothing and MKL; dB, and distance x 1000."""
    lines = ["| | " + " | ".join(protocol for protocol, _ in COLUMNS) + " |"]
    lines.append("|---" * (len(COLUMNS) + 1) + "|")
    first = next(iter(rows.values()))
    shown: list[tuple[str, dict, str | None]] = [(name, row, None) for name, row in rows.items()]
    shown += [("doing nothing", first, "nothing"), ("MKL", first, "MKL")]
    for name, row, fixed in shown:
        values = (row[protocol].get(fixed or method) for protocol, method in COLUMNS)
        cells = [f"{value['mean']:.2f}" if value else "" for value in values]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(rows: dict[str, dict], path: Path) -> None:
    """Curves over k of both mappings, with MKL or doing nothing as a line."""
    from matplotlib.figure import Figure

    shown = (("same photo", "colors", "MKL"), ("cross photo", "look", "nothing"))
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.subplots(1, len(shown))
    for axis, (protocol, method, floor) in zip(axes, shown, strict=True):
        for kind, ending in (("non-linear", ""), ("linear (the paper's formula)", ", linear")):
            found = {
                int(match[1]): row[protocol][method]["mean"]
                for name, row in rows.items()
                if (match := re.fullmatch(rf"k = (\d+){ending}", name))
            }
            axis.plot(list(found), list(found.values()), marker="o", label=kind)
        reference = next(iter(rows.values()))[protocol][floor]["mean"]
        axis.axhline(reference, color="gray", linestyle="--", label=floor)
        axis.set(title=f"{protocol} ({method})", xlabel="k", ylabel="PSNR, dB", xscale="log")
        axis.set_xticks(list(found), [str(k) for k in found])
        axis.minorticks_off()
        axis.legend(fontsize="small")
    figure.savefig(path)


if __name__ == "__main__":
    main()
