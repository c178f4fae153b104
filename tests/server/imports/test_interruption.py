"""An import goes on where it was, whatever ended it, and disturbs nobody meanwhile."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time

import pytest
import yaml

from trackside_server.imports import service
from trackside_server.imports.settings import Wanted
from trackside_server.testing import JupyterProcess

from .conftest import Here

RUNS = 4
POINTS = 60_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A folder of a few runs with long curves."""
    root = tmp_path_factory.mktemp("large") / "mlruns"
    _meta(root / "3", experiment_id="3", name="large", lifecycle_stage="active")
    for number in range(RUNS):
        run = root / "3" / f"{number:032x}"
        _meta(run, run_id=run.name, run_name=f"run-{number}", status=3, start_time=number + 1)
        (run / "metrics").mkdir()
        for key in ("loss", "acc"):
            (run / "metrics" / key).write_text(
                "".join(f"{step + 1} {step / 7!r} {step}\n" for step in range(POINTS // 2))
            )
    return root


def _meta(folder, **content):
    folder.mkdir(parents=True)
    (folder / "meta.yaml").write_text(yaml.safe_dump(content))


def _whole(content):
    runs = content["large"]["runs"].values()
    return [len(points) for run in runs for points in run["curves"].values()]


def test_a_stopped_server_goes_on_at_its_next_start(large, tmp_path, sync):
    async def bring():
        counted, started = 0, None
        for _ in range(20):
            async with Here(tmp_path / "here") as here:
                made, _ = await here.transfers.begin(
                    "import", str(large), Wanted(), secrets={}, actor="me"
                )
                deadline = time.monotonic() + 120
                while True:
                    found = await here.transfers.get(made.id)
                    points = found.progress.get("points", 0)
                    if found.state == "SUCCEEDED":
                        return counted + points, await here.content()
                    # Until it has begun again, it tells how far the server before had come.
                    if points >= 20_000 and found.started_at != started:
                        break
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.01)
                counted, started = counted + points, found.started_at
        pytest.fail("it came to no end")

    counted, content = sync(bring())
    assert _whole(content) == [POINTS // 2] * RUNS * 2
    # Little is read twice: at most the step that was on its way when the server stopped.
    assert counted <= RUNS * POINTS * 1.5


def test_a_canceled_import_leaves_what_came(large, here, sync):
    async def cancel():
        made, _ = await here.transfers.begin("import", str(large), Wanted(), secrets={}, actor="me")
        joined, fresh = await here.transfers.begin(
            "import", str(large), Wanted(), secrets={}, actor="me"
        )
        assert (joined.id, fresh) == (made.id, False)
        await here.transfers.cancel(made.id)
        return (await here.end(made.id))[0]

    assert sync(cancel()).state == "CANCELED"
    sync(here.bring(large))
    assert _whole(sync(here.content())) == [POINTS // 2] * RUNS * 2


def test_what_is_canceled_while_it_starts_brings_nothing(large, here, sync, monkeypatch):
    starting, go_on = threading.Event(), threading.Event()
    load = service._load

    def slow():
        starting.set()
        assert go_on.wait(60)
        return load()

    async def cancel():
        made, _ = await here.transfers.begin("import", str(large), Wanted(), secrets={}, actor="me")
        assert await asyncio.to_thread(starting.wait, 60)
        await here.transfers.cancel(made.id)
        go_on.set()
        return (await here.end(made.id))[0]

    monkeypatch.setattr(service, "_load", slow)
    assert sync(cancel()).state == "CANCELED"
    # The next one has its turn when this one is over.
    sync(here.bring(large, dry_run=True))
    assert "large" not in sync(here.content())


def test_a_killed_server_goes_on_and_every_point_is_there_once(large, tmp_path):
    process = JupyterProcess(tmp_path)
    try:
        process.start().wait_ready()
        answer = process.request("POST", "trackside/api/v1/imports", {"source": str(large)})
        assert answer.status == 201, answer.text
        identifier = answer.json["id"]
        kills = 0
        deadline = time.monotonic() + 400
        while True:
            assert time.monotonic() < deadline
            found = process.request("GET", f"trackside/api/v1/imports/{identifier}").json
            if found["state"] == "SUCCEEDED":
                break
            assert found["state"] in ("QUEUED", "RUNNING"), found
            if kills < 2 and found["progress"]["points"] > 10_000:
                process.kill()
                process.restart()
                kills += 1
            time.sleep(0.02)
        runs = _search(process)
        assert sorted(run["info"]["run_name"] for run in runs) == [
            f"run-{number}" for number in range(RUNS)
        ]
        for run in runs:
            query = f"run_id={run['info']['run_id']}&metric_key=loss"
            path = f"trackside/api/2.0/mlflow/metrics/get-history?{query}"
            points = json.loads(process.request("GET", path).body)["metrics"]
            assert [point["step"] for point in points] == list(range(POINTS // 2))
    finally:
        process.clean_up()


def _search(process):
    ids = [
        item["experiment_id"]
        for item in process.request(
            "POST", "trackside/api/2.0/mlflow/experiments/search", {"max_results": 10}
        ).json["experiments"]
    ]
    body = {"experiment_ids": ids, "max_results": 100}
    return process.request("POST", "trackside/api/2.0/mlflow/runs/search", body).json["runs"]


async def test_logging_stays_quick_meanwhile(large, trackside_fetch):
    answer = await trackside_fetch(
        "POST", "api/2.0/mlflow/runs/create", {"experiment_id": "0", "start_time": 1}
    )
    run_id = answer.json["run"]["info"]["run_id"]

    async def log(took):
        body = {"run_id": run_id, "key": "x", "value": 1, "timestamp": 1, "step": len(took)}
        start = time.perf_counter()
        assert (await trackside_fetch("POST", "api/2.0/mlflow/runs/log-metric", body)).status == 200
        took.append(time.perf_counter() - start)

    alone, took = [], []
    while len(alone) < 50:
        await log(alone)
    begun = await trackside_fetch("POST", "api/v1/imports", {"source": str(large)})
    deadline = time.monotonic() + 120
    while True:
        await log(took)
        found = await trackside_fetch("GET", f"api/v1/imports/{begun.json['id']}")
        if found.json["state"] == "SUCCEEDED":
            break
        assert time.monotonic() < deadline
    assert len(took) > 5
    # Far below what blocks a training, on a machine that is busy with other things, too.
    assert statistics.median(took) < 0.1 + 3 * statistics.median(alone)
