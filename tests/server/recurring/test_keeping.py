"""What a cluster starts by itself: what cannot be handed over, and what is noted of what it ran."""

from __future__ import annotations

import dataclasses
import time

import pytest
from tests.server.jobs.conftest import until
from tests.server.recurring.test_requests import JOB, ask, nightly, script

from trackside_server.changes import Change
from trackside_server.errors import ClusterUnavailable
from trackside_server.jobs.entities import JobSpec
from trackside_server.jobs.runners.base import Found, HandOver, Kept, Recurrence
from trackside_server.jobs.runners.choice import Runners
from trackside_server.recurring import storage as table

__all__ = ["ask", "nightly", "script"]

UID_JOB = "0123456789abcdef"
DUE = 1_763_616_240_000


class Keeper:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.looks = 0

    async def hand_over(self, what: HandOver) -> Kept:
        self.told.append(what)
        return Kept("nightly-0123456789", "team-a", ("As it is.",))

    async def take_back(self, kept: Kept) -> None:
        self.told.append(("take back", kept.cronjob))

    async def enable(self, kept: Kept, *, enabled: bool) -> None:
        self.told.append(("enable", kept.cronjob, enabled))


class Cluster:
    """A cluster that takes every job and looks at none."""

    name = "cluster"
    queues = True

    def __init__(self) -> None:
        self.keeper = Keeper()

    async def check(self, spec) -> None:
        """Take it."""

    async def adopt(self, job) -> None:
        """Know nothing of it."""

    def look_around(self) -> None:
        """See nothing."""
        self.keeper.looks += 1


@pytest.fixture
def keeper(trackside):
    """A cluster that jobs are handed over to."""
    jobs, cluster = trackside.services.jobs, Cluster()
    jobs._runners = Runners(jobs._runners.local, cluster)
    jobs._submission = dataclasses.replace(jobs._submission, runners=jobs._runners)
    return cluster.keeper


async def test_without_a_cluster_nothing_is_handed_over_and_it_is_said_why(nightly, ask):
    made = await nightly()
    path = f"/{made['recurring_run_id']}/cronjob"
    told = await ask("PUT", path, status=400)
    assert told["hint"] == "Set on to cluster in its job."
    # What is not there needs not be taken back.
    assert (await ask("DELETE", path))["kept_by"] is None


async def test_what_recurs_is_the_clusters_until_it_is_taken_back(nightly, ask, keeper, script):
    made = await nightly(job={**JOB, "on": "cluster", "params": {"lr": 0.1}})
    one = f"/{made['recurring_run_id']}"
    due = made["trackside"]["next_due_at"]
    kept = await ask("PUT", f"{one}/cronjob")
    assert (
        kept["kept_by"].items()
        >= {
            "cronjob": "nightly-0123456789",
            "namespace": "team-a",
            "notes": ["As it is."],
        }.items()
    )
    assert kept["trackside"]["next_due_at"] == due
    (told,) = keeper.told
    assert (told.schedule, told.one_at_a_time, told.enabled) == ("0 6 * * *", True, True)
    assert (told.spec.params, told.name) == ({"lr": 0.1}, "nightly")
    assert (told.bundle / "train.py").read_text() == script.read_text()

    assert (await ask("POST", f"{one}/disable"))["status"] == "DISABLED"
    await ask("POST", f"{one}/enable")
    assert keeper.told[1:] == [
        ("enable", "nightly-0123456789", False),
        ("enable", "nightly-0123456789", True),
    ]
    changed = {"trigger": {"periodic_schedule": {"interval_second": "3600"}}}
    changed = await ask("PUT", one, {**changed, "job": {**JOB, "on": "cluster"}, "name": "hourly"})
    assert changed["kept_by"]["cronjob"] == "nightly-0123456789"
    assert keeper.told[-1].schedule.endswith(" * * * *")
    # What it cannot be told leaves all as it was.
    wrong = {"trigger": {"periodic_schedule": {"interval_second": "90"}}}
    await ask("PUT", one, {**wrong, "job": {**JOB, "on": "cluster"}}, status=400)
    assert (await ask("GET", one))["trigger"] == changed["trigger"]

    back = await ask("DELETE", f"{one}/cronjob")
    assert (back["kept_by"], keeper.told[-1]) == (None, ("take back", "nightly-0123456789"))
    assert back["trackside"]["next_due_at"] == changed["trackside"]["next_due_at"]
    await ask("PUT", f"{one}/cronjob")
    await ask("DELETE", f"{one}/cronjob?leave=true")
    await ask("PUT", f"{one}/cronjob")
    await ask("DELETE", one)
    assert [one[0] for one in keeper.told if isinstance(one, tuple)][2:] == ["take back"] * 2
    await ask("GET", one, status=404)


