"""Jobs in real containers: a Jupyter server for each module, with the rights of our Role."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import sys
import time

import pytest
from tests.cluster.conftest import REQUIRED
from tests.cluster.hermetic.namespaces import Namespace
from tests.cluster.hermetic.waiting import until

import trackside
from trackside import _client, _submit
from trackside_server.testing import JupyterProcess

# Far more than anything takes on a machine that is busy.
PATIENCE = 200
# In the network of pods of a cluster that is not ours; read before the user's settings are gone.
HOST_ADDRESS = os.environ.get("TRACKSIDE_TEST_HOST_ADDRESS")
_numbers = itertools.count(1)


class Jobs:
    """The jobs of one Jupyter server on the cluster.

    Parameters
    ----------
    server
        The process.
    namespace
        Where its jobs run.
    folder
        For the code that is submitted.
    """

    def __init__(self, server, namespace, folder) -> None:
        self.server = server
        self.namespace = namespace
        self.client = _client.Client(server.trackside_url, server.token)
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    # To the cluster, through the real client.

    def submit(self, what, **options):
        """Submit a function, path or words of a command."""
        return self._send(trackside.submit, what, **options)

    def script(self, source, **options):
        """Submit a script."""
        return self.submit(self.write(f"script{next(_numbers)}.py", source), **options)

    def cell(self, source, **options):
        """Submit a cell, as the magic does: its first line is below the magic."""
        names = {"__name__": "__main__"}
        return self._send(_submit.submit_cell, source, namespace=names, first_line=2, **options)

    def function(self, source, **options):
        """Submit the function ``work`` of a module of the user."""
        return self.submit(self.module(source).work, **options)

    def module(self, source):
        """Import a module of the user."""
        path = self.write(f"module{next(_numbers)}.py", source)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module

    def write(self, name, content):
        """Write a file beside the code."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    # What became of them.

    def get(self, job):
        """Return all that is known about a job."""
        return job.refresh().data

    def until(self, job, condition, timeout=PATIENCE):
        """Wait by long polls until a job is as wished."""
        deadline = time.monotonic() + timeout
        while not condition(now := self.get(job)):
            assert time.monotonic() < deadline, self._told(job, now)
            query = {"wait": 5, "revision": now["revision"]}
            self.client.api("GET", f"jobs/{job.id}", query=query)
        return now

    def running(self, job):
        """Wait until a job runs."""
        return self.until(job, lambda now: now["state"] == "RUNNING")

    def ended(self, job):
        """Wait until a job is over."""
        return self.until(job, lambda now: now["ended_at"] is not None)

    def succeeded(self, job):
        """Wait for a job's good end."""
        now = self.ended(job)
        assert now["state"] == "SUCCEEDED", self._told(job, now)
        return now

    def end(self, job):
        """Wait for a job's end, and return its state, code and sentence."""
        now = self.ended(job)
        assert self.run(job)["tags"]["trackside.reason.code"] == now["reason"]["code"]
        return now["state"], now["reason"]["code"], now["reason"]["message"]

    def says(self, job, code):
        """Wait until a job says why it is where it is, and return the sentence."""
        found = self.until(job, lambda now: now["reason"] and now["reason"]["code"] == code)
        return found["reason"]["message"]

    def prints(self, job, text, rank=0):
        """Wait until a job has printed something."""
        deadline = time.monotonic() + PATIENCE
        while text not in (log := self.log(job, rank)):
            assert time.monotonic() < deadline, log[-2000:]
            self.wait_for_log(job, rank, len(log.encode()))

    def wait_for_log(self, job, rank, offset):
        """Wait for a moment for more of a log."""
        query = {"wait": 2, "offset": offset, "rank": rank or None}
        self.client.api("GET", f"jobs/{job.id}/logs", query=query)

    def log(self, job, rank=0):
        """Return what a rank printed up to now."""
        return str(job.logs(rank=rank or None))

    def folder_of(self, job):
        """Return the job's folder on the server's disk."""
        return self.server.root / "jobs" / job.id

    def run(self, job):
        """Return the run of a job."""
        run = self.client.mlflow("GET", "runs/get", query={"run_id": job.run_id})["run"]
        data = run["data"]
        kinds = ("params", "metrics", "tags")
        return {
            "status": run["info"]["status"],
            **{kind: {one["key"]: one["value"] for one in data.get(kind, [])} for kind in kinds},
        }

    def points(self, job, key):
        """Return the points of a curve."""
        query = {"run_id": job.run_id, "metric_key": key}
        found = self.client.mlflow("GET", "metrics/get-history", query=query)
        return [(point["step"], point["value"]) for point in found.get("metrics", [])]

    def artifacts(self, job, path=""):
        """Name the artifacts of a run in a folder."""
        query = {"run_id": job.run_id, "path": path}
        found = self.client.mlflow("GET", "artifacts/list", query=query)
        return {file["path"]: file.get("file_size") for file in found.get("files", [])}

    # What is on the cluster.

    def objects(self, job, *kinds):
        """Return the objects of a job as the API server has them."""
        content = self.namespace.admin(
            "get", ",".join(kinds), "-l", f"trackside.dev/job-id={job.id}", "-o", "json"
        )
        return json.loads(content)["items"]

    def object(self, job, kind):
        """Return the one object of a job of a kind, as soon as it is there."""
        return self.until_true(lambda: self.objects(job, kind), f"a {kind}")[-1]

    def pod(self, job):
        """Return the newest pod of a job, as soon as it is there."""
        pods = self.until_true(lambda: self.objects(job, "pods"), "a pod")
        return max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])

    def until_true(self, condition, what, timeout=PATIENCE):
        """Wait until a condition holds that no long poll tells of."""
        return until(condition, what, timeout)

    def _send(self, submit, what, **options):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.setenv("TRACKSIDE_URL", self.client.url)
            patch.setenv("TRACKSIDE_TOKEN", self.client.token)
            _client.reset_client()
            try:
                job = submit(what, on="cluster", **options)
            finally:
                _client.reset_client()
        # One connection for all.
        job._client = self.client
        return job

    def _told(self, job, now):
        return (now["state"], now["reason"], now["cluster"], self.log(job)[-3000:])


