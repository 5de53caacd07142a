"""Whether the installation was finished, where it has put its plug-in, where torch came from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core import atomic
from core.setup import swap


@dataclass(frozen=True)
class Journal:
    """Written as unfinished before the first change and as finished after the last one."""

    finished: bool = True
    version: str = ""
    gimp_directories: tuple[str, ...] = ()  # where the plug-in was ever put: for uninstalling
    checkout: str = ""  # where it was installed from
    torch_index: str = ""  # the package index that torch was also looked for in

    @classmethod
    def read(cls, path: Path) -> Journal | None:
        """The journal, None if there is none; a damaged one counts as unfinished."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, PermissionError):
            return cls(finished=False)
        if not isinstance(content, dict):
            return cls(finished=False)
        directories = content.get("gimp_directories")
        return cls(
            content.get("finished") is True,
            str(content.get("version", "")),
            tuple(map(str, directories)) if isinstance(directories, list) else (),
            str(content.get("checkout", "")),
            str(content.get("torch_index", "")),
        )

    def write(self, path: Path) -> None:
        """Replaces the file in one step, on the disk before the work goes on."""
        swap.remove_protected(path)
        atomic.write_bytes(path, json.dumps(asdict(self), indent=1).encode(), overwrite=True)

    def also_in(self, directories: list[Path]) -> Journal:
        """With more GIMP directories."""
        names = dict.fromkeys([*self.gimp_directories, *map(str, directories)])
        return replace(self, gimp_directories=tuple(names))
