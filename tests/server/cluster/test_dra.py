"""Devices of ResourceSlices become types that can be asked for by the class that hands them out."""

from __future__ import annotations

import pytest

from trackside_server.cluster.dra import DeviceClass, read_class, slice_devices
from trackside_server.cluster.gpus import parse_request, resolve
from trackside_server.cluster.gputypes import merged

NVIDIA = "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == "
GPU = DeviceClass("gpu.nvidia.com", "", NVIDIA + "'gpu'")
MIG = DeviceClass("mig.nvidia.com", "", NVIDIA + "'mig'")
VFIO = DeviceClass("vfio.gpu.nvidia.com", "", NVIDIA + "'vfio'")
CLASSES = [MIG, VFIO, GPU]


def device(name, kind, product="NVIDIA A100-SXM4-80GB", memory="80Gi", **more):
    attributes = {"type": {"string": kind}, "productName": {"string": product}}
    if "profile" in more:
        attributes["profile"] = {"string": more.pop("profile")}
    capacity = {"memory": {"value": memory}}
    return {"name": name, "attributes": attributes, "capacity": capacity, **more}


def spec(*devices, driver="gpu.nvidia.com"):
    return {
        "driver": driver,
        "nodeName": "a",
        "pool": {"name": "a", "generation": 1},
        "devices": list(devices),
    }


def test_a_class_is_read() -> None:
    item = {
        "metadata": {"name": "gpu.nvidia.com"},
        "spec": {
            "extendedResourceName": "nvidia.com/gpu",
            "selectors": [{"cel": {"expression": "one"}}, {"cel": {"expression": "two"}}],
        },
    }
    assert read_class(item) == DeviceClass("gpu.nvidia.com", "nvidia.com/gpu", "one && two")
    assert read_class({"metadata": {"name": "any"}}) == DeviceClass("any", "", "")


def test_each_device_is_of_the_class_that_its_kind_belongs_to() -> None:
    gpu, mig = slice_devices(
        spec(
            device("gpu-0", "gpu"),
            device("gpu-0-mig-1g", "mig", memory="9856Mi", profile="1g.10gb", consumesCounters=[1]),
        ),
        CLASSES,
    )
    assert (gpu.type.name, gpu.type.device_class, gpu.countable) == (
        "A100-80GB",
        "gpu.nvidia.com",
        True,
    )
    assert gpu.type.memory == 80 * 1024**3
    assert (mig.type.name, mig.type.device_class, mig.countable) == (
        "A100-80GB-1g.10gb",
        "mig.nvidia.com",
        False,
    )


def test_the_older_form_and_a_class_that_only_shares_the_drivers_name_are_understood() -> None:
    entry = {"name": "gpu-0", "basic": device("gpu-0", "gpu")}
    found = list(slice_devices(spec(entry), [DeviceClass("gpu.nvidia.com", "nvidia.com/gpu", "")]))
    assert [one.type.resource for one in found] == ["nvidia.com/gpu"]
    assert not list(slice_devices(spec(device("x", "vfio")), [GPU]))


@pytest.mark.parametrize(
    ("asked", "resource", "device_class", "products"),
    [
        ("A100", "", "gpu.nvidia.com", ["NVIDIA A100-SXM4-80GB"]),
        ("1g.10gb", "", "mig.nvidia.com", ["NVIDIA A100-SXM4-80GB", '"1g.10gb"']),
    ],
)
def test_a_request_becomes_a_claim_of_the_class(asked, resource, device_class, products) -> None:
    found = slice_devices(
        spec(
            device("gpu-0", "gpu"),
            device("mig-0", "mig", profile="1g.10gb"),
            device("gpu-1", "gpu", "NVIDIA H200"),
        ),
        CLASSES,
    )
    resolved = resolve(parse_request(asked), merged(one.type for one in found))
    assert (resolved.resource, resolved.device_class) == (resource, device_class)
    assert all(product in resolved.selector for product in products)
    assert "H200" not in resolved.selector


def test_the_extended_resource_is_preferred_where_it_says_enough() -> None:
    gpu = DeviceClass("gpu.nvidia.com", "nvidia.com/gpu", NVIDIA + "'gpu'")
    one = [item.type for item in slice_devices(spec(device("gpu-0", "gpu")), [gpu])]
    two = [
        item.type
        for item in slice_devices(
            spec(device("gpu-0", "gpu"), device("gpu-1", "gpu", "NVIDIA H200")), [gpu]
        )
    ]
    assert resolve(parse_request("A100"), merged(one)).resource == "nvidia.com/gpu"
    assert resolve(parse_request("A100"), merged(two)).device_class == "gpu.nvidia.com"
    assert resolve(parse_request(2), merged(two)).resource == "nvidia.com/gpu"