@pytest.fixture(scope="module")
def pods(cluster):
    """The module needs pods that run."""
    if not cluster.can_run_pods:
        (pytest.fail if REQUIRED else pytest.skip)(cluster.why_not)


@pytest.fixture(scope="module")
def room(cluster, pods, tmp_path_factory):
    """A namespace for all tests of a module."""
    name = f"jobs-{os.getpid()}-{next(_numbers)}"
    with Namespace(cluster, name, tmp_path_factory.mktemp(name)) as made:
        yield made


@pytest.fixture(scope="module")
def serve(cluster, room, tmp_path_factory):
    """Start Jupyter servers whose jobs run in the module's namespace.

    None of them may meet anything that it does not expect.
    """
    made = []

    def start(*, kubeconfig=None, address=None, env=None, **traits):
        folder = tmp_path_factory.mktemp("jupyter")
        quick = {"stop_grace": 3.0, "retry_delay": 0.1, "job_image": cluster.image, **traits}
        server = _Server(
            folder,
            address=address or "127.0.0.1",
            config={"Trackside": quick, "ServerApp": {"ip": address or "127.0.0.1"}},
            env={"KUBECONFIG": str(kubeconfig or room.kubeconfig), **(env or {})},
        )
        if address:
            quick.setdefault("cluster_url", server.trackside_url)
        server.start()
        made.append(Jobs(server, room, folder / "code"))
        server.wait_ready()
        return made[-1]

    yield start
    logs = []
    for jobs in made:
        jobs.client.close()
        jobs.server.clean_up()
        logs.append(jobs.server.log)
    for log in logs:
        assert "Traceback" not in log, log[-20_000:]


@pytest.fixture(scope="module")
def host_address(cluster):
    """The address of this machine for pods."""
    address = getattr(cluster, "host_address", HOST_ADDRESS)
    if address is None:
        pytest.skip("Pods need a way here: set TRACKSIDE_TEST_HOST_ADDRESS to this machine's.")
    return address


@pytest.fixture(scope="module")
def jobs(serve):
    """The jobs of the module's server."""
    return serve()


class _Server(JupyterProcess):
    """A server that may listen where pods reach it."""

    def __init__(self, folder, *, address, **options) -> None:
        super().__init__(folder, **options)
        self.address = address

    @property
    def origin(self):
        return f"http://{self.address}:{self.port}"

    @property
    def alive(self):
        return self._process.poll() is None


@pytest.fixture(autouse=True)
def _show_the_servers_log(request):
    """Show what the server said during a test that failed."""
    jobs = request.getfixturevalue("jobs") if "jobs" in request.fixturenames else None
    before = len(jobs.server.log) if jobs else 0
    yield
    if jobs:
        print(jobs.server.log[before:][-20_000:])  # noqa: T201
