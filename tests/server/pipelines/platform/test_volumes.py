"""Tasks that make and delete volumes: what is asked of the cluster, and that it is done once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.server.jobs.conftest import until
from tests.server.pipelines.compiled import SAMPLES, compiled
from tests.server.pipelines.executor.bench import RUN

from trackside_server.cluster.errors import ApiError
from trackside_server.errors import ClusterUnavailable
from trackside_server.pipelines.executor.context import Place, TaskContext
from trackside_server.pipelines.executor.reasons import ContractError
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import Values
from trackside_server.pipelines.platform import volumes
from trackside_server.pipelines.platform.volumes import VolumeTasks
from trackside_server.structs import replace

GIVEN = {"access_modes": ["ReadWriteOnce"], "size": "1Gi"}
PATH = "/api/v1/namespaces/team-a/persistentvolumeclaims"


class Claims:
    """The claims of a namespace."""

    namespace = "team-a"

    def __init__(self):
        self.there = {}
        self.pods = {}
        self.error = None
        self.losing = False
        self.posts = 0

    async def post(self, path, body):
        assert path == PATH
        self.posts += 1
        if self.error:
            raise self.error
        if body["metadata"]["name"] in self.there:
            raise ApiError(409, "AlreadyExists", "there already")
        self.there[body["metadata"]["name"]] = body
        if self.losing:
            self.losing = False
            raise ApiError(0, "Unreachable", "it broke off.")

    async def get(self, path):
        name = path.removeprefix(f"{PATH}/")
        if name not in self.there:
            raise ApiError(404, "NotFound", "not there")
        found = self.there[name]
        if found["metadata"].get("deletionTimestamp"):
            del self.there[name]
        return found

    async def items(self, path, label_selector):
        assert label_selector == "app.kubernetes.io/managed-by=trackside,trackside.dev/job-id"
        for name, (phase, claim) in list(self.pods.items()):
            volumes = [{"emptyDir": {}}, {"persistentVolumeClaim": {"claimName": claim}}]
            yield {
                "metadata": {"name": name},
                "spec": {"volumes": volumes},
                "status": {"phase": phase},
            }

    async def delete(self, path):
        if self.error:
            raise self.error
        if "/pods/" in path:
            del self.pods[path.rpartition("/")[2]]
            return
        if self.there.pop(path.removeprefix(f"{PATH}/"), None) is None:
            raise ApiError(404, "NotFound", "not there")


@pytest.fixture
def cluster():
    return Claims()


@pytest.fixture
def tasks(cluster, monkeypatch):
    monkeypatch.setattr(volumes, "_LOOK", 0.0)

    async def needed():
        return SimpleNamespace(api=cluster)

    return VolumeTasks(SimpleNamespace(needed=needed))


@pytest.fixture(scope="module")
def pipeline():
    return load(compiled(SAMPLES / "settings.py")["volumes"].encode())


@pytest.fixture
def context(pipeline):
    def made(task="createpvc", attempt=1, run=RUN, **inputs):
        task = pipeline.root.dag.tasks[task]
        component = pipeline.components[task.component]
        return TaskContext(
            run=run,
            place=Place(Path("/runs/1")),
            task_id=f"{run.run_id}:{task.name}",
            path=task.name,
            attempt=attempt,
            task=task,
            component=component,
            executor=pipeline.executors[component.executor],
            inputs=Values(inputs),
        )

    return made


async def done(tasks, context):
    return await asyncio.wait_for(tasks.carry_out(context, asyncio.Event()), 10)


async def test_a_cluster_that_contradicts_itself_is_not_asked_without_a_pause(
    tasks, cluster, context, monkeypatch
):
    monkeypatch.setattr(volumes, "_LOOK", 60.0)
    cluster.error = ApiError(409, "AlreadyExists", "there already")
    stop = asyncio.Event()
    making = asyncio.ensure_future(tasks.carry_out(context(**GIVEN, pvc_name="data"), stop))
    await until(lambda: cluster.posts)
    done, _ = await asyncio.wait([making], timeout=0.3)
    assert not done
    assert cluster.posts == 1
    stop.set()
    assert await making is None


async def test_a_volume_is_made_as_it_was_asked_for(tasks, cluster, context):
    source = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "s"}
    given = {
        "access_modes": ["ReadWriteOnce", "ReadOnlyMany"],
        "size": "5Gi",
        "pvc_name": "data",
        "storage_class_name": "fast",
        "volume_name": "disk-1",
        "annotations": {"team": "a"},
        "data_source": source,
    }
    assert await done(tasks, context(**given)) == Values({"name": "data"})
    assert cluster.there == {
        "data": {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": "data",
                "labels": {
                    "app.kubernetes.io/managed-by": "trackside",
                    "trackside.dev/pipeline-run": "run-1",
                },
                "annotations": {
                    "team": "a",
                    "trackside.dev/pipeline-task": "run-1:createpvc",
                },
            },
            "spec": {
                "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
                "resources": {"requests": {"storage": "5Gi"}},
                "storageClassName": "fast",
                "volumeName": "disk-1",
                "dataSource": source,
            },
        }
    }


async def test_the_class_is_that_of_the_cluster_unless_one_or_none_is_named(
    tasks, cluster, context
):
    await done(tasks, context(**GIVEN, pvc_name="default"))
    await done(tasks, context(**GIVEN, pvc_name="none", storage_class_name=""))
    assert "storageClassName" not in cluster.there["default"]["spec"]
    assert cluster.there["none"]["spec"]["storageClassName"] == ""


async def test_a_name_is_made_of_run_path_and_attempt(tasks, cluster, context):
    given = {**GIVEN, "pvc_name_suffix": "-shared"}
    name = (await done(tasks, context(**given))).parameters["name"]
    assert name == "hello-all-of-you-be075ebb3fd9-shared"
    again = await done(tasks, context(**given))
    second = await done(tasks, context(**given, attempt=2))
    other = await done(tasks, context(**given, run=replace(RUN, run_id="run-2")))
    assert again.parameters["name"] == name
    assert len({name, second.parameters["name"], other.parameters["name"]}) == 3
    assert len(cluster.there) == 3


async def test_what_is_repeated_after_a_lost_answer_or_a_crash_finds_what_was_made(
    tasks, cluster, context
):
    cluster.losing = True
    with pytest.raises(ClusterUnavailable, match="does not answer: it broke off"):
        await done(tasks, context(**GIVEN, pvc_name="data"))
    assert await done(tasks, context(**GIVEN, pvc_name="data")) == Values({"name": "data"})
    # The same task, taken up again later.
    assert await done(tasks, context(**GIVEN, pvc_name="data", attempt=2))
    assert len(cluster.there) == 1


async def test_a_volume_of_others_is_left_alone(tasks, cluster, context):
    cluster.there["data"] = {"metadata": {"name": "data"}}
    with pytest.raises(ContractError, match="There is a volume data in the namespace team-a alr"):
        await done(tasks, context(**GIVEN, pvc_name="data"))
    assert cluster.there == {"data": {"metadata": {"name": "data"}}}


async def test_a_volume_of_the_same_name_that_is_going_is_waited_for(tasks, cluster, context):
    going = {"metadata": {"name": "data", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    cluster.there["data"] = going
    assert await done(tasks, context(**GIVEN, pvc_name="data")) == Values({"name": "data"})
    assert cluster.posts == 2


async def test_one_that_does_not_go_fails_the_task(tasks, cluster, context, monkeypatch):
    monkeypatch.setattr(volumes, "_GOING", 0.0)
    going = {"metadata": {"name": "data", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    cluster.there["data"] = going
    with pytest.raises(ContractError, match="pods still use it"):
        await done(tasks, context(**GIVEN, pvc_name="data"))


async def test_to_delete_what_is_gone_is_to_have_deleted_it(tasks, cluster, context):
    await done(tasks, context(**GIVEN, pvc_name="data"))
    for _ in range(2):
        assert await done(tasks, context("deletepvc", pvc_name="data")) == Values()
        assert cluster.there == {}


async def test_pods_of_jobs_that_are_over_let_a_deleted_volume_go(tasks, cluster, context):
    await done(tasks, context(**GIVEN, pvc_name="data"))
    cluster.pods = {
        "read": ("Succeeded", "data"),
        "broken": ("Failed", "data"),
        "busy": ("Running", "data"),
        "other": ("Succeeded", "more"),
    }
    await done(tasks, context("deletepvc", pvc_name="data"))
    assert sorted(cluster.pods) == ["busy", "other"]


async def test_what_was_stopped_before_it_began_does_nothing(tasks, cluster, context):
    stop = asyncio.Event()
    stop.set()
    assert await tasks.carry_out(context(**GIVEN), stop) is None
    assert await tasks.carry_out(context("deletepvc", pvc_name="data"), stop) is None
    assert cluster.posts == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"access_modes": []}, "It is not said how the volume is mounted"),
        ({"access_modes": ["RWX"]}, 'not the text "RWX"'),
        ({"size": "much"}, 'not the text "much"'),
        ({"size": ""}, "The size of a volume is an amount such as 5Gi"),
        ({"pvc_name": "a", "pvc_name_suffix": "-b"}, "Only one of pvc_name and pvc_name_suffix"),
        ({"pvc_name": "../secrets/token"}, "'../secrets/token' cannot name a volume"),
        ({"pvc_name": 3}, "pvc_name has to be a text, not 3"),
        ({"annotations": {"a": 1}}, "annotations has to be a mapping of texts"),
    ],
)
async def test_what_is_no_volume_is_told_and_not_asked_for(tasks, cluster, context, given, message):
    with pytest.raises(ContractError, match=message):
        await done(tasks, context(**{**GIVEN, **given}))
    assert cluster.posts == 0


@pytest.mark.parametrize("name", [None, "", "a/b", "../secrets/token", "a?b", "A"])
async def test_no_other_object_can_be_deleted_by_the_name_of_a_volume(
    tasks, cluster, context, name
):
    cluster.there = {"": {}, "a": {}, "../secrets/token": {}}
    given = {} if name is None else {"pvc_name": name}
    with pytest.raises(ContractError):
        await done(tasks, context("deletepvc", **given))
    assert len(cluster.there) == 3


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            ApiError(403, "Forbidden", 'persistentvolumeclaims is forbidden: User "a" cannot'),
            "FORBIDDEN",
            "Pipelines can make and delete no volumes: Trackside may not write Pers",
        ),
        (
            ApiError(
                403,
                "Forbidden",
                'claims "data" is forbidden: exceeded quota: disks, requested: '
                "requests.storage=1Gi, used: requests.storage=5Gi, limited: requests.storage=5Gi",
            ),
            "QUOTA_EXCEEDED",
            "The quota disks of the namespace team-a does not allow the volume: it asks for req",
        ),
        (
            ApiError(422, "Invalid", "spec.accessModes: Required value."),
            "BAD_VOLUME",
            "The cluster refuses the volume: spec.accessModes: Required value.",
        ),
    ],
)
async def test_a_refusal_of_the_cluster_is_a_reason(tasks, cluster, context, error, code, message):
    cluster.error = error
    with pytest.raises(ContractError, match=message) as raised:
        await done(tasks, context(**GIVEN, pvc_name="data"))
    assert raised.value.reason.code == code
