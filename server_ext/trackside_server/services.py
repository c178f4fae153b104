"""What works behind the handlers: built, started and stopped in the order of who needs whom."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from . import events, info
from .changes import Changes
from .cluster import handlers as cluster_handlers
from .cluster.access import Wish
from .cluster.connection import Connection
from .cluster.notebook import own_pod
from .cluster.views import ClusterView
from .compare import handlers as compare_handlers
from .compare.bundles import JobBundles
from .compare.embedded import EmbeddedReader
from .compare.service import Comparison
from .errors import StorageFailed
from .identity import Tokens
from .imports import handlers as import_handlers
from .imports.service import Transfers
from .jobs import cargo_handlers
from .jobs import handlers as job_handlers
from .jobs.capture import Capture
from .jobs.embedded import EmbeddedRuns
from .jobs.log_handlers import log_routes
from .jobs.outputs import FOLDER as OUTPUTS
from .jobs.runners.choice import Runners
from .jobs.runners.local.gpus import NvmlInventory
from .jobs.runners.local.runner import LocalRunner
from .jobs.service import Jobs, is_secret
from .lifecycle import handlers as lifecycle_handlers
from .lifecycle.service import Lifecycle
from .pipelines import building as pipelines
from .pipelines.api.build import Kfp
from .pipelines.experiments import StoredExperiments
from .pipelines.ledger import news as pipeline_run_news
from .pipelines.news import news as pipeline_news
from .pipelines.remote.routes import routes as remote_routes
from .protocol import routes as protocol_routes
from .protocol.call import Domains
from .protocol.lane import Lane
from .provenance import Provenance
from .provenance import handlers as provenance_handlers
from .recurring.adoption import Adoption
from .recurring.build import Recurring
from .registry import handlers as registry_handlers
from .registry.service import Registry
from .registry.storage.sources import sources
from .store import Store
from .table import handlers as table_handlers
from .table.service import Table
from .tensorboard import handlers as tensorboard_handlers
from .tensorboard.files.embedded import EmbeddedFiles
from .tensorboard.importing import Importer
from .tensorboard.service import TensorBoards
from .traces.service import Traces
from .traces.storage.purge import purge as purge_traces
from .tracking.compaction import Compaction
from .tracking.service import Tracking
from .web import Core, NotFoundHandler

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jupyter_events import EventLogger
    from jupyter_server.serverapp import ServerApp

    from .cluster.readers import Readers
    from .jobs.runners.cluster_wish import ClusterWish
    from .jobs.runners.kubernetes.runner import ClusterRunner
    from .jobs.service import Settings
    from .lifecycle.clients.kernels import KernelSource
    from .lifecycle.service import Settings as LifecycleSettings
    from .pipelines.cache import Limits
    from .pipelines.experiments import Experiments
    from .pipelines.remote.desk import RemoteDesk
    from .pipelines.remote.service import Remote
    from .store.connecting import Durability, Journal
    from .table.source import Source
    from .tensorboard.files import Files
    from .upstream.client import Client
    from .upstream.service import Upstream


class Services:
    """The collaborators of one server.

    Parameters
    ----------
    root : Path
        The folder of everything that Trackside keeps.
    event_logger : EventLogger
        The server's.
    log : logging.Logger
        The server's.
    notebooks : Path
        The folder that the paths of notebooks are relative to.
    reach : callable
        Returns the variables that lead a job with this token to the server.
    announce : callable
        Tells jobs where this server is.
    kernels : KernelSource
        What Jupyter knows of its kernels.
    settings : Settings
        How jobs are run.
    lifecycle : LifecycleSettings
        How long things stay.
    cache : Limits
        How much is remembered of what pipelines' tasks gave.
    durability, journal : str
        See `Store`.
    cluster : ClusterWish
        Whether and how jobs run on a cluster.
    upstream : Client, optional
        The client of the MLflow server that keeps the runs; by default the store does.
    kfp : Remote, optional
        A server of Kubeflow Pipelines beside this one.

    Raises
    ------
    TracksideError
        The store cannot be opened.
    """

    def __init__(
        self,
        root: Path,
        event_logger: EventLogger,
        log: logging.Logger,
        *,
        notebooks: Path,
        reach: Callable[[str], Mapping[str, str]],
        announce: Callable[[], None],
        kernels: KernelSource,
        settings: Settings,
        lifecycle: LifecycleSettings,
        cache: Limits,
        cluster: ClusterWish,
        durability: Durability = "process",
        journal: Journal = "auto",
        upstream: Client | None = None,
        kfp: Remote | None = None,
    ) -> None:
        events.register(event_logger)
        self.store = Store(root, log, durability, journal)
        self.store.open()
        try:
            self.tokens = Tokens(self.store)
        except OSError as error:
            self.store.close()
            raise StorageFailed(
                f"The folder {root} cannot be used for the Trackside store: {error.strerror}.",
                hint="Make it writable, or set Trackside.root_dir to another folder; "
                "then restart the Jupyter server.",
            ) from error
        self._announce = announce
        self.changes = Changes()
        self.teller = events.Teller(event_logger, log)
        self.tracking = Tracking(self.store, self.changes, root / "artifacts")
        self.compaction = Compaction(self.store, self.changes, log)
        self.registry = Registry(self.store, self.changes, self.tracking.artifacts)
        self.traces = Traces(self.store, self.changes, self.tracking.artifacts)
        self.tracking.watch_files(self.traces.take_file)
        embedded = EmbeddedRuns(self.tracking)
        self.upstream: Upstream | None = None
        if upstream is not None:
            # Loaded by those servers only that have one.
            from .upstream.service import Upstream

            self.upstream = Upstream(upstream, self.store, self.changes, embedded, root, log)
        self.runs = self.upstream.runs if self.upstream else embedded
        self.core = Core(tokens=self.tokens, parent_run=self.runs.parent_run)
        self.provenance = Provenance(self.runs, log)
        self.lifecycle = Lifecycle(
            self.tracking,
            self.provenance,
            kernels,
            log,
            sources=sources,
            purge_traces=purge_traces,
            settings=lifecycle,
        )
        self.table = Table(self._table_source(), self.store)
        self.domains = Domains(self.tracking, self.registry, self.traces, self.lifecycle.clients)
        self.transfers = Transfers(
            self.tracking, root, log, upstream.address.shown if upstream else None
        )
        self.capture = Capture(self.store, self.changes, self.runs, log)
        self.connection = Connection(cluster.wish or Wish())
        on_cluster = self._cluster_runner(cluster, root, settings.grace, log)

        async def connect() -> Readers | None:
            if on_cluster is not None:
                on_cluster.look_around()
            return await self.connection.readers()

        self.cluster = ClusterView(
            connect,
            enabled=not cluster.off,
            pod=own_pod(),
            waiting=on_cluster.waiting if on_cluster is not None else tuple,
        )
        self.jobs = Jobs(
            self.store,
            self.changes,
            self.runs,
            self.tokens,
            self.capture,
            self.provenance,
            Runners(
                LocalRunner(root, NvmlInventory.of_this_process(), settings.grace),
                on_cluster,
                cluster.default_runner,
            ),
            log,
            notebooks=notebooks,
            reach=reach,
            on_lead=self._lead,
            news=[pipeline_run_news, pipeline_news],
            settings=settings,
            moments=Adoption(self.store),
        )
        self.pipelines = pipelines.build(
            self.store,
            self.changes,
            self.jobs,
            self.runs,
            self.connection,
            log,
            notebooks=notebooks,
            settings=pipelines.Settings(settings.max_jobs, cache, cluster.default_runner),
        )
        self.kfp = Kfp(
            self.store,
            self.changes,
            self.pipelines.service,
            self._experiments(),
        )
        self.recurring = Recurring(
            self.store,
            self.changes,
            self.kfp.desk,
            self.jobs,
            lambda: self.jobs.leadership.held,
            log,
        )
        self.remote = None if kfp is None else self._remote_desk(kfp)
        self.comparison = Comparison(
            self.upstream.reader if self.upstream else EmbeddedReader(self.tracking),
            JobBundles(self.store, self.jobs.bundles),
        )
        files = self._event_files()
        self.boards = TensorBoards(files, root, log)
        self.scalars = Importer(self.store, self.runs, files)

    def _lead(self) -> None:
        """Do from now on what only one server of a store may do."""
        self._announce()
        self.pipelines.lead()
        self.recurring.lead()

    def _remote_desk(self, remote: Remote) -> RemoteDesk:
        # Loaded by those servers only that have one.
        from .pipelines.remote.desk import RemoteDesk
        from .pipelines.remote.logs import Logs
        from .pipelines.remote.sending import Sender

        desk = self.kfp.desk
        return RemoteDesk(
            remote,
            Sender(remote, desk.catalog, desk.runs),
            Logs(self.connection, remote.namespace),
        )

    def _experiments(self) -> Experiments:
        if self.upstream is None:
            return StoredExperiments(self.tracking)
        from .upstream.experiments import ServedExperiments

        return ServedExperiments(self.upstream.client)

    def _event_files(self) -> Files:
        if self.upstream is None:
            return EmbeddedFiles(self.runs, self.jobs.working_folder)
        from .tensorboard.files.upstream import UpstreamFiles

        return UpstreamFiles(self.upstream.client, self.runs, self.jobs.working_folder)

    def _table_source(self) -> Source:
        # Loaded by those servers only that need it.
        if self.upstream is not None:
            from .table.upstream.source import ServedRuns

            return ServedRuns(self.upstream)
        from .table.embedded.source import StoredRuns

        return StoredRuns(self.tracking, self.lifecycle.trash)

    def _cluster_runner(
        self, cluster: ClusterWish, root: Path, grace: float, log: logging.Logger
    ) -> ClusterRunner | None:
        if cluster.wish is None:
            return None
        # Loaded by those servers only that have a cluster.
        from .jobs.runners.kubernetes.build import build

        async def artifacts(run_id: str) -> str | None:
            prefix = await self.runs.files_prefix(run_id)
            return None if prefix is None else f"{prefix}/{OUTPUTS}"

        return build(
            root,
            self.connection,
            cluster.address,
            image=cluster.image,
            grace=grace,
            keep=round(cluster.keep_days * 86400),
            is_secret=is_secret,
            relay=self.capture.take_spool,
            artifacts=artifacts,
            log=log,
        )

    def routes(self, url: Callable[[], str | None]) -> list[tuple[str, type, dict[str, Any]]]:
        """Return every route, each handler with its collaborators."""
        core = self.core
        registry = self.upstream.registry if self.upstream else self.registry
        return [
            *info.routes(
                core,
                self.store,
                self.changes,
                [
                    self.upstream or self.tracking,
                    self.jobs,
                    registry,
                    self.pipelines.service,
                    self.kfp.news,
                ],
                self.jobs,
                url,
                self.upstream,
            ),
            *job_handlers.routes(core, self.jobs),
            *cargo_handlers.routes(core, self.jobs),
            *log_routes(core, self.jobs, self.changes),
            *provenance_handlers.routes(core, self.runs, self.provenance),
            *import_handlers.routes(core, self.transfers),
            *cluster_handlers.routes(core, self.cluster),
            *table_handlers.routes(core, self.table),
            *lifecycle_handlers.routes(core, self.lifecycle.trash),
            *compare_handlers.routes(core, self.comparison),
            *tensorboard_handlers.routes(core, self.boards, self.scalars),
            *self.recurring.routes(core),
            *self.kfp.routes(core, self.jobs),
            *remote_routes(core, self.remote),
            *self._protocol(),
            (r"/trackside/api/.*", NotFoundHandler, {"core": core}),
        ]

    def _protocol(self) -> list[tuple[str, type, dict[str, Any]]]:
        """Return the routes of MLflow's protocol, and of what Trackside adds to its domains."""
        if self.upstream is not None:
            return self.upstream.routes(self.core)
        return [
            *registry_handlers.routes(self.core, self.registry),
            *protocol_routes.handlers(self.core, self.domains),
        ]

    def install_lane(self, serverapp: ServerApp) -> None:
        """Let the light lane take the hottest routes, where this server keeps the runs itself."""
        if self.upstream is None:
            Lane(serverapp, self.core, self.domains, protocol_routes.ROUTES).install()

    async def start(self) -> None:
        """Begin to work, on the running event loop."""
        loop = asyncio.get_running_loop()
        self.teller.start(self.changes, loop)
        self.changes.bind(loop)
        await self.capture.start()
        self.pipelines.start()
        self.recurring.start()
        await self.jobs.start()
        if self.upstream is not None:
            await self.upstream.start()
        if self.remote is not None:
            self.remote.remote.start()
        await self.transfers.start()
        self.lifecycle.start()
        self.compaction.start()
        await self.boards.start()

    async def stop(self) -> None:
        """End the work of this process; jobs go on without it."""
        async with AsyncExitStack() as steps:
            # From the last one back to the first, and each whatever became of those before it: the
            # store above all has to be closed.
            steps.push_async_callback(asyncio.to_thread, self.store.close)
            steps.push_async_callback(asyncio.to_thread, self.compaction.stop)
            steps.callback(self.changes.unbind)
            steps.callback(self.teller.stop)
            steps.push_async_callback(self.provenance.close)
            if self.upstream is not None:
                steps.push_async_callback(self.upstream.stop)
            if self.remote is not None:
                steps.push_async_callback(self.remote.remote.stop)
            steps.push_async_callback(self.connection.close)
            steps.push_async_callback(self.capture.stop)
            steps.push_async_callback(self.jobs.stop)
            steps.push_async_callback(self.pipelines.stop)
            steps.push_async_callback(self.recurring.stop)
            steps.push_async_callback(self.transfers.stop)
            steps.push_async_callback(self.lifecycle.stop)
            steps.push_async_callback(self.boards.stop)
