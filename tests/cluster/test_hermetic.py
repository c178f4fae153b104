"""What may be relied on of the cluster that the tests run against."""

from __future__ import annotations

import http.server
import json
import ssl
import urllib.error
import urllib.request

import pytest
from tests.cluster.hermetic import CommandFailed, manifests
from tests.cluster.hermetic.gpus import RESOURCE as GPU
from tests.cluster.hermetic.waiting import until

pytestmark = pytest.mark.usefixtures("own_cluster")
pods = pytest.mark.usefixtures("needs_pods")


def pod(cluster, command: str, gpus: int = 0, **more: object) -> dict:
    """Return the template of a pod that runs a line of Python."""
    container = {
        "name": "main",
        "image": cluster.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-u", "-c", command],
        "resources": {"limits": {GPU: str(gpus)}} if gpus else {},
    }
    return {"spec": {"restartPolicy": "Never", "containers": [container], **more}}


def job(cluster, name: str, command: str, gpus: int = 0, **more: object) -> dict:
    spec = {"backoffLimit": 0, "template": pod(cluster, command, gpus), **more}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


def apply(namespace, *objects: dict) -> None:
    content = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    namespace.admin("apply", "-f", "-", input=json.dumps(content))


def get(namespace, *what: str) -> dict:
    return json.loads(namespace.admin("get", "-o", "json", *what))


def conditions(thing: dict) -> set[str]:
    found = thing.get("status", {}).get("conditions", [])
    return {condition["type"] for condition in found if condition["status"] == "True"}


def phase(namespace, name: str) -> str:
    return get(namespace, "pod", name)["status"]["phase"]


def run_pod(cluster, namespace, name: str, command: str) -> None:
    template = pod(cluster, command)
    apply(namespace, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, **template})


def log_of(namespace, name: str) -> str:
    try:
        return namespace.admin("logs", name)
    except CommandFailed as error:
        return str(error)


@pods
def test_a_pod_runs_python_and_its_log_is_read(cluster, namespace) -> None:
    run_pod(cluster, namespace, "hello", "import sys, http; print('Python', sys.version_info[0])")
    until(lambda: phase(namespace, "hello") == "Succeeded", "the end of the pod")
    assert namespace.admin("logs", "hello") == "Python 3\n"


@pods
def test_a_job_is_given_the_gpus_that_it_asks_for(cluster, namespace) -> None:
    labels = json.loads(cluster.kubectl("get", "node", cluster.node, "-o", "json"))["metadata"]
    assert labels["labels"]["nvidia.com/gpu.product"] == "NVIDIA-A100-SXM4-80GB"
    command = "import os; print(os.environ['NVIDIA_VISIBLE_DEVICES'])"
    apply(namespace, job(cluster, "two", command, gpus=2), job(cluster, "five", command, gpus=5))
    until(lambda: "Complete" in conditions(get(namespace, "job", "two")), "the end of the job")
    seen = namespace.admin("logs", "job/two").strip().split(",")
    assert len(set(seen)) == 2
    assert all(gpu.startswith("GPU-") for gpu in seen)
    # There are four in all.
    (waiting,) = get(namespace, "pods", "-l", "job-name=five")["items"]
    assert "Insufficient nvidia.com/gpu" in waiting["status"]["conditions"][0]["message"]


@pods
def test_ranks_of_an_indexed_job_reach_each_other_by_name(cluster, namespace) -> None:
    command = """
import http.server, os, time, urllib.request
if os.environ["JOB_COMPLETION_INDEX"] == "0":
    http.server.HTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler).handle_request()
else:
    while True:
        try:
            print(urllib.request.urlopen("http://ranks-0.ranks:8000/", timeout=5).status)
            break
        except OSError:
            time.sleep(0.1)
"""
    ranks = job(cluster, "ranks", command, completions=2, parallelism=2, completionMode="Indexed")
    ranks["spec"]["template"]["spec"]["subdomain"] = "ranks"
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "ranks"},
        "spec": {"clusterIP": "None", "selector": {"job-name": "ranks"}},
    }
    apply(namespace, service, ranks)
    until(lambda: "Complete" in conditions(get(namespace, "job", "ranks")), "the end of the job")
    index = "batch.kubernetes.io/job-completion-index=1"
    assert namespace.admin("logs", "-l", index) == "200\n"


@pods
def test_a_pod_reaches_what_listens_for_it_on_this_machine(cluster, namespace) -> None:
    class Greet(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            """Print nothing into the output of the tests."""

    with http.server.HTTPServer((cluster.host_address, 0), Greet) as server:
        server.timeout = 90
        url = f"http://{cluster.host_address}:{server.server_port}/"
        read = f"import urllib.request; print(urllib.request.urlopen({url!r}, timeout=60).read())"
        run_pod(cluster, namespace, "asks", read)
        server.handle_request()
    until(lambda: phase(namespace, "asks") == "Succeeded", "the end of the pod")
    assert namespace.admin("logs", "asks") == "b'hello'\n"


@pods
def test_a_pod_in_the_network_of_the_host_reaches_the_api_server(cluster, namespace) -> None:
    command = f"""
import ssl, urllib.request
folder = "/var/run/secrets/kubernetes.io/serviceaccount/"
headers = {{"Authorization": "Bearer " + open(folder + "token").read()}}
request = urllib.request.Request("{cluster.server}/version", headers=headers)
context = ssl.create_default_context(cafile=folder + "ca.crt")
print(urllib.request.urlopen(request, context=context).status)
"""
    template = pod(cluster, command, hostNetwork=True)
    apply(namespace, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "asks"}, **template})
    until(lambda: phase(namespace, "asks") == "Succeeded", "the end of the pod")
    assert namespace.admin("logs", "asks") == "200\n"


