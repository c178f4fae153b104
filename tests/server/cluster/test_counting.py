"""Accelerators are added up by type: in all, in use, free, and free on one node."""

from __future__ import annotations

from trackside_server.cluster.counting import count, device_holdings, node_holdings
from trackside_server.cluster.dra import Device
from trackside_server.cluster.gputypes import GpuType
from trackside_server.cluster.nodes import Node, pod_accelerators

A100 = {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}
T4 = {"nvidia.com/gpu.product": "Tesla-T4"}
NODES = [
    Node("a", A100, {"nvidia.com/gpu": 8}),
    Node("b", A100, {"nvidia.com/gpu": 4}),
    Node("c", A100, {"nvidia.com/gpu": 8}, cordoned=True),
    Node("d", T4, {"nvidia.com/gpu": 2}),
    Node("e", {}, {}),
]


def usable(nodes):
    return {node.name for node in nodes if node.takes_gpu_jobs}


def test_gpus_are_counted_by_type_and_only_usable_nodes_have_free_ones() -> None:
    held = {"a": {"nvidia.com/gpu": 7}, "b": {"nvidia.com/gpu": 1}, "d": {"nvidia.com/gpu": 3}}
    a100, t4 = count(node_holdings(NODES, held), usable(NODES))
    assert (a100.type.name, a100.total, a100.used, a100.free) == ("A100-80GB", 20, 8, 4)
    assert (a100.fits, a100.nodes) == (3, 3)
    # A device plug-in that restarts can offer fewer than pods hold.
    assert (t4.total, t4.used, t4.free, t4.fits) == (2, 3, 0, 0)


def test_without_the_pods_only_the_totals_are_known() -> None:
    for use in count(node_holdings(NODES, None), usable(NODES)):
        assert use.total > 0
        assert (use.used, use.free, use.fits) == (None, None, None)


def test_devices_are_counted_one_by_one_and_possible_parts_are_not() -> None:
    h200 = GpuType("H200", "", device_class="gpu.nvidia.com")
    devices = [Device(("gpu.nvidia.com", "a", f"gpu-{index}"), "a", h200) for index in range(4)] + [
        Device(("gpu.nvidia.com", "a", "mig"), "a", h200, countable=False)
    ]
    (use,) = count(device_holdings(devices, {("gpu.nvidia.com", "a", "gpu-1")}), {"a"})
    assert (use.total, use.used, use.free, use.fits, use.nodes) == (4, 1, 3, 3, 1)
    (use,) = count(device_holdings(devices, None), {"a"})
    assert (use.total, use.used) == (4, None)


def container(name, gpus, **more):
    return {"name": name, "resources": {"limits": {"nvidia.com/gpu": gpus, "cpu": "1"}}, **more}


def test_a_pod_holds_what_its_containers_hold_together_or_prepare_with() -> None:
    spec = {
        "containers": [container("one", "1"), container("two", "2"), {"name": "three"}],
        "initContainers": [
            container("prepare", "2"),
            container("beside", "1", restartPolicy="Always"),
        ],
    }
    assert pod_accelerators({"spec": spec}) == {"nvidia.com/gpu": 4}
    spec["initContainers"].append(container("large", "6"))
    assert pod_accelerators({"spec": spec}) == {"nvidia.com/gpu": 6}
    assert pod_accelerators({"spec": {"containers": [{"name": "plain"}]}}) == {}
