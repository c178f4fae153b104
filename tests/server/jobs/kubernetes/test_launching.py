"""How often an attempt is tried to be made, and what becomes of its objects when it is closed."""

from __future__ import annotations

import pytest

from trackside_server.cluster.errors import ApiError, Unreachable
from trackside_server.jobs.runners.kubernetes import runner
from trackside_server.jobs.runners.kubernetes.launching import keep_together, tidy
from trackside_server.jobs.runners.kubernetes.names import CLOSED, object_name
from trackside_server.jobs.runners.kubernetes.tracked import track

from .cluster import condition
from .made import job

JOBS = "/apis/batch/v1/namespaces/team/jobs"
NAME = object_name(job())
SECRET = f"/api/v1/namespaces/team/secrets/{NAME}-env"


class Cluster:
    """A cluster that has one object, or none, and notes what is asked of it."""

    namespace = "team"

    def __init__(self, main=None):
        self.main = main
        self.asked = []

    async def get(self, path):
        self.asked.append(("GET", path))
        if self.main is None:
            raise ApiError(404, "NotFound", "not found")
        return self.main

    async def delete(self, path):
        self.asked.append(("DELETE", path))
        if path.endswith("-code-0"):
            raise ApiError(404, "NotFound", "not found")

    async def patch(self, path, body):
        self.asked.append(("PATCH", path, body))


def the_job(*conditions):
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": NAME, "namespace": "team", "uid": "u"},
        "spec": {"template": {}},
        "status": {"conditions": list(conditions)},
    }


def tracked(*, whole=True, **spec):
    found = track(job(**spec), "team")
    if whole:
        found.facts["whole"] = True
    return found


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", ["Complete", "Failed"])
async def test_a_job_that_finished_may_still_be_looked_at(kind, whole):
    api = Cluster(the_job(condition("Suspended", "False"), condition(kind, "True")))
    await tidy(api, tracked(whole=whole), JOBS, 3600, None)
    kept = {
        "metadata": {"annotations": {CLOSED: "true"}},
        "spec": {"ttlSecondsAfterFinished": 3600},
    }
    assert api.asked == [
        ("DELETE", SECRET),
        ("GET", f"{JOBS}/{NAME}"),
        ("PATCH", f"{JOBS}/{NAME}", kept),
    ]


@pytest.mark.parametrize(
    "conditions",
    [(), (condition("Suspended", "True"),), (condition("Complete", "False"),)],
)
async def test_a_job_that_has_not_finished_is_deleted(conditions):
    api = Cluster(the_job(*conditions))
    await tidy(api, tracked(), JOBS, 3600, None)
    assert api.asked == [
        ("DELETE", SECRET),
        ("GET", f"{JOBS}/{NAME}"),
        ("DELETE", f"{JOBS}/{NAME}"),
    ]


async def test_a_train_job_is_deleted_however_it_is():
    api = Cluster({**the_job(condition("Complete", "True")), "kind": "TrainJob"})
    await tidy(api, tracked(runtime="torch"), "/trainjobs", 3600, None)
    assert api.asked[-1] == ("DELETE", f"/trainjobs/{NAME}")


async def test_what_was_made_for_a_job_that_is_not_there_is_removed():
    api = Cluster()
    await tidy(api, tracked(), JOBS, 3600, None)
    assert ("DELETE", f"/api/v1/namespaces/team/services/{NAME}") in api.asked
    assert not any(one[0] == "PATCH" for one in api.asked)


async def test_a_job_that_is_whole_is_not_asked_for_to_keep_it_together():
    api = Cluster()
    assert await keep_together(api, tracked(), JOBS, None)
    assert api.asked == []
    assert not await keep_together(api, tracked(whole=False), JOBS, None)


MAY_NOT = ApiError(
    403,
    "Forbidden",
    'secrets is forbidden: User "u" cannot create resource "secrets" in API group "" in the '
    'namespace "team"',
)


class Runner(runner.ClusterRunner):
    """One that is answered by a cluster as the test says."""

    def __init__(self, root, *answers):
        super().__init__(root, None, None, None, relay=None, artifacts=None, keep=0, log=None)
        self.answers = list(answers)
        self.told = []
        self._report = lambda _job_id, _attempt, status: self.told.append(status)

    async def _make(self, job, launch, tracked):
        if self.answers:
            raise self.answers.pop(0)


@pytest.mark.asyncio
async def test_a_cluster_that_has_just_come_back_may_not_know_yet_who_may_do_what(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(runner, "FIRST_DELAY", 0.0)
    away = Unreachable("Connection refused")
    found = Runner(tmp_path, away, away, MAY_NOT, MAY_NOT)
    await found.launch(job(), None)
    assert found.answers == []
    assert {status.phase for status in found.told} == {"waiting"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "answers", [[MAY_NOT], [Unreachable("Connection refused"), MAY_NOT]], ids=["at once", "later"]
)
async def test_a_right_that_is_missing_ends_an_attempt(tmp_path, monkeypatch, answers):
    monkeypatch.setattr(runner, "FIRST_DELAY", 0.0)
    monkeypatch.setattr(runner, "RIGHTS", 0.0)
    found = Runner(tmp_path, *answers, MAY_NOT)
    await found.launch(job(), None)
    assert found.told[-1].verdict.code == "FORBIDDEN"
    assert len(found.answers) == 1
