"""Accelerators that are allocated dynamically: devices, their classes, and who holds them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from .gpunames import mig_profile, short_name
from .gputypes import GpuType
from .quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .api import Api

_DRIVER = re.compile(r".*(?:gpu|tpu|gaudi|neuron|npu|accelerator).*", re.IGNORECASE)


class DeviceClass(Struct, frozen=True):
    """A class of devices, by which a claim asks for one.

    Parameters
    ----------
    name
        Its name.
    resource
        The extended resource by which a pod may ask instead; empty where there is none.
    selectors
        The CEL expressions that choose its devices, as one text.
    """

    name: str
    resource: str
    selectors: str


class Device(Struct, frozen=True):
    """One device of a node.

    Parameters
    ----------
    ident
        Driver, pool and name: what an allocation names.
    node
        Where it is; empty for one that several nodes reach.
    type
        What it is.
    countable
        Whether it is there at the same time as the others: the possible parts of one GPU are not.
    """

    ident: tuple[str, str, str]
    node: str
    type: GpuType
    countable: bool = True


async def read_devices(api: Api, path: str) -> list[Device]:
    """Ask for the devices of all nodes.

    Parameters
    ----------
    api
        The way to the cluster.
    path
        Where DRA is served.
    """
    classes = [read_class(item) async for item in api.items(f"{path}/deviceclasses")]
    newest: dict[tuple[str, str], int] = {}
    found: list[tuple[tuple[str, str], int, list[Device]]] = []
    async for item in api.items(f"{path}/resourceslices", limit=50):
        spec = item["spec"]
        if not _DRIVER.fullmatch(spec["driver"]):
            continue
        pool = (spec["driver"], spec["pool"]["name"])
        generation = spec["pool"].get("generation", 0)
        newest[pool] = max(newest.get(pool, 0), generation)
        found.append((pool, generation, list(slice_devices(spec, classes))))
    # A driver that writes its pool anew leaves the old slices for a moment.
    return [
        device
        for pool, generation, devices in found
        if generation == newest[pool]
        for device in devices
    ]


async def read_allocated(api: Api, path: str) -> set[tuple[str, str, str]]:
    """Ask which devices are held by a claim of any namespace."""
    held = set()
    async for claim in api.items(f"{path}/resourceclaims"):
        allocation = (claim.get("status") or {}).get("allocation") or {}
        for result in (allocation.get("devices") or {}).get("results") or ():
            held.add((result["driver"], result["pool"], result["device"]))
    return held


def read_class(item: Mapping[str, Any]) -> DeviceClass:
    """Keep what matters of a DeviceClass."""
    spec = item.get("spec") or {}
    texts = [
        (selector.get("cel") or {}).get("expression", "")
        for selector in spec.get("selectors") or ()
    ]
    return DeviceClass(
        item["metadata"]["name"], spec.get("extendedResourceName") or "", " && ".join(texts)
    )


def slice_devices(spec: Mapping[str, Any], classes: Sequence[DeviceClass]) -> Iterable[Device]:
    """Yield the devices of a ResourceSlice that some class hands out."""
    driver, pool = spec["driver"], spec["pool"]["name"]
    for entry in spec.get("devices") or ():
        # The first form of the API kept everything one level lower.
        device = entry.get("basic") or entry
        attributes = {
            name.rpartition("/")[2]: next(iter(value.values()), None)
            for name, value in (device.get("attributes") or {}).items()
        }
        kind = str(attributes.get("type") or "gpu").lower()
        chosen = _class_of(driver, kind, classes)
        if chosen is not None:
            yield Device(
                (driver, pool, entry["name"]),
                spec.get("nodeName") or "",
                _type_of(driver, attributes, device.get("capacity") or {}, chosen),
                countable=kind != "mig" or not device.get("consumesCounters"),
            )


def _class_of(driver: str, kind: str, classes: Sequence[DeviceClass]) -> DeviceClass | None:
    """Guess the class that hands out a kind of device, for only the API server evaluates CEL."""
    of_driver = [item for item in classes if item.name == driver or _quotes(item.selectors, driver)]
    of_kind = [item for item in of_driver if _quotes(item.selectors, kind)]
    plain = [item for item in of_driver if item.name == driver] if kind == "gpu" else []
    return next(iter([*of_kind, *plain]), None)


def _quotes(expression: str, word: str) -> bool:
    return re.search(rf"""["']{re.escape(word)}["'](?!\])""", expression) is not None


def _type_of(
    driver: str,
    attributes: Mapping[str, Any],
    capacity: Mapping[str, Any],
    chosen: DeviceClass,
) -> GpuType:
    product = str(attributes.get("productName") or "")
    profile = mig_profile(str(attributes.get("profile") or ""))
    name = short_name(product)
    selectors = [f"device.driver == {json.dumps(driver)}"]
    for key, value in (("productName", product), ("profile", attributes.get("profile"))):
        if value:
            attribute = f"device.attributes[{json.dumps(driver)}].{key}"
            selectors.append(f"{attribute} == {json.dumps(value)}")
    return GpuType(
        name=f"{name}-{profile}" if profile else name,
        resource=chosen.resource,
        products=(product,) if product else (),
        memory=_memory(capacity),
        mig=profile,
        device_class=chosen.name,
        selectors=(" && ".join(selectors),),
    )


def _memory(capacity: Mapping[str, Any]) -> int | None:
    for name, value in capacity.items():
        if name.rpartition("/")[2] == "memory":
            return int(parse_quantity(value["value"] if isinstance(value, dict) else value))
    return None
