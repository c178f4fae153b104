"""The folder that the tasks of a run share on a cluster: a volume of the run's own.

It is made before the first task that sees it, under a name that is made of the run, and goes when
the run has succeeded or was deleted; after a failure it stays, for the run may be taken up again.
What has to go follows from what is stored, so nothing is forgotten by a server that is killed.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from trackside_server.cluster.api import ApiError
from trackside_server.jobs.runners.kubernetes.names import MANAGED_BY, MANAGER, PREFIX
from trackside_server.pipelines.storage import runs

from . import claims, volumes
from .sharing import name_of

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from trackside_server.changes import Change, Changes
    from trackside_server.cluster.connection import Connection
    from trackside_server.pipelines.executor.context import TaskRun
    from trackside_server.pipelines.ledger import Ledger

    from .settings import Workspace

_LABEL: Final = f"{PREFIX}pipeline-workspace"
_SELECTOR: Final = f"{MANAGED_BY}={MANAGER},{_LABEL}=true"
# What every cluster can give; tasks that run at once then run on one node.
_MODES: Final = ("ReadWriteOnce",)
_AGAIN: Final = 60.0


def claim_of(run: TaskRun, workspace: Workspace) -> dict[str, Any]:
    """Return the claim of a run."""
    owner = claims.Owner(run.run_id, f"{run.run_id}:workspace")
    spec: dict[str, Any] = {
        "accessModes": list(workspace.modes or _MODES),
        "resources": {"requests": {"storage": workspace.size}},
    }
    if workspace.storage_class is not None:
        spec["storageClassName"] = workspace.storage_class
    made = claims.manifest(name_of(run.run_id), owner, spec, {})
    made["metadata"]["labels"][_LABEL] = "true"
    return made


class Workspaces:
    """Makes the volumes of runs, and removes them.

    Parameters
    ----------
    connection, ledger, changes, log
        Collaborators.
    leads
        Whether this server is the one that does what only one may do.
    """

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        changes: Changes,
        log: logging.Logger,
        leads: Callable[[], bool],
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._changes = changes
        self._log = log
        self._leads = leads
        # Whether there may be any.
        self._any = False
        self._made = 0
        self._due = asyncio.Event()
        self._tidying: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Hear of runs that are over."""
        self._unsubscribe = self._changes.subscribe(self._on_change)

    def lead(self) -> None:
        """Begin to remove what is left: this server leads now."""
        self._due.set()
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._tidy_up())

    async def stop(self) -> None:
        """Let go."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.gather(self._tidying, return_exceptions=True)

    async def make(self, run: TaskRun, workspace: Workspace) -> None:
        """Make the volume of a run, unless it is there.

        Raises
        ------
        ContractError
            It cannot be made.
        ClusterUnavailable
            The cluster does not answer.
        """
        self._any = True
        self._made += 1
        api = (await self._connection.needed()).api
        try:
            await volumes.make(api, claim_of(run, workspace), asyncio.Event())
        except ApiError as error:
            raise volumes.refusal(error, api.namespace) from error

    async def tidy(self) -> None:
        """Remove the volumes of runs that have succeeded or were deleted.

        Volumes of runs that this store has never known belong to other servers.

        Raises
        ------
        ApiError
            The cluster refuses it, or does not answer.
        """
        api = await self._connection.api()
        if api is None:
            self._any = False
            return
        made = self._made
        path = f"/api/v1/namespaces/{api.namespace}/persistentvolumeclaims"
        found = [one["metadata"] async for one in api.items(path, label_selector=_SELECTOR)]
        left = 0
        for metadata in found:
            run_id = str(metadata["labels"].get(claims.RUN))
            if await self._ledger.read(partial(runs.is_done_with, run_id=run_id)):
                await volumes.delete(api, metadata["name"])
            else:
                left += 1
        # One that was made meanwhile may not have been among them.
        self._any = left > 0 or self._made != made

    def _on_change(self, change: Change) -> None:
        over = change.change == "deleted" or change.data.get("state") == "SUCCEEDED"
        if change.kind == "pipeline_run" and over and self._any and self._leads():
            self._due.set()

    async def _tidy_up(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                self._any = self._any or await self._ledger.read(runs.have_workspaces)
                # Nobody is asked for a password of a cluster that no run has needed.
                if self._any:
                    await self.tidy()
            except Exception as error:  # noqa: BLE001 - logged
                self._log.warning("Volumes of pipeline runs that are over stay for now: %s", error)
                # What is forbidden stays so for long.
                if not isinstance(error, ApiError) or error.is_temporary:
                    await asyncio.sleep(_AGAIN)
                    self._due.set()
