"""A batch on a Dask cluster: each of its machines reads, judges and writes photos by itself.

Photos and results lie on a file system that all machines see under the same paths, and each has
this version of Neural Preset in the environment of its Dask workers.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.commands import remarks
from core.commands.resume import state
from core.commands.work import Job, Look, Outcome, Patience, Work
from core.errors import InputError, NeuralPresetError, WorkerError, from_code

if TYPE_CHECKING:
    from core.commands.photos import Sessions

_TIMEOUT = "10s"
MISSING = (
    "Dask is not installed here. Run “python3 install.py --extra dask”, or in an environment of "
    "your own “pip install neural-preset[dask]”."
)


class Cluster:
    """Does the jobs on the cluster whose scheduler listens at `address`, such as tcp://host:8786.

    Photos of a machine that is lost are tried on another. `finished` is called after each photo.
    Raises InputError where Dask or the scheduler is missing.
    """

    def __init__(
        self, address: str, jobs: Sequence[Job], work: Work, finished: Callable[[], None]
    ) -> None:
        try:
            import distributed
        except ImportError as error:
            raise InputError(MISSING) from error
        try:
            self._client = distributed.Client(address, timeout=_TIMEOUT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                "There is no Dask scheduler at {address}: {reason}.", address=address, reason=error
            ) from error
        self._stopped = False
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the outcomes say it
        # A task like the others, so that the cluster makes it anew where it is lost: a look may
        # be large, and travels once to each machine.
        common = self._client.submit(_plain, asdict(work), pure=False)
        self._futures = [
            self._client.submit(
                develop,
                __version__,
                str(job.photo.resolve()),
                str(job.result.absolute()),
                state(job.result),
                common,
                pure=False,
            )
            for job in jobs
        ]
        for future in self._futures:
            future.add_done_callback(lambda done: None if done.cancelled() else finished())

    def outcomes(self) -> Iterator[Outcome | None]:
        """One for each job, in the order of the jobs; None if it was not tried."""
        patience = Patience()
        for future in self._futures:
            outcome = self._outcome(future)
            if outcome is not None and patience.ends_with(outcome):
                self.stop()
            yield outcome

    def stop(self) -> None:
        """Begin no photo more; those at hand are still finished."""
        self._stopped = True
        self._client.cancel([future for future in self._futures if not future.done()])

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._client.close()

    def _outcome(self, future: Any) -> Outcome | None:
        import distributed

        try:
            code, text, lines = future.result()
        except distributed.CancelledError:
            if self._stopped:
                return None
            return Outcome(WorkerError("The connection to the Dask scheduler was lost."))
        except distributed.KilledWorker:
            return Outcome(WorkerError("Every Dask worker that took this photo was lost."))
        except Exception as error:
            return Outcome(error)
        return Outcome(None if code is None else from_code(code, text), lines)


def develop(
    version: str, photo: str, result: str, before: list[int] | None, work: dict[str, Any]
) -> tuple[str | None, str, list[str]]:
    """The task: one photo on a machine of the cluster.

    before: the `state` of the result when the batch began. Returns the error's code (None when
    all is well) and text, and what was logged about the photo.
    """
    from core.commands import photos

    with remarks.kept() as lines:
        try:
            if version != __version__:
                raise WorkerError(
                    "The Dask worker has Neural Preset {there}, this computer {here}.",
                    there=__version__,
                    here=version,
                )
            # A machine may be lost after the result is there and before that was told.
            if state(Path(result)) in (None, before):
                whole = Work(**{**work, "look": Look(**work["look"])})
                photos.process(_sessions(), whole, Job(Path(photo), Path(result)))
        except NeuralPresetError as error:
            return error.code, str(error), lines
    return None, "", lines


@functools.lru_cache(maxsize=1)
def _sessions() -> Sessions:
    from core.commands import photos
    from core.paths import locations

    return photos.Sessions(locations())


def _plain(work: dict[str, Any]) -> dict[str, Any]:
    return work
