"""A Jupyter server that is itself a pod: its jobs have what its pod has, and outlive it."""

from __future__ import annotations

import base64
import json
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.cluster.hermetic import CommandFailed
from tests.cluster.hermetic.paths import ROOT
from tests.cluster.hermetic.waiting import until
from tests.cluster.pipelines.conftest import Runs, compiled, outputs

from trackside_server.testing import JupyterProcess

from .conftest import PATIENCE, Jobs

__all__ = ["compiled"]

NAME = "my-notebook-0"
# What must never be seen outside of a Secret.
HUB_TOKEN = "hub-4711-token-of-the-notebook"
API_KEY = "sk-0815-key-of-the-notebook"
PASSWORD = "pass-1234-of-the-database"
SETTING = "wandb-5678-of-the-team"

SHARED, OWN = "/home/shared", "/data/own"
SEES = f"""
import os, pathlib
seen = {{name: os.environ.get(name) for name in ("PLAIN", "FLAG", "OPENAI_API_KEY",
    "DB_PASSWORD", "WANDB_KEY", "JUPYTERHUB_API_TOKEN", "NB_PREFIX")}}
seen["note"] = pathlib.Path("{SHARED}/note.txt").read_text()
seen["own"] = pathlib.Path("{OWN}").exists()
print(seen == {{"PLAIN": "as it is", "FLAG": "on", "OPENAI_API_KEY": "{API_KEY}",
    "DB_PASSWORD": "{PASSWORD}", "WANDB_KEY": "{SETTING}", "JUPYTERHUB_API_TOKEN": None,
    "NB_PREFIX": None, "note": "for all", "own": False}}, flush=True)
"""
WAITS = "import os, time\nwhile not os.path.exists('/tmp/go'): time.sleep(0.05)\n"


def claim(name, mode):
    spec = {"accessModes": [mode], "storageClassName": "", "resources": {"requests": {}}}
    spec["resources"]["requests"]["storage"] = "1Gi"
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": spec,
    }


def volume(name, claimed, space, mode, path):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "accessModes": [mode],
            "capacity": {"storage": "1Gi"},
            "claimRef": {"name": claimed, "namespace": space},
            "hostPath": {"path": str(path)},
            "persistentVolumeReclaimPolicy": "Retain",
        },
    }


