"""The node's GPUs: what a real node with NVIDIA's plug-ins would say of them."""

from __future__ import annotations

RESOURCE = "nvidia.com/gpu"


def labels(count: int) -> str:
    """Return the labels of GPU feature discovery, as the kubelet takes them."""
    found = {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.count": count,
        "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB",
        "nvidia.com/gpu.family": "ampere",
        "nvidia.com/gpu.memory": 81920,
        "nvidia.com/gpu.replicas": 1,
        "nvidia.com/mig.capable": "true",
    }
    return ",".join(f"{name}={value}" for name, value in found.items() if count)
