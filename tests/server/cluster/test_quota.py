"""Quotas and limit ranges are numbers, and what they refuse is said beforehand."""

from __future__ import annotations

import pytest

from trackside_server.cluster.amounts import label
from trackside_server.cluster.quota import (
    Limit,
    asked,
    exceeded,
    out_of_bounds,
    quota_limits,
    range_bounds,
)

GIB = 1024**3
GPUS = "requests.nvidia.com/gpu"


def test_a_quota_is_numbers() -> None:
    quota = {
        "metadata": {"name": "kf-resource-quota"},
        "spec": {"hard": {"requests.cpu": "8"}},
        "status": {
            "hard": {"requests.cpu": "8", "memory": "64Gi", GPUS: "8"},
            "used": {"requests.cpu": "500m", "memory": "1Gi"},
        },
    }
    assert [(item.resource, item.used, item.hard, item.label) for item in quota_limits(quota)] == [
        ("memory", GIB, 64 * GIB, "memory"),
        ("requests.cpu", 0.5, 8, "CPUs"),
        (GPUS, 0, 8, "GPUs"),
    ]
    # Before the controller has counted for the first time there is no status.
    (fresh,) = quota_limits({"metadata": {"name": "q"}, "spec": {"hard": {"pods": "3"}}})
    assert (fresh.used, fresh.hard, fresh.scoped) == (0, 3, False)


@pytest.mark.parametrize(
    ("limit", "wanted", "sentence"),
    [
        (
            Limit("kf-resource-quota", GPUS, 7, 8),
            {GPUS: 2},
            (
                "The namespace's quota kf-resource-quota allows 8 GPUs and 7 are in use; "
                "the job asks for 2."
            ),
        ),
        (
            Limit("q", GPUS, 1, 1),
            {GPUS: 1},
            "The namespace's quota q allows 1 GPU and 1 is in use; the job asks for 1.",
        ),
        (
            Limit("q", "requests.memory", 60 * GIB, 64 * GIB),
            {"requests.memory": 16 * GIB},
            (
                "The namespace's quota q allows 64 GiB of memory and 60 GiB is in use; "
                "the job asks for 16 GiB."
            ),
        ),
        (Limit("q", GPUS, 6, 8), {GPUS: 2}, None),
        (Limit("q", GPUS, 9, 8), {"pods": 1}, None),
        (Limit("q", GPUS, 8, 8, scoped=True), {GPUS: 1}, None),
    ],
)
def test_what_a_job_would_exceed_is_one_sentence(limit, wanted, sentence) -> None:
    assert exceeded([limit], wanted) == ([sentence] if sentence else [])


def test_a_job_counts_for_all_its_pods() -> None:
    counted = asked({"cpu": 2, "nvidia.com/gpu": 1}, {"cpu": 4}, pods=3)
    assert counted["pods"] == 3
    assert counted["count/jobs.batch"] == 1
    assert (counted["cpu"], counted["requests.cpu"], counted["limits.cpu"]) == (6, 6, 12)
    assert counted[GPUS] == 3
    assert "nvidia.com/gpu" not in counted


def test_a_container_outside_of_a_limit_range_is_told() -> None:
    bounds = range_bounds(
        {
            "metadata": {"name": "sizes"},
            "spec": {
                "limits": [
                    {"type": "Container", "max": {"memory": "8Gi"}, "min": {"cpu": "500m"}},
                    {"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}},
                ]
            },
        }
    )
    assert out_of_bounds(bounds, {"memory": 16 * GIB, "cpu": 0.1}) == [
        (
            "The namespace's limit range sizes allows at most 8 GiB of memory in one container; "
            "the job asks for 16 GiB."
        ),
        (
            "The namespace's limit range sizes allows at least 0.5 CPUs in one container; "
            "the job asks for 0.1."
        ),
    ]
    assert not out_of_bounds(bounds, {"memory": 8 * GIB, "cpu": 1})


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("limits.cpu", "CPUs (limits)"),
        ("requests.amd.com/gpu", "GPUs"),
        ("requests.nvidia.com/mig-1g.10gb", "1g.10gb"),
        ("count/deployments.apps", "deployments.apps"),
    ],
)
def test_a_resource_has_a_name_for_people(resource, name) -> None:
    assert label(resource) == name