async def test_what_waited_here_for_its_turn_is_told_as_missed_when_it_is_handed_over(
    nightly, ask, keeper, trackside, monkeypatch
):
    # An earlier run of it goes on.
    monkeypatch.setattr(table, "count_underway", lambda *_: 1)
    hourly = {"periodic_schedule": {"interval_second": "3600"}}
    one = (await nightly(trigger=hourly, job={**JOB, "on": "cluster"}))["recurring_run_id"]
    due = time.time() - 2 * 3600 - 60
    await trackside.services.store.write(
        lambda connection: connection.execute("UPDATE recurring_runs SET next_due = ?", (due,))
    )
    kept = (await ask("PUT", f"/{one}/cronjob"))["trackside"]
    assert [moment["outcome"] for moment in kept["moments"]] == ["MISSED"] * 3
    assert "handed over to the cluster" in kept["moments"][0]["message"]
    # They were told then, and what follows is the cluster's.
    again = (await ask("PUT", f"/{one}/cronjob"))["trackside"]
    assert again["moments"] == kept["moments"]


async def test_what_another_server_of_the_store_has_handed_over_is_looked_for_here(
    nightly, ask, keeper, trackside
):
    one = (await nightly(job={**JOB, "on": "cluster"}))["recurring_run_id"]
    await ask("PUT", f"/{one}/cronjob")
    assert keeper.looks == 0
    # As it is told of what another server wrote.
    told = Change("recurring_run", one, "data", 1, {"name": "nightly"})
    trackside.services.changes.publish(told)
    await until(lambda: keeper.looks)


async def test_what_a_cluster_keeps_that_is_gone_can_be_had_back_all_the_same(
    nightly, ask, keeper, monkeypatch
):
    made = f"/{(await nightly(job={**JOB, 'on': 'cluster'}))['recurring_run_id']}"
    await ask("PUT", f"{made}/cronjob")

    async def refuse(_kept):
        raise ClusterUnavailable("The cluster does not answer.", hint="Try again.")

    monkeypatch.setattr(keeper, "take_back", refuse)
    for path in (made, f"{made}/cronjob"):
        told = await ask("DELETE", path, status=503)
        assert told["hint"].startswith("Try again. Where the cluster is gone for good, take it")
    assert (await ask("DELETE", f"{made}/cronjob?leave=true"))["kept_by"] is None
    await ask("DELETE", made)


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"job": {**JOB, "on": "local"}}, "Set on to cluster"),
        ({"job": {**JOB, "on": "cluster", "params": {"day": "[[ScheduledTime]]"}}}, "Leave them"),
    ],
)
async def test_what_a_cluster_cannot_start_is_refused(nightly, ask, keeper, fields, hint):
    made = await nightly(**fields)
    told = await ask("PUT", f"/{made['recurring_run_id']}/cronjob", status=400)
    assert told["hint"].startswith(hint)
    assert keeper.told == []


def found_of(recurring_id):
    """What the cluster has started for a moment, as it is found."""
    return Found(
        job_id=UID_JOB,
        attempt=1,
        name="nightly",
        experiment="train",
        user="ana",
        on="cluster",
        spec=JobSpec(kind="script", bundle="b" * 64, source={"label": "train.py"}).to_json(),
        created_at=DUE,
        cluster={"name": "nightly-0123456789-29393604", "uid": "u", "foreign": True},
        recurrence=Recurrence(recurring_id, DUE, "nightly-0123456789"),
    )


async def test_each_run_that_the_cluster_started_is_noted_once_also_when_it_was_deleted(
    nightly, ask, keeper, trackside
):
    made = await nightly(job={**JOB, "on": "cluster"})
    recurring_id = made["recurring_run_id"]
    found = found_of(recurring_id)
    strangers = trackside.services.jobs._scheduler._means.strangers
    job = await strangers.take(found)
    assert job.cluster == {
        "name": "nightly-0123456789-29393604",
        "uid": "u",
        "recurring": recurring_id,
    }
    assert await strangers.take(found) is None
    (moment,) = (await ask("GET", f"/{recurring_id}"))["trackside"]["moments"]
    assert (
        moment.items()
        >= {
            "due_at": "2025-11-20T05:24:00Z",
            "outcome": "STARTED",
            "job_id": UID_JOB,
            "run_id": job.run_id,
        }.items()
    )
    # Its object is still on the cluster.
    await trackside.services.jobs._ledger.write(
        lambda entry: entry.connection.execute("DELETE FROM jobs WHERE job_id = ?", (UID_JOB,))
    )
    assert await strangers.take(found) is None
    # One of a store that is lost is what another notebook has made.
    other = dataclasses.replace(
        found, job_id="f" * 16, recurrence=Recurrence("lost", DUE, "nightly-9876543210")
    )
    assert (await strangers.take(other)).cluster["foreign"] is True


async def test_of_what_the_cluster_starts_for_years_the_newest_moments_are_kept(
    nightly, ask, keeper, trackside, monkeypatch
):
    monkeypatch.setattr(table, "_MOMENTS_KEPT", 2)
    one = (await nightly(job={**JOB, "on": "cluster"}))["recurring_run_id"]
    found = found_of(one)
    strangers = trackside.services.jobs._scheduler._means.strangers
    for number in range(3):
        recurrence = Recurrence(one, DUE + number * 60_000, "nightly-0123456789")
        job_id = f"{number:016x}"
        assert await strangers.take(
            dataclasses.replace(found, job_id=job_id, recurrence=recurrence)
        )
    moments = (await ask("GET", f"/{one}"))["trackside"]["moments"]
    assert [moment["job_id"] for moment in moments] == [f"{number:016x}" for number in (2, 1)]
