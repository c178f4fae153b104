"""What is made on the cluster, as pure functions of what was asked for: data in, manifests out."""

from .cronjob import Timing, change, cron_job, job_of, reference
from .job import job
from .pod import PodPlan, pod_spec, pod_template
from .support import claim_template, own, secret, service
from .task import Shared, TaskPlan, literal, task_template

__all__ = [
    "PodPlan",
    "Shared",
    "TaskPlan",
    "Timing",
    "change",
    "claim_template",
    "cron_job",
    "job",
    "job_of",
    "literal",
    "own",
    "pod_spec",
    "pod_template",
    "reference",
    "secret",
    "service",
    "task_template",
]
