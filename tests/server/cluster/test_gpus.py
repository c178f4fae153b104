"""GPUs by plain names: types out of nodes, requests out of what people write, and both together."""

from __future__ import annotations

import pytest

from trackside_server.cluster.gpunames import short_name
from trackside_server.cluster.gpus import GpuRequest, GpuType, gpu_types, parse_request, resolve
from trackside_server.cluster.nodes import Node, Taint, is_accelerator, read_node
from trackside_server.errors import InvalidInput

GIB = 1024**3


def node(name, labels=None, taints=(), **accelerators):
    counts = {key.replace("__", "/").replace("_", "."): n for key, n in accelerators.items()}
    return Node(name, labels or {}, counts, tuple(taints))


def labelled(product, memory=None, **more):
    labels = {"nvidia.com/gpu.product": product}
    if memory:
        labels["nvidia.com/gpu.memory"] = str(memory)
    return labels | {f"nvidia.com/gpu.{key}": value for key, value in more.items()}


A100_80 = node("a", labelled("NVIDIA-A100-SXM4-80GB", 81920), nvidia_com__gpu=8)
A100_80_PCIE = node("b", labelled("NVIDIA-A100-80GB-PCIe", 81920), nvidia_com__gpu=4)
A100_40 = node("c", labelled("A100-SXM4-40GB", 40960), nvidia_com__gpu=8)
T4_SHARED = node("d", labelled("Tesla-T4-SHARED", 15360, replicas="4"), nvidia_com__gpu=4)
SINGLE = node("e", labelled("NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", 10240), nvidia_com__gpu=7)
MIXED = Node(
    "f",
    labelled("NVIDIA-A100-SXM4-80GB", 81920)
    | {
        "nvidia.com/mig-1g.10gb.product": "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb",
        "nvidia.com/mig-1g.10gb.memory": "9728",
    },
    {"nvidia.com/mig-1g.10gb": 7},
)
BARE = node("g", nvidia_com__gpu=2)
AMD = Node(
    "h",
    {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM", "amd.com/gpu.vram": "192G"},
    {"amd.com/gpu": 8},
)
TPU = Node(
    "i",
    {"cloud.google.com/gke-tpu-accelerator": "tpu-v5-lite-podslice"},
    {"google.com/tpu": 4},
)
DRA = GpuType(
    "H200",
    "",
    ("NVIDIA H200",),
    device_class="gpu.nvidia.com",
    selectors=('device.attributes["gpu.nvidia.com"].productName == "NVIDIA H200"',),
)


@pytest.mark.parametrize(
    ("product", "name"),
    [
        ("NVIDIA-A100-SXM4-80GB", "A100-80GB"),
        ("A100-SXM4-40GB", "A100-40GB"),
        ("NVIDIA-A100-80GB-PCIe", "A100-80GB"),
        ("Tesla-T4", "T4"),
        ("Tesla-V100-SXM2-16GB", "V100-16GB"),
        ("NVIDIA-H100-80GB-HBM3", "H100-80GB"),
        ("NVIDIA-H100-NVL", "H100-NVL"),
        ("NVIDIA-H200", "H200"),
        ("NVIDIA-L40S", "L40S"),
        ("NVIDIA-GeForce-RTX-3090", "RTX-3090"),
        ("NVIDIA-RTX-6000-Ada-Generation", "RTX-6000-Ada"),
        ("NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", "A100-80GB-1g.10gb"),
        ("Tesla-T4-SHARED", "T4-shared"),
        ("nvidia-tesla-v100", "V100"),
        ("nvidia-h100-80gb", "H100-80GB"),
        ("nvidia-l4", "L4"),
        ("AMD_Instinct_MI300X_OAM", "MI300X"),
        ("tpu-v5-lite-podslice", "TPU-v5-lite"),
        ("NVIDIA H100 80GB HBM3", "H100-80GB"),
        ("NVIDIA", "GPU"),
    ],
)
def test_a_product_has_a_short_name(product, name) -> None:
    assert short_name(product) == name


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (A100_80, ("A100-80GB", "nvidia.com/gpu", 80 * GIB, False, None)),
        (T4_SHARED, ("T4-shared", "nvidia.com/gpu", 15 * GIB, True, None)),
        (SINGLE, ("H100-80GB-1g.10gb", "nvidia.com/gpu", 10 * GIB, False, "1g.10gb")),
        (MIXED, ("A100-80GB-1g.10gb", "nvidia.com/mig-1g.10gb", 9728 * 2**20, False, "1g.10gb")),
        (BARE, ("GPU", "nvidia.com/gpu", None, False, None)),
        (AMD, ("MI300X", "amd.com/gpu", 192 * GIB, False, None)),
        (TPU, ("TPU-v5-lite", "google.com/tpu", None, False, None)),
        (
            node("x", labelled("Tesla-T4", 15360), nvidia_com__gpu_shared=8),
            ("T4-shared", "nvidia.com/gpu.shared", 15 * GIB, True, None),
        ),
        (
            Node("x", {}, {"nvidia.com/mig-3g.40gb.shared": 2}),
            ("3g.40gb-shared", "nvidia.com/mig-3g.40gb.shared", None, True, "3g.40gb"),
        ),
        (
            node("x", {"cloud.google.com/gke-accelerator": "nvidia-tesla-t4"}, nvidia_com__gpu=1),
            ("T4", "nvidia.com/gpu", None, False, None),
        ),
        (node("x", google_com__tpu=4), ("TPU", "google.com/tpu", None, False, None)),
        (
            node("x", labelled("Tesla-T4", "no-number"), nvidia_com__gpu=1),
            ("T4", "nvidia.com/gpu", None, False, None),
        ),
    ],
)
def test_a_node_tells_its_type(of, expected) -> None:
    (found,) = gpu_types([of])
    assert (found.name, found.resource, found.memory, found.shared, found.mig) == expected


