"""Views of the cluster's objects: all that matters, little memory, and no trust."""

from __future__ import annotations

import gc
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside_server.cluster.nodes import is_accelerator
from trackside_server.jobs.runners.kubernetes.conditions import describe
from trackside_server.jobs.runners.kubernetes.images import pulled
from trackside_server.jobs.runners.kubernetes.objects import (
    EventView,
    JobSetView,
    JobView,
    PodView,
    TrainJobView,
    WorkloadView,
    parse_time,
)
from trackside_server.jobs.runners.kubernetes.situation import Asked, Seen

from .cluster import IMAGE, NOW, condition, pod_json, runs, taken, terminated, waits

VIEWS = [PodView, JobView, TrainJobView, JobSetView, WorkloadView, EventView]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-23T10:00:00Z", 1795428000000),
        ("2026-11-23T10:00:00.5Z", 1795428000500),
        ("2026-11-23T10:00:00.123456Z", 1795428000123),
        ("2026-11-23T11:00:00+01:00", 1795428000000),
        ("2026-11-23T04:30:00-05:30", 1795428000000),
        ("2026-12-31T23:59:60Z", 1798761599000),
        ("2026-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (3, None),
    ],
)
def test_times_are_milliseconds(text, time):
    assert parse_time(text) == time


@pytest.mark.parametrize(
    ("resource", "held"),
    [
        ("nvidia.com/gpu", True),
        ("nvidia.com/gpu.shared", True),
        ("nvidia.com/mig-1g.5gb", True),
        ("amd.com/gpu", True),
        ("gpu.intel.com/i915", True),
        ("google.com/tpu", True),
        ("huawei.com/Ascend910", True),
        ("cpu", False),
        ("memory", False),
        ("rdma/hca", False),
    ],
)
def test_accelerators_are_told_from_other_resources(resource, held):
    assert is_accelerator(resource) is held


def test_a_pod_tells_what_matters():
    found = PodView.of(
        pod_json(
            runs(60),
            rank=3,
            role="node",
            restarts=2,
            last=terminated(137, "OOMKilled"),
            conditions=[taken("PreemptionByScheduler"), condition("Initialized", "True")],
            deleted=5,
            gpus=2,
        )
    )
    assert (found.uid, found.name, found.job_id, found.attempt) == (
        "uid-digits-0",
        "digits-0",
        "j1",
        1,
    )
    assert (found.rank, found.role, found.node, found.phase) == (3, "node", "gpu-3", "Running")
    assert (found.gpus, found.main.image, found.main.memory_limit) == (2, IMAGE, 16 * 1024**3)
    assert (found.main.restarts, found.main.last.reason) == (2, "OOMKilled")
    assert found.main.running_since == NOW - 60_000
    assert found.deleted_at == NOW - 5_000
    assert [item.type for item in found.conditions] == ["PodScheduled", "DisruptionTarget"]


def test_the_rank_of_many_jobs_of_one_pod_is_the_number_of_the_job():
    labels = {
        "batch.kubernetes.io/job-completion-index": "0",
        "jobset.sigs.k8s.io/replicatedjob-replicas": "4",
        "jobset.sigs.k8s.io/job-index": "2",
    }
    assert PodView.of({"metadata": {"labels": labels}}).rank == 2


def test_the_container_with_the_code_is_told_from_sidecars():
    def main(*names, annotations=None):
        spec = {"containers": [{"name": name} for name in names]}
        return PodView.of({"metadata": {"annotations": annotations}, "spec": spec}).main.name

    assert main("istio-proxy", "node") == "node"
    assert main("code", "istio-proxy") == "code"
    default = {"kubectl.kubernetes.io/default-container": "code"}
    assert main("istio-proxy", "code", annotations=default) == "code"


def test_gpus_of_all_containers_count_and_those_of_init_containers_come_before():
    def container(amount):
        return {"name": "x", "resources": {"requests": {"nvidia.com/gpu": amount}}}

    spec = {"containers": [container("1"), container(2)], "initContainers": [container("4")]}
    assert PodView.of({"spec": spec}).gpus == 4


def test_a_container_that_only_starts_before_the_code_is_a_sidecar():
    spec = {
        "containers": [{"name": "node"}],
        "initContainers": [{"name": "fetch"}, {"name": "proxy", "restartPolicy": "Always"}],
    }
    found = PodView.of({"spec": spec})
    assert [item.name for item in found.inits] == ["fetch"]
    assert [item.name for item in found.others] == ["proxy"]


def test_the_event_of_a_pull_tells_the_size_of_its_image():
    said = 'Successfully pulled image "a/b:1" in 3m (3m including waiting). Image size: 81 bytes.'
    assert pulled(EventView.of({"reason": "Pulled", "message": said})) == ("a/b:1", 81)
    assert pulled(EventView.of({"reason": "Pulled", "message": "already present"})) is None
    assert pulled(EventView.of({"reason": "Pulling", "message": said})) is None


def test_a_container_that_runs_since_an_unknown_time_runs():
    assert PodView.of(pod_json({"running": {}}, phase="Running")).main.runs