def secret(name, **data):
    meta = {"name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data}


def pod_default(space):
    """Kubeflow's way to let the pods with a label have credentials."""
    return {
        "apiVersion": "kubeflow.org/v1alpha1",
        "kind": "PodDefault",
        "metadata": {"name": "credentials", "namespace": space},
        "spec": {"selector": {"matchLabels": {"wants-credentials": "true"}}},
    }


POD_DEFAULTS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "poddefaults.kubeflow.org"},
    "spec": {
        "group": "kubeflow.org",
        "names": {"kind": "PodDefault", "plural": "poddefaults", "singular": "poddefault"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}


class _Pod(JupyterProcess):
    """A Jupyter server that the cluster runs."""

    def __init__(self, folder, namespace, cluster, address) -> None:
        super().__init__(
            folder,
            config={
                "ServerApp": {"ip": address},
                "Trackside": {
                    "root_dir": f"{SHARED}/trackside",
                    "stop_grace": 3.0,
                    "retry_delay": 0.1,
                },
            },
        )
        self.namespace = namespace
        self._cluster = cluster
        self._address = address

    @property
    def origin(self):
        return f"http://{self._address}:{self.port}"

    def start(self):
        self._write_config()
        self.namespace.admin("apply", "-f", "-", input=json.dumps(self._manifest()))
        return self

    def wait_ready(self, timeout=PATIENCE):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                if self.request("GET", "trackside/api/v1/info").status == 200:
                    return self
            except OSError:
                pod = json.loads(self.namespace.admin("get", "pod", NAME, "-o", "json"))
                if pod["status"]["phase"] in ("Failed", "Succeeded"):
                    break
            time.sleep(0.1)
        raise RuntimeError(f"The Jupyter server did not come up:\n{self.log}")

    def kill(self, sig=9):
        """End the pod as the loss of its node does: at once, and with all that is its own."""
        self.namespace.admin("delete", "pod", NAME, "--force", "--grace-period=0", "--wait")
        # Its containers go after it, and the next one would be taken for ready while they answer.
        until(self._is_gone, "the end of the server")

    def _is_gone(self):
        with socket.socket() as probe:
            probe.settimeout(2)
            return probe.connect_ex((self._address, self.port)) != 0

    def stop(self):
        self.namespace.admin("delete", "pod", NAME, "--force", "--ignore-not-found", "--wait")

    @property
    def log(self):
        try:
            return self.namespace.admin("logs", NAME, "-c", "my-notebook")
        except CommandFailed as error:
            return str(error)

    def _manifest(self):
        api = urlsplit(self._cluster.server)
        folders = {
            name: value
            for name, value in self.environment().items()
            if value.startswith(str(self.folder))
        }
        libraries = Path(pytest.__file__).parents[1]
        path = [libraries, ROOT / "server_ext", ROOT / "widgets"]
        plain = {
            **folders,
            "KUBERNETES_SERVICE_HOST": api.hostname,
            "KUBERNETES_SERVICE_PORT": str(api.port),
            "PYTHONPATH": ":".join(map(str, path)),
            "NB_PREFIX": "/notebook/team/my-notebook",
            "JUPYTERHUB_API_TOKEN": HUB_TOKEN,
            "OPENAI_API_KEY": API_KEY,
            "PLAIN": "as it is",
        }
        env = [{"name": name, "value": value} for name, value in plain.items()]
        password = {"secretKeyRef": {"name": "database", "key": "password"}}
        own_name = {"fieldRef": {"fieldPath": "metadata.name"}}
        version = f"({sys.version_info[0]}, {sys.version_info[1]})"
        begin = (
            f"import runpy, sys\nif sys.version_info[:2] != {version}: sys.exit('another Python')\n"
            "sys.argv = ['jupyter-server', '--no-browser']\n"
            "runpy.run_module('jupyter_server', run_name='__main__')\n"
        )
        mounts = {
            "code": str(ROOT),
            "libraries": str(libraries),
            "folder": str(self.folder),
            "shared": SHARED,
            "own": OWN,
        }
        volumes = [
            {"name": "code", "hostPath": {"path": str(ROOT)}},
            {"name": "libraries", "hostPath": {"path": str(libraries)}},
            {"name": "folder", "hostPath": {"path": str(self.folder)}},
            {"name": "shared", "persistentVolumeClaim": {"claimName": "team-files"}},
            {"name": "own", "persistentVolumeClaim": {"claimName": "my-files"}},
        ]
        server = {
            "name": "my-notebook",
            "image": self._cluster.image,
            "command": ["python3", "-c", begin],
            "env": [
                *env,
                {"name": "DB_PASSWORD", "valueFrom": password},
                {"name": "POD_NAME", "valueFrom": own_name},
            ],
            "envFrom": [{"secretRef": {"name": "team"}}, {"configMapRef": {"name": "flags"}}],
            "volumeMounts": [
                {"name": name, "mountPath": path, "readOnly": name in ("code", "libraries")}
                for name, path in mounts.items()
            ],
        }
        beside = {
            "name": "beside",
            "image": self._cluster.image,
            "command": ["python3", "-c", "import time; time.sleep(3600)"],
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": NAME,
                "labels": {"notebook-name": "my-notebook", "wants-credentials": "true"},
            },
            "spec": {
                # The API server of the tests listens on this machine's loopback.
                "hostNetwork": True,
                "serviceAccountName": "notebook",
                "restartPolicy": "Never",
                "imagePullSecrets": [{"name": "registry"}],
                "tolerations": [{"key": "team", "operator": "Equal", "value": "a"}],
                "containers": [beside, server],
                "volumes": volumes,
            },
        }


