"""What a job logged last waits for a store that refuses it, before the job's end and after it."""

from __future__ import annotations

import asyncio

from trackside_server.jobs import closing
from trackside_server.jobs.leftovers import Leftovers

from .conftest import until

_SPOOLED = (
    "import json, os\n"
    "folder = os.environ['TRACKSIDE_SPOOL_DIR']\n"
    "os.makedirs(folder, exist_ok=True)\n"
    "record = {'r': os.environ['TRACKSIDE_RUN_ID'], 'p': {'lr': '0.1'}}\n"
    "record['m'] = [['loss', 0.5, 1, 1]]\n"
    "with open(folder + '/1.jsonl', 'w') as file:\n"
    "    file.write(json.dumps(record) + '\\n')\n"
)


async def let_disk_be_full(api):
    """Refuse params as a full disk does; give what makes room again."""
    store = api.trackside.services.store
    full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    await store.write(lambda c: c.execute(f"CREATE TRIGGER refuse BEFORE INSERT ON params {full}"))

    async def make_room():
        await store.write(lambda c: c.execute("DROP TRIGGER refuse"))

    return make_room


async def test_what_a_job_logged_last_waits_until_the_disk_has_room_again(api, monkeypatch):
    monkeypatch.setattr(closing, "_LOG_AGAIN", (0.1,) * 100)
    make_room = await let_disk_be_full(api)
    job = await api.submit(_SPOOLED)
    await until(lambda: api.folder(job).joinpath("status-1.json").exists())
    await until(lambda: api.status(job)["ended_at"])
    await asyncio.sleep(0.5)
    assert (await api.get(job))["ended_at"] is None
    await make_room()
    assert (await api.ended(job))["state"] == "SUCCEEDED"
    assert (await api.run(job))["params"] == {"lr": "0.1"}


async def test_a_job_ends_when_what_it_logged_last_is_refused_and_the_rest_comes_later(
    api, monkeypatch
):
    monkeypatch.setattr(closing, "_LOG_AGAIN", (0.1,))
    make_room = await let_disk_be_full(api)
    nested = (
        "wanted = {'run_name': 'fold', 'start_time': 1, 'tags': {'trackside.start_id': 'abc'}}\n"
        "with open(folder + '/2.jsonl', 'w') as file:\n"
        "    for record in ({'t': {'note': 'by the job'}}, {'p': {'lr': '1'}}, {'c': wanted}):\n"
        "        run = 'new-1' if 'c' in record else os.environ['TRACKSIDE_RUN_ID']\n"
        "        file.write(json.dumps({'r': run, **record}) + '\\n')\n"
    )
    job = await api.submit(_SPOOLED)
    other = await api.submit(_SPOOLED.replace("record['m']", "record['x']") + nested)
    for one in (job, other):
        assert (await api.ended(one))["state"] == "SUCCEEDED"
        assert (await api.run(one))["params"] == {}
    leftovers = api.trackside.services.jobs._leftovers
    await leftovers.sweep()
    assert (await api.run(job))["params"] == {}
    # One whose spool cannot be read keeps no other waiting.
    broken = api.folder(other) / "spool" / "1.jsonl"
    text = broken.read_bytes()
    broken.unlink()
    broken.mkdir()
    await make_room()
    await leftovers.sweep()
    run = await api.run(job)
    seen = (run["params"], run["metrics"], run["status"])
    assert seen == ({"lr": "0.1"}, {"loss": 0.5}, "FINISHED")
    assert not api.folder(job).joinpath("spool").exists()
    broken.rmdir()
    broken.write_bytes(text)
    # A later server finds by itself what there is.
    later = Leftovers(api.root, leftovers._ledger, leftovers._capture, leftovers._log)
    looking = asyncio.create_task(later.run())
    await until(lambda: not api.folder(other).joinpath("spool").exists())
    await until(lambda: other["job_id"] not in later._jobs)
    looking.cancel()
    assert (await api.run(other))["status"] == "FINISHED"
    experiment = {"experiment_ids": [job["experiment_id"]]}
    found = await api.fetch("POST", "api/2.0/mlflow/runs/search", experiment)
    states = {run["info"]["run_name"]: run["info"]["status"] for run in found.json["runs"]}
    assert states["fold"] == "FINISHED"
