"""What the view tells of a real API server, with more rights and with fewer."""

from __future__ import annotations

import asyncio
import itertools
import json
import time

import pytest
import pytest_asyncio
import yaml
from tests.cluster.hermetic.paths import ROOT
from tests.cluster.hermetic.waiting import until

from trackside_server.cluster.access import Wish, find
from trackside_server.cluster.api import Api
from trackside_server.cluster.gpus import parse_request, resolve
from trackside_server.cluster.readers import Readers
from trackside_server.cluster.views import ClusterView
from trackside_server.errors import ClusterUnavailable

TYPE = "H999-80GB"
LABELS = {"nvidia.com/gpu.product": "NVIDIA-H999-SXM5-80GB", "nvidia.com/gpu.memory": "81920"}
RESOURCE = "nvidia.com/gpu"


@pytest_asyncio.fixture
async def api(namespace, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(namespace.kubeconfig))
    made = Api(find(Wish()))
    yield made
    await made.close()


@pytest.fixture
def readers(api):
    return Readers(api)


@pytest.fixture
def look(readers):
    """Make the view of the cluster."""

    async def connect():
        return readers

    def make(**options):
        return ClusterView(connect, **options)

    return make


@pytest.fixture
def view(look):
    return look()


@pytest.fixture
def nodes(cluster, namespace):
    """Make nodes with GPUs, of which the API server knows as much as of others."""
    made = []

    def make(name, *, gpus=8, labels=None, spec=None):
        name = f"{namespace.name}-{name}"
        made.append(name)
        metadata = {"name": name, "labels": LABELS if labels is None else labels}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec or {}}
        cluster.kubectl("create", "-f", "-", input=json.dumps(node))
        # Nobody else reports on it, so it counts as ready until somebody misses that.
        has = {"cpu": "64", "memory": "512Gi", "pods": "110", RESOURCE: str(gpus)}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        ready = {"type": "Ready", "status": "True", "reason": "Test", "message": "It is a test."}
        ready |= {"lastHeartbeatTime": now, "lastTransitionTime": now}
        status = {"capacity": has, "allocatable": has, "conditions": [ready]}
        patch = json.dumps({"status": status})
        cluster.kubectl("patch", "node", name, "--subresource=status", "-p", patch)
        until(lambda: "not-ready" not in taints(cluster, name), "the node to count as ready")
        return name

    yield make
    for name in made:
        cluster.kubectl("delete", "node", name, "--wait=false")


def taints(cluster, name):
    return cluster.kubectl("get", "node", name, "-o", "jsonpath={.spec.taints}")


def hold(namespace, name, node, gpus, *, phase="Running"):
    """Place a pod that holds GPUs on a node, as the scheduler does."""
    container = {"name": "main", "image": "none", "resources": {"limits": {RESOURCE: str(gpus)}}}
    spec = {"nodeName": node, "containers": [container], "tolerations": [{"operator": "Exists"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    namespace.admin("create", "-f", "-", input=json.dumps(pod))
    patch = json.dumps({"status": {"phase": phase}})
    namespace.admin("patch", "pod", name, "--subresource=status", "-p", patch)


@pytest.fixture
def grant(cluster, namespace):
    """Give the user of the namespace what an answer says is missing, as it says it."""
    user = {"kind": "ServiceAccount", "name": "notebook", "namespace": namespace.name}
    names = (f"{namespace.name}-{number}" for number in itertools.count())
    made = []

    def give(missing):
        name = next(names)
        role = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": missing["kind"],
            "metadata": {"name": name},
            "rules": yaml.safe_load(missing["rules"]),
        }
        binding = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": f"{missing['kind']}Binding",
            "metadata": {"name": name},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": missing["kind"],
                "name": name,
            },
            "subjects": [user],
        }
        for item in (role, binding):
            namespace.admin("create", "-f", "-", input=json.dumps(item))
        if missing["kind"] == "ClusterRole":
            made.append(name)

    yield give
    for name in made:
        cluster.kubectl("delete", "clusterrole,clusterrolebinding", name)


def wide(answer, word):
    (found,) = [item for item in answer["missing"] if word in item["what"]]
    assert found["kind"] == "ClusterRole"
    return found


def kinds(missing):
    return {item["kind"] for item in missing}


async def in_time(view, condition):
    """Ask until the answer is as it is to be: the API server learns of rights a moment later."""
    for _ in range(300):
        answer = await view.describe(refresh=True)
        if condition(answer):
            break
        await asyncio.sleep(0.1)
    return answer


def in_use(answer):
    return {(item["type"], item["used"]) for item in answer["gpus"]}


