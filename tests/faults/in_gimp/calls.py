"""The calls that are disturbed, and the files that two of them write."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import NeuralPresetError
from core.presetfile import read
from core.presets import PresetStore
from tests.faults.in_gimp.desk import Desk
from tests.preset_samples import neural

_KEPT = "Kept look"


@dataclass(frozen=True)
class Call:
    """A procedure, its arguments, and the image it is for (see np_server.Server.scene)."""

    name: str
    procedure: str
    scene: dict[str, Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    writes: str = ""
    """what kind of file, if it does not change layers"""

    def begin(self, desk: Desk) -> None:
        """Let GIMP call it."""
        arguments = dict(self.arguments)
        if self.writes == "lut":
            arguments["file"] = str(self.file(desk))
        desk.begin("call", procedure=self.procedure, arguments=arguments)

    def file(self, desk: Desk) -> Path:
        """The file that it writes."""
        if self.writes == "lut":
            return desk.gimp.scratch / "look.cube"
        return desk.locations.presets / "kept-look.json"

    def put_old_file(self, desk: Desk, there: bool) -> bytes | None:
        """Have an earlier file there, or none; what is in it."""
        path = self.file(desk)
        path.unlink(missing_ok=True)
        if not there:
            return None
        if self.writes == "lut":
            path.write_text("an older look\n")
        else:
            PresetStore(desk.locations.presets, desk.gimp.folder / "none").add(neural(_KEPT))
        return path.read_bytes()

    def content(self, desk: Desk) -> str | None:
        """What tells a file apart from another of the same call; None where there is none.

        Raises NeuralPresetError for a preset that is damaged.
        """
        path = self.file(desk)
        if self.writes == "preset":
            with contextlib.suppress(FileNotFoundError):
                path.stat()
                return json.dumps({**read(path).to_json(), "created": ""}, sort_keys=True)
            return None
        return path.read_text() if path.exists() else None

    def damage(self, desk: Desk, old: bytes | None, fresh: str) -> str | None:
        """What is wrong with the file: it has to be the old one or a fresh one, whole."""
        path = self.file(desk)
        if old is None and not path.exists():
            return None
        if old is not None and path.exists() and path.read_bytes() == old:
            return None
        try:
            found = self.content(desk)
        except NeuralPresetError as error:
            return str(error)
        return None if found == fresh else f"{path.name} is neither the old nor the new file"


CALLS = (
    Call("apply", "apply", {"width": 2600, "height": 2000}, {"preset": "Golden Hour"}),
    Call(
        "apply, 32 bit and alpha",
        "apply",
        {"width": 700, "height": 1100, "precision": "FLOAT_NON_LINEAR", "alpha": True},
        {"preset": "Teal and Orange", "mix_preset": "Sepia", "mix": 40.0},
    ),
    Call(
        "apply, three layers in a selection",
        "apply",
        {"width": 900, "height": 1000, "chosen": 3, "selection": True},
        {"preset": "Matte", "strength": 70.0},
    ),
    Call(
        "apply, two new layers",
        "apply",
        {"width": 900, "height": 1000, "chosen": 2, "precision": "U16_NON_LINEAR"},
        {"preset": "Golden Hour", "output": "new-layer"},
    ),
    Call("transfer", "transfer", {"width": 1200, "height": 1200}, {"style_layer": 1}),
    Call("normalize", "normalize", {"width": 1500, "height": 1200}),
    Call(
        "create",
        "create",
        {"width": 600, "height": 400},
        {"name": _KEPT, "overwrite": True},
        writes="preset",
    ),
    Call(
        "export-lut",
        "export-lut",
        {"width": 600, "height": 400},
        {"preset": "Golden Hour", "overwrite": True, "size": 33},
        writes="lut",
    ),
)
