"""The looks of the built-in presets, by the kinds that photographers know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.training.grading import (
    Colors,
    Step,
    channel_contrast,
    contrast,
    exposure,
    fade,
    mix,
    monochrome,
    overlay_gray,
    saturation,
    split_tone,
    white_balance,
)


@dataclass(frozen=True)
class Grade:
    """A named look, made of steps that are applied in turn."""

    name: str
    notes: str
    steps: tuple[Step, ...]
    monochrome: bool = False

    def __call__(self, colors: Colors) -> Colors:
        for step in self.steps:
            colors = np.clip(step(colors), 0, 1)
        return colors.astype(np.float32)


GRADES = (
    Grade(
        "Warm Film",
        "Sunlit colour negative: warm, soft shoulders, slightly green shadows.",
        (
            contrast(0.25),
            white_balance(0.35),
            fade(0.03, 0.97),
            split_tone((0.0, 0.015, -0.01), (0.02, 0.005, -0.05)),
            saturation(0.95),
        ),
    ),
    Grade(
        "Cold Film",
        "Tungsten film by daylight: blue and calm.",
        (
            contrast(0.25),
            white_balance(-0.45),
            saturation(0.85),
            split_tone((0.0, 0.01, 0.04), (-0.02, 0.0, 0.02)),
        ),
    ),
    Grade(
        "Faded Film",
        "A print that hung in the sun: lifted blacks, low contrast.",
        (
            saturation(0.7),
            contrast(-0.45),
            fade(0.14, 0.94),
            split_tone((0.03, 0.0, 0.02), (0.02, 0.01, -0.03)),
        ),
    ),
    Grade(
        "Cross Process",
        "Slide film in the wrong chemistry: crossed curves, green and yellow.",
        (
            channel_contrast(0.8, 0.6, -0.5),
            fade(0.0, 0.98),
            split_tone((-0.02, 0.0, 0.08), (0.03, 0.04, -0.10)),
            saturation(1.15),
        ),
    ),
    Grade(
        "Bleach Bypass",
        "Silver left in the film: hard and nearly without colour.",
        (overlay_gray(0.75), saturation(0.5), contrast(0.2)),
    ),
    Grade(
        "Teal and Orange",
        "Cinema: warm skin before teal shadows.",
        (contrast(0.3), split_tone((-0.07, 0.02, 0.07), (0.07, 0.01, -0.08)), saturation(1.1)),
    ),
    Grade(
        "Golden Hour",
        "The last light: golden highlights, warm shadows.",
        (
            white_balance(0.6, 0.08),
            split_tone((0.03, 0.0, -0.01), (0.06, 0.02, -0.08)),
            saturation(1.12),
            exposure(0.15),
        ),
    ),
    Grade(
        "Blue Hour",
        "After sunset: blue, dim and soft.",
        (
            exposure(-0.45),
            white_balance(-0.75, 0.05),
            saturation(0.8),
            split_tone((0.0, 0.01, 0.07), (-0.03, 0.0, 0.02)),
        ),
    ),
    Grade(
        "High Key",
        "Bright and airy, hardly a shadow.",
        (exposure(0.9), contrast(-0.35), fade(0.08, 1.0), saturation(0.85)),
    ),
    Grade(
        "Low Key",
        "Dark and moody, light only where it matters.",
        (exposure(-0.9), contrast(0.35), saturation(0.85)),
    ),
    Grade(
        "Matte", "Flat blacks, gentle colour.", (contrast(0.15), fade(0.11, 0.96), saturation(0.85))
    ),
    Grade(
        "Pastel",
        "Light, milky colours with a breath of rose.",
        (
            exposure(0.55),
            saturation(0.65),
            contrast(-0.3),
            fade(0.1, 1.0),
            split_tone((0.02, 0.0, 0.03), (0.02, -0.01, 0.0)),
        ),
    ),
    Grade(
        "Vivid Slide",
        "Slide film: deep blacks, strong colour.",
        (contrast(0.5), saturation(1.4), white_balance(0.08)),
    ),
    Grade(
        "Muted Earth",
        "Quiet browns and olives.",
        (saturation(0.6), white_balance(0.25, -0.12), contrast(0.1), fade(0.04, 0.96)),
    ),
    Grade(
        "Forest",
        "Deep greens, cool shadows.",
        (
            white_balance(-0.05, -0.18),
            split_tone((-0.03, 0.025, 0.01), (0.0, 0.02, -0.05)),
            contrast(0.25),
            exposure(-0.2),
        ),
    ),
    Grade(
        "Autumn",
        "Greens turn to rust and gold.",
        (
            mix((0.82, 0.36, -0.18), (0.16, 0.80, 0.04), (0.0, 0.12, 0.88)),
            white_balance(0.3),
            saturation(1.05),
            contrast(0.2),
        ),
    ),
    Grade(
        "Rose",
        "A magenta veil over soft light.",
        (
            white_balance(0.1, 0.28),
            contrast(-0.15),
            fade(0.05, 0.98),
            split_tone((0.03, -0.01, 0.03), (0.02, -0.01, 0.01)),
        ),
    ),
    Grade(
        "Moonlight",
        "Day for night: dark, blue, without colour in the shadows.",
        (exposure(-1.1), saturation(0.45), white_balance(-0.8), contrast(0.1)),
    ),
    Grade(
        "Crisp Daylight",
        "Clean whites, clear blues, a little more of everything.",
        (exposure(0.2), contrast(0.4), saturation(1.15), white_balance(-0.1)),
    ),
    Grade(
        "Instant Print",
        "Instant film: creamy highlights, cyan shadows, soft.",
        (
            contrast(-0.2),
            fade(0.08, 0.95),
            split_tone((-0.03, 0.03, 0.05), (0.03, 0.02, -0.07)),
            saturation(0.85),
            exposure(0.2),
        ),
    ),
    Grade(
        "Black and White",
        "A straight conversion with some bite.",
        (contrast(0.25), monochrome((0.3, 0.6, 0.1))),
        monochrome=True,
    ),
    Grade(
        "Red Filter",
        "Black and white through a red filter: dark skies, light skin.",
        (contrast(0.35), monochrome((0.8, 0.18, 0.02))),
        monochrome=True,
    ),
    Grade(
        "Soft Gray",
        "Low-contrast black and white on matte paper.",
        (contrast(-0.2), monochrome((0.35, 0.5, 0.15), (0.95, 0.95, 0.95), (0.1, 0.1, 0.1))),
        monochrome=True,
    ),
    Grade(
        "Sepia",
        "The brown of old albums.",
        (
            contrast(0.1),
            monochrome((0.3, 0.55, 0.15), (0.98, 0.93, 0.82), (0.11, 0.06, 0.03), 0.95),
        ),
        monochrome=True,
    ),
    Grade(
        "Selenium",
        "A cold purple-brown tone with deep blacks.",
        (contrast(0.35), monochrome((0.3, 0.6, 0.1), (0.98, 0.96, 0.97), (0.07, 0.04, 0.08))),
        monochrome=True,
    ),
    Grade(
        "Cyanotype",
        "Prussian blue on white paper.",
        (contrast(0.15), monochrome((0.35, 0.55, 0.1), (0.95, 0.98, 0.99), (0.02, 0.12, 0.28))),
        monochrome=True,
    ),
)
