"""Which types of accelerators there are, as people tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.structs import replace

from .gpunames import SHARED, mig_profile, short_name, words
from .quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .nodes import Node, Taint

# Where the label of a maker's own tool is missing, that of the cloud tells the product.
_PRODUCT_LABELS = {
    "nvidia.com": ("nvidia.com/gpu.product", "cloud.google.com/gke-accelerator"),
    "amd.com": ("amd.com/gpu.product-name", "beta.amd.com/gpu.product-name"),
    "google.com": ("cloud.google.com/gke-tpu-accelerator",),
}
_PLAIN = {
    "google.com/tpu": "TPU",
    "habana.ai/gaudi": "Gaudi",
    "aws.amazon.com/neuron": "Neuron",
    "aws.amazon.com/neuroncore": "Neuron-core",
    "aws.amazon.com/neurondevice": "Neuron",
}


class GpuType(Struct, frozen=True):
    """A type of accelerators.

    Parameters
    ----------
    name
        How people call it: ``A100-80GB``, ``A100-80GB-1g.10gb``, ``T4-shared``.
    resource
        What a pod asks for; empty where only a claim of the device class gets one.
    products
        The full product names.
    label
        The node label that holds them, where one does.
    memory
        Bytes of one, where they are known.
    shared
        Whether several pods use one at a time.
    mig
        Its MIG profile, where it is a part of a GPU.
    device_class
        The DRA device class, where devices are allocated by it.
    selectors
        CEL expressions that find its devices among those of the class.
    taints
        What keeps other pods off the nodes that have it.
    """

    name: str
    resource: str
    products: tuple[str, ...] = ()
    label: str | None = None
    memory: int | None = None
    shared: bool = False
    mig: str | None = None
    device_class: str | None = None
    selectors: tuple[str, ...] = ()
    taints: frozenset[Taint] = frozenset()

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What makes it another type than the next."""
        return self.name, self.resource, self.device_class

    @property
    def product(self) -> str | None:
        """The full product name, or names."""
        return ", ".join(self.products) or None

    @property
    def is_whole(self) -> bool:
        """Whether one is a GPU of its own, neither a part of one nor shared."""
        return self.mig is None and not self.shared

    @property
    def words(self) -> frozenset[str]:
        """What its name consists of."""
        return words(self.name)

    def with_more(self, other: GpuType) -> GpuType:
        """Add what another node tells about the same type."""
        memories = [item.memory for item in (self, other) if item.memory is not None]
        return replace(
            self,
            products=tuple(sorted({*self.products, *other.products})),
            label=self.label or other.label,
            selectors=tuple(sorted({*self.selectors, *other.selectors})),
            memory=min(memories, default=None),
            taints=self.taints | other.taints,
        )


def gpu_types(nodes: Iterable[Node]) -> tuple[GpuType, ...]:
    """Return the types that the nodes have, by name."""
    return merged(found for node in nodes for found, _ in node_types(node))


def merged(types: Iterable[GpuType]) -> tuple[GpuType, ...]:
    """Put together what is told of the same type more than once."""
    known: dict[tuple[str, str, str | None], GpuType] = {}
    for found in types:
        before = known.get(found.key)
        known[found.key] = before.with_more(found) if before else found
    return tuple(sorted(known.values(), key=lambda item: item.name))


def node_types(node: Node) -> Iterator[tuple[GpuType, int]]:
    """Yield the types that a node has, and how many of each."""
    for resource, count in node.accelerators.items():
        yield _type_of(node, resource), count


def _type_of(node: Node, resource: str) -> GpuType:
    profile = mig_profile(resource)
    label, product = _product(node, resource, profile)
    name = short_name(product) if product else _PLAIN.get(resource, "GPU")
    # A slice by a resource of its own lies on a node whose label may name the whole GPU only.
    profile = profile or mig_profile(product or "")
    if profile and profile not in name:
        name = profile if name == "GPU" else f"{name}-{profile}"
    shared = resource.endswith(f".{SHARED}") or SHARED in words(name) or _is_shared(node, resource)
    if shared and SHARED not in words(name):
        name = f"{name}-{SHARED}"
    return GpuType(
        name=name,
        resource=resource,
        products=(product,) if product else (),
        label=label if product else None,
        memory=_memory(node, resource),
        shared=shared,
        mig=profile,
        taints=frozenset(taint for taint in node.taints if taint.is_for_gpus),
    )


def _product(node: Node, resource: str, profile: str | None) -> tuple[str | None, str | None]:
    """Return the label that names the product of a resource, and its value."""
    labels = list(_PRODUCT_LABELS.get(resource.partition("/")[0], ()))
    if profile is not None:
        labels.insert(0, f"{resource.removesuffix(f'.{SHARED}')}.product")
    for label in labels:
        if node.labels.get(label):
            return label, node.labels[label]
    return None, None


def _is_shared(node: Node, resource: str) -> bool:
    own = resource if mig_profile(resource) else "nvidia.com/gpu"
    replicas = node.labels.get(f"{own}.replicas", "1")
    return resource.startswith("nvidia.com/") and replicas.isdigit() and int(replicas) > 1


def _memory(node: Node, resource: str) -> int | None:
    """Return the bytes of one, from labels in MiB (NVIDIA) or with a unit (AMD)."""
    own = resource.removesuffix(f".{SHARED}")
    for label, suffix in ((f"{own}.memory", "Mi"), ("amd.com/gpu.vram", "i")):
        text = node.labels.get(label)
        if text and own.partition("/")[0] == label.partition("/")[0]:
            try:
                return int(parse_quantity(text + suffix))
            except ValueError:
                return None
    return None
