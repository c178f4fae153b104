"""A CronJob is handed over whole or not at all, and what runs outlives it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from trackside_server.cluster.errors import ApiError
from trackside_server.cluster.rights import Right
from trackside_server.errors import ClusterUnavailable, Conflict, Forbidden, InvalidInput
from trackside_server.jobs.entities import JobSpec, Resources
from trackside_server.jobs.runners.base import HandOver, Kept
from trackside_server.jobs.runners.kubernetes.building import Ingredients, build
from trackside_server.jobs.runners.kubernetes.delivery import Delivery
from trackside_server.jobs.runners.kubernetes.keeping import CronJobs
from trackside_server.jobs.runners.kubernetes.names import RECURRING
from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings

from .cluster import condition

SPACE = "namespaces/team-a"
CRONS = f"/apis/batch/v1/{SPACE}/cronjobs"
JOBS = f"/apis/batch/v1/{SPACE}/jobs"
MAPS = f"/api/v1/{SPACE}/configmaps"


class Cluster:
    """A cluster that keeps what it is given, and refuses what it is told to."""

    namespace = "team-a"

    def __init__(self) -> None:
        self.access = SimpleNamespace(server="https://here")
        self.objects: dict[str, dict] = {}
        self.refuses: dict[tuple[str, str], ApiError] = {}

    def _may(self, verb: str, path: str) -> None:
        for (refused, where), error in self.refuses.items():
            if verb == refused and path.startswith(where):
                raise error

    async def get(self, path):
        if path not in self.objects:
            raise ApiError(404, "NotFound", "not found")
        return self.objects[path]

    async def items(self, path, label_selector):
        self._may("list", path)
        key, _, value = label_selector.partition("=")
        for where, one in list(self.objects.items()):
            if where.startswith(f"{path}/") and one["metadata"]["labels"].get(key) == value:
                yield one

    async def post(self, path, body):
        self._may("create", path)
        meta = {**body["metadata"], "uid": f"uid-{len(self.objects)}"}
        return self.objects.setdefault(f"{path}/{meta['name']}", {**body, "metadata": meta})

    async def patch(self, path, body):
        self._may("patch", path)
        one = await self.get(path)
        for part, change in body.items():
            one[part] = {**one[part], **change}
        return one

    async def delete(self, path):
        await self.get(path)
        del self.objects[path]

    def named(self, path):
        return {where for where in self.objects if where.startswith(path)}


class Planner:
    """Makes the manifests of a job without asking the cluster."""

    async def plan(self, readers, job, env, bundle, *, standing):
        pieces = Delivery("pieces", ({"launch.json": b"{}", "start.py": b""},))
        home, space = Surroundings(), readers.api.namespace
        return build(
            Ingredients(space, job, "image", home=home, delivery=pieces, standing=standing)
        )


@pytest.fixture
def cluster():
    return Cluster()


@pytest.fixture
def lacking():
    """The rights that are missing."""
    return []


@pytest.fixture
def keeper(cluster, lacking):
    async def asked(_purpose):
        return tuple(lacking)

    async def served():
        return SimpleNamespace(path=lambda _group: None)

    readers = SimpleNamespace(
        api=cluster,
        permissions=SimpleNamespace(lacking=asked),
        discovery=SimpleNamespace(served=served),
    )

    async def needed():
        return readers

    return CronJobs(SimpleNamespace(needed=needed), Planner(), 3600, lambda: None)


def what(**changes):
    resources = changes.pop("resources", Resources())
    spec = JobSpec("script", "b" * 64, resources=resources, on="cluster")
    values = {"name": "nightly", "experiment": "e", "user": "ana", **changes}
    values = {"schedule": "0 6 * * *", "time_zone": "UTC", **values}
    return HandOver("r-1", spec=spec, bundle=Path(), **values)


async def hand_over(keeper, wanted):
    return await keeper.hand_over(wanted, await keeper.choose(wanted))


def run_of(cluster, name, *conditions):
    """Let the cluster start one."""
    (cron,) = [cluster.objects[path] for path in cluster.named(CRONS)]
    owner = {"uid": cron["metadata"]["uid"], "controller": True}
    meta = {"name": name, "uid": f"uid-{name}", "labels": {RECURRING: "r-1"}}
    path = f"{JOBS}/{name}"
    cluster.objects[path] = {
        "metadata": {**meta, "ownerReferences": [owner]},
        "status": {"conditions": list(conditions)},
    }
    return path


async def test_what_could_not_be_made_whole_leaves_no_cronjob(keeper, cluster) -> None:
    cluster.refuses["create", MAPS] = ApiError(403, "Forbidden", "exceeded quota")
    with pytest.raises(Forbidden, match="was not handed over: exceeded quota"):
        await hand_over(keeper, what())
    assert cluster.objects == {}
    cluster.refuses = {("create", MAPS): ApiError(0, "Unreachable", "no route")}
    with pytest.raises(ClusterUnavailable, match="the cluster does not answer"):
        await hand_over(keeper, what())
    cluster.refuses = {("create", CRONS): ApiError(422, "Invalid", "no such zone")}
    with pytest.raises(Conflict, match="no such zone"):
        await hand_over(keeper, what())


async def test_it_starts_once_all_is_there_and_keeps_its_name(keeper, cluster) -> None:
    kept = await hand_over(keeper, what())
    (cron,) = [cluster.objects[path] for path in cluster.named(CRONS)]
    assert (cron["spec"]["suspend"], cron["metadata"]["name"]) == (False, kept.cronjob)
    (code,) = cluster.named(MAPS)
    (owner,) = cluster.objects[code]["metadata"]["ownerReferences"]
    assert owner["uid"] == cron["metadata"]["uid"]
    # What goes on keeps the code that it began with, for as long as it does.
    running = run_of(cluster, "one")
    run_of(cluster, "two", condition("Complete", "True"))
    again = await hand_over(keeper, what(name="renamed", before=kept))
    assert again.cronjob == kept.cronjob
    assert len(cluster.named(MAPS)) == 2
    (owner,) = cluster.objects[code]["metadata"]["ownerReferences"]
    assert owner["uid"] == cluster.objects[running]["metadata"]["uid"]


async def test_other_times_are_those_of_another_cronjob_and_what_runs_goes_on(
    keeper, cluster
) -> None:
    # The cluster would take moments of the new times for missed that have just passed.
    kept = await hand_over(keeper, what())
    (code,) = cluster.named(MAPS)
    running = run_of(cluster, "one")
    other = what(schedule="0 7 * * *", before=kept)
    cluster.refuses["patch", f"{CRONS}/{kept.cronjob}"] = ApiError(0, "Unreachable", "no route")
    with pytest.raises(ClusterUnavailable):
        await hand_over(keeper, other)
    assert cluster.named(CRONS) == {f"{CRONS}/{kept.cronjob}"}
    cluster.refuses.clear()
    again = await hand_over(keeper, other)
    assert not again.is_same(kept)
    assert cluster.named(CRONS) == {f"{CRONS}/{again.cronjob}"}
    spec = cluster.objects[f"{CRONS}/{again.cronjob}"]["spec"]
    assert (spec["schedule"], spec["suspend"]) == ("0 7 * * *", False)
    assert cluster.objects[running]["metadata"]["ownerReferences"] is None
    (owner,) = cluster.objects[code]["metadata"]["ownerReferences"]
    assert owner["uid"] == cluster.objects[running]["metadata"]["uid"]
    assert await keeper.is_there(again)
    assert not await keeper.is_there(kept)


async def test_what_was_handed_over_from_another_namespace_ends_there(
    keeper, cluster, monkeypatch
) -> None:
    kept = await hand_over(keeper, what())
    running = run_of(cluster, "one")
    # The notebook has moved.
    monkeypatch.setattr(cluster, "namespace", "team-b")
    cluster.refuses["patch", CRONS] = ApiError(403, "Forbidden", "may not patch cronjobs")
    with pytest.raises(Forbidden) as raised:
        await hand_over(keeper, what(before=kept))
    assert "in the namespace team-a, where this notebook was before" in raised.value.hint
    there = CRONS.replace("team-a", "team-b")
    assert cluster.named(there) == set()
    cluster.refuses.clear()
    again = await hand_over(keeper, what(before=kept))
    assert again.namespace == "team-b"
    assert (cluster.named(CRONS), cluster.named(there)) == (set(), {f"{there}/{again.cronjob}"})
    assert cluster.objects[running]["metadata"]["ownerReferences"] is None


async def test_what_another_cluster_keeps_is_not_taken_for_deleted(keeper, cluster) -> None:
    kept = await hand_over(keeper, what())
    # It may be the same one at another address.
    cluster.access.server = "https://there"
    assert await keeper.is_there(kept)
    cluster.objects.clear()
    for asked in (
        keeper.is_there(kept),
        keeper.take_back(kept),
        keeper.choose(what(before=kept)),
    ):
        with pytest.raises(Conflict, match="the cluster at https://here, and https://there"):
            await asked
    cluster.access.server = "https://here"
    assert not await keeper.is_there(kept)


async def test_what_is_taken_back_leaves_its_jobs(keeper, cluster) -> None:
    kept = await hand_over(keeper, what())
    jobs = [run_of(cluster, "one"), run_of(cluster, "two", condition("Failed", "True"))]
    await keeper.take_back(kept)
    assert cluster.named(CRONS) == set()
    for path in jobs:
        assert cluster.objects[path]["metadata"]["ownerReferences"] is None
    # One that somebody deleted is taken back, too.
    await keeper.take_back(kept)


async def test_what_a_cronjob_cannot_start_and_what_may_not_be_done_is_said(
    keeper, cluster, lacking
) -> None:
    with pytest.raises(InvalidInput, match="one node"):
        await hand_over(keeper, what(resources=Resources(nodes=2)))
    lacking.append(Right("create", "batch", "cronjobs"))
    with pytest.raises(Forbidden) as raised:
        await hand_over(keeper, what())
    assert "the right to create cronjobs (batch) in the namespace team-a" in raised.value.hint
    assert cluster.objects == {}
    lacking.clear()
    with pytest.raises(Exception, match="not found") as gone:
        await keeper.start_now(Kept("nightly-0", "team-a"))
    assert gone.value.status == 404