def test_an_event_of_the_newer_kind_reads_like_one_of_the_older():
    found = EventView.of(
        {
            "metadata": {"uid": "e", "name": "x.1"},
            "regarding": {"kind": "Pod", "name": "x", "uid": "u"},
            "note": "Pulling image",
            "reason": "Pulling",
            "type": "Normal",
            "eventTime": "2026-11-23T10:00:00.000000Z",
            "series": {"count": 5, "lastObservedTime": "2026-11-23T10:01:00.000000Z"},
        }
    )
    assert (found.kind, found.about, found.message, found.count) == ("Pod", "x", "Pulling image", 5)
    assert (found.first_at, found.last_at) == (1795428000000, 1795428060000)


def test_a_workload_tells_its_job_and_its_checks():
    found = WorkloadView.of(
        {
            "metadata": {"labels": {"kueue.x-k8s.io/job-uid": "u"}},
            "spec": {"queueName": "team-a", "active": False},
            "status": {
                "admission": {"clusterQueue": "gpus"},
                "requeueState": {"count": 2, "requeueAt": "2026-11-23T10:00:00Z"},
                "accumulatedPastExecutionTimeSeconds": 30,
                "admissionChecks": [{"name": "c", "state": "Pending", "message": "m"}],
            },
        }
    )
    assert (found.job_uid, found.queue, found.cluster_queue) == ("u", "team-a", "gpus")
    assert (found.active, found.requeues, found.past_seconds) == (False, 2, 30)
    assert (found.requeue_at, found.checks[0].name) == (1795428000000, "c")


def test_a_train_job_tells_its_nodes_and_its_jobs():
    found = TrainJobView.of(
        {
            "spec": {"suspend": True, "trainer": {"numNodes": 4}, "activeDeadlineSeconds": 60},
            "status": {"jobsStatus": [{"name": "node", "active": 1, "failed": 2}]},
        }
    )
    assert (found.suspend, found.nodes, found.deadline) == (True, 4, 60)
    assert (found.replicas[0].name, found.replicas[0].failed) == ("node", 2)


# A busy machine is no reason to fail.
UNHURRIED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEYS = st.sampled_from(
    "metadata spec status labels annotations conditions containers containerStatuses "
    "initContainers initContainerStatuses name uid type reason message state waiting running "
    "terminated exitCode signal startedAt finishedAt lastState restartCount resources limits "
    "requests nvidia.com/gpu memory phase nodeName creationTimestamp lastTransitionTime suspend "
    "trainer numNodes jobsStatus active admission requeueState admissionChecks involvedObject "
    "series count eventTime PodScheduled DisruptionTarget replicatedJobsStatus backoffLimit "
    "batch.kubernetes.io/job-completion-index trackside.dev/attempt deletionTimestamp".split()
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(
        [
            "True",
            "False",
            "Failed",
            "Running",
            "Evicted",
            "16Gi",
            "9" * 30,
            "2026-11-23T10:00:00Z",
            "PodScheduled",
            "DisruptionTarget",
            "Complete",
            "Unschedulable",
            "0/3 nodes are available: ",
        ]
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=40,
)
OBJECTS = st.fixed_dictionaries({}, optional={"metadata": JSON, "spec": JSON, "status": JSON})


@given(value=st.one_of(st.dictionaries(KEYS, JSON, max_size=8), SCALARS))
@UNHURRIED
def test_strange_objects_read_as_empty_ones(value):
    for view in VIEWS:
        view.of(value)


PODS = st.lists(
    st.sampled_from(
        [
            pod_json(runs(), rank=0),
            pod_json(waits("CrashLoopBackOff"), rank=0),
            pod_json(terminated(1), rank=1),
            pod_json(phase="Failed", reason="Evicted"),
            pod_json(phase="Unknown"),
            {},
        ]
    ).flatmap(lambda value: st.tuples(st.just(value), OBJECTS)),
    max_size=3,
)


@given(pods=PODS, owners=st.tuples(OBJECTS, OBJECTS, OBJECTS), event=OBJECTS, gone=st.booleans())
@UNHURRIED
def test_whatever_is_seen_has_a_situation(pods, owners, event, gone):
    seen = Seen(
        job=JobView.of(owners[0]),
        train_job=TrainJobView.of(owners[1]),
        workload=WorkloadView.of(owners[2]),
        pods=[PodView.of({**usual, **strange}) for usual, strange in pods],
        events=[EventView.of(event)],
        asked=Asked(nodes=2),
        vanished=gone,
    )
    found = describe(seen, NOW)
    assert found.reason.message
    assert (found.phase == "ended") == (found.verdict is not None)


def test_thousands_of_pods_are_small():
    def text(number):
        value = pod_json(
            runs(60),
            name=f"digits-{number:06}-node-0-0-abcde",
            rank=0,
            conditions=[condition("Ready", "True"), condition("ContainersReady", "True")],
        )
        value["metadata"]["uid"] = f"{number:08}-0000-0000-0000-000000000000"
        value["metadata"]["managedFields"] = [{"manager": "kubelet", "x": "y" * 3000}]
        return json.dumps(value)

    texts = [text(number) for number in range(2000)]
    gc.collect()
    tracemalloc.start()
    held = [PodView.of(json.loads(one)) for one in texts]
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Ten thousand of them take less than 20 MB.
    assert size / len(held) < 2000
