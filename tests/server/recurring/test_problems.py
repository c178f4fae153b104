"""What would keep a recurring run from being started is told before it is due."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time

from tests.server.pipelines.api.test_requests import API as KFP
from tests.server.pipelines.api.test_requests import SPEC, upload
from tests.server.recurring.keepers import keeper
from tests.server.recurring.test_requests import DAILY, JOB, ask, nightly, script

from trackside_server.pipelines.ledger import Ledger
from trackside_server.pipelines.times import rfc3339
from trackside_server.recurring import problems
from trackside_server.recurring.service import RecurringRuns

__all__ = ["ask", "keeper", "nightly", "script", "upload"]

FLOW = {"runtime_config": {"parameters": {"text": "hello"}}, "trigger": DAILY}


async def test_a_file_that_is_gone_or_cannot_be_read_is_told_until_it_is_there(
    nightly, ask, script, monkeypatch
):
    one = f"/{(await nightly())['recurring_run_id']}"

    async def told():
        (listed,) = (await ask("GET"))["recurring"]
        assert (await ask("GET", one))["problem"] == listed["problem"]
        return listed["problem"]

    assert await told() is None
    script.unlink()
    gone = "There is no file train.py: put it back, or choose another one."
    assert await told() == gone
    script.mkdir()
    assert await told() == gone
    script.rmdir()
    script.symlink_to(script)
    assert await told() == gone
    script.unlink()
    script.write_text("print('trained')")
    assert await told() is None
    if os.geteuid() != 0:
        script.chmod(0)
        assert (await told()).startswith("train.py cannot be read (Permission denied)")


async def test_another_file_in_its_place_keeps_what_was_missed_and_what_it_had_run(
    nightly, ask, script
):
    made = await nightly()
    one = f"/{made['recurring_run_id']}"
    await ask("POST", f"{one}/run")
    script.rename(script.with_name("moved.py"))
    before = await ask("GET", one)
    assert before["problem"]
    body = {"name": "nightly", "trigger": DAILY, "job": {**JOB, "path": "moved.py"}}
    changed = await ask("PUT", one, body)
    assert (changed["job"]["path"], changed["problem"]) == ("moved.py", None)
    assert changed["trackside"]["moments"] == before["trackside"]["moments"]
    assert changed["last_run"]["id"] == before["last_run"]["id"]


async def test_a_python_that_is_gone_is_told_be_it_chosen_or_that_of_a_kernel(
    nightly, ask, tmp_path, trackside_fetch
):
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    jobs = {
        "chosen": {**JOB, "python": str(python)},
        "kernel": {**JOB, "source": {"python": str(python)}},
        "tunnel": {**JOB, "source": {"python": "/behind/a/tunnel/python"}},
        "none": {**JOB, "python": None, "source": {"python": None}},
        "empty": {**JOB, "python": "", "source": {"python": ""}},
    }
    ids = {
        name: (await nightly(name=name, job=job))["recurring_run_id"] for name, job in jobs.items()
    }
    for name, path in (("flow", str(python)), ("flow of none", "")):
        flow = {**FLOW, "display_name": name, "pipeline_spec": SPEC, "trackside": {"python": path}}
        assert (await trackside_fetch("POST", f"{KFP}/recurringruns", json=flow)).status == 200

    async def told():
        return {one["display_name"]: one["problem"] for one in (await ask("GET"))["recurring"]}

    async def again(name):
        body = {"name": name, "trigger": DAILY, "job": jobs[name]}
        await ask("PUT", f"/{ids[name]}", body)

    # As the same cell sends it when it is run again.
    await again("tunnel")
    assert await told() == dict.fromkeys((*jobs, "flow", "flow of none"))
    python.unlink()
    await again("kernel")
    found = await told()
    gone = f"There is no Python at {python} any more: choose another one, or install it there."
    assert (found["chosen"], found["flow"]) == (gone, gone)
    assert f"{python}, is gone, so it runs with that of the Jupyter server" in found["kernel"]
    assert not any(found[name] for name in ("tunnel", "none", "empty", "flow of none"))


async def test_one_that_cannot_be_looked_at_keeps_no_other_from_being_told(
    nightly, ask, script, monkeypatch, caplog
):
    script.with_name("other.py").write_text("")
    await nightly(name="one")
    await nightly(name="other", job={**JOB, "path": "other.py"})
    look = problems._unreadable

    def fails(path, shown):
        if shown == "other.py":
            raise RuntimeError("Nobody has thought of this.")
        return look(path, shown)

    monkeypatch.setattr(problems, "_unreadable", fails)
    other, one = (await ask("GET"))["recurring"]
    assert one["problem"] is None
    assert "the log of the Jupyter server says more" in other["problem"]
    assert "Nobody has thought of this." in caplog.text


async def test_a_version_of_a_pipeline_that_was_deleted_is_told(ask, upload, trackside_fetch):
    made = (await upload(("say.yaml", json.dumps(SPEC)))).json
    (version,) = (
        await trackside_fetch("GET", f"{KFP}/pipelines/{made['pipeline_id']}/versions")
    ).json["pipeline_versions"]
    ids = {name: version[name] for name in ("pipeline_id", "pipeline_version_id")}
    body = {**FLOW, "display_name": "flow", "pipeline_version_reference": ids}
    answer = await trackside_fetch("POST", f"{KFP}/recurringruns", json=body)
    one = f"/{answer.json['recurring_run_id']}"
    assert (await ask("GET", one))["problem"] is None
    path = f"{KFP}/pipelines/{ids['pipeline_id']}/versions/{ids['pipeline_version_id']}"
    await trackside_fetch("DELETE", path)
    assert (await ask("GET", one))["problem"].startswith("The version of the pipeline that it")


async def test_what_a_cluster_keeps_needs_no_file_here(nightly, ask, script, keeper):
    one = f"/{(await nightly(job={**JOB, 'on': 'cluster'}))['recurring_run_id']}"
    await ask("PUT", f"{one}/cronjob")
    script.unlink()
    assert (await ask("GET", one))["problem"] is None


async def test_a_disk_that_hangs_holds_up_no_answer_and_is_told(nightly, ask, monkeypatch):
    one = f"/{(await nightly())['recurring_run_id']}"
    goes_on, calls = threading.Event(), []

    def hang(*_):
        calls.append(1)
        goes_on.wait(30)

    monkeypatch.setattr(problems, "_PATIENCE", 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(problems, "_unreadable", hang)
        try:
            for _ in range(3):
                told = (await ask("GET", one))["problem"]
                assert told.startswith("The disk does not say whether what it runs is still there")
            # Those that came later have not begun another look each.
            assert len(calls) == 1
        finally:
            goes_on.set()
    monkeypatch.setattr(problems, "_PATIENCE", 20.0)
    assert (await ask("GET", one))["problem"] is None


async def test_the_last_run_of_many_is_told_with_as_many_questions_as_that_of_one(
    nightly, ask, trackside, trackside_fetch
):
    asked = []
    flow = {**FLOW, "display_name": "flow", "pipeline_spec": SPEC}
    made = (await trackside_fetch("POST", f"{KFP}/recurringruns", json=flow)).json
    ids = [made["recurring_run_id"]]
    # With a ledger of its own, as others read by the server's meanwhile.
    services = trackside.services
    ledger = Ledger(services.store, services.changes)
    service = RecurringRuns(ledger, lambda: None, services.recurring.service._start)

    async def count():
        read = ledger.read

        async def counted(work):
            def watched(connection):
                connection.set_trace_callback(asked.append)
                try:
                    return work(connection)
                finally:
                    connection.set_trace_callback(None)

            return await read(watched)

        some = [await service.get(one) for one in ids]
        asked.clear()
        ledger.read = counted
        try:
            found = await service.histories(some)
        finally:
            del ledger.read
        return len(asked), found

    await ask("POST", f"/{ids[0]}/run")
    first, _ = await count()
    for number in range(4):
        one = (await nightly(name=str(number), enabled=False))["recurring_run_id"]
        ids.append(one)
        await ask("POST", f"/{one}/run")
    many, found = await count()
    assert (many, len(found)) == (first, 5)
    assert {one.last_run.kind for one in found.values()} == {"job", "pipeline_run"}


async def test_the_last_run_is_what_was_started_last_also_for_an_earlier_moment(
    nightly, ask, trackside
):
    one = f"/{(await nightly(no_catchup=True))['recurring_run_id']}"
    by_hand = (await ask("POST", f"{one}/run"))["job_id"]
    assert (await ask("GET", one))["last_run"]["id"] == by_hand
    due = time.time() - 3600
    await trackside.services.store.write(
        lambda connection: connection.execute("UPDATE recurring_runs SET next_due = ?", (due,))
    )
    trackside.services.recurring.lead()

    jobs, deadline = [by_hand], time.monotonic() + 60
    while len(jobs) < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
        moments = (await ask("GET", one))["trackside"]["moments"]
        jobs = [moment["job_id"] for moment in moments if moment["outcome"] == "STARTED"]
    # The newest moment first, which is the one that somebody started.
    assert jobs[0] == by_hand
    job_id = jobs[1]
    assert (await ask("GET", one))["last_run"]["id"] == job_id


async def test_the_last_run_is_told_as_it_is_now_also_when_it_was_deleted(
    nightly, ask, trackside, trackside_fetch
):
    one = f"/{(await nightly())['recurring_run_id']}"
    await ask("POST", f"{one}/run")
    job_id = (await ask("POST", f"{one}/run"))["job_id"]
    path = f"api/v1/jobs/{job_id}"
    job = (await trackside_fetch("GET", path)).json
    deadline = time.monotonic() + 60
    while job["ended_at"] is None:
        assert time.monotonic() < deadline
        job = (await trackside_fetch("GET", f"{path}?wait=5&revision={job['revision']}")).json
    last = (await ask("GET", one))["last_run"]
    assert (last["kind"], last["id"], last["state"]) == ("job", job_id, "SUCCEEDED")
    times = [job[name] / 1000 for name in ("started_at", "ended_at")]
    assert [last["started_at"], last["ended_at"]] == list(map(rfc3339, times))
    await trackside.services.jobs._ledger.write(
        lambda entry: entry.connection.execute("DELETE FROM jobs WHERE job_id = ?", (job_id,))
    )
    unknown = dict.fromkeys(("state", "started_at", "ended_at"))
    assert (await ask("GET", one))["last_run"] == {"kind": "job", "id": job_id, **unknown}