def ours(answer):
    (found,) = [item for item in answer["gpus"] if item["type"] == TYPE]
    return found


@pytest.mark.asyncio
async def test_each_right_that_is_given_shows_more(view, namespace, nodes, grant) -> None:
    first, second = nodes("a"), nodes("b", gpus=4)
    cordoned = nodes("c", spec={"unschedulable": True})
    reserved = {"key": "dedicated", "value": "team-b", "effect": "NoSchedule"}
    nodes("d", gpus=2, spec={"taints": [reserved]})
    hold(namespace, "one", first, 5)
    hold(namespace, "two", second, 1, phase="Pending")
    hold(namespace, "three", cordoned, 1)
    hold(namespace, "ended", second, 2, phase="Succeeded")

    answer = await view.describe()
    assert (answer["state"], answer["namespace"]) == ("connected", namespace.name)
    assert (answer["gpus"], answer["nodes"]) == ([], None)
    assert answer["version"].startswith("v1.")
    assert kinds(answer["missing"]) == {"ClusterRole"}

    grant(wide(answer, "list its nodes"))
    answer = await in_time(view, lambda answer: answer["nodes"])
    assert answer["nodes"]["total"] >= 4
    totals = {"type": TYPE, "product": "NVIDIA-H999-SXM5-80GB", "resource": RESOURCE, "nodes": 4}
    totals |= {"memory": 80 * 1024**3, "total": 22, "shared": False}
    assert ours(answer) == totals | {"used": None, "free": None, "fits": None}

    of_pods = wide(answer, "pods of all namespaces")
    grant(of_pods)
    for item in (await in_time(view, lambda answer: of_pods not in answer["missing"]))["missing"]:
        grant(item)
    answer = await in_time(view, lambda answer: answer["missing"] == [])
    assert answer["missing"] == []
    # Five of eight and one of four are in use; what is cordoned or reserved is not to be had.
    assert ours(answer) == totals | {"used": 7, "free": 6, "fits": 3}


@pytest.mark.asyncio
async def test_without_any_right_it_says_which_role_to_ask_for(view, namespace, grant) -> None:
    namespace.admin("delete", "rolebinding", "trackside")
    answer = await in_time(view, lambda answer: answer["state"] == "denied")
    assert answer["state"] == "denied"
    assert namespace.name in answer["message"]
    assert answer["hint"]
    for item in answer["missing"]:
        if item["kind"] == "Role":
            grant(item)
    answer = await in_time(view, lambda answer: "Role" not in kinds(answer["missing"]))
    assert (answer["state"], answer["message"]) == ("connected", None)
    assert "Role" not in kinds(answer["missing"])


@pytest.mark.asyncio
async def test_the_quota_is_numbers(view, namespace) -> None:
    namespace.admin("create", "quota", "limits", "--hard=requests.nvidia.com/gpu=8,memory=16Gi")
    until(
        lambda: "memory" in namespace.admin("get", "quota", "-o", "jsonpath={..status.used}"),
        "the quota to be counted",
    )
    answer = await view.describe()
    assert answer["quota"] == [
        {"name": "limits", "resource": "memory", "label": "memory", "used": 0, "hard": 2**34},
        {
            "name": "limits",
            "resource": "requests.nvidia.com/gpu",
            "label": "GPUs",
            "used": 0,
            "hard": 8,
        },
    ]


@pytest.mark.asyncio
async def test_a_plain_name_is_resolved_from_the_nodes_that_are_there(
    readers, nodes, cluster, namespace
) -> None:
    assert await readers.capacity.types() is None
    nodes("a", spec={"taints": [{"key": "sku", "value": "gpu", "effect": "NoSchedule"}]})
    binding = f"{namespace.name}-capacity"
    cluster.kubectl("apply", "-f", str(ROOT / "deploy" / "capacity-clusterrole.yaml"))
    cluster.kubectl(
        "create",
        "clusterrolebinding",
        binding,
        "--clusterrole=trackside-capacity",
        f"--serviceaccount={namespace.name}:notebook",
    )
    try:
        for _ in range(300):
            if (types := await readers.capacity.types()) is not None:
                break
            await asyncio.sleep(0.1)
        found = resolve(parse_request("2 x H999"), types)
    finally:
        cluster.kubectl("delete", "clusterrolebinding", binding)
    assert found.resource == RESOURCE
    assert found.affinity == (("nvidia.com/gpu.product", ("NVIDIA-H999-SXM5-80GB",)),)
    assert {item["key"] for item in found.tolerations} == {RESOURCE, "sku"}


