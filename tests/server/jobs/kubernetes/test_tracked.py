"""Which pods are those of an attempt."""

from __future__ import annotations

import pytest

from trackside_server.jobs.runners.kubernetes.names import object_name
from trackside_server.jobs.runners.kubernetes.objects import PodView
from trackside_server.jobs.runners.kubernetes.tracked import track
from trackside_server.structs import replace

from .made import job

NAME = object_name(job())
JOB = "batch.kubernetes.io/job-name"
JOB_SET = "jobset.sigs.k8s.io/jobset-name"


@pytest.mark.parametrize(
    ("runtime", "labels", "belongs"),
    [
        (None, {JOB: NAME}, True),
        (None, {}, False),
        (None, {JOB: f"{NAME}0"}, False),
        (None, {JOB_SET: NAME}, False),
        ("torch", {JOB: f"{NAME}-node-0", JOB_SET: NAME}, True),
        ("torch", {JOB: NAME}, False),
        ("torch", {JOB: NAME, JOB_SET: "another"}, False),
    ],
)
def test_a_pod_belongs_to_the_object_that_the_cluster_made_it_for(runtime, labels, belongs):
    ours = {"trackside.dev/job-id": "0123456789abcdef", "trackside.dev/attempt": "1"}
    pod = PodView.of({"metadata": {"name": "p", "uid": "u", "labels": {**ours, **labels}}})
    assert track(job(runtime=runtime), "team").belongs(pod) is belongs


def test_a_job_of_another_notebook_keeps_its_object_whatever_it_is_called_here():
    there = {"foreign": True, "kind": "Job", "name": "theirs-0123456789-1", "uid": "u"}
    found = track(replace(job(name="theirs-2"), cluster=there), "team")
    assert (found.name, found.facts["name"], found.made) == (there["name"], there["name"], True)
    ours = track(replace(job(), cluster={**there, "foreign": False}), "team")
    assert (ours.name, ours.made) == (NAME, False)
