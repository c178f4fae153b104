"""What is compiled by the SDK runs beside the notebook: each task a job of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from trackside_server.errors import InvalidInput, Unavailable
from trackside_server.pipelines.storage.listing import Query
from trackside_server.pipelines.times import rfc3339, seconds_of


async def test_values_keep_their_types_along_a_chain(driver):
    run = await driver.run("chain", start=5)
    assert run.state == "SUCCEEDED", await driver.tasks(run)
    assert await driver.outputs(run) == {"Output": 116}


async def test_a_pipeline_of_everything_gives_values_and_keeps_their_order(driver, tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    run = await driver.run("everything", count=5, folder=str(folder))
    tasks = await driver.tasks(run)
    states = {path: task.node.state for path, task in tasks.items()}
    assert run.state == "SUCCEEDED", {p: (t.node.state, t.node.reason) for p, t in tasks.items()}
    handled = "exit-handler-1"
    summed = next(path for path in tasks if path.endswith("/total"))
    assert await driver.outputs(run, summed) == {"Output": sum(range(100, 105))}
    assert (folder / "branch").read_text() == "big\n"
    assert (folder / "read").read_text() == "hello\n"
    assert (folder / "ends").read_text().startswith("COMPLETE")
    again = tasks[f"{handled}/fail-until"].node
    assert (again.attempt, dict(again.outputs.parameters)) == (2, {"Output": 2})
    assert sorted(set(states.values())) == ["SKIPPED", "SUCCEEDED"]
    assert run.ended is not None
    assert [moment.state for moment in run.history] == ["PENDING", "RUNNING", "SUCCEEDED"]


async def test_a_failure_stops_what_needs_it_and_nothing_else(driver, tmp_path):
    run = await driver.run("failing", folder=str(tmp_path))
    tasks = await driver.tasks(run)
    assert run.state == "FAILED"
    assert tasks["fail"].node.state == "FAILED"
    assert "no such luck" in tasks["fail"].node.reason.message
    assert tasks["note"].node.state == "SKIPPED"
    assert (tmp_path / "good").read_text() == "good\ngood\n"
    assert not (tmp_path / "never").exists()


async def test_a_declared_output_that_is_missing_fails_the_task(driver, tmp_path):
    run = await driver.run("forgetful", folder=str(tmp_path))
    reason = (await driver.tasks(run))["forget"].node.reason
    assert (run.state, reason.code) == ("FAILED", "OUTPUT_MISSING")
    assert "out" in reason.message


async def test_an_equal_task_is_taken_from_the_cache_and_another_content_is_not(driver):
    first = await driver.start("cached", cached=None, text="one")
    assert (await driver.ended(first)).state == "SUCCEEDED"
    again = await driver.ended(await driver.start("cached", cached=None, text="one"))
    tasks, before = await driver.tasks(again), await driver.tasks(first)
    assert {path: task.node.state for path, task in tasks.items()} == {
        "": "SUCCEEDED",
        "read": "CACHED",
        "write": "CACHED",
    }
    assert tasks["write"].node.cached_from == before["write"].task_id
    assert tasks["write"].job_id is None
    (made,) = tasks["write"].node.outputs.artifacts["out"]
    (was,) = before["write"].node.outputs.artifacts["out"]
    assert (made.uri, made.metadata) == (was.uri, was.metadata)
    assert made.artifact_id != was.artifact_id
    stored, content = await driver.pipelines.artifact_content(made.artifact_id)
    assert (stored.run_id, content.read_text()) == (again.run_id, "one")

    # The reader took the artifact of another run before; now its content is another one.
    content.write_text("two")
    changed = await driver.ended(await driver.start("cached", cached=None, text="one"))
    assert (await driver.states(changed))["read"] == "SUCCEEDED"
    assert await driver.outputs(changed, "read") == {"Output": "two"}
    other = await driver.ended(
        await driver.start("cached", pipeline_name="another", cached=None, text="one")
    )
    assert (await driver.states(other))["write"] == "SUCCEEDED"


async def test_a_key_of_ones_own_says_what_is_equal_and_a_task_may_never_be(driver):
    first = await driver.ended(await driver.start("keyed", cached=None, a=1))
    assert await driver.outputs(first, "") == {"Output": 3}
    again = await driver.ended(await driver.start("keyed", cached=None, a=5))
    states = {"": "SUCCEEDED", "add": "CACHED", "add-2": "SUCCEEDED"}
    assert await driver.states(again) == states
    assert await driver.outputs(again, "") == {"Output": 3}
    off = await driver.ended(await driver.start("keyed", cached=False, a=5))
    assert await driver.outputs(off, "") == {"Output": 7}


async def test_a_hit_whose_files_are_gone_is_none(driver):
    first = await driver.ended(await driver.start("cached", cached=None, text="gone"))
    (made,) = (await driver.tasks(first))["write"].node.outputs.artifacts["out"]
    (await driver.pipelines.artifact_content(made.artifact_id))[1].unlink()
    again = await driver.ended(await driver.start("cached", cached=None, text="gone"))
    assert (await driver.states(again))["write"] == "SUCCEEDED"
    assert await driver.outputs(again, "read") == {"Output": "gone"}


class TestOnePlace:
    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "max_jobs": 1}

    async def test_a_task_begins_when_its_job_does_and_says_what_it_waits_for(
        self, driver, trackside_fetch, tmp_path
    ):
        changes = driver.services.changes

        async def told(run, name):
            answer = await trackside_fetch("GET", f"apis/v2beta1/runs/{run.run_id}/tasks")
            return next((task for task in answer.json["tasks"] if task["name"] == name), None)

        async def begun(run, name):
            while True:
                with changes.watch(lambda change: change.id == run.run_id) as watch:
                    task = await told(run, name)
                    if task is not None and task["state"] == "RUNNING":
                        return task
                    assert await watch.wait(30), task

        async def waiting(run, sentence):
            while True:
                with changes.watch(lambda _: True) as watch:
                    task = await told(run, "add")
                    if task is not None and task.get("status_metadata") == {"message": sentence}:
                        return task
                    assert await watch.wait(30), task

        first = await driver.start("held", folder=str(tmp_path))
        held = await begun(first, "wait-for")
        # Not as texts: of a whole second no fraction is told.
        made, began = (seconds_of(held[key], key) for key in ("create_time", "start_time"))
        assert began > made
        others = []
        for sentence in (
            "Waiting for the only place: wait-for is running.",
            "Waiting for the only place: wait-for is running.",
            "Waits for a place: it comes next.",
            "Waits for a place: 1 task is ahead.",
        ):
            others.append(await driver.start("held", folder=str(tmp_path)))
            task = await waiting(others[-1], sentence)
            assert (task["state"], "start_time" in task) == ("PENDING", False)
        (tmp_path / "go").touch()
        for run in (first, *others):
            assert (await driver.ended(run)).state == "SUCCEEDED"
        last = await told(others[-1], "add")
        job = await driver.services.jobs.get(last["trackside"]["job_id"])
        assert last["start_time"] == rfc3339(job.started_at / 1000)


async def test_terminate_stops_tasks_at_once_and_still_runs_exit_tasks(driver, tmp_path):
    run = await driver.start("stoppable", folder=str(tmp_path))
    await driver.file(tmp_path / "hangs")
    stopping = await driver.pipelines.terminate(run.run_id)
    assert stopping.state == "CANCELING"
    ended = await driver.ended(run)
    tasks = await driver.tasks(run)
    assert ended.state == "CANCELED"
    assert tasks["exit-handler-1/hang"].node.state == "CANCELED"
    assert tasks["exit-handler-1/note"].node.state == "CANCELED"
    assert tasks["tell"].node.state == "SUCCEEDED"
    told = tasks["tell"].node.inputs.parameters["status"]
    assert told["state"] == "CANCELED"
    assert told["pipelineJobResourceName"].startswith(f"{run.pipeline}-")
    assert (tmp_path / "ends").exists()
    job = await driver.services.jobs.get(tasks["exit-handler-1/hang"].job_id)
    assert job.state == "CANCELED"


async def test_a_job_that_somebody_cancels_ends_its_task(driver, tmp_path):
    run = await driver.start("stoppable", folder=str(tmp_path))
    await driver.file(tmp_path / "hangs")
    task = (await driver.tasks(run))["exit-handler-1/hang"]
    await driver.services.jobs.cancel(task.job_id, by="ana")
    await driver.ended(run)
    node = (await driver.tasks(run))["exit-handler-1/hang"].node
    assert node.state == "CANCELED"
    assert "ana" in node.reason.message


async def test_a_failed_run_goes_on_from_what_failed(driver, tmp_path):
    run = await driver.run("mended", folder=str(tmp_path))
    assert run.state == "FAILED"
    await driver.pipelines.retry(run.run_id)
    ended = await driver.ended(run)
    assert ended.state == "SUCCEEDED"
    assert await driver.outputs(run) == {"Output": 3}
    assert (tmp_path / "first").read_text() == "first\n"
    assert [moment.state for moment in ended.history][-2:] == ["RUNNING", "SUCCEEDED"]


async def test_all_tasks_that_cannot_run_here_are_named_before_the_run_begins(
    driver, monkeypatch, tmp_path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput) as refused:
        await driver.start("containers")
    assert "container runs the image busybox" in refused.value.message
    assert "container-2 runs the image busybox" in refused.value.message
    assert (await driver.pipelines.page(Query())).total == 0


async def test_an_importer_takes_what_lies_here_and_knows_it_again(driver, jp_root_dir):
    file = jp_root_dir / "data.csv"
    file.write_text("a,b")
    first = await driver.run("imported", uri=str(file))
    again = await driver.run("imported", uri=file.as_uri())
    assert await driver.outputs(first) == {"Output": "a,b"}
    made = [
        (await driver.tasks(run))["importer"].node.outputs.artifacts["artifact"][0]
        for run in (first, again)
    ]
    assert made[0] == made[1]


async def test_each_pipeline_run_is_a_run_in_tracking_with_one_below_for_each_task(
    driver, tmp_path
):
    (tmp_path / "notes").mkdir()
    run = await driver.run("everything", count=2, folder=str(tmp_path / "notes"), rate=0.25)
    tracking = driver.services.tracking
    parent = await tracking.get_run(run.mlflow_run_id)
    assert parent.info.status == "FINISHED"
    assert {param.key: param.value for param in parent.params}["count"] == "2"
    assert {metric.key: metric.value for metric in parent.metrics} == {"Output": 2.0}
    task = (await driver.tasks(run))["exit-handler-1/measure"]
    nested = await tracking.get_run(task.mlflow_run_id)
    tags = nested.tag_map
    assert tags["mlflow.parentRunId"] == run.mlflow_run_id
    assert tags["trackside.pipeline_run"] == run.run_id
    assert tags["trackside.pipeline_task"] == "exit-handler-1/measure"
    metrics = {metric.key: metric.value for metric in nested.metrics}
    assert metrics == {"accuracy": 0.5, "Output": 0.5}
    assert {param.key: param.value for param in nested.params} == {"rate": "0.25"}
    (model,) = task.node.outputs.artifacts["model"]
    _, folder = await driver.pipelines.artifact_content(model.artifact_id)
    assert (folder / "weights.bin").read_bytes() == b"w" * 10
    assert Path(run.folder) in folder.parents
    prefix = await driver.services.runs.files_prefix(run.mlflow_run_id)
    assert driver.services.tracking.artifacts.list(f"{prefix}/pipelines")


async def test_trouble_with_tracking_fails_no_pipeline(driver, monkeypatch):
    async def refuse(*args, **more):
        raise Unavailable("the tracking server is away")

    monkeypatch.setattr(type(driver.services.runs), "open_run", refuse)
    run = await driver.run("chain")
    assert (run.state, run.mlflow_run_id) == ("SUCCEEDED", None)


async def test_who_waits_for_a_run_by_asking_again_and_again_is_told_each_change_and_costs_little(
    driver, trackside_fetch, monkeypatch, tmp_path
):
    read = []
    real = type(driver.pipelines).all_tasks

    async def all_tasks(self, run_id):
        read.append(run_id)
        return await real(self, run_id)

    monkeypatch.setattr(type(driver.pipelines), "all_tasks", all_tasks)
    run = await driver.start("held", folder=str(tmp_path))

    async def ask():
        answer = await trackside_fetch("GET", f"apis/v2beta1/runs/{run.run_id}")
        details = answer.json.get("run_details", {}).get("task_details", ())
        return answer.json["state"], {one["display_name"]: one["state"] for one in details}

    while True:
        with driver.services.changes.watch(lambda change: change.id == run.run_id) as watch:
            before = await ask()
            if before[1].get("wait-for") == "RUNNING":
                break
            assert await watch.wait(30), before
    read.clear()
    assert [await ask() for _ in range(3)] == [before] * 3
    assert len(read) <= 2
    (tmp_path / "go").touch()
    await driver.ended(run)
    state, tasks = await ask()
    assert (state, tasks["wait-for"]) == ("SUCCEEDED", "SUCCEEDED")
