"""Runs of jobs that are deleted: to the trash, or for ever."""

from __future__ import annotations

from .conftest import until

WAIT = "import time\nopen('up', 'w').write('1')\ntime.sleep(600)\n"


async def test_a_run_whose_job_has_not_ended_is_not_deleted_for_ever(api):
    job = await api.submit(WAIT, experiment="digits")
    await api.running(job)
    wanted = {"run_ids": [job["run_id"]], "force": True}
    answer = await api.call("POST", "trash/delete", wanted, status=409)
    assert answer.json["reason"] == "JOB_ALIVE"
    assert job["name"] in answer.json["message"]
    assert f"trackside cancel {job['name']}" in answer.json["hint"]
    whole = {"experiment_ids": [job["experiment_id"]], "force": True}
    answer = await api.call("POST", "trash/delete", whole, status=409)
    assert answer.json["reason"] == "JOB_ALIVE"
    await api.cancel(job)
    await api.ended(job)
    await api.call("POST", "trash/delete", wanted, status=200)


async def test_the_job_of_a_run_goes_with_it(api):
    job = await api.submit("print('loss=1.0')", experiment="digits")
    other = await api.submit("print('loss=1.0')", experiment="digits")
    for one in (job, other):
        await api.ended(one)
    folder = api.folder(job)
    assert folder.exists()
    start = (await api.call("GET", "changes", status=200)).json["revision"]
    wanted = {"run_ids": [job["run_id"]], "force": True}
    await api.call("POST", "trash/delete", wanted, status=200)
    await api.call("GET", f"jobs/{job['job_id']}", status=404)
    news = (await api.call("GET", f"changes?since={start}", status=200)).json
    assert {"job", "run"} <= {item["kind"] for item in news["deleted"]}
    await until(lambda: not folder.exists())
    assert (await api.get(other))["state"] == "SUCCEEDED"


TRAIN = """
import pathlib
import time

open("up", "w").write("1")
while not pathlib.Path("go").exists():
    time.sleep(0.05)
for step in range(20):
    print(f"step={step} loss={1 / (step + 1)}")
"""


async def test_a_run_in_the_trash_is_whole_when_it_is_taken_back_after_its_job(api):
    job = await api.submit(TRAIN, experiment="digits")
    await api.running(job)
    await api.file(job, "up")
    wanted = {"run_id": job["run_id"]}
    await api.fetch("POST", "api/2.0/mlflow/runs/delete", wanted)
    (api.folder(job) / "work" / "go").touch()
    await api.ended(job)
    assert (await api.fetch("POST", "api/2.0/mlflow/runs/restore", wanted)).status == 200
    run = await api.run(job)
    assert run["status"] == "FINISHED"
    assert run["end_time"]
    assert run["metrics"]["loss"] == 0.05
