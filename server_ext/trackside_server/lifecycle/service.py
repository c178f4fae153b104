"""The ends of things, as the rest of the server sees them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from msgspec import Struct

from .clients.watcher import Watcher
from .purger import Purger
from .retention import Retention
from .trash import Trash

if TYPE_CHECKING:
    import logging

    from trackside_server.provenance import Provenance
    from trackside_server.tracking.service import Tracking

    from .clients.kernels import KernelSource
    from .entities import Sources
    from .purger import PurgeTraces


class Settings(Struct, frozen=True):
    """What the user may set.

    Attributes
    ----------
    trash_days
        How long things stay in the trash; 0 for ever.
    silent_hours
        How long nothing may be heard of a run whose client cannot be seen; 0 for ever.
    look_seconds
        How often the clients of open runs are looked for.
    """

    trash_days: float = 0.0
    silent_hours: float = 168.0
    look_seconds: float = 2.0


class Lifecycle:
    """Deletion, retention and runs whose client is gone.

    Parameters
    ----------
    tracking, provenance, kernels, log
        Collaborators.
    sources
        Says what registered models were made of.
    purge_traces
        Deletes some traces of an experiment.
    settings
        What the user may set.
    """

    def __init__(
        self,
        tracking: Tracking,
        provenance: Provenance,
        kernels: KernelSource,
        log: logging.Logger,
        *,
        sources: Sources,
        purge_traces: PurgeTraces,
        settings: Settings,
    ) -> None:
        self.purger = Purger(tracking, purge_traces, log)
        self.trash = Trash(tracking, sources, self.purger.poke)
        self.retention = Retention(self.trash, log, settings.trash_days)
        self.clients = Watcher(
            tracking,
            kernels,
            log,
            found=lambda run_id, cwd: provenance.record_soon(run_id, {"cwd": cwd}),
            seconds=settings.look_seconds,
            silent_hours=settings.silent_hours,
        )

    def start(self) -> None:
        """Begin to work, on the running event loop."""
        self.purger.start()
        self.retention.start()
        self.clients.start()

    async def stop(self) -> None:
        """End the work of this process."""
        async with AsyncExitStack() as steps:
            steps.push_async_callback(self.purger.stop)
            steps.push_async_callback(self.retention.stop)
            steps.push_async_callback(self.clients.stop)
