"""What a cluster starts by itself: handed over, changed, taken back, and what cannot be."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.server.jobs.conftest import until
from tests.server.recurring.keepers import UID_JOB, keeper, on_cluster
from tests.server.recurring.test_requests import JOB, ask, nightly, script

from trackside_server.changes import Change
from trackside_server.errors import ClusterUnavailable, Conflict, Forbidden, NotFound
from trackside_server.jobs.runners.choice import Runners
from trackside_server.pipelines.ledger import Ledger
from trackside_server.recurring import keeping as module
from trackside_server.recurring import settling
from trackside_server.recurring import storage as table
from trackside_server.recurring.keeping import Keeping

__all__ = ["ask", "keeper", "nightly", "on_cluster", "script"]

HOURLY = {"periodic_schedule": {"interval_second": "3600"}}


class Killed(BaseException):
    """The end of a server that has no time to do anything about it."""


async def test_without_a_cluster_nothing_is_handed_over_and_it_is_said_why(nightly, ask):
    made = await nightly()
    path = f"/{made['recurring_run_id']}/cronjob"
    told = await ask("PUT", path, status=400)
    assert told["message"].startswith("There is no cluster")
    assert "set KUBECONFIG" in told["hint"]
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
            "cronjob": "nightly-1",
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
        ("enable", "nightly-1", False),
        ("enable", "nightly-1", True),
    ]
    changed = {"trigger": {"periodic_schedule": {"interval_second": "3600"}}}
    changed = await ask("PUT", one, {**changed, "job": {**JOB, "on": "cluster"}, "name": "hourly"})
    # Of other times the cluster would take those for missed that have just passed.
    assert changed["kept_by"]["cronjob"] == "nightly-2"
    assert keeper.told[-1].before.cronjob == "nightly-1"
    assert keeper.told[-1].schedule.endswith(" * * * *")
    same = {**changed["trigger"]["periodic_schedule"]}
    renamed = {"trigger": {"periodic_schedule": same}, "job": {**JOB, "on": "cluster"}}
    renamed = await ask("PUT", one, {**renamed, "name": "each hour"})
    assert renamed["kept_by"]["cronjob"] == "nightly-2"
    # What it cannot be told leaves all as it was.
    wrong = {"trigger": {"periodic_schedule": {"interval_second": "90"}}}
    await ask("PUT", one, {**wrong, "job": {**JOB, "on": "cluster"}}, status=400)
    assert (await ask("GET", one))["trigger"] == changed["trigger"]

    back = await ask("DELETE", f"{one}/cronjob")
    assert (back["kept_by"], keeper.told[-1]) == (None, ("take back", "nightly-2"))
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


AWAY = ClusterUnavailable("The cluster does not answer.", hint="Try again.")


@pytest.mark.parametrize("what", ["is there", "take back"])
async def test_what_a_cluster_keeps_that_is_gone_can_be_had_back_all_the_same(
    nightly, ask, keeper, what
):
    made = f"/{(await nightly(job={**JOB, 'on': 'cluster'}))['recurring_run_id']}"
    kept = await ask("PUT", f"{made}/cronjob")
    keeper.before[what] = AWAY
    for path in (made, f"{made}/cronjob"):
        told = await ask("DELETE", path, status=503)
        assert told["hint"].startswith("Try again. Where the cluster is gone for good, take it")
    assert (await ask("GET", made))["kept_by"] == kept["kept_by"]
    assert keeper.starts == {"nightly-1": True}
    assert (await ask("DELETE", f"{made}/cronjob?leave=true"))["kept_by"] is None
    await ask("DELETE", made)


@pytest.fixture
def next_server(trackside):
    """What the server does about what the cluster keeps that comes after one that was killed."""
    recurring, jobs = trackside.services.recurring, trackside.services.jobs

    def start():
        return Keeping(
            recurring.service,
            Ledger(trackside.services.store, trackside.services.changes),
            jobs,
            lambda: None,
        )

    return start


async def test_a_server_that_is_killed_while_it_hands_over_leaves_none_that_is_started_twice(
    on_cluster, ask, keeper, trackside, next_server, monkeypatch
):
    one = await on_cluster()
    due = (await ask("GET", one))["trackside"]["next_due_at"]
    keeper.after["hand over"] = Killed()
    with pytest.raises(Killed):
        await trackside.services.recurring.keeping.hand_over(one[1:])
    assert keeper.starts == {"nightly-1": True}
    assert await trackside.services.store.read(table.next_due) is None
    keeper.after = {}
    # The other server may live, and be at it.
    assert await next_server().look_around() is False
    with pytest.raises(Conflict):
        await next_server().enable(one[1:], enabled=False)
    monkeypatch.setattr(settling, "_PATIENCE", 0.0)
    keeper.before["take back"] = AWAY
    assert await next_server().look_around() is False
    assert (await ask("GET", one))["kept_by"]["cronjob"] == "nightly-1"
    keeper.before = {}
    assert await next_server().look_around() is True
    told = await ask("GET", one)
    assert (keeper.starts, told["kept_by"], told["trackside"]["next_due_at"]) == ({}, None, due)
    assert "was stopped while it handed it over" in told["error"]["message"]
    # Handed over again, it is the cluster's as if nothing had been.
    again = await ask("PUT", f"{one}/cronjob")
    assert (again["kept_by"]["cronjob"], again.get("error")) == ("nightly-2", None)


async def test_what_was_due_until_a_half_handed_over_one_was_found_is_told_as_missed(
    on_cluster, ask, keeper, trackside, next_server, monkeypatch
):
    monkeypatch.setattr(settling, "_PATIENCE", 0.0)
    one = await on_cluster(trigger=HOURLY)
    keeper.before["hand over"] = Killed()
    with pytest.raises(Killed):
        await trackside.services.recurring.keeping.hand_over(one[1:])
    keeper.before = {}
    due = time.time() - 2 * 3600 - 60
    await trackside.services.store.write(
        lambda connection: connection.execute(
            "UPDATE recurring_runs SET kept = json_set(kept, '$.underway.awaited', ?)", (due,)
        )
    )
    assert await next_server().look_around() is True
    moments = (await ask("GET", one))["trackside"]["moments"]
    assert [moment["outcome"] for moment in moments] == ["MISSED"] * 3
    assert "was stopped while it handed it over" in moments[0]["message"]


@pytest.mark.parametrize("at", ["before", "after"])
async def test_a_server_that_is_killed_while_it_takes_back_leaves_one_that_is_started(
    on_cluster, ask, keeper, trackside, next_server, monkeypatch, at
):
    monkeypatch.setattr(settling, "_PATIENCE", 0.0)
    one = await on_cluster()
    await ask("PUT", f"{one}/cronjob")
    getattr(keeper, at)["take back"] = Killed()
    with pytest.raises(Killed):
        await trackside.services.recurring.keeping.take_back(one[1:])
    keeper.before, keeper.after = {}, {}
    assert await next_server().look_around() is True
    told = await ask("GET", one)
    assert (keeper.starts, told["kept_by"], told.get("error")) == ({}, None, None)
    assert await trackside.services.store.read(table.next_due)


async def test_a_server_that_is_killed_while_it_changes_what_is_kept_says_so(
    on_cluster, ask, keeper, trackside, next_server, monkeypatch
):
    monkeypatch.setattr(settling, "_PATIENCE", 0.0)
    one = await on_cluster()
    await ask("PUT", f"{one}/cronjob")
    keeper.after["hand over"] = Killed()
    with pytest.raises(Killed):
        await trackside.services.recurring.keeping.hand_over(one[1:])
    keeper.after = {}
    assert await next_server().look_around() is True
    told = await ask("GET", one)
    assert (told["kept_by"]["cronjob"], keeper.starts) == ("nightly-1", {"nightly-1": True})
    assert "may be as it was before" in told["error"]["message"]


async def test_of_a_cronjob_that_somebody_deleted_it_is_told_and_this_server_starts_it_again(
    on_cluster, ask, keeper, trackside, next_server
):
    one = await on_cluster(trigger=HOURLY)
    await ask("PUT", f"{one}/cronjob")
    await trackside.services.store.write(
        lambda connection: connection.execute(
            "UPDATE recurring_runs SET kept = json_set(kept, '$.at', ?)", (time.time() - 9000,)
        )
    )
    keeper.starts = {}
    keeper.before["is there"] = AWAY
    assert await next_server().look_around() is False
    assert (await ask("GET", one))["kept_by"]
    keeper.before = {}
    assert await next_server().look_around() is True
    told = await ask("GET", one)
    assert told["kept_by"] is None
    assert told["error"]["message"].startswith("Its CronJob nightly-1 is gone from the namespace")
    moments = told["trackside"]["moments"]
    assert [moment["outcome"] for moment in moments] == ["MISSED"] * 3
    assert moments[0]["message"].startswith("No run was found: its CronJob nightly-1 is gone")


async def test_what_was_not_handed_over_is_as_it_was_also_where_the_cluster_falls_silent(
    on_cluster, ask, keeper, trackside
):
    one = await on_cluster()
    before = await ask("GET", one)
    keeper.before["hand over"] = AWAY
    await ask("PUT", f"{one}/cronjob", status=503)
    now = await ask("GET", one)
    assert (now["kept_by"], now["trackside"]) == (None, before["trackside"])
    # It may have heard, and cannot be asked: nobody starts it until that is known.
    keeper.before, keeper.after["hand over"] = {"take back": AWAY}, AWAY
    await ask("PUT", f"{one}/cronjob", status=503)
    assert "being handed over" in (await ask("GET", one))["kept_by"]["notes"][0]
    assert await trackside.services.store.read(table.next_due) is None
    keeper.before = keeper.after = {}
    assert await trackside.services.recurring.keeping.look_around() is True
    assert ((await ask("GET", one))["kept_by"], keeper.starts) == (None, {})


async def test_a_change_that_the_cluster_refuses_leaves_what_it_keeps(
    on_cluster, ask, keeper, monkeypatch
):
    one = await on_cluster()
    was = await ask("PUT", f"{one}/cronjob")
    keeper.before["hand over"] = Conflict("No such image.")
    other = {"trigger": {"cron_schedule": {"cron": "0 0 7 * * *"}}, "job": was["job"]}
    await ask("PUT", one, other, status=409)
    now = await ask("GET", one)
    assert (now["kept_by"], now["trigger"]) == (was["kept_by"], was["trigger"])
    assert keeper.starts == {"nightly-1": True}

    async def ends_the_other_one_and_refuses(what, kept):
        keeper.starts = {}
        raise AWAY

    monkeypatch.setattr(keeper, "hand_over", ends_the_other_one_and_refuses)
    await ask("PUT", one, other, status=503)
    now = await ask("GET", one)
    assert (now["kept_by"], now["trigger"]) == (None, was["trigger"])
    assert "CronJob nightly-1 is gone" in now["error"]["message"]


@pytest.mark.parametrize("at", ["before", "after"])
async def test_a_server_that_is_killed_while_it_turns_one_off_leaves_one_that_is_off(
    on_cluster, ask, keeper, trackside, next_server, monkeypatch, at
):
    one = await on_cluster()
    await ask("PUT", f"{one}/cronjob")
    getattr(keeper, at)["enable"] = Killed()
    with pytest.raises(Killed):
        await trackside.services.recurring.keeping.enable(one[1:], enabled=False)
    keeper.before, keeper.after = {}, {}
    # The other server may live, and be at it.
    assert await next_server().look_around() is False
    monkeypatch.setattr(settling, "_PATIENCE", 0.0)
    assert await next_server().look_around() is True
    told = await ask("GET", one)
    assert (keeper.starts, told["status"]) == ({"nightly-1": False}, "DISABLED")
    assert (told["kept_by"]["cronjob"], told.get("error")) == ("nightly-1", None)
    assert (await ask("POST", f"{one}/enable"))["status"] == "ENABLED"
    assert keeper.starts == {"nightly-1": True}


async def test_one_that_the_cluster_refuses_to_turn_off_stays_on(on_cluster, ask, keeper):
    one = await on_cluster()
    was = await ask("PUT", f"{one}/cronjob")
    keeper.before["enable"] = Forbidden("You may not change CronJobs.")
    await ask("POST", f"{one}/disable", status=403)
    now = await ask("GET", one)
    assert (now["status"], now["kept_by"]) == ("ENABLED", was["kept_by"])
    keeper.before = {}
    assert (await ask("POST", f"{one}/disable"))["status"] == "DISABLED"


async def test_one_that_was_turned_off_by_a_cluster_that_fell_silent_goes_on_once_it_answers(
    on_cluster, ask, keeper, trackside, monkeypatch
):
    one = await on_cluster()
    await ask("PUT", f"{one}/cronjob")

    async def hears_and_is_silent(kept, *, enabled):
        if not enabled:
            keeper.starts[kept.cronjob] = False
        raise AWAY

    with monkeypatch.context() as patch:
        patch.setattr(keeper, "enable", hears_and_is_silent)
        await ask("POST", f"{one}/disable", status=503)
        assert ((await ask("GET", one))["status"], keeper.starts) == (
            "ENABLED",
            {"nightly-1": False},
        )
    assert await trackside.services.recurring.keeping.look_around() is True
    assert ((await ask("GET", one))["status"], keeper.starts) == ("ENABLED", {"nightly-1": True})


async def test_a_cronjob_that_is_gone_when_it_is_to_be_turned_off_is_told_with_what_was_missed(
    on_cluster, ask, keeper, trackside
):
    one = await on_cluster(trigger=HOURLY)
    await ask("PUT", f"{one}/cronjob")
    await trackside.services.store.write(
        lambda connection: connection.execute(
            "UPDATE recurring_runs SET kept = json_set(kept, '$.at', ?)", (time.time() - 9000,)
        )
    )
    keeper.starts, keeper.before["enable"] = {}, NotFound("There is no CronJob nightly-1.")
    await ask("POST", f"{one}/disable", status=404)
    keeper.before = {}
    assert await trackside.services.recurring.keeping.look_around() is True
    told = await ask("GET", one)
    assert (told["status"], told["kept_by"]) == ("ENABLED", None)
    assert "CronJob nightly-1 is gone" in told["error"]["message"]
    moments = told["trackside"]["moments"]
    assert [moment["outcome"] for moment in moments] == ["MISSED"] * 3


@pytest.mark.parametrize("is_killed", [False, True])
async def test_of_what_was_off_no_moment_of_that_time_is_told_as_missed(
    on_cluster, ask, keeper, trackside, next_server, monkeypatch, is_killed
):
    monkeypatch.setattr(settling, "_PATIENCE", 0.0)
    one = await on_cluster(trigger={"cron_schedule": {"cron": "0 * * * * *"}})
    await ask("PUT", f"{one}/cronjob")
    await trackside.services.store.write(
        lambda connection: connection.execute(
            "UPDATE recurring_runs SET kept = json_set(kept, '$.at', ?)", (time.time() - 3600,)
        )
    )
    off = await ask("POST", f"{one}/disable")
    if is_killed:
        keeper.after["enable"] = Killed()
        with pytest.raises(Killed):
            await trackside.services.recurring.keeping.enable(one[1:], enabled=True)
    else:
        on = await ask("POST", f"{one}/enable")
        # The code is as of then.
        assert on["kept_by"] == off["kept_by"]
    keeper.starts = {}
    assert await next_server().look_around() is True
    told = await ask("GET", one)
    assert (told["status"], told["kept_by"]) == ("ENABLED", None)
    # The next minute may have come meanwhile.
    assert len(told["trackside"].get("moments", ())) <= 1


async def test_what_the_cluster_says_is_told_also_where_another_server_was_faster(
    on_cluster, ask, keeper, trackside, monkeypatch
):
    one = await on_cluster()
    await ask("PUT", f"{one}/cronjob")

    async def refuses(kept, *, enabled):
        await trackside.services.store.write(
            lambda connection: connection.execute(
                "UPDATE recurring_runs SET kept = json_set(kept, '$.underway.by', 'another')"
            )
        )
        raise Forbidden("You may not change CronJobs.")

    monkeypatch.setattr(keeper, "enable", refuses)
    told = await ask("POST", f"{one}/disable", status=403)
    assert told["message"] == "You may not change CronJobs."


async def test_what_is_turned_off_while_it_is_changed_stays_off(nightly, ask, trackside):
    made = await nightly()
    one, keeping = made["recurring_run_id"], trackside.services.recurring.keeping
    reads, goes_on = asyncio.Event(), asyncio.Event()
    job = trackside.services.recurring._wishes.job

    async def read(found):
        reads.set()
        await goes_on.wait()
        body = {"trigger": made["trigger"], "job": made["job"]}
        return await job(body, "ana", found)

    change = asyncio.create_task(keeping.replace(one, read))
    await reads.wait()
    off = asyncio.create_task(keeping.enable(one, enabled=False))
    goes_on.set()
    await asyncio.gather(change, off)
    assert (await ask("GET", f"/{one}"))["status"] == "DISABLED"


async def test_of_a_run_that_the_cluster_has_not_shown_yet_it_is_said_so(
    on_cluster, ask, keeper, monkeypatch
):
    one = await on_cluster()
    await ask("PUT", f"{one}/cronjob")
    monkeypatch.setattr(module, "_FOUND", 0.2)
    told = await ask("POST", f"{one}/run", {}, status=202)
    assert told["job_id"] == UID_JOB
    assert "as soon as this server has found it" in told["message"]


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"job": {**JOB, "on": "local"}}, "Schedule it again with --on cluster"),
        ({"job": JOB}, "Schedule it again with --on cluster"),
        ({"job": {**JOB, "on": "cluster", "params": {"day": "[[ScheduledTime]]"}}}, "Leave them"),
    ],
)
async def test_what_a_cluster_cannot_start_is_refused(nightly, ask, keeper, fields, hint):
    made = await nightly(**fields)
    told = await ask("PUT", f"/{made['recurring_run_id']}/cronjob", status=400)
    assert told["hint"].startswith(hint)
    assert keeper.told == []


async def test_the_notebooks_and_scripts_are_counted_on_whatever_page_and_wherever_they_are_kept(
    nightly, ask, keeper
):
    assert (await ask("GET"))["jobs"] == {"total": 0, "enabled": 0, "next_due_at": None}
    far = await nightly(trigger={"cron_schedule": {"cron": "0 0 0 1 1 *"}})
    first = (await ask("GET", "?page_size=1"))["jobs"]
    assert first == {"total": 1, "enabled": 1, "next_due_at": far["trackside"]["next_due_at"]}
    near = await nightly(job={**JOB, "on": "cluster"}, trigger=HOURLY)
    await nightly(trigger=HOURLY, enabled=False)
    await ask("PUT", f"/{near['recurring_run_id']}/cronjob")
    told = await ask("GET", "?page_size=1")
    due = (await ask("GET", f"/{near['recurring_run_id']}"))["trackside"]["next_due_at"]
    assert told["jobs"] == {"total": 3, "enabled": 2, "next_due_at": due}
    assert (len(told["recurring"]), told["total_size"]) == (1, 3)


async def test_what_goes_to_the_cluster_of_itself_is_handed_over_without_being_told_where(
    nightly, ask, keeper
):
    made = await nightly(job={**JOB, "resources": {"gpus": 64}})
    assert made["runner"] == "cluster"
    assert (await nightly(name="here"))["runner"] == "local"
    listed = (await ask("GET"))["recurring"]
    assert [one["runner"] for one in listed] == ["local", "cluster"]
    kept = (await ask("PUT", f"/{made['recurring_run_id']}/cronjob"))["kept_by"]
    assert kept is not None
    assert keeper.told[0].spec.on == "cluster"


async def test_where_nothing_can_run_it_no_runner_is_told(nightly, ask, keeper, trackside):
    on_cluster = {**JOB, "on": "cluster"}
    made = await nightly(job=on_cluster)
    unread = await nightly(job=on_cluster)
    assert (made["runner"], unread["runner"]) == ("cluster", "cluster")
    await trackside.services.store.write(
        lambda connection: connection.execute(
            "UPDATE recurring_runs SET job = json_set(job, '$.later', 1) WHERE recurring_id = ?",
            (unread["recurring_run_id"],),
        )
    )
    listed = (await ask("GET"))["recurring"]
    assert [one["runner"] for one in listed] == [None, "cluster"]
    # The kubeconfig is gone when the server starts again.
    trackside.services.jobs._runners = Runners(trackside.services.jobs._runners.local)
    assert (await ask("GET", f"/{made['recurring_run_id']}"))["runner"] is None