@pytest.fixture(scope="module")
def belongings(cluster, room, tmp_path_factory):
    """Make what the pod of a notebook has: secrets, settings, volumes, defaults."""
    shared, own = tmp_path_factory.mktemp("shared"), tmp_path_factory.mktemp("own")
    (shared / "note.txt").write_text("for all")
    volumes = [
        volume(f"{room.name}-shared", "team-files", room.name, "ReadWriteMany", shared),
        volume(f"{room.name}-own", "my-files", room.name, "ReadWriteOnce", own),
    ]
    things = [
        *volumes,
        claim("team-files", "ReadWriteMany"),
        claim("my-files", "ReadWriteOnce"),
        secret("team", WANDB_KEY=SETTING),
        secret("database", password=PASSWORD),
        secret("registry") | {"type": "kubernetes.io/dockerconfigjson"},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "flags"},
            "data": {"FLAG": "on"},
        },
    ]
    things[-2]["stringData"] = {".dockerconfigjson": '{"auths": {}}'}
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": things})
    room.admin("apply", "-f", "-", input=content)
    ours = "poddefaults.kubeflow.org" not in cluster.kubectl("get", "crd", "-o", "name")
    if ours:
        cluster.kubectl("apply", "-f", "-", input=json.dumps(POD_DEFAULTS))
        cluster.kubectl("wait", "crd/poddefaults.kubeflow.org", "--for=condition=Established")
    room.admin("apply", "-f", "-", input=json.dumps(pod_default(room.name)))
    yield
    room.admin("delete", "pods,pvc", "--all", "--force", "--grace-period=0", "--wait=false")
    cluster.kubectl("delete", "pv", *[one["metadata"]["name"] for one in volumes], "--wait=false")
    if ours:
        cluster.kubectl("delete", "crd", "poddefaults.kubeflow.org", "--wait=false")


@pytest.fixture(scope="module")
def jobs(cluster, room, belongings, tmp_path_factory):
    """The jobs of a server in a pod, which listens on the address of its node."""
    node = json.loads(cluster.kubectl("get", "node", cluster.node, "-o", "json"))
    addresses = {one["type"]: one["address"] for one in node["status"]["addresses"]}
    folder = tmp_path_factory.mktemp("jupyter")
    server = _Pod(folder, room, cluster, addresses["InternalIP"])
    server.start()
    try:
        server.wait_ready()
    except RuntimeError:
        if "another Python" in server.log:
            pytest.skip("The Python of the cluster's image is not that of these tests.")
        raise
    found = Jobs(server, room, folder / "code")
    yield found
    log = server.log
    found.client.close()
    server.stop()
    assert "Traceback" not in log, log[-20_000:]


@pytest.fixture(scope="module")
def seen(jobs):
    """A job that looks around, with the manifests of all its objects."""
    job = jobs.script(SEES + WAITS)
    jobs.prints(job, "\n")
    kinds = ("jobs", "pods", "configmaps", "secrets", "events")
    return job, {kind: jobs.objects(job, kind) for kind in kinds}


def test_a_server_finds_its_own_pod(jobs, cluster) -> None:
    told = jobs.client.api("GET", "cluster")
    assert told["notebook"] == {"pod": NAME, "image": cluster.image, "node": cluster.node}
    assert told["namespace"] == jobs.namespace.name


def test_a_job_has_the_image_and_the_rights_of_the_notebook(seen, cluster) -> None:
    (pod,) = seen[1]["pods"]
    spec = pod["spec"]
    (container,) = spec["containers"]
    assert container["image"] == cluster.image
    assert spec["serviceAccountName"] == "notebook"
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert {"key": "team", "operator": "Equal", "value": "a"} in spec["tolerations"]
    assert pod["metadata"]["labels"]["wants-credentials"] == "true"
    # The network is not what a notebook shares, and neither is its name.
    assert not spec.get("hostNetwork")
    assert "notebook-name" not in pod["metadata"]["labels"]


def test_a_job_has_the_variables_of_the_notebook_but_for_its_own(jobs, seen) -> None:
    job, _ = seen
    assert jobs.log(job) == "True\n"