def test_two_products_of_one_name_are_one_type() -> None:
    (found,) = gpu_types([A100_80, A100_80_PCIE])
    assert found.products == ("NVIDIA-A100-80GB-PCIe", "NVIDIA-A100-SXM4-80GB")


def test_only_accelerators_are_kept_of_a_node() -> None:
    found = read_node(
        {
            "metadata": {"name": "n", "labels": {"zone": "b", "nvidia.com/gpu.product": "L4"}},
            "spec": {"unschedulable": True, "taints": [{"key": "a", "effect": "NoSchedule"}]},
            "status": {
                "allocatable": {"cpu": "8", "nvidia.com/gpu": "2", "rdma/hca": "1k"},
                "conditions": [{"type": "Ready", "status": "False"}],
            },
        }
    )
    assert found.labels == {"nvidia.com/gpu.product": "L4"}
    assert found.accelerators == {"nvidia.com/gpu": 2}
    assert (found.ready, found.cordoned, found.takes_gpu_jobs) == (False, True, False)
    assert not read_node({"metadata": {"name": "n"}}).accelerators
    assert not is_accelerator("vpc.amazonaws.com/pod-eni")


@pytest.mark.parametrize(
    ("asked", "count", "name"),
    [
        (2, 2, None),
        ("2", 2, None),
        ("2 GPUs", 2, None),
        ("1 gpu", 1, None),
        ("GPU", 1, None),
        ("2 x GPU", 2, None),
        ("1 x A100-80GB", 1, "A100-80GB"),
        ("A100-80GB", 1, "A100-80GB"),
        ("2xA100", 2, "A100"),
        ("2 A100", 2, "A100"),
        ("4 * H100", 4, "H100"),
        ("1g.10gb", 1, "1g.10gb"),
        ("2 x 1g.10gb", 2, "1g.10gb"),
        ("1 x A100 80GB", 1, "A100-80GB"),
        ("2 x nvidia.com/gpu", 2, "nvidia.com/gpu"),
        (0, 0, None),
    ],
)
def test_a_request_is_read_as_people_write_it(asked, count, name) -> None:
    assert parse_request(asked) == GpuRequest(count, name)


@pytest.mark.parametrize("asked", ["", "-1", "two!", True, "0 x A100", 5000, "1.5", "a" * 200])
def test_a_mistaken_request_says_what_to_write(asked) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_request(asked)
    assert "A100-80GB" in raised.value.hint


