"""What would keep runs from being started, told before they are due."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trackside_server.jobs.pythons import is_usable
from trackside_server.pipelines.catalog.storage import which_versions
from trackside_server.pipelines.fields import object_of

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Sequence

    from trackside_server.pipelines.ledger import Ledger

    from .entities import RecurringRun

# How long a disk may take to answer.
_PATIENCE: Final = 2.0
_NO_VERSION: Final = (
    "The version of the pipeline that it runs was deleted: choose another one, or no run of it can "
    "start."
)
_SILENT: Final = (
    "The disk does not say whether what it runs is still there: look whether the folder is "
    "mounted and answers."
)
_BUG: Final = (
    "Trackside could not look for what would keep it from being started, which is its own mistake: "
    "the log of the Jupyter server says more."
)


class Problems:
    """Looks for them, on a thread of its own: a disk that hangs holds up nothing else.

    Parameters
    ----------
    ledger
        Knows the versions of pipelines.
    shown
        Gives how the path of a file is shown on this server.
    log
        The server's.
    """

    def __init__(self, ledger: Ledger, shown: Callable[[str], str], log: logging.Logger) -> None:
        self._ledger = ledger
        self._shown = shown
        self._log = log
        self._disk = ThreadPoolExecutor(1, "trackside-recurring")

    async def of(self, some: Sequence[RecurringRun]) -> dict[str, str]:
        """Say what is wrong with some that recur, by the ids of those with which something is."""
        # What was handed over needs nothing of this machine.
        here = [one for one in some if one.kept is None]
        named = {one.version_id for one in here if one.version_id is not None}
        there = await self._ledger.read(lambda connection: which_versions(connection, named))
        gone = [one.recurring_id for one in here if one.version_id not in {None, *there}]
        seen: dict[str, str | None] = {}
        look = asyncio.get_running_loop().run_in_executor(self._disk, self._look, here, seen)
        try:
            await asyncio.wait_for(look, _PATIENCE)
        except asyncio.TimeoutError:
            for one in here:
                seen.setdefault(one.recurring_id, _SILENT)
        found = {**seen, **dict.fromkeys(gone, _NO_VERSION)}
        return {recurring_id: problem for recurring_id, problem in found.items() if problem}

    def stop(self) -> None:
        """Look no more."""
        self._disk.shutdown(wait=False, cancel_futures=True)

    def _look(self, some: Sequence[RecurringRun], seen: dict[str, str | None]) -> None:
        for one in some:
            # Once the patience is over nobody reads what is found.
            seen.setdefault(one.recurring_id, self._alone(one))

    def _alone(self, one: RecurringRun) -> str | None:
        """Look at one, which must not keep the others from being told."""
        try:
            return self._problem(one)
        except Exception:  # noqa: BLE001 - whatever it is
            self._log.exception("What is wrong with %r cannot be looked for", one.name)
            return _BUG

    def _problem(self, one: RecurringRun) -> str | None:
        if one.job is None:
            return _without_python(object_of(one.request, "trackside").get("python"))
        path = Path(one.job["path"])
        return _unreadable(path, self._shown(str(path))) or (
            None
            if one.job.get("on") == "cluster"
            else _without_python(one.job.get("python"))
            or _without_kernel(object_of(one.job, "source").get("python"))
        )


def _unreadable(path: Path, shown: str) -> str | None:
    try:
        if not path.is_file():
            return f"There is no file {shown}: put it back, or choose another one."
        with path.open("rb"):
            return None
    except OSError as error:
        return f"{shown} cannot be read ({error.strerror}): let the Jupyter server read it."


def _without_python(python: str | None) -> str | None:
    if not python or is_usable(python):
        return None
    return f"There is no Python at {python} any more: choose another one, or install it there."


def _without_kernel(python: str | None) -> str | None:
    """Say that the Python is gone of the kernel in which it was scheduled."""
    if not python or is_usable(python):
        return None
    return (
        f"The Python of the kernel in which it was scheduled, {python}, is gone, so it runs with "
        "that of the Jupyter server: schedule it again in a kernel that has its packages."
    )
