"""Builds the service of this domain and what moves its runs on."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from .cache import Cache, Limits
from .engine import Engine
from .executor.digests import Digests
from .executor.means import Looks
from .folders import Folders
from .jobends import JobEnds
from .launching import Launcher
from .ledger import Ledger
from .platform.volumes import VolumeTasks
from .platform.workspaces import Workspaces
from .runner import Tools
from .service import Pipelines
from .specs import Specs
from .tasks import Tasks
from .telling import Telling
from .tracking import Parents
from .turns import Lines, Turns

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from trackside_server.changes import Changes
    from trackside_server.cluster.connection import Connection
    from trackside_server.jobs.service import Jobs
    from trackside_server.jobs.tracking import Tracking
    from trackside_server.store import Store

    from .executor.whereabouts import On

_OVERLAYS: Final = "environments"
# More than run at once, so that the queue of jobs always has the next one; few, because each end
# moves all that stand in that queue.
_WAITING: Final = 2
# A cluster has its own queue, and each job there costs this server a stream of its output.
_ON_CLUSTER: Final = 200
# How many read the content of what goes into tasks: of more than these a disk is no faster.
_READERS: Final = 2
# Besides these, how many may go on with what takes long.
_LONG_READERS: Final = 4


class Settings(Struct, frozen=True):
    """What the user may set.

    Parameters
    ----------
    max_jobs
        How many jobs run at once.
    cache
        How much is remembered of what tasks gave.
    on
        Where the tasks of runs are carried out that do not say it.
    """

    max_jobs: int = 2
    cache: Limits = field(default_factory=Limits)
    on: On = "auto"


class Domain(Struct, frozen=True):
    """The service, and what works for it.

    Parameters
    ----------
    service
        What the handlers call.
    engine, ends, telling, readers, workspaces
        What is started and stopped with the server.
    """

    service: Pipelines
    engine: Engine
    ends: JobEnds
    telling: Telling
    readers: ThreadPoolExecutor
    workspaces: Workspaces

    def start(self) -> None:
        """Begin to listen."""
        self.ends.start()
        self.engine.start()
        self.workspaces.start()

    def lead(self) -> None:
        """Do from now on what only one server of a store may do."""
        self.engine.lead()
        self.workspaces.lead()

    async def stop(self) -> None:
        """Let go; the jobs go on."""
        await self.engine.stop()
        await self.telling.stop()
        await self.workspaces.stop()
        self.ends.stop()
        self.readers.shutdown(wait=False)


def build(
    store: Store,
    changes: Changes,
    jobs: Jobs,
    tracking: Tracking,
    connection: Connection,
    log: logging.Logger,
    *,
    notebooks: Path,
    settings: Settings,
) -> Domain:
    """Build the domain.

    Parameters
    ----------
    store, changes, jobs, tracking, connection, log
        Collaborators.
    notebooks
        The folder of notebooks, whose files importers may read.
    settings
        What the user may set.
    """
    root = store.root
    ledger = Ledger(store, changes)
    specs = Specs(ledger)
    volumes = VolumeTasks(connection)
    workspaces = Workspaces(connection, ledger, changes, log, lambda: jobs.leadership.held)
    launcher = Launcher(jobs, ledger, Looks(), volumes, workspaces, root / _OVERLAYS)
    ends = JobEnds(jobs, changes)
    folders = Folders(root)
    parents = Parents(ledger, tracking, log, folders)
    lines = Lines(
        jobs=Turns(settings.max_jobs + _WAITING),
        gpu_jobs=Turns(settings.max_jobs + _WAITING),
        cluster_jobs=Turns(_ON_CLUSTER),
        keys=Turns(_READERS),
    )
    telling = Telling(ledger, lines)
    readers = ThreadPoolExecutor(_READERS + _LONG_READERS, thread_name_prefix="trackside-digests")
    tasks = Tasks(
        launcher,
        ends,
        Cache(ledger, Digests(), log, readers, settings.cache),
        parents,
        ledger,
        volumes,
        lines,
        telling,
        log,
    )
    readable = (root / "artifacts", folders.root, notebooks)
    engine = Engine(
        Tools(ledger, tasks, parents, log, readable),
        launcher,
        specs,
        changes,
        lambda: jobs.leadership.held,
    )
    service = Pipelines(
        ledger, specs, engine, telling, folders, readable, sys.executable, settings.on
    )
    return Domain(service, engine, ends, telling, readers, workspaces)
