"""What is made on the cluster, as pure functions of what was asked for: data in, manifests out."""

from .job import job
from .pod import PodPlan, pod_spec, pod_template
from .support import claim_template, own, secret, service
from .task import Shared, TaskPlan, literal, task_template

__all__ = [
    "PodPlan",
    "Shared",
    "TaskPlan",
    "claim_template",
    "job",
    "literal",
    "own",
    "pod_spec",
    "pod_template",
    "secret",
    "service",
    "task_template",
]
