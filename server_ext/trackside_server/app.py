"""The extension: its settings, and its life with the Jupyter server. Nothing else happens here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, default, validate

from .certificates import write_trusted
from .cluster.settings import ClusterSettings
from .collection import no_collection
from .config import (
    Environment,
    child_environment,
    default_root,
    open_port,
    server_url,
    write_server_file,
)
from .errors import TracksideError
from .jobs.runners.cluster_wish import ClusterWish
from .jobs.runners.kubernetes.address import PodAddress
from .jobs.runners.local import machine
from .jobs.service import Settings
from .lifecycle.clients.kernels import Kernels
from .lifecycle.service import Settings as LifecycleSettings
from .pipelines.cache import Limits
from .pipelines.remote.settings import KfpSettings, hide_kfp_credentials
from .services import Services
from .upstream.settings import UpstreamSettings, hide_credentials
from .web import UnavailableHandler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_server.serverapp import ServerApp
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from traitlets import Bunch

    from .jobs.runners.choice import Default
    from .store.connecting import Durability, Journal


class Trackside(ClusterSettings, UpstreamSettings, KfpSettings, ExtensionApp):
    """Machine learning beside the notebook: jobs, runs and their metrics."""

    name = "trackside_server"
    extension_url = "/lab"
    load_other_extensions = True

    root_dir = Unicode(
        help="""The folder of everything that Trackside keeps: the store, artifacts and job folders.

        Best on a local disk. The default is the folder `trackside` in Jupyter's data folder
        (`jupyter --data-dir`).""",
    ).tag(config=True)

    kernel_url = Unicode(
        "",
        help="""The address of Trackside for kernels, terminals and jobs, such as
        `http://127.0.0.1:8888/user/me/trackside`.

        Empty (the default) means the address that the server listens on. Set it where that one is
        not reachable from this machine, for example with a unix socket behind a local proxy.""",
    ).tag(config=True)

    set_environment = Bool(
        default_value=True,
        help="""Whether `mlflow` in kernels and terminals is told to track here.

        When true (the default), they get MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN, unless the
        server was started with a MLFLOW_TRACKING_URI of its own. When false, only Trackside's own
        client finds the server.""",
    ).tag(config=True)

    durability = Enum(
        ("process", "power"),
        "process",
        help="""What every acknowledged write outlives.

        `process` (the default): the end of the server in any way, `kill -9` too; a power cut may
        cost the last moments. `power`: a power cut as well; each write then waits for the
        disk.""",
    ).tag(config=True)

    journal = Enum(
        ("auto", "wal", "rollback"),
        "auto",
        help="""How the store's database keeps its changes until they are whole.

        `auto` (the default) takes SQLite's write-ahead log, and on network file systems, where that
        is not safe, the slower rollback journal. Set `rollback` for a network file system that is
        not recognised.""",
    ).tag(config=True)

    max_jobs = Int(
        help="""How many jobs run on this machine at once; the others wait in a queue.

        The default is half of the processors, at least 2 and at most 8.""",
    ).tag(config=True)

    stop_grace = Float(
        10.0,
        help="""How many seconds a job has to end by itself when it is stopped.

        It is asked by the signal SIGTERM, and killed by SIGKILL after this time.""",
    ).tag(config=True)

    retry_delay = Float(
        10.0,
        help="""How many seconds pass between a failed attempt of a job and the next one.

        Doubled for each further attempt, up to five minutes. Only jobs that ask for retries are
        tried again.""",
    ).tag(config=True)

    trash_days = Float(
        0.0,
        help="""After how many days in the trash deleted experiments, runs and models are deleted
        for ever.

        0 (the default) keeps them until somebody empties the trash. Never deleted by this rule:
        what has the tag `trackside.keep`, and what a registered model was made of.""",
    ).tag(config=True)

    silent_hours = Float(
        168.0,
        help="""After how many hours without a request a running run is closed as failed, where its
        client cannot be seen from here: on another machine, or behind a proxy.

        The default is a week; 0 never closes one. Runs of kernels and programs on this machine are
        closed when these end, and never because they are silent. A run that was closed too early
        goes on when its client logs again.""",
    ).tag(config=True)

    cache_days = Float(
        0.0,
        help="""For how many days the outputs of a pipeline's task may be taken again by an equal
        task, instead of running it.

        0 (the default) sets no limit. Equal are tasks of pipelines of one name with the same
        component, the same values and artifacts of the same content.""",
    ).tag(config=True)

    cache_entries = Int(
        10_000,
        help="""Of how many tasks of pipelines the outputs are remembered, the newest ones.

        0 remembers none, so that every task runs. Outputs are not copied: they stay where their
        run left them.""",
    ).tag(config=True)

    cache_gib = Float(
        32.0,
        help="""How large an artifact may be, in GiB, for a task that takes it to be looked up in
        the cache of pipelines.

        For that its whole content is read, which takes minutes for a hundred GiB. A task that takes
        a larger one runs each time, and says so while it runs. 0 sets no limit.""",
    ).tag(config=True)

    services: Services | None = None
    _trusted = ""

    @default("root_dir")
    def _default_root_dir(self) -> str:
        return str(default_root())

    @default("max_jobs")
    def _default_max_jobs(self) -> int:
        return max(2, min(8, int(machine.cpus()) // 2))

    @validate(
        "max_jobs",
        "stop_grace",
        "retry_delay",
        "trash_days",
        "silent_hours",
        "cache_days",
        "cache_entries",
        "cache_gib",
    )
    def _positive(self, proposal: Bunch) -> float:
        least = 1 if proposal["trait"].name == "max_jobs" else 0
        value: float = proposal["value"]
        if value < least:
            raise TraitError(f"Trackside.{proposal['trait'].name} has to be at least {least}.")
        return value

    @property
    def _kernel_manager(self) -> MappingKernelManager:
        assert self.serverapp is not None
        return self.serverapp.kernel_manager

    @property
    def url(self) -> str | None:
        """The address of Trackside for processes on this machine, once the port is known."""
        return self.kernel_url.rstrip("/") or server_url(self.serverapp)

    def initialize_settings(self) -> None:
        """Build the services."""
        self._environment = Environment()
        assert self.serverapp is not None
        assert self.serverapp.event_logger is not None
        try:
            root = Path(self.root_dir).expanduser()
            with no_collection():
                upstream = self.upstream_client()
                self.services = Services(
                    root,
                    self.serverapp.event_logger,
                    self.log,
                    notebooks=Path(self.serverapp.root_dir),
                    reach=self._reach,
                    announce=self.announce,
                    settings=Settings(self.max_jobs, self.stop_grace, self.retry_delay),
                    kernels=Kernels(lambda: self._kernel_manager),
                    lifecycle=LifecycleSettings(self.trash_days, self.silent_hours),
                    cache=Limits(self.cache_days, self.cache_entries, int(self.cache_gib * 2**30)),
                    cluster=ClusterWish(
                        self.cluster_wish(),
                        PodAddress(self.cluster_url, lambda: open_port(self.serverapp)),
                        self.job_image,
                        cast("Default", self.default_runner),
                        self.cronjob_keep_days,
                        off=self.cluster == "off",
                    ),
                    upstream=upstream,
                    kfp=self.kfp_server(),
                    durability=cast("Durability", self.durability),
                    journal=cast("Journal", self.journal),
                )
        except TracksideError as error:
            # The rest of Jupyter works on, and every route of ours says what is wrong.
            self.log.error(  # noqa: TRY400 - a traceback would hide the sentence
                "Trackside is off. %s %s", error.message, error.hint or ""
            )
            self._failure = error

    def initialize_handlers(self) -> None:
        """Hand each handler its collaborators."""
        if self.services is None:
            self.handlers.append((r"/trackside/.*", UnavailableHandler, {"error": self._failure}))
        else:
            self.handlers.extend(self.services.routes(lambda: self.url))
            assert self.serverapp is not None
            self.services.install_lane(self.serverapp)

    async def _start_jupyter_server_extension(
        self,
        serverapp: ServerApp,  # noqa: ARG002
    ) -> None:
        """Begin to work: the event loop runs and the port is known."""
        if self.services is not None:
            self._trust(self.services.store.root)
            self._tell_children(self.services)
            await self.services.start()

    def _trust(self, root: Path) -> None:
        """Write down whom `mlflow` in kernels and jobs trusts."""
        assert self.serverapp is not None
        if not self.serverapp.certfile:
            return
        try:
            self._trusted = str(write_trusted(root, self.serverapp.certfile))
        except OSError as error:
            self.log.warning("mlflow may not trust this server's certificate: %s", error)

    def _tell_children(self, services: Services) -> None:
        variables = self._reach(services.tokens.kernel_token)
        if not variables:
            notice = (
                "This server listens on a unix socket, so kernels and jobs cannot log to it. "
                "Set Trackside.kernel_url to an address that leads here."
            )
            services.store.notices.append(notice)
            self.log.warning(notice)
        if not self.set_environment:
            variables = {k: v for k, v in variables.items() if k.startswith("TRACKSIDE_")}
        if services.upstream is not None:
            self._environment.hide(hide_credentials(services.upstream.client))
        self._environment.hide(hide_kfp_credentials())
        self._environment.set(variables)

    def _reach(self, token: str) -> Mapping[str, str]:
        assert self.serverapp is not None
        url = self.url
        if not url:
            return {}
        return child_environment(url, token, self.serverapp.certfile, self._trusted)

    def announce(self) -> None:
        """Tell jobs that outlived an earlier server where the one is that leads now."""
        assert self.serverapp is not None
        url = self.url
        if self.services is None or url is None:
            return
        try:
            write_server_file(self.services.store.root, url, self.serverapp.certfile)
        except OSError as error:
            self.log.warning("Jobs of an earlier server cannot find this one: %s", error)

    async def stop_extension(self) -> None:
        """End the work of this process; jobs go on without it."""
        services, self.services = self.services, None
        if services is not None:
            self._environment.restore()
            await services.stop()
