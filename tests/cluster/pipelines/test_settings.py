"""What kfp-kubernetes says of tasks, on real pods; volumes that pipelines make and share."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
import yaml
from tests.cluster.hermetic.waiting import until
from tests.cluster.pipelines.conftest import Runs, outputs
from tests.kfp_clients import NEWEST
from tests.server.pipelines.compiled import SAMPLES, compiled

from trackside_server.cluster.access import Wish, find
from trackside_server.cluster.api import Api
from trackside_server.jobs.runners.kubernetes.manifests.parts import with_parts
from trackside_server.pipelines.executor.context import TaskRun
from trackside_server.pipelines.executor.reasons import ContractError
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.platform import volumes
from trackside_server.pipelines.platform.applying import pod_parts
from trackside_server.pipelines.platform.settings import (
    InitContainer,
    PodTerm,
    Requirement,
    Settings,
    Workspace,
)
from trackside_server.pipelines.platform.workspaces import claim_of
from trackside_server.structs import replace

CLASS = f"trackside-{os.getpid()}"


@pytest.fixture(scope="module")
def storage(cluster, tmp_path_factory):
    """Two volumes of a class of their own: this cluster makes none by itself."""
    names = [f"{CLASS}-{number}" for number in range(2)]
    for name in names:
        folder = tmp_path_factory.mktemp("volume")
        folder.chmod(0o777)
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {
                "capacity": {"storage": "1Mi"},
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": CLASS,
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": str(folder)},
            },
        }
        cluster.kubectl("apply", "-f", "-", input=json.dumps(volume))
    yield CLASS
    cluster.kubectl("delete", "pv", *names, "--wait=false")


@pytest.fixture(scope="module")
def pipelines(jobs, cluster):
    script = Path(__file__).with_name("settings.py")
    env = {**os.environ, "IMAGE": cluster.image, "CLASS": CLASS}
    return Runs(jobs, NEWEST.run(script, env=env))


@pytest.fixture(scope="module")
def begun(pipelines, storage):
    """Both under way at once."""
    return {
        "passes-on": pipelines.start("passes-on", storage=storage),
        "shares": pipelines.start("shares"),
    }


@pytest.fixture
def tainted(cluster, own_cluster):
    """A taint of the only node, which a task has to bear."""
    node = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
    cluster.kubectl("taint", "nodes", node, "trackside-test=busy:NoSchedule")
    yield node
    cluster.kubectl("taint", "nodes", node, "trackside-test-")


def claims(namespace, *selector):
    found = namespace.admin("get", "pvc", "-o", "json", *selector)
    return [one["metadata"]["name"] for one in json.loads(found)["items"]]


def test_volumes_are_made_written_read_and_deleted(pipelines, begun, room) -> None:
    tasks = pipelines.succeeded(begun["passes-on"])
    name = outputs(tasks["createpvc"])["name"]
    assert name.startswith("passes-on-")
    assert name.endswith("-shared")
    assert outputs(tasks["shell-2"]) == {"out": "kept"}
    assert outputs(tasks[""])["Output"] == "kept"
    # Neither of them is a job.
    assert all("job_id" not in tasks[path]["trackside"] for path in ("createpvc", "deletepvc"))
    pipelines.jobs.until_true(lambda: name not in claims(room), "the end of the volume")


def test_the_workspace_is_there_for_whom_it_is_named_and_goes_with_success(
    pipelines, begun, room
) -> None:
    of_run = ("-l", f"trackside.dev/pipeline-run={begun['shares']}")
    tasks = pipelines.succeeded(begun["shares"])
    # Through a graph in between, too.
    assert outputs(tasks["inside/shell"]) == {"out": "shared"}
    assert outputs(tasks["shell-2"]) == {"out": "alone"}
    pipelines.jobs.until_true(lambda: not claims(room, *of_run), "the end of the workspace")


def test_a_pod_is_as_the_settings_say(pipelines, room, tainted) -> None:
    literal = ("--from-literal=user=ana", "--from-literal=password=s3cret")
    room.admin("create", "secret", "generic", "login", *literal)
    room.admin("create", "configmap", "modes", "--from-literal=mode=fast")
    run_id = pipelines.start(
        "everything",
        secret="login",
        tolerations=[{"key": "trackside-test", "operator": "Exists", "effect": "NoSchedule"}],
        selector={"kubernetes.io/hostname": tainted},
    )
    task = pipelines.succeeded(run_id)["shell"]
    assert outputs(task)["out"].splitlines() == [
        "secret ana s3cret absent",
        "map fast fast",
        f"pod {room.name} reds",
        "id 1234:0",
        "prepared well",
        "memory 24",
    ]
    assert "unheeded" not in task["trackside"]
    pod = pipelines.pod(task)
    assert pod["metadata"]["labels"]["team"] == "reds"
    assert pod["metadata"]["annotations"]["note"] == "by hand"
    assert pod["spec"]["nodeSelector"] == {"kubernetes.io/hostname": tainted}
    assert "s3cret" not in pipelines.jobs.server.log


def test_a_mistyped_input_of_a_setting_fails_the_task_by_name(pipelines) -> None:
    state, tasks = pipelines.ended(
        pipelines.start("everything", secret="login", tolerations=["all"], selector={})
    )
    assert state == "FAILED"
    message = tasks["shell"]["status_metadata"]["message"]
    assert message == 'toleration: It has to be a mapping, not the text "all".'


@pytest.mark.asyncio
async def test_the_api_server_takes_all_that_settings_become(namespace, monkeypatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(namespace.kubeconfig))
    pipeline = load(compiled(SAMPLES / "settings.py")["fixed"].encode())
    away = PodTerm("zone", (Requirement("app", "Exists"),), namespace_labels={"a": "b"}, away=True)
    some = [
        *pipeline.kubernetes.values(),
        Settings(shared_memory="1Gi", pod_affinity=(away, replace(away, weight=3, away=False))),
        Settings(init_containers=(InitContainer("beside", "busybox", sidecar=True),)),
    ]
    assert len(some) > 15
    api = Api(find(Wish()))
    jobs = f"/apis/batch/v1/namespaces/{namespace.name}/jobs"
    try:
        for number, settings in enumerate(some):
            spec = {"containers": [{"name": "main", "image": "busybox"}], "restartPolicy": "Never"}
            wanted = with_parts({"spec": spec}, pod_parts(settings), "main")
            job = {"metadata": {"name": f"job-{number}"}, "spec": {"template": wanted}}
            # Without a field that it does not know.
            await api.post(jobs, job, dryRun="All", fieldValidation="Strict")
    finally:
        await api.close()


@pytest.mark.asyncio
async def test_making_and_deleting_a_volume_again_is_the_same_as_once(namespace, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(namespace.kubeconfig))
    api = Api(find(Wish()))
    try:
        mine, never = claim_of(_run("1"), Workspace("1Mi")), asyncio.Event()
        for _ in range(2):
            assert await volumes.make(api, mine, never)
        name = mine["metadata"]["name"]
        assert claims(namespace) == [name]
        others = claim_of(_run("2"), Workspace("1Mi"))
        others["metadata"]["name"] = name
        with pytest.raises(ContractError, match="did not make"):
            await volumes.make(api, others, never)
        for _ in range(2):
            await volumes.delete(api, name)
        # The cluster lets go of it in its own time.
        until(lambda: not claims(namespace), "the end of the volume")
    finally:
        await api.close()


def test_who_may_make_no_volumes_is_told_before_the_run_starts(pipelines, room, storage) -> None:
    role = json.loads(room.admin("get", "role", "trackside", "-o", "json"))
    before = json.dumps(role)
    role["rules"] = [
        rule
        for rule in role["rules"]
        if not (rule["resources"] == ["persistentvolumeclaims"] and "delete" in rule["verbs"])
    ]
    assert len(json.loads(before)["rules"]) == len(role["rules"]) + 1
    del role["metadata"]["resourceVersion"]
    room.admin("apply", "-f", "-", input=json.dumps(role))
    documents = list(yaml.safe_load_all(pipelines.compiled["passes-on"]))
    body = {
        "display_name": "refused",
        "pipeline_spec": {"pipeline_spec": documents[0], "platform_spec": documents[1]},
        "runtime_config": {"parameters": {"storage": storage}},
        "trackside": {"on": "cluster"},
    }

    def told():
        pipelines.server.request("GET", "trackside/api/v1/cluster?refresh=1")
        answer = pipelines.server.request("POST", "trackside/apis/v2beta1/runs", body)
        return answer.status == 400 and answer.text

    assert "createpvc makes a volume. Pipelines can make and delete no volumes" in (
        pipelines.jobs.until_true(told, "the refusal")
    )


def _run(run_id):
    return TaskRun(run_id, run_id, "hello", 0.0, 0.0)
