"""The most memory that the processes of a GIMP have had at once, as the kernel tells (Linux)."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from tests.processes import processes_of

_PAUSE = 0.02
_PROGRAMS = {"neural-preset.py": "plug-in", "core.worker": "worker", "gimp-console": "GIMP"}


class Watch:
    """Look at the processes of a home until the end of the block."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._peaks = dict.fromkeys(_PROGRAMS.values(), 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def peaks(self) -> dict[str, int]:
        """MiB, by the name of the program."""
        return dict(self._peaks)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_PAUSE):
            for process in processes_of(self._home):
                self._note(Path(f"/proc/{process}"))

    def _note(self, process: Path) -> None:
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            lines = (process / "status").read_text().splitlines()
        except OSError:  # it has ended
            return
        program = next((name for part, name in _PROGRAMS.items() if part in command), None)
        peak = next((line for line in lines if line.startswith("VmHWM")), None)
        if program and peak:
            self._peaks[program] = max(self._peaks[program], int(peak.split()[1]) >> 10)
