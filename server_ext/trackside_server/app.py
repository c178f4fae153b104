"""The extension: its settings, and its life with the Jupyter server. Nothing else happens here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Unicode, default

from .config import Environment, child_environment, default_root, server_url, write_server_file
from .errors import TracksideError
from .services import Services
from .web import UnavailableHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


class Trackside(ExtensionApp):
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

    services: Services | None = None

    @default("root_dir")
    def _default_root_dir(self) -> str:
        return str(default_root())

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
            self.services = Services(root, self.serverapp.event_logger, self.log)
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

    async def _start_jupyter_server_extension(
        self,
        serverapp: ServerApp,  # noqa: ARG002
    ) -> None:
        """Begin to work: the event loop runs and the port is known."""
        if self.services is not None:
            # First the address: a job that is adopted may be waiting for it.
            self.announce()
            await self.services.start()

    def announce(self) -> None:
        """Tell kernels, terminals and jobs where this server is."""
        assert self.serverapp is not None
        assert self.services is not None
        url = self.url
        if url is None:
            notice = (
                "This server listens on a unix socket, so kernels and jobs cannot log to it. "
                "Set Trackside.kernel_url to an address that leads here."
            )
            self.services.store.notices.append(notice)
            self.log.warning(notice)
            return
        certfile = self.serverapp.certfile
        try:
            write_server_file(self.services.store.root, url, certfile)
        except OSError as error:
            self.log.warning("Jobs of an earlier server cannot find this one: %s", error)
        variables = child_environment(url, self.services.tokens.kernel_token, certfile)
        if not self.set_environment:
            variables = {k: v for k, v in variables.items() if k.startswith("TRACKSIDE_")}
        self._environment.set(variables)

    async def stop_extension(self) -> None:
        """End the work of this process; jobs go on without it."""
        services, self.services = self.services, None
        if services is not None:
            self._environment.restore()
            await services.stop()