@pytest.mark.asyncio
async def test_devices_that_are_allocated_dynamically_are_counted(
    view, readers, cluster, namespace, grant
) -> None:
    driver = f"gpu.{namespace.name}.example.com"
    for item in (await view.describe())["missing"]:
        grant(item)
    expression = f"device.driver == '{driver}'"
    device_class = {
        "kind": "DeviceClass",
        "metadata": {"name": driver},
        "spec": {"selectors": [{"cel": {"expression": expression}}]},
    }
    devices = [
        {
            "name": f"gpu-{index}",
            "attributes": {"type": {"string": "gpu"}, "productName": {"string": "NVIDIA H998"}},
            "capacity": {"memory": {"value": "141Gi"}},
        }
        for index in range(3)
    ]
    offered = {
        "kind": "ResourceSlice",
        "metadata": {"name": namespace.name},
        "spec": {
            "driver": driver,
            "allNodes": True,
            "pool": {"name": "p", "generation": 1, "resourceSliceCount": 1},
            "devices": devices,
        },
    }
    request = {"name": "gpu", "exactly": {"deviceClassName": driver}}
    claim = {
        "kind": "ResourceClaim",
        "metadata": {"name": "held"},
        "spec": {"devices": {"requests": [request]}},
    }
    try:
        for item in (device_class, offered, claim):
            made = {"apiVersion": "resource.k8s.io/v1", **item}
            namespace.admin("create", "-f", "-", input=json.dumps(made))
        result = {"request": "gpu", "driver": driver, "pool": "p", "device": "gpu-1"}
        status = {"status": {"allocation": {"devices": {"results": [result]}}}}
        patch = json.dumps(status)
        namespace.admin(
            "patch", "resourceclaim", "held", "--subresource=status", "--type=merge", "-p", patch
        )
        answer = await in_time(view, lambda answer: ("H998", 1) in in_use(answer))
        types = await readers.capacity.types()
    finally:
        cluster.kubectl("delete", "resourceslice", namespace.name, "--ignore-not-found")
        cluster.kubectl("delete", "deviceclass", driver, "--ignore-not-found")
    (found,) = [item for item in answer["gpus"] if item["type"] == "H998"]
    assert (found["total"], found["used"], found["free"], found["fits"]) == (3, 1, 2, 2)
    assert (found["resource"], found["memory"]) == (driver, 141 * 1024**3)
    resolved = resolve(parse_request("H998"), types)
    assert (resolved.resource, resolved.device_class) == ("", driver)


@pytest.mark.asyncio
async def test_the_pod_of_the_notebook_is_told(look, nodes, namespace) -> None:
    hold(namespace, "nb-0", nodes("a"), 1)
    answer = await look(pod="nb-0").describe()
    assert answer["notebook"] == {
        "pod": "nb-0",
        "image": "none",
        "node": f"{namespace.name}-a",
    }


@pytest.mark.asyncio
async def test_a_token_that_is_no_good_is_told(cluster, namespace, view, api) -> None:
    api.access.configuration.api_key["BearerToken"] = "nonsense"
    api.access.configuration.refresh_api_key_hook = None
    answer = await view.describe()
    assert (answer["state"], answer["gpus"]) == ("denied", [])
    assert "credentials" in answer["message"]


@pytest.mark.asyncio
async def test_a_cluster_that_does_not_answer_is_told_and_comes_back(cluster, look) -> None:
    if not hasattr(cluster, "stop_api_server"):
        pytest.skip("The API server of another cluster is not stopped.")
    assert (await look().describe())["state"] == "connected"
    cluster.stop_api_server()
    try:
        # What was found out a moment ago does not hide it.
        answer = await look().describe()
        assert answer["state"] == "unreachable"
        assert answer["message"].startswith("The cluster does not answer: ")
        assert (answer["gpus"], answer["missing"]) == ([], [])
    finally:
        cluster.start_api_server()
    assert (await look().describe())["state"] == "connected"


@pytest.mark.asyncio
async def test_without_a_cluster_it_says_so_in_the_same_form(view) -> None:
    async def nothing():
        return None

    async def broken():
        raise ClusterUnavailable("The kubeconfig is broken.", hint="Mend it.")

    connected = await view.describe()
    none = await ClusterView(nothing).describe()
    off = await ClusterView(broken, enabled=False).describe()
    unusable = await ClusterView(broken).describe()
    assert [one["state"] for one in (none, off, unusable)] == ["none", "off", "unreachable"]
    assert (unusable["message"], unusable["hint"]) == ("The kubeconfig is broken.", "Mend it.")
    assert none.keys() == off.keys() == unusable.keys() == connected.keys()
