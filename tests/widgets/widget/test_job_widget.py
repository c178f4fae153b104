"""The widget of a job, in a real kernel that no Trackside server started."""

from __future__ import annotations

import time
from queue import Empty

import pytest

from trackside._display.frontend import WIDGET_CODE
from trackside_server.testing import JupyterProcess

VIEW = "application/vnd.jupyter.widget-view+json"

pytestmark = pytest.mark.skipif(
    not WIDGET_CODE.exists(), reason="the front end of the widget is not built (jlpm build)"
)

JOB = """
import time
for step in range(3):
    print(f"step={step} loss={1 / (step + 1):.4f}", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    process = JupyterProcess(tmp_path_factory.mktemp("jupyter"))
    process.start().wait_ready()
    yield process
    process.clean_up()


@pytest.fixture(scope="module")
def kernel(server):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        kernel_name="python3", env=server.environment(), cwd=str(server.notebooks)
    )
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


class Kernel:
    """Runs code, and plays the part of a front end that has the models of widgets."""

    def __init__(self, client):
        self.client = client
        self.models: dict[str, dict] = {}
        self.displays: list[dict] = []
        self.text = ""

    def run(self, code):
        self.displays, self.text = [], ""
        request = self.client.execute(code)
        while not self._take(60, request):
            pass
        return self

    def until(self, condition, timeout=60.0):
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"it did not happen in time: {self.models}"
            try:
                self._take(0.2, None)
            except Empty:
                continue

    def send(self, model, action):
        """Send what the front end sends when a button is pressed."""
        content = {"comm_id": model, "data": {"method": "custom", "content": {"action": action}}}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))

    def _take(self, timeout, request):
        message = self.client.get_iopub_msg(timeout=timeout)
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open":
            self.models[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            self.models[content["comm_id"]].update(content["data"]["state"])
        elif kind == "display_data":
            self.displays.append(content["data"])
        elif kind == "stream":
            self.text += content["text"]
        elif kind == "error":
            raise AssertionError("\n".join(content["traceback"]))
        return (
            kind == "status"
            and content["execution_state"] == "idle"
            and message["parent_header"].get("msg_id") == request
        )


def test_a_cell_shows_a_widget_that_follows_its_job_and_can_stop_it_and_run_it_again(kernel):
    kernel.run("%load_ext trackside")
    (data,) = kernel.run(f"%%train --name widget-job\n{JOB}").displays
    model = data[VIEW]["model_id"]
    assert {"text/html", "text/plain"} < set(data)
    state = kernel.models[model]
    assert state["_esm"]
    assert state["job"]["name"] == "widget-job"
    kernel.until(lambda: state["job"]["state"] == "RUNNING" and "step=2" in state["log_tail"])
    kernel.send(model, "cancel")
    kernel.until(lambda: state["job"]["state"] == "CANCELED")
    first = state["job_id"]
    kernel.send(model, "rerun")
    kernel.until(lambda: state["job_id"] != first and state["job"]["state"] == "RUNNING")
    kernel.send(model, "cancel")
    kernel.until(lambda: state["job"]["state"] == "CANCELED")
    assert state["message"] == ""


def test_an_action_that_fails_is_told_in_a_sentence(kernel):
    kernel.run("import trackside as ts\njob = ts.submit('pass', name='gone').wait(progress=False)")
    kernel.run("widget = ts.JobWidget('gone'); display(widget)")
    (model,) = [key for key, state in kernel.models.items() if "gone" in str(state.get("job"))]
    kernel.run("job.client.api('DELETE', 'jobs/' + job.id)")
    kernel.send(model, "rerun")
    kernel.until(lambda: kernel.models[model]["message"] != "")
    assert "job" in kernel.models[model]["message"]


def test_a_front_end_that_draws_jobs_itself_gets_no_widget(kernel):
    code = (
        "import os\nfrom trackside._display import frontend\n"
        "os.environ['TRACKSIDE_URL'] = 'http://x'\n"
        "inside = frontend.takes_widgets()\n"
        "os.environ['VSCODE_PID'] = '1'\nvscode = frontend.takes_widgets()\n"
        "del os.environ['VSCODE_PID'], os.environ['TRACKSIDE_URL']\n"
        "print(inside, vscode, frontend.takes_widgets())"
    )
    assert kernel.run(code).text == "False True True\n"
