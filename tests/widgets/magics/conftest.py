"""The kernel of a notebook on a real server."""

from __future__ import annotations

import contextlib
import time

import pytest

from trackside_server.testing import JupyterProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a real Jupyter server."""
    process = JupyterProcess(tmp_path_factory.mktemp("jupyter"))
    process.start().wait_ready()
    yield process
    process.clean_up()


@pytest.fixture(scope="module")
def notebook(server):
    """Return a notebook of that server, named ``digits.ipynb``."""
    notebook = Notebook(server, "digits.ipynb")
    yield notebook
    notebook.close()


class Notebook:
    """The kernel of a notebook, started by a Jupyter server, as a front end uses it."""

    def __init__(self, server: JupyterProcess, path: str) -> None:
        from jupyter_client import BlockingKernelClient

        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        session = server.request("POST", "api/sessions", body)
        assert session.status == 201, session.text
        file = server.folder / "run" / f"kernel-{session.json['kernel']['id']}.json"
        self._updated: dict[str, dict] = {}
        self._client = BlockingKernelClient(connection_file=str(file))
        self._client.load_connection_file()
        self._client.start_channels()
        self._wait_ready()

    def _wait_ready(self, timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            # A kernel that is only slow to start has no heartbeat either.
            with contextlib.suppress(RuntimeError):
                return self._client.wait_for_ready(timeout=timeout)
        raise AssertionError("the kernel did not start")

    def run(self, code: str, timeout: float = 60, tags: tuple[str, ...] = ()) -> Outputs:
        """Run a cell and return what it put out."""
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": True}
        message = self._client.session.msg(
            "execute_request", content, metadata={"tags": list(tags)}
        )
        self._client.shell_channel.send(message)
        request = message["header"]["msg_id"]
        found = Outputs()
        deadline = time.monotonic() + timeout
        while True:
            message = self._next(deadline)
            if message["parent_header"].get("msg_id") == request:
                kind, content = message["msg_type"], message["content"]
                if kind == "status" and content["execution_state"] == "idle":
                    return found
                found.take(kind, content)

    def complete(self, line: str, timeout: float = 60) -> list[str]:
        """Return what is offered at the end of a line, once that is something.

        A server that is busy for the moment is not waited for: then it is nothing.
        """
        deadline = time.monotonic() + timeout
        while True:
            answer = self._client.complete(line, len(line), reply=True, timeout=30)
            if (found := answer["content"]["matches"]) or time.monotonic() > deadline:
                return found

    def ask(self, expression: str) -> str:
        """Return the repr of an expression."""
        found = self.run(f"print(repr(({expression})))")
        assert found.error is None, found.error
        return found.text.strip()

    def until_updated(self, display_id: str, text: str, timeout: float = 60) -> dict:
        """Wait until an output is replaced by one whose text holds something."""
        deadline = time.monotonic() + timeout
        # It may have come while another cell ran.
        while text not in (found := self._updated.get(display_id, {})).get("text/plain", ""):
            self._next(deadline)
        return found

    def _next(self, deadline: float) -> dict:
        """Return the next message to front ends, and keep the output that it renews."""
        message = self._client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
        if message["msg_type"] == "update_display_data":
            content = message["content"]
            self._updated[content["transient"]["display_id"]] = content["data"]
        return message

    def close(self) -> None:
        """Let go of the kernel."""
        self._client.stop_channels()


class Outputs:
    """The outputs of a cell."""

    def __init__(self) -> None:
        self.text = ""
        self.displays: list[dict] = []
        self.updates: list[dict] = []
        self.results: list[dict] = []
        self.error: str | None = None

    def take(self, kind: str, content: dict) -> None:
        """Add a message."""
        if kind == "stream":
            self.text += content["text"]
        elif kind == "display_data":
            self.displays.append(content)
        elif kind == "update_display_data":
            self.updates.append(content)
        elif kind == "execute_result":
            self.results.append(content)
        elif kind == "error":
            self.error = "\n".join(content["traceback"])

    @property
    def data(self) -> dict:
        """The data of the only display."""
        assert self.error is None, self.error
        (display,) = self.displays
        return display["data"]

    @property
    def display_id(self) -> str:
        """The id of the only display."""
        (display,) = self.displays
        return display["transient"]["display_id"]
