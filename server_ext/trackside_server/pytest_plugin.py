"""Fixtures for tests that need Trackside: inside the test's process, or as a real server.

The top ``conftest.py`` says ``pytest_plugins = ["pytest_jupyter.jupyter_server",
"trackside_server.pytest_plugin"]``.
"""

from __future__ import annotations

import json as json_
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from .testing import Answer, JupyterProcess

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from .app import Trackside

_PROCESSES = pytest.StashKey["list[JupyterProcess]"]()


class Fetch(Protocol):
    """Sends a request to the Trackside of this test; answers of every status are returned."""

    async def __call__(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Answer:
        """Send a request to a path below ``<base_url>/trackside/``."""


@pytest.fixture
def trackside_config(tmp_path: Path) -> dict[str, Any]:
    """Return the traits of Trackside in this test; override it to change them."""
    return {"root_dir": str(tmp_path / "trackside")}


@pytest.fixture
def trackside_server_config(trackside_config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a server that has Trackside; for ``jp_server_config``."""
    return {
        "ServerApp": {
            "jpserver_extensions": {
                "trackside_server": True,
                # Its socket lacks the decorator that the check below asks for.
                "jupyter_server_terminals": False,
            },
            "allow_unauthenticated_access": False,
            # A broken extension is a failed test and not a line in a log.
            "reraise_server_extension_failures": True,
        },
        "Trackside": trackside_config,
    }


@pytest.fixture
def trackside(
    jp_serverapp: Any, http_server: Any, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Trackside:
    """Return the running extension of an in-process Jupyter server."""
    del http_server  # only has to listen
    (app,) = jp_serverapp.extension_manager.extension_apps["trackside_server"]
    # Without a loop of its own the server never comes to its start hooks.
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
    running: Trackside = app
    return running


@pytest.fixture
def trackside_fetch(
    trackside: Trackside, http_server_client: Any, jp_serverapp: Any, jp_base_url: str
) -> Fetch:
    """Return a function that sends requests to `trackside` with the server's token."""
    del trackside
    default = jp_serverapp.identity_provider.token

    async def fetch(
        method: str,
        path: str,
        json: Any = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Answer:
        sent = {"Authorization": f"Bearer {default if token is None else token}"}
        if json is not None:
            body = json_.dumps(json).encode()
            sent["Content-Type"] = "application/json"
        response = await http_server_client.fetch(
            f"{jp_base_url}trackside/{path.lstrip('/')}",
            method=method,
            body=body,
            headers={**sent, **(headers or {})},
            raise_error=False,
            allow_nonstandard_methods=True,
            request_timeout=40,
        )
        if response.code == 599:  # tornado's number for "no answer at all"
            response.rethrow()
        return Answer(response.code, dict(response.headers), response.body or b"")

    return fetch


@pytest.fixture
def jupyter_process(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., JupyterProcess]]:
    """Return a function that starts real Jupyter servers.

    Its arguments are those of `JupyterProcess` (``name`` chooses the folder below ``tmp_path``).
    The server is ready when it returns, unless ``wait`` is False; all that it started is gone after
    the test, and a failed test shows its log.
    """
    processes = request.node.stash.setdefault(_PROCESSES, [])

    def start(name: str = "jupyter", *, wait: bool = True, **options: Any) -> JupyterProcess:
        process = JupyterProcess(tmp_path / name, **options)
        processes.append(process)
        process.start()
        return process.wait_ready() if wait else process

    yield start
    for process in processes:
        process.clean_up()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of a failed test's servers."""
    report = yield
    if report.failed:
        report.sections.extend(
            (f"Jupyter log of {process.folder}", process.log[-20_000:])
            for process in item.stash.get(_PROCESSES, [])
        )
    return report
