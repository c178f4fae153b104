"""The extension: its settings, and who gets which collaborator. Nothing else happens here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Unicode, default

from . import events, info
from .changes import Changes
from .config import Environment, child_environment, default_root, server_url, write_server_file
from .errors import TracksideError
from .identity import Tokens
from .store import Store
from .web import Core, NotFoundHandler, UnavailableHandler

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
        help="""Whether kernels and terminals are told where to track.

        When true (the default), the variables MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN lead
        `mlflow` in every notebook to Trackside. A MLFLOW_TRACKING_URI that is set already stays.
        When false, only Trackside's own client finds the server.""",
    ).tag(config=True)

    @default("root_dir")
    def _default_root_dir(self) -> str:
        return str(default_root())

    @property
    def url(self) -> str | None:
        """The address of Trackside for processes on this machine, once the port is known."""
        return self.kernel_url.rstrip("/") or server_url(self.serverapp)

    def initialize_settings(self) -> None:
        """Open the store and build the services."""
        self.environment = Environment()
        self.changes = Changes()
        self.failure: TracksideError | None = None
        self.store = Store(Path(self.root_dir).expanduser(), self.log)
        assert self.serverapp is not None
        event_logger = self.serverapp.event_logger
        assert event_logger is not None
        events.register(event_logger)
        self.teller = events.Teller(event_logger, self.log)
        try:
            self.store.open()
            self.tokens = Tokens(self.store)
        except TracksideError as error:
            # The rest of Jupyter works on; our views say what is wrong.
            self.failure = error
            self.log.exception("Trackside is off. %s %s", error.message, error.hint or "")
            return

    def initialize_handlers(self) -> None:
        """Hand each handler its collaborators."""
        if self.failure is not None:
            self.handlers.append((r"/trackside/.*", UnavailableHandler, {"error": self.failure}))
            return
        core = Core(tokens=self.tokens, parent_run=_no_parent)
        self.handlers.extend(
            [
                *info.routes(core, self.store, self.changes, [], None, lambda: self.url),
                (r"/trackside/api/.*", NotFoundHandler, {"core": core}),
            ]
        )

    async def _start_jupyter_server_extension(
        self,
        serverapp: ServerApp,  # noqa: ARG002
    ) -> None:
        """Begin to work: the event loop runs and the port is known."""
        if self.failure is not None:
            return
        loop = asyncio.get_running_loop()
        self.teller.start(self.changes, loop)
        self.changes.bind(loop)
        self.announce()

    def announce(self) -> None:
        """Tell kernels, terminals and jobs where this server is."""
        assert self.serverapp is not None
        url = self.url
        if url is None:
            notice = (
                "This server listens on a unix socket, so kernels and jobs cannot log to it. "
                "Set Trackside.kernel_url to an address that leads here."
            )
            self.store.notices.append(notice)
            self.log.warning(notice)
            return
        certfile = self.serverapp.certfile
        write_server_file(self.store.root, url, certfile)
        variables = child_environment(url, self.tokens.kernel_token, certfile)
        if not self.set_environment:
            variables = {
                name: value for name, value in variables.items() if name.startswith("TRACKSIDE_")
            }
        self.environment.set(variables)

    async def stop_extension(self) -> None:
        """End the work of this process; jobs go on without it."""
        if self.failure is not None:
            return
        self.environment.restore()
        self.teller.stop()
        self.changes.unbind()
        await asyncio.get_running_loop().run_in_executor(None, self.store.close)


async def _no_parent(run_id: str) -> str | None:
    del run_id
    return None