def test_secrets_go_along_by_reference(seen) -> None:
    found = seen[1]
    (container,) = found["pods"][0]["spec"]["containers"]
    assert {"secretRef": {"name": "team"}} in container["envFrom"]
    assert {"configMapRef": {"name": "flags"}} in container["envFrom"]
    env = {one["name"]: one for one in container["env"]}
    reference = {"secretKeyRef": {"name": "database", "key": "password"}}
    assert env["DB_PASSWORD"]["valueFrom"] == reference
    assert env["PLAIN"]["value"] == "as it is"
    assert not {"JUPYTERHUB_API_TOKEN", "OPENAI_API_KEY", "NB_PREFIX"} & env.keys()
    assert "KUBERNETES_SERVICE_HOST" not in env
    shown = json.dumps([found[kind] for kind in ("jobs", "pods", "configmaps", "events")])
    for value in (HUB_TOKEN, API_KEY, PASSWORD, SETTING):
        assert value not in shown
    # Its own Secret holds what cannot be referred to, and nothing of the hub.
    (own,) = found["secrets"]
    assert "OPENAI_API_KEY" in own["data"]
    assert not [name for name in own["data"] if name.startswith("JUPYTER")]


def test_volumes_that_several_nodes_can_mount_go_along(seen) -> None:
    spec = seen[1]["pods"][0]["spec"]
    claims = {
        one["persistentVolumeClaim"]["claimName"]
        for one in spec["volumes"]
        if "persistentVolumeClaim" in one
    }
    assert claims == {"team-files"}
    # The code lies there already.
    (pieces,) = seen[1]["configmaps"]
    launch = json.loads(base64.b64decode(pieces["binaryData"]["launch.json"]))
    assert launch["shared"].startswith(f"{SHARED}/trackside/bundles/")


def test_what_stays_with_the_notebook_is_said_before(jobs, seen) -> None:
    job, _ = seen
    spec = {"kind": "script", "bundle": jobs.get(job)["bundle"]["digest"], "on": "cluster"}
    plan = jobs.client.api("POST", "jobs/plan", spec)
    notes = [one["message"] for one in plan["findings"] if "my-files" in one["message"]]
    sentence = (
        "The volume my-files is mounted on one node only (ReadWriteOnce), so it stays with the "
        f"notebook: a job does not see {OWN}."
    )
    assert notes == [sentence]
    text = json.dumps(plan)
    for value in (HUB_TOKEN, API_KEY, PASSWORD, SETTING):
        assert value not in text


def test_jobs_reach_the_server_in_its_pod_without_a_setting(jobs) -> None:
    job = jobs.script("import trackside\ntrackside.log({'loss': 0.5}, step=3)\n")
    now = jobs.succeeded(job)
    assert now["cluster"]["lane"] == "server"
    assert jobs.points(job, "loss") == [(3, 0.5)]


def test_what_tasks_of_pipelines_hand_on_lies_on_the_volume_that_both_see(jobs, compiled) -> None:
    pipelines = Runs(jobs, compiled)
    tasks = pipelines.succeeded(pipelines.start("chain", text="shared", count=2))
    assert outputs(tasks["writes"]) == {"said": "shared"}
    seen = outputs(tasks["reads"])["seen"]
    assert (seen["lines"], seen["second"], seen["writable"]) == (2, "two", False)
    for name in ("writes", "reads"):
        pod = pipelines.pod(tasks[name])
        # Nothing travels: there is nobody beside the task's own container, and no code for it.
        assert "initContainers" not in pod["spec"]
        (container,) = pod["spec"]["containers"]
        places = {
            mount["mountPath"]: mount["name"]
            for mount in container["volumeMounts"]
            if mount["mountPath"].startswith("/trackside/")
        }
        assert set(places.values()) == {"shared"}
        assert {"/trackside/outputs", "/trackside/parameters"} <= set(places)


def test_a_job_outlives_the_pod_of_its_notebook(jobs) -> None:
    job = jobs.script(f"print('before', flush=True)\n{WAITS}print('after')\n")
    jobs.prints(job, "before\n")
    jobs.server.kill()
    pod = jobs.pod(job)
    jobs.namespace.admin("exec", pod["metadata"]["name"], "--", "touch", "/tmp/go")
    jobs.server.start().wait_ready()
    jobs.succeeded(job)
    assert jobs.log(job) == "before\nafter\n"
    assert jobs.pod(job)["metadata"]["uid"] == pod["metadata"]["uid"]
