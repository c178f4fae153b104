"""What a job logged without an answer is in its run when the run is closed."""

import asyncio
import json
import os
import signal
import subprocess
import sys

from trackside_server.jobs.capture import Activity


def spool(source, name, *records, acknowledged=0):
    folder = source.directory / "spool"
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(record) + "\n" for record in records)
    (folder / f"{name}.jsonl").write_text(text)
    if acknowledged:
        size = sum(len(json.dumps(record)) + 1 for record in records[:acknowledged])
        (folder / f"{name}.ack").write_text(f"{size:020d}")
    return folder


def test_points_params_tags_and_files_of_the_spool_are_logged(in_world):
    async def scenario(world):
        source = await world.job()
        run = source.run_id
        folder = spool(
            source,
            "1",
            {"r": run, "m": [["loss", 0.5, 1_700_000_000_000, 1]]},
            {"r": run, "m": [["loss", 0.25, 1_700_000_000_001, 2], ["acc", 0.9, 1, 2]]},
            {"r": run, "p": {"lr": "0.1"}},
            {"r": run, "t": {"note": "x"}},
            {"r": run, "a": {"file": "files/1", "path": "plots/a.txt"}},
        )
        (folder / "files").mkdir()
        (folder / "files" / "1").write_bytes(b"hello")
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        stored = await world.tracking.get_run(run)
        assert await world.points(source) == [(1, 0.5), (2, 0.25)]
        assert dict(stored.params) == {"lr": "0.1"}
        assert stored.tag_map["note"] == "x"
        _, files = await world.tracking.list_run_artifacts(run, "plots")
        assert [file.path for file in files.items] == ["plots/a.txt"]
        assert final.metrics["loss"]["value"] == 0.25
        assert not folder.exists()

    in_world(scenario)


def test_a_nested_run_is_known_by_what_was_acknowledged_of_it(in_world):
    async def scenario(world):
        source = await world.job()
        wanted = {"run_name": "fold 1", "start_time": 1, "tags": {"trackside.start_id": "abc"}}
        records = [
            {"r": "new-1", "c": wanted},
            {"r": "new-1", "m": [["loss", 0.5, 1, 1]]},
            {"r": "new-1", "m": [["loss", 0.25, 2, 2]]},
        ]
        spool(source, "1", *records, acknowledged=2)
        await world.capture.attach(source)
        await world.capture.finish("j1")
        page = await world.tracking.search_runs([source.experiment_id])
        (fold,) = [run for run in page.items if run.info.run_name == "fold 1"]
        assert [point.value for point in fold.metrics] == [0.25]

    in_world(scenario)


def test_what_was_acknowledged_is_not_read_again(in_world):
    async def scenario(world):
        source = await world.job()
        points = [{"r": source.run_id, "m": [["loss", n, 1000 + n, n]]} for n in range(4)]
        spool(source, "1", *points, acknowledged=2)
        await world.capture.attach(source)
        await world.capture.finish("j1")
        assert [step for step, _ in await world.points(source)] == [2, 3]

    in_world(scenario)


def test_damage_and_refusals_cost_only_themselves(in_world, caplog):
    async def scenario(world):
        source = await world.job()
        run = source.run_id
        folder = spool(
            source,
            "1",
            {"r": run, "p": {"lr": "0.1"}},
            {"r": run, "p": {"lr": "0.2"}},
            {"r": run, "m": [["loss", 0.5, 1, 1], ["bad#key", 1, 1, 1]]},
            {"r": run, "m": "nonsense"},
            {"r": run, "a": {"file": "../../secret", "path": "x"}},
            {"m": [["loss", 9, 1, 9]]},
        )
        with (folder / "1.jsonl").open("a") as file:
            file.write("not json\n" + json.dumps({"r": run, "m": [["loss", 2, 2, 2]]}) + "\n")
            file.write('{"r": "cut off')
        (source.directory.parent / "secret").write_text("x")
        await world.capture.attach(source)
        await world.capture.finish("j1")
        assert await world.points(source) == [(1, 0.5), (2, 2.0)]
        stored = await world.tracking.get_run(run)
        assert dict(stored.params) == {"lr": "0.1"}
        _, files = await world.tracking.list_run_artifacts(run, "")
        assert not files.items
        assert "cannot be stored" in caplog.text

    in_world(scenario)