@pods
def test_kueue_admits_what_fits_and_tells_the_place_of_the_rest(cluster, namespace) -> None:
    cluster.start_controllers("kueue")
    manifests.apply_queue(cluster.kubectl, namespace.name, namespace.name, {GPU: "1"})
    label = {"kueue.x-k8s.io/queue-name": namespace.name}
    jobs = [
        job(cluster, name, "import time; time.sleep(600)", gpus=1, suspend=True)
        for name in ("first", "second")
    ]
    for queued in jobs:
        queued["metadata"]["labels"] = label
    apply(namespace, jobs[0])
    until(lambda: not get(namespace, "job", "first")["spec"]["suspend"], "the first job's turn")
    apply(namespace, jobs[1])
    path = f"/apis/visibility.kueue.x-k8s.io/v1beta2/namespaces/{namespace.name}"
    path += f"/localqueues/{namespace.name}/pendingworkloads"
    (waiting,) = until(
        lambda: json.loads(cluster.kubectl("get", "--raw", path))["items"], "a job in line"
    )
    assert waiting["positionInLocalQueue"] == 0
    assert get(namespace, "job", "second")["spec"]["suspend"]
    namespace.admin("delete", "job", "first")
    until(lambda: not get(namespace, "job", "second")["spec"]["suspend"], "the second job's turn")


@pods
def test_a_trainjob_runs_on_two_nodes(cluster, namespace) -> None:
    cluster.start_controllers("trainer")
    command = "import os; print(os.environ['PET_NODE_RANK'], 'of', os.environ['PET_NNODES'])"
    apply(
        namespace,
        {
            "apiVersion": "trainer.kubeflow.org/v1alpha1",
            "kind": "TrainJob",
            "metadata": {"name": "train"},
            "spec": {
                "runtimeRef": {"name": "torch-distributed"},
                "trainer": {"numNodes": 2, "command": ["python", "-c", command]},
            },
        },
    )
    until(lambda: "Complete" in conditions(get(namespace, "trainjob", "train")), "its end")
    printed = namespace.admin("logs", "-l", "jobset.sigs.k8s.io/jobset-name=train")
    assert sorted(printed.splitlines()) == ["0 of 2", "1 of 2"]


def test_a_user_has_the_rights_of_the_role_and_no_others(namespace) -> None:
    assert json.loads(namespace.kubectl("get", "jobs", "-o", "json"))["items"] == []
    with pytest.raises(CommandFailed, match="cannot list resource"):
        namespace.kubectl("get", "pods", "--all-namespaces")
    with pytest.raises(CommandFailed, match="cannot list resource"):
        namespace.kubectl("get", "secrets")


def ask(cluster, namespace, path: str, timeout: float = 30) -> tuple[int, dict]:
    """Ask the API server as the user of a namespace, without a client of its own mind."""
    request = urllib.request.Request(
        f"{cluster.server}/api/v1/namespaces/{namespace.name}/{path}",
        headers={"Authorization": f"Bearer {namespace.token}"},
    )
    context = ssl.create_default_context(cafile=cluster.ca_file)
    try:
        with urllib.request.urlopen(request, context=context, timeout=timeout) as answer:
            return answer.status, json.loads(answer.readline())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_compacted_past_cannot_be_watched_from(cluster, namespace) -> None:
    status, listed = ask(cluster, namespace, "pods")
    assert status == 200
    cluster.compact()
    past = listed["metadata"]["resourceVersion"]
    _, event = ask(cluster, namespace, f"pods?watch=1&resourceVersion={past}")
    assert event["type"] == "ERROR"
    assert event["object"]["code"] == 410


def test_an_api_server_comes_back_where_it_was(cluster, namespace) -> None:
    cluster.stop_api_server()
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(cluster, namespace, "pods")
    cluster.start_api_server()
    assert ask(cluster, namespace, "pods")[0] == 200


def test_an_api_server_that_hangs_goes_on_later(cluster, namespace) -> None:
    cluster.pause_api_server()
    try:
        with pytest.raises((TimeoutError, urllib.error.URLError), match="timed out"):
            ask(cluster, namespace, "pods", timeout=0.5)
    finally:
        cluster.resume_api_server()
    assert ask(cluster, namespace, "pods")[0] == 200


@pods
def test_containers_run_on_without_the_kubelet(cluster, namespace) -> None:
    run_pod(cluster, namespace, "on", "print('begun', flush=True); import time; time.sleep(600)")
    until(lambda: phase(namespace, "on") == "Running", "the start of the pod")
    until(lambda: namespace.admin("logs", "on") == "begun\n", "its first line")
    cluster.stop_kubelet()
    with pytest.raises(CommandFailed, match="refused"):
        namespace.admin("logs", "on")
    cluster.start_kubelet()
    # It is ready a moment before it knows what the kubelet before it has started.
    until(lambda: log_of(namespace, "on") == "begun\n", "its line again")
    status = get(namespace, "pod", "on")["status"]["containerStatuses"][0]
    assert status["restartCount"] == 0
