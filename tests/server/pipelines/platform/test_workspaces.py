"""The volume that the tasks of a run share: there before the first of them, gone after the last."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from types import SimpleNamespace

import pytest
from tests.server.jobs.conftest import until
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.executor.bench import RUN
from tests.server.pipelines.ir.documents import document

from trackside_server.changes import Change, Changes
from trackside_server.errors import InvalidInput
from trackside_server.jobs.podparts import PodParts
from trackside_server.pipelines.entities import PipelineRun
from trackside_server.pipelines.machine.state import Run
from trackside_server.pipelines.platform.settings import Workspace
from trackside_server.pipelines.platform.sharing import is_seen, with_workspace
from trackside_server.pipelines.platform.workspaces import Workspaces, claim_of
from trackside_server.pipelines.storage import runs
from trackside_server.store import migrations

NAME = "workspace-4e65d3fbe8ad"


class Cluster:
    """Claims, and the run of each."""

    namespace = "team-a"

    def __init__(self, **claims):
        self.there = claims
        self.selectors = []

    async def post(self, path, body):
        self.there[body["metadata"]["name"]] = body["metadata"]["labels"]

    async def delete(self, path):
        del self.there[path.rpartition("/")[2]]

    async def items(self, path, label_selector):
        if path.endswith("/pods"):
            return
        self.selectors.append(label_selector)
        for name, labels in list(self.there.items()):
            yield {"metadata": {"name": name, "labels": labels}}


class Ledger:
    """Reads a store in which the run `good` has succeeded, `bad` has failed, `gone` was deleted."""

    def __init__(self):
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        migrations.apply(self.connection)
        for run_id, state in (("good", "SUCCEEDED"), ("bad", "FAILED"), ("on", "RUNNING")):
            made = PipelineRun(run_id, run_id, "1", "Default", "p", "spec", "ana", 0.0, state=state)
            runs.insert(self.connection, made, Run(run_id))
        self.connection.execute("INSERT INTO tombstones VALUES ('pipeline_run', 'gone', 9)")

    async def read(self, work):
        return work(self.connection)


@pytest.fixture
def ledger():
    made = Ledger()
    yield made
    made.connection.close()


@pytest.fixture
def workspaces(ledger):
    def made(cluster):
        async def api():
            return cluster

        async def needed():
            return SimpleNamespace(api=cluster)

        connection = SimpleNamespace(api=api, needed=needed)
        return Workspaces(connection, ledger, Changes(), logging.getLogger("test"), lambda: True)

    return made


def test_a_claim_is_as_the_pipeline_says_and_by_default_what_any_cluster_can_give():
    assert claim_of(RUN, Workspace("5Gi")) == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": NAME,
            "labels": {
                "app.kubernetes.io/managed-by": "trackside",
                "trackside.dev/pipeline-run": "run-1",
                "trackside.dev/pipeline-workspace": "true",
            },
            "annotations": {"trackside.dev/pipeline-task": "run-1:workspace"},
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "5Gi"}},
        },
    }
    wished = claim_of(RUN, Workspace("5Gi", ("ReadWriteMany",), "fast"))
    assert wished["spec"]["accessModes"] == ["ReadWriteMany"]
    assert wished["spec"]["storageClassName"] == "fast"


def test_it_is_mounted_where_kfp_mounts_it_in_the_pods_that_are_told_of_it():
    parts = with_workspace(PodParts(mounts=[{"name": "a", "mountPath": "/a"}]), "run-1")
    claim = {"persistentVolumeClaim": {"claimName": NAME}}
    assert parts == PodParts(
        volumes=[{"name": "kfp-workspace", **claim}],
        mounts=[
            {"name": "a", "mountPath": "/a"},
            {"name": "kfp-workspace", "mountPath": "/kfp-workspace"},
        ],
    )
    assert is_seen(["cat", "/kfp-workspace/data"])
    assert not is_seen(["cat", "/data"])


async def test_it_goes_with_success_or_deletion_and_stays_for_a_run_that_may_go_on(workspaces):
    of = "trackside.dev/pipeline-run"
    names = ("good", "bad", "on", "gone", "others")
    cluster = Cluster(**{f"w-{name}": {of: name} for name in names})
    await workspaces(cluster).tidy()
    # The last one belongs to another server of the namespace.
    assert sorted(cluster.there) == ["w-bad", "w-on", "w-others"]
    asked = "app.kubernetes.io/managed-by=trackside,trackside.dev/pipeline-workspace=true"
    assert cluster.selectors == [asked]


async def test_the_end_of_a_run_lets_its_volume_go(workspaces, ledger):
    cluster = Cluster()
    made = workspaces(cluster)
    made.start()
    made.lead()
    await made.make(RUN, Workspace("1Gi"))
    assert list(cluster.there) == [NAME]
    ledger.connection.execute("UPDATE pipeline_runs SET run_id = 'run-1' WHERE run_id = 'good'")
    made._on_change(Change("pipeline_run", "run-1", "state", 1, {"state": "SUCCEEDED"}))
    await until(lambda: not cluster.there)
    await made.stop()


async def test_a_volume_that_is_made_while_others_go_goes_with_its_run(workspaces, ledger):
    class Slow(Cluster):
        async def items(self, path, label_selector):
            async for one in super().items(path, label_selector):
                yield one
            if len(self.selectors) == 1 and not path.endswith("/pods"):
                await made.make(RUN, Workspace("1Gi"))

    cluster = Slow()
    made = workspaces(cluster)
    await made.tidy()
    made.start()
    made._tidying = asyncio.create_task(made._tidy_up())
    ledger.connection.execute("UPDATE pipeline_runs SET run_id = 'run-1' WHERE run_id = 'good'")
    made._on_change(Change("pipeline_run", "run-1", "state", 1, {"state": "SUCCEEDED"}))
    await until(lambda: not cluster.there)
    await made.stop()


async def test_a_cluster_that_no_run_has_needed_is_not_asked(workspaces):
    cluster = Cluster(kept={"trackside.dev/pipeline-run": "gone"})
    made = workspaces(cluster)
    made.lead()
    made._on_change(Change("pipeline_run", "gone", "deleted", 1, {}))
    await asyncio.sleep(0)
    await made.stop()
    assert cluster.selectors == []


@pytest.mark.parametrize(
    ("workspace", "place", "sentence"),
    [
        ({}, ".size", "It is not said how large it shall be."),
        ({"size": "big"}, ".size", '"big" is no amount.'),
        (
            {"size": "1Gi", "kubernetes": {"pvcSpecPatch": {"volumeName": "a"}}},
            ".kubernetes.pvcSpecPatch",
            'The field "volumeName" is not known here.',
        ),
        (
            {"size": "1Gi", "kubernetes": {"pvcSpecPatch": {"accessModes": ["RWX"]}}},
            ".kubernetes.pvcSpecPatch.accessModes[0]",
            "It has to be one of ReadWriteOnce,",
        ),
        (
            {"size": "1Gi", "kubernetes": {"pvcSpecPatch": {"storageClassName": ""}}},
            ".kubernetes.pvcSpecPatch.storageClassName",
            "The class has no name.",
        ),
    ],
)
def test_one_that_cannot_be_is_refused_with_its_place(workspace, place, sentence):
    platforms = {"kubernetes": {"pipelineConfig": {"workspace": workspace}}}
    with pytest.raises(InvalidInput) as raised:
        load_json({"pipeline_spec": document(), "platform_spec": {"platforms": platforms}})
    told = f"platforms.kubernetes.pipelineConfig.workspace{place}: {sentence}"
    assert raised.value.message.startswith(told)
