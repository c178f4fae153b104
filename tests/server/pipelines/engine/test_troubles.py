"""What goes wrong ends a task or a run with a reason: none is tried for ever, or left alone."""

from __future__ import annotations

import pytest
from tests.server.jobs.conftest import until

from trackside_server.errors import Unavailable
from trackside_server.pipelines import engine, launching, life, patience, tracking
from trackside_server.pipelines.machine.state import Values
from trackside_server.pipelines.runner import Runner


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Let what is refused be tried again at once."""
    for module in (engine, life, patience):
        monkeypatch.setattr(module, "TRY_AGAIN", 0.01)


def once(monkeypatch, where, name):
    """Let the first call of a function be refused."""
    real = getattr(where, name)
    calls = []

    def failing(*args):
        calls.append(args)
        if len(calls) > 1:
            return real(*args)
        raise Unavailable("not now")

    monkeypatch.setattr(where, name, failing)
    return calls


def always(error):
    def failing(*args):
        raise error

    return failing


async def reason(driver, run, path):
    return (await driver.tasks(run))[path].node.reason


async def test_an_output_of_an_odd_uri_or_name_ends_its_task_well_or_with_a_reason(driver):
    kinds = ("bracket", "outside", "long", "bytes")
    started = {how: await driver.start("odd", cached=None, how=how) for how in kinds}
    runs = {how: await driver.ended(run) for how, run in started.items()}
    states = {how: run.state for how, run in runs.items()}
    assert states == {
        "bracket": "FAILED",
        "outside": "FAILED",
        "long": "SUCCEEDED",
        "bytes": "SUCCEEDED",
    }
    assert (await reason(driver, runs["bracket"], "say-oddly")).code == "BAD_URI"
    assert (await reason(driver, runs["outside"], "say-oddly")).code == "OUTPUT_OUTSIDE"
    again = await driver.ended(await driver.start("odd", cached=None, how="bytes"))
    assert (await driver.states(again))["say-oddly"] == "CACHED"
    imported = await driver.run("imported", uri="gs://[b")
    assert (await reason(driver, imported, "importer")).code == "BAD_URI"


async def test_a_mistake_of_trackside_fails_the_task_that_it_meets(driver, monkeypatch):
    monkeypatch.setattr(launching, "collect", always(KeyError("what nobody thought of")))
    run = await driver.run("chain")
    found = await reason(driver, run, "add")
    assert (run.state, found.code) == ("FAILED", "INTERNAL")
    assert "what nobody thought of" in found.message


async def test_an_output_that_can_never_be_stored_fails_its_task(driver, monkeypatch):
    monkeypatch.setattr(launching, "collect", lambda context: Values({"Output": "\udcff"}))
    run = await driver.run("chain")
    assert (run.state, (await reason(driver, run, "add")).code) == ("FAILED", "INTERNAL")


async def test_a_run_that_cannot_go_on_is_told_as_failed_and_can_be_taken_up_again(
    driver, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(Runner, "_follow", always(RuntimeError("lost the thread")))
        run = await driver.run("chain", start=5)
        assert (run.state, run.reason.code) == ("FAILED", "INTERNAL")
        assert "lost the thread" in run.reason.message
        parent = await driver.services.tracking.get_run(run.mlflow_run_id)
        assert parent.info.status == "FAILED"
    await driver.pipelines.retry(run.run_id)
    assert (await driver.ended(run)).state == "SUCCEEDED"
    assert await driver.outputs(run) == {"Output": 116}


async def test_a_run_begins_though_the_store_could_not_be_read_at_first(driver, monkeypatch):
    calls = once(monkeypatch, engine.runs, "is_unsettled")
    assert (await driver.run("chain")).state == "SUCCEEDED"
    assert len(calls) > 1


async def test_a_run_whose_row_is_gone_keeps_nobody_busy(driver, tmp_path):
    run = await driver.start("held", folder=str(tmp_path))
    await driver.reached(run, "wait-for", "RUNNING")
    await driver.services.store.write(
        lambda c: c.execute("DELETE FROM pipeline_runs WHERE run_id = ?", (run.run_id,))
    )
    (tmp_path / "go").touch()
    await until(lambda: not driver.services.pipelines.engine._lives)


async def test_the_job_of_a_task_is_known_though_noting_it_failed_at_first(driver, monkeypatch):
    once(monkeypatch, launching.tasks, "note_job")
    run = await driver.run("chain")
    found = await driver.tasks(run)
    assert all(found[path].job_id and found[path].mlflow_run_id for path in found if path)
    jobs, *_ = await driver.services.jobs.page(limit=10)
    assert len(jobs) == 3


async def test_metrics_that_are_logged_again_are_the_same_points(driver, monkeypatch):
    real = tracking.Parents.log_task
    logged = []

    async def fail_once(self, *args):
        await real(self, *args)
        logged.append(args)
        if len(logged) == 1:
            raise Unavailable("not now")

    monkeypatch.setattr(tracking.Parents, "log_task", fail_once)
    run = await driver.run("chain")
    task = (await driver.tasks(run))["add"]
    points = await driver.services.tracking.sample_history([task.mlflow_run_id], "Output", 10)
    assert len(logged) == 4
    assert len(points) == 1


async def test_a_launch_that_is_refused_again_and_again_can_be_stopped(driver, monkeypatch):
    monkeypatch.setattr(patience, "TRY_AGAIN", 60.0)
    refused = []

    async def refuse(self, assignment, turn):
        refused.append(assignment)
        raise Unavailable("not now")

    monkeypatch.setattr(launching.Launcher, "start", refuse)
    run = await driver.start("chain")
    await until(lambda: refused)
    await driver.pipelines.terminate(run.run_id)
    assert (await driver.ended(run, 20)).state == "CANCELED"
    assert len(refused) == 1
    assert (await driver.states(run))["add"] == "CANCELED"
