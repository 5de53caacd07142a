"""G'MIC's colour transfers (https://gmic.eu, Debian's package gmic), where it is installed.

`transfer_rgb` is variational, `transfer_histogram` matches each channel's histogram, `transfer_pca`
mean and covariance; all with their default settings.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

COMMANDS = ("transfer_rgb", "transfer_histogram", "transfer_pca")
NOTICE = "G'MIC is not installed, so its transfers are left out (Debian: apt-get install gmic)."
_PATIENCE = 300  # seconds for one picture; transfer_rgb takes about one


def executable() -> str | None:
    """Where the program `gmic` is, or None."""
    return shutil.which("gmic")


class Transfer:
    """One of G'MIC's transfers, by a process and temporary files for every picture."""

    def __init__(self, program: str, command: str) -> None:
        self.program, self.command = program, command

    def __call__(self, content: np.ndarray, style: np.ndarray) -> np.ndarray:
        """Pictures (H, W, 3) uint8, sRGB-encoded; RuntimeError if G'MIC fails."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for picture, file in ((content, "content.png"), (style, "style.png")):
                Image.fromarray(picture).save(folder / file, compress_level=1)
            line = self._line()
            ended = subprocess.run(
                line, cwd=folder, capture_output=True, check=False, timeout=_PATIENCE
            )
            result = folder / "result.png"
            if ended.returncode or not result.exists():
                said = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
                raise RuntimeError(f"G'MIC's {self.command} failed: {''.join(said)}")
            with Image.open(result) as image:
                return np.asarray(image.convert("RGB"))

    def _line(self) -> list[str]:
        return [
            self.program, "content.png", "style.png", f"{self.command}[0]", "[1]",
            "remove[1]", "cut", "0,255", "round", "output", "result.png",
        ]  # fmt: skip