def test_a_job_cannot_log_into_the_run_of_another_by_its_spool(in_world):
    async def scenario(world):
        mine, other = await world.job("j1"), await world.job("j2")
        spool(mine, "1", {"r": other.run_id, "m": [["loss", 1, 1, 1]]})
        await world.capture.attach(mine)
        await world.capture.finish("j1")
        assert await world.points(other) == []

    in_world(scenario)


def test_a_nested_run_that_no_server_saw_is_made(in_world):
    async def scenario(world):
        source = await world.job()
        create = {"start_time": 5, "run_name": "fold-1", "tags": {"trackside.start_id": "s1"}}
        spool(
            source,
            "1",
            {"r": "new:s1", "c": create},
            {"r": "new:s1", "m": [["loss", 0.5, 1, 1]]},
            {"r": "new:s1", "e": {"status": "FINISHED", "end_time": 9}},
        )
        await world.capture.attach(source)
        await world.capture.finish("j1")
        runs = (await world.tracking.search_runs([source.experiment_id])).items
        (nested,) = [run for run in runs if run.info.run_id != source.run_id]
        assert nested.tag_map["mlflow.parentRunId"] == source.run_id
        assert (nested.info.run_name, nested.info.status) == ("fold-1", "FINISHED")
        assert nested.metrics[0].value == 0.5

    in_world(scenario)


def test_a_nested_run_whose_making_was_not_answered_is_found_again(in_world):
    async def scenario(world):
        source = await world.job()
        tags = {"trackside.start_id": "s1", "mlflow.parentRunId": source.run_id}
        made = await world.tracking.create_run(source.experiment_id, tags=tags)
        spool(
            source,
            "1",
            {"r": "new:s1", "c": {"start_time": 5, "tags": {"trackside.start_id": "s1"}}},
            {"r": "new:s1", "p": {"fold": "1"}},
        )
        await world.capture.attach(source)
        await world.capture.finish("j1")
        stored = await world.tracking.get_run(made.info.run_id)
        assert dict(stored.params) == {"fold": "1"}

    in_world(scenario)


_PROGRAM = """
import os, signal, sys, time, trackside as ts
for step in range(100):
    ts.log({"loss": step}, step=step)
ts.log_params({"lr": 0.1})
with ts.start_run(name="fold", nested=True):
    ts.log({"loss": 7}, step=7)
with open("model.bin", "wb") as file:
    file.write(b"weights")
ts.log_artifact("model.bin")
from trackside._logging.pipeline import pipeline
while pipeline()._buffer or pipeline()._writing:
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_program_wrote_is_what_the_server_reads(in_world):
    async def scenario(world):
        source = await world.job()
        env = {
            **os.environ,
            "TRACKSIDE_URL": "http://127.0.0.1:9/gone",
            "TRACKSIDE_RUN_ID": source.run_id,
            "TRACKSIDE_SPOOL_DIR": str(source.directory / "spool"),
            "MLFLOW_EXPERIMENT_ID": source.experiment_id,
        }
        command = [sys.executable, "-c", _PROGRAM]
        done = await asyncio.to_thread(
            subprocess.run, command, env=env, cwd=source.directory, capture_output=True
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        await world.capture.attach(source)
        await world.capture.finish("j1")
        assert await world.points(source) == [(step, float(step)) for step in range(100)]
        stored = await world.tracking.get_run(source.run_id)
        assert dict(stored.params) == {"lr": "0.1"}
        _, files = await world.tracking.list_run_artifacts(source.run_id, "")
        assert [file.path for file in files.items] == ["model.bin"]
        runs = (await world.tracking.search_runs([source.experiment_id])).items
        (nested,) = [run for run in runs if run.info.run_id != source.run_id]
        assert (nested.info.run_name, nested.info.status) == ("fold", "FINISHED")
        assert nested.tag_map["mlflow.parentRunId"] == source.run_id

    in_world(scenario)


def test_a_job_that_is_not_known_has_done_nothing(in_world):
    async def scenario(world):
        assert await world.capture.finish("nobody") == Activity()

    in_world(scenario)
