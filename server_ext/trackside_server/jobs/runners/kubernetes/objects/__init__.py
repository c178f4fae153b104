"""Slim views of the cluster's objects: what a sentence or a figure is made of, and nothing else.

Thousands of jobs and pods are held at once, so each view is a plain struct that the garbage
collector does not track and whose repeated words are shared. The API server's answers are no
contract of ours: a field that is missing or of a strange kind reads as empty, and nothing raises.
"""

from .events import EventView
from .fields import Condition, condition, parse_time
from .jobs import JobSetView, JobView, Replicas, TrainJobView
from .pods import ContainerView, PodView, Termination
from .workloads import AdmissionCheck, WorkloadView

__all__ = [
    "AdmissionCheck",
    "Condition",
    "ContainerView",
    "EventView",
    "JobSetView",
    "JobView",
    "PodView",
    "Replicas",
    "Termination",
    "TrainJobView",
    "WorkloadView",
    "condition",
    "parse_time",
]
