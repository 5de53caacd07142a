"""Collects the evaluation's figures by protocol and method."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from core.training.metrics import FIGURES

Summary = dict[str, dict[str, dict[str, float]]]


class Scores:
    """One figure per case under (protocol, method, name of the figure)."""

    def __init__(self) -> None:
        self.cases: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list))
        )

    def add(self, protocol: str, method: str, figures: dict[str, float]) -> None:
        """Adds what was measured of one case; cases come in the same order for every method."""
        for name, value in figures.items():
            self.cases[protocol][method][name].append(value)

    def count(self, protocol: str, method: str) -> int:
        """How many cases the method saw."""
        return max(map(len, self.cases[protocol][method].values()))

    def gain(self, protocol: str, method: str) -> float | None:
        """PSNR above doing nothing on the same cases, in dB; None without one of the two."""
        values = self.cases[protocol][method].get("psnr")
        idle = self.cases[protocol]["nothing"].get("psnr") if values else None
        if not values or not idle:
            return None
        return float(np.mean(values) - np.mean(idle[: len(values)]))

    def summary(self) -> Summary:
        """Of each protocol and method the mean of its main figure: PSNR, or the distance."""
        return {
            protocol: {
                method: {"mean": float(np.mean(figures.get("psnr") or figures["distance"]))}
                for method, figures in methods.items()
                if "psnr" in figures or "distance" in figures
            }
            for protocol, methods in self.cases.items()
        }

    def document(self) -> dict:
        """Everything for a JSON file: protocol, method, figure, its mean and bad percentile."""
        return {
            protocol: {method: self._of(protocol, method) for method in methods}
            for protocol, methods in self.cases.items()
        }

    def _of(self, protocol: str, method: str) -> dict:
        described: dict = {"cases": self.count(protocol, method)}
        gain = self.gain(protocol, method)
        if gain is not None:
            described["gain"] = gain
        for name, values in self.cases[protocol][method].items():
            bad = FIGURES[name].bad
            described[name] = {
                "mean": float(np.mean(values)),
                f"p{bad}": float(np.percentile(values, bad)),
            }
        return described
