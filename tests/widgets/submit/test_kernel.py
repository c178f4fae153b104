"""Submitting from a real kernel that the Jupyter server started."""

import json
import time

import pytest
from jupyter_client import BlockingKernelClient

WAIT = 200


class Kernel:
    """A notebook's kernel, run as the front end runs it."""

    def __init__(self, server, path):
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        self.server = server
        self.session = server.request("POST", "api/sessions", body).json
        self.id = self.session["kernel"]["id"]
        self.client = BlockingKernelClient(
            connection_file=str(server.folder / "run" / f"kernel-{self.id}.json")
        )
        self.client.load_connection_file()
        # Without a heartbeat: a kernel that is still on its way up would count as dead.
        self.client.start_channels(hb=False)
        self.client.wait_for_ready(timeout=WAIT)

    def run(self, source, cell_id="cell-1"):
        """Run a cell and return what it printed and its outputs."""
        session = self.client.session
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message = session.msg("execute_request", content, metadata={"cellId": cell_id})
        self.client.shell_channel.send(message)
        texts, outputs = [], []
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            answer = self.client.get_iopub_msg(timeout=WAIT)
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, found = answer["msg_type"], answer["content"]
            if kind == "stream":
                texts.append(found["text"])
            elif kind in ("display_data", "execute_result"):
                outputs.append(found["data"])
            elif kind == "error":
                texts.append("\n".join(found["traceback"]))
            elif kind == "status" and found["execution_state"] == "idle":
                return "".join(texts), outputs
        raise AssertionError("the cell did not end in time")

    def close(self):
        self.client.stop_channels()
        self.server.request("DELETE", f"api/sessions/{self.session['id']}")


@pytest.fixture(scope="module")
def kernel(server):
    (server.notebooks / "lab").mkdir()
    (server.notebooks / "lab" / "digits.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})
    )
    (server.notebooks / "lab" / "utils.py").write_text("def split():\n    return [1, 2, 3]\n")
    found = Kernel(server, "lab/digits.ipynb")
    yield found
    found.close()


def test_a_cell_of_a_notebook_becomes_a_job_with_its_origin(kernel, server):
    kernel.run("import trackside\nfrom utils import split\nscale = 2")
    kernel.run("def helper(x):\n    return [scale * i for i in split()][:x]")
    text, outputs = kernel.run(
        "%%train --param n=2 --name from-notebook\nprint('helped', helper(n))", "cell-abc"
    )
    assert outputs, text
    text, _ = kernel.run("trackside.get_job('from-notebook').wait(60).logs()")
    job = server.request("GET", "trackside/api/v1/jobs/from-notebook").json
    assert job["state"] == "SUCCEEDED", text
    assert job["experiment_name"] == "digits"
    assert job["params"] == {"n": 2}
    source = job["source"]
    assert source["label"] == "cell [3] of digits.ipynb"
    assert source["cell_id"] == "cell-abc"
    assert source["execution_count"] == 3
    assert source["notebook"].endswith("lab/digits.ipynb")
    assert [item["path"] for item in job["bundle"]["files"]] == [
        "__trackside__/cell.py",
        "__trackside__/entry.json",
        "__trackside__/preamble.py",
        "utils.py",
    ]
    log = server.request("GET", "trackside/api/v1/jobs/from-notebook/logs").json["data"]
    assert log == "helped [2, 4]\n"


def test_after_a_notebook_was_renamed_its_jobs_bear_the_new_name(kernel, server):
    session = f"api/sessions/{kernel.session['id']}"
    assert server.request("PATCH", session, {"path": "lab/renamed.ipynb"}).status == 200
    kernel.run("import trackside")
    text, outputs = kernel.run("%%train --name after-rename\nprint('here')")
    assert outputs, text
    job = server.request("GET", "trackside/api/v1/jobs/after-rename").json
    assert job["experiment_name"] == "renamed"
    assert job["source"]["notebook"] == str(server.notebooks / "lab" / "renamed.ipynb")
    assert job["source"]["label"].endswith("of renamed.ipynb")
    assert server.request("PATCH", session, {"path": "lab/digits.ipynb"}).status == 200


def test_a_failing_cell_names_the_line_that_the_user_sees(kernel, server):
    kernel.run("%%train --name failing\nx = 1\n\nx / 0")
    text, _ = kernel.run("trackside.get_job('failing').result(60)")
    assert "ZeroDivisionError" in text
    assert "RemoteTraceback" in text
    job = server.request("GET", "trackside/api/v1/jobs/failing").json
    assert job["failure"]["cell_line"] == 4
    assert "cell line 4" in job["reason"]["message"]


def test_an_exception_class_of_the_notebook_comes_back_as_itself(kernel):
    kernel.run("class Own(Exception): pass\ndef fail():\n    raise Own('on purpose')")
    text, _ = kernel.run(
        "try:\n    trackside.submit(fail).result(60)\n"
        "except Own as error:\n    print('caught', error)"
    )
    assert "caught on purpose" in text


def test_objects_of_classes_of_the_notebook_come_back(kernel):
    kernel.run("class Point:\n    def __init__(self, x): self.x = x\ndef make(x): return Point(x)")
    text, _ = kernel.run(
        "p = trackside.submit(make, params={'x': 4}).result(60)\nprint(type(p) is Point, p.x)"
    )
    assert "True 4" in text


def test_waiting_in_a_notebook_redraws_one_line(kernel):
    text, _ = kernel.run("_ = trackside.submit('print(1)', name='redrawn').wait(60)")
    lines = text.replace("\r", "\n").strip().splitlines()
    assert lines[-1].startswith("redrawn SUCCEEDED")
    assert text.count("\n") == 1


def test_what_cannot_travel_is_refused_in_the_cell(kernel):
    kernel.run("import numpy as np\nX = np.zeros((1797, 64))")
    text, _ = kernel.run("%%train\nprint(X.mean())")
    assert "X: ndarray (1797, 64) — data does not travel" in text
    assert "add --file X.npy" in text