ALL = [A100_80, A100_80_PCIE, A100_40, T4_SHARED, SINGLE, MIXED]
PRODUCT = "nvidia.com/gpu.product"
BY_CUSTOM = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("asked", "nodes", "resource", "affinity"),
    [
        ("2", [A100_80], "nvidia.com/gpu", ()),
        ("2", [BARE], "nvidia.com/gpu", ()),
        ("1", [MIXED], "nvidia.com/mig-1g.10gb", ()),
        ("1", [T4_SHARED], "nvidia.com/gpu", ()),
        ("1", [AMD], "amd.com/gpu", ()),
        ("4", [TPU], "google.com/tpu", ()),
        # Whole GPUs are what a number means, though parts go by the same resource.
        (
            "2",
            [A100_40, T4_SHARED, SINGLE],
            "nvidia.com/gpu",
            ((PRODUCT, ("A100-SXM4-40GB",)),),
        ),
        (
            "A100",
            ALL,
            "nvidia.com/gpu",
            (
                (
                    PRODUCT,
                    ("A100-SXM4-40GB", "NVIDIA-A100-80GB-PCIe", "NVIDIA-A100-SXM4-80GB"),
                ),
            ),
        ),
        (
            "a100-80g",
            ALL,
            "nvidia.com/gpu",
            ((PRODUCT, ("NVIDIA-A100-80GB-PCIe", "NVIDIA-A100-SXM4-80GB")),),
        ),
        (
            "NVIDIA-A100-80GB-PCIe",
            [A100_80_PCIE],
            "nvidia.com/gpu",
            ((PRODUCT, ("NVIDIA-A100-80GB-PCIe",)),),
        ),
        (
            "T4-shared",
            ALL,
            "nvidia.com/gpu",
            ((PRODUCT, ("Tesla-T4-SHARED",)),),
        ),
        (
            "A100-1g.10gb",
            ALL,
            "nvidia.com/mig-1g.10gb",
            (("nvidia.com/mig-1g.10gb.product", ("NVIDIA-A100-SXM4-80GB-MIG-1g.10gb",)),),
        ),
        (
            "H100 1g.10gb",
            ALL,
            "nvidia.com/gpu",
            ((PRODUCT, ("NVIDIA-H100-80GB-HBM3-MIG-1g.10gb",)),),
        ),
        (
            "MI300X",
            [AMD, A100_80],
            "amd.com/gpu",
            (("amd.com/gpu.product-name", ("AMD_Instinct_MI300X_OAM",)),),
        ),
        ("3 x nvidia.com/gpu", [], "nvidia.com/gpu", ()),
        ("1 x NVIDIA-L4", [A100_80], "nvidia.com/gpu", ((PRODUCT, ("NVIDIA-L4",)),)),
    ],
)
def test_a_request_becomes_what_a_pod_asks_for(asked, nodes, resource, affinity) -> None:
    request = parse_request(asked)
    found = resolve(request, gpu_types(nodes))
    assert (found.resource, found.affinity, found.count) == (resource, affinity, request.count)
    assert [term["matchExpressions"][0]["values"] for term in found.node_selector_terms()] == [
        list(values) for _, values in affinity
    ]


@pytest.mark.parametrize(
    ("asked", "nodes", "message"),
    [
        ("V100", [A100_80, T4_SHARED], "no V100; it has A100-80GB and T4-shared."),
        ("T4", [A100_80, T4_SHARED], "no T4; it has A100-80GB and T4-shared."),
        ("1", [A100_80, AMD], "1 GPU can be A100-80GB and MI300X here"),
        ("1g.10gb", ALL, "can be A100-80GB-1g.10gb and H100-80GB-1g.10gb here"),
        ("1", [], "No node of this cluster has a GPU now."),
        ("A100", [], "no node has a GPU now"),
    ],
)
def test_a_request_that_nothing_fits_says_what_there_is(asked, nodes, message) -> None:
    with pytest.raises(InvalidInput) as raised:
        resolve(parse_request(asked), gpu_types(nodes))
    assert message in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("asked", "resource", "affinity"),
    [
        ("2", "nvidia.com/gpu", ()),
        ("1g.10gb", "nvidia.com/mig-1g.10gb", ()),
        ("2 x amd.com/gpu", "amd.com/gpu", ()),
        (
            "NVIDIA-A100-SXM4-80GB",
            "nvidia.com/gpu",
            ((PRODUCT, ("NVIDIA-A100-SXM4-80GB",)),),
        ),
    ],
)
def test_a_request_is_taken_at_its_word_where_nodes_are_not_seen(asked, resource, affinity) -> None:
    found = resolve(parse_request(asked), None)
    assert (found.resource, found.affinity) == (resource, affinity)


@pytest.mark.parametrize("asked", ["A100", "A100-1g.10gb"])
def test_a_short_name_needs_the_right_to_see_nodes(asked) -> None:
    with pytest.raises(InvalidInput) as raised:
        resolve(parse_request(asked), None)
    assert "may not list its nodes" in raised.value.message
    assert "trackside-capacity" in raised.value.hint


def test_what_keeps_others_off_gpu_nodes_is_tolerated_and_nothing_else() -> None:
    taints = [
        Taint("nvidia.com/gpu", "present", "NoSchedule"),
        Taint("sku", "gpu", "NoSchedule"),
        Taint("dedicated", "team-b", "NoSchedule"),
        Taint("gpu", "true", "NoExecute"),
    ]
    of = node("a", labelled("Tesla-T4"), taints, nvidia_com__gpu=1)
    assert resolve(GpuRequest(1), gpu_types([of])).tolerations == (
        BY_CUSTOM,
        {"key": "gpu", "operator": "Equal", "value": "true", "effect": "NoExecute"},
        {"key": "sku", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"},
    )
    assert resolve(GpuRequest(1), None).tolerations == (BY_CUSTOM,)
    assert not of.takes_gpu_jobs
    assert node("a", None, [taints[0], taints[1], taints[3]]).takes_gpu_jobs


def test_devices_without_a_resource_are_asked_for_by_their_class() -> None:
    found = resolve(parse_request("2 x H200"), (DRA,))
    assert (found.resource, found.device_class, found.count) == ("", "gpu.nvidia.com", 2)
    assert found.selector == f"({DRA.selectors[0]})"
