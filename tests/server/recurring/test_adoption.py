"""What is noted of the runs that a cluster has started by itself."""

from __future__ import annotations

from tests.server.recurring.keepers import DUE, UID_JOB, found_of, keeper, on_cluster
from tests.server.recurring.test_requests import JOB, ask, nightly, script

from trackside_server.jobs.runners.base import Recurrence
from trackside_server.recurring import service
from trackside_server.recurring import storage as table
from trackside_server.structs import replace

__all__ = ["ask", "keeper", "nightly", "on_cluster", "script"]


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
    other = replace(
        found, job_id="f" * 16, recurrence=Recurrence("lost", DUE, "nightly-9876543210")
    )
    assert (await strangers.take(other)).cluster["foreign"] is True


async def test_the_last_run_is_what_the_cluster_started_last_in_whatever_order_it_is_found(
    nightly, ask, keeper, trackside
):
    one = (await nightly(job={**JOB, "on": "cluster"}))["recurring_run_id"]
    strangers = trackside.services.jobs._scheduler._means.strangers
    by_hand = Recurrence(one, DUE + 1, "nightly-1", by_hand=True)
    late = replace(found_of(one), created_at=DUE + 60_000)
    first = replace(late, job_id="f" * 16, recurrence=by_hand, created_at=DUE + 1)
    for found in (late, first):
        assert await strangers.take(found)
    assert (await ask("GET", f"/{one}"))["last_run"]["id"] == late.job_id


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
        assert await strangers.take(replace(found, job_id=job_id, recurrence=recurrence))
    moments = (await ask("GET", f"/{one}"))["trackside"]["moments"]
    assert [moment["job_id"] for moment in moments] == [f"{number:016x}" for number in (2, 1)]


async def test_what_is_run_by_hand_takes_no_other_moments_place(on_cluster, ask, keeper, trackside):
    one = (await on_cluster())[1:]
    strangers = trackside.services.jobs._scheduler._means.strangers
    found = found_of(one)
    by_hand = Recurrence(one, DUE, "nightly-1", by_hand=True)
    for number, recurrence in enumerate((found.recurrence, by_hand, by_hand)):
        other = replace(found, job_id=f"{number:016x}", recurrence=recurrence)
        assert await strangers.take(other)
    moments = (await ask("GET", f"/{one}"))["trackside"]["moments"]
    assert [moment["job_id"] for moment in moments] == [f"{number:016x}" for number in (2, 1, 0)]
    # Those of cron are whole seconds.
    assert service._by_hand(1_763_616_240.0004) == 1_763_616_240.001
    assert service._by_hand(1_763_616_240.5) == 1_763_616_240.5
