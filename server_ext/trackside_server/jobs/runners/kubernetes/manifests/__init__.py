"""What is made on the cluster, as pure functions of what was asked for: data in, manifests out."""

from .job import job
from .pod import PodPlan, pod_spec, pod_template
from .support import claim_template, own, secret, service

__all__ = [
    "PodPlan",
    "claim_template",
    "job",
    "own",
    "pod_spec",
    "pod_template",
    "secret",
    "service",
]
