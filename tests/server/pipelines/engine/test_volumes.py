"""Volumes are made and deleted once, though the server is killed before it hears that they are.

A small API server keeps the claims. Whenever it has done what it was asked for, it kills whoever
asked, instead of an answer.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from tests.server.pipelines.compiled import compiled
from tests.server.pipelines.engine.test_restart import API, ended, tasks_of

CLAIMS = "/api/v1/namespaces/team-a/persistentvolumeclaims"
ALL = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
FIXED = {
    "/version": {"gitVersion": "v1.33.0"},
    "/apis": {"kind": "APIGroupList", "groups": []},
}
PIPELINE = """
from kfp import dsl, kubernetes


@dsl.pipeline
def volumes() -> str:
    made = kubernetes.CreatePVC(access_modes=["ReadWriteOnce"], size="1Gi", pvc_name_suffix="-x")
    kubernetes.DeletePVC(pvc_name=made.outputs["name"])
    return made.outputs["name"]
"""


class Cluster(ThreadingHTTPServer):
    """An API server that knows claims, and kills."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.claims = {}
        self.done = []
        self.killer = None
        self.armed = threading.Event()
        self.killed = threading.Semaphore(0)

    def kill_after(self, what):
        """Say what was done; the first time nobody lives to hear it."""
        first = what not in self.done
        self.done.append(what)
        if first:
            # Whoever asked for the run shall hear that it was made.
            self.armed.wait(60)
            self.killer()
            self.killed.release()
        return first


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self):
        if self.path.startswith(f"{CLAIMS}/"):
            found = self.server.claims.get(self.path.rpartition("/")[2])
            self._answer(200 if found else 404, found or {})
        else:
            path = self.path.partition("?")[0]
            self._answer(200, FIXED.get(path, {"items": [], "metadata": {}}))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.startswith(CLAIMS):
            self._answer(201, {"status": {"allowed": True, "resourceRules": ALL}})
            return
        name = body["metadata"]["name"]
        there = self.server.claims.get(name)
        self.server.claims.setdefault(name, body)
        if not self.server.kill_after(f"make {name}"):
            self._answer(409 if there else 201, there or body)

    def do_DELETE(self):
        name = self.path.partition("?")[0].rpartition("/")[2]
        there = self.server.claims.pop(name, None)
        if not self.server.kill_after(f"delete {name}"):
            self._answer(200 if there else 404, {})

    def _answer(self, status, body):
        reason = {404: "NotFound", 409: "AlreadyExists"}.get(status)
        told = {"kind": "Status", "reason": reason, "message": reason} if reason else body
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def cluster():
    made = Cluster()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def kubeconfig(cluster, tmp_path):
    named = {"name": "here"}
    path = tmp_path / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{**named, "cluster": {"server": f"http://127.0.0.1:{cluster.server_port}"}}],
        "users": [{**named, "user": {"token": "token"}}],
        "contexts": [
            {**named, "context": {"cluster": "here", "user": "here", "namespace": "team-a"}}
        ],
    }
    path.write_text(yaml.safe_dump(config))
    return path


def test_a_volume_is_made_and_deleted_once_whenever_the_server_is_killed(
    jupyter_process, cluster, kubeconfig, tmp_path
):
    source = tmp_path / "pipelines.py"
    source.write_text(PIPELINE)
    server = jupyter_process(
        env={"KUBECONFIG": str(kubeconfig)}, config={"Trackside": {"job_image": "python:3.12"}}
    )
    cluster.killer = server.kill
    (document,) = yaml.safe_load_all(compiled(source)["volumes"])
    body = {"display_name": "volumes", "pipeline_spec": document, "trackside": {"on": "cluster"}}
    answer = server.request("POST", f"{API}/runs", body)
    cluster.armed.set()
    assert answer.status == 200, answer.text
    run_id = answer.json["run_id"]
    for _ in range(2):
        assert cluster.killed.acquire(timeout=60)
        server.restart()
    assert ended(server, run_id)["state"] == "SUCCEEDED"
    tasks = tasks_of(server, run_id)
    (output,) = tasks["createpvc"]["outputs"]["parameters"]
    name = output["value"]
    # Asked for again by the second and the third server, and found done.
    assert cluster.done == [f"make {name}"] * 2 + [f"delete {name}"] * 2
    assert cluster.claims == {}
    assert {task["trackside"].get("attempt", 1) for task in tasks.values()} == {1}
