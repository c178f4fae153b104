"""What is deleted for ever is gone: rows, points, files, and the name is free again."""

from __future__ import annotations

import asyncio

import pytest

from trackside_server.lifecycle.retention import Retention
from trackside_server.tracking.base import now_ms

from .conftest import FILES, V2, until

PARTS = ("runs", "params", "tags", "series", "dataset_inputs", "model_links")


async def test_a_run_in_the_trash_is_deleted_for_ever_with_all_that_it_logged(world):
    keep = await world.run()
    before = {table: await world.rows(table) for table in PARTS}
    gone = await world.run(tags=[{"key": "t", "value": "x"}], points=900)
    await world.trash(gone)
    assert await world.delete(run_ids=[gone]) == {
        "experiments": 0,
        "runs": 1,
        "models": 0,
        "kept": 0,
    }
    assert await world.status(gone) == 404
    await world.removed()
    assert {table: await world.rows(table) for table in PARTS} == before
    assert len(world.files()) == 1
    assert keep in world.files()[0]
    assert await world.status(keep) == 200


async def test_an_experiment_goes_with_everything_in_it_and_its_name_is_free(world):
    number = await world.experiment("digits")
    runs = [await world.run(number) for _ in range(3)]
    await world.model(number, source_run_id=runs[0])
    await world.mlflow(
        "POST",
        "runs/log-inputs",
        {"run_id": runs[0], "datasets": [{"dataset": {"name": "d", "digest": "1"}}]},
    )
    await world.mlflow("POST", "experiments/delete", {"experiment_id": number})
    await world.delete(experiment_ids=[number])
    # At once, and not only when all of it is removed.
    again = await world.experiment("digits")
    assert again != number
    for path in (f"experiments/get?experiment_id={number}", f"runs/get?run_id={runs[0]}"):
        if path.startswith("experiments"):
            assert (await world.fetch("GET", V2 + path)).status == 404
    await world.removed()
    for run_id in runs:
        assert await world.status(run_id) == 404
    for table in (*PARTS, "datasets", "logged_models"):
        assert await world.rows(table) == 0, table
    assert world.files() == []
    assert not (world.store.root / "artifacts" / number).exists()
    assert await world.rows("experiments", "id > 0") == 1


async def test_what_is_not_in_the_trash_is_deleted_only_by_force(world):
    number = await world.experiment("a")
    run_id, model_id = await world.run(number), await world.model(number)
    for wanted in ({"run_ids": [run_id]}, {"experiment_ids": [number]}, {"model_ids": [model_id]}):
        answer = await world.delete(409, **wanted)
        assert answer["reason"] == "NOT_DELETED"
        assert "not in the trash" in answer["message"]
    assert await world.status(run_id) == 200
    await world.delete(run_ids=[run_id], model_ids=[model_id], force=True)
    await world.delete(experiment_ids=[number], force=True)
    await world.removed()
    assert world.files() == []
    assert await world.rows("experiments", "id > 0") == 0


async def test_a_refusal_leaves_everything_as_it_was(world):
    first, second = await world.run(), await world.run()
    await world.trash(first)
    await world.delete(409, run_ids=[first, second])
    await world.delete(404, run_ids=[first, "0" * 32])
    await world.delete(404, run_ids=[first], experiment_ids=["777"])
    assert await world.status(first) == 200
    assert len(world.files()) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"run_ids": "x"},
        {"run_ids": [1]},
        {"run_ids": ["x"], "force": "yes"},
        {"experiment_ids": ["a"]},
        {"experiment_ids": ["-1"]},
        {"run_ids": [str(number) for number in range(10_001)]},
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(world, body):
    await world.delete(400, **body)


async def test_what_a_registered_model_was_made_of_is_kept(world):
    run_id = await world.run()
    await world.mlflow("POST", "registered-models/create", {"name": "net"})
    body = {"name": "net", "source": f"runs:/{run_id}/model", "run_id": run_id}
    await world.mlflow("POST", "model-versions/create", body)
    await world.trash(run_id)
    answer = await world.delete(409, run_ids=[run_id])
    assert "net version 1" in answer["message"]
    assert (await world.empty()) == {"experiments": 0, "runs": 0, "models": 0, "kept": 1}
    (item,) = (await world.in_trash())["items"]
    assert "net version 1" in item["kept"]
    await world.delete(run_ids=[run_id], force=True)
    assert await world.status(run_id) == 404


async def test_what_is_tagged_to_be_kept_stays_when_the_trash_is_emptied(world):
    marked = await world.run(tags=[{"key": "trackside.keep", "value": "true"}])
    plain = await world.run(tags=[{"key": "trackside.keep", "value": "false"}])
    inside = await world.experiment("kept")
    await world.run(inside, tags=[{"key": "trackside.keep", "value": "1"}])
    whole = await world.experiment("whole")
    tag = {"experiment_id": whole, "key": "trackside.keep", "value": "1"}
    await world.mlflow("POST", "experiments/set-experiment-tag", tag)
    await world.trash(marked, plain)
    for number in (inside, whole):
        await world.mlflow("POST", "experiments/delete", {"experiment_id": number})
    assert await world.empty() == {"experiments": 0, "runs": 1, "models": 0, "kept": 3}
    assert await world.status(marked) == 200
    assert await world.status(plain) == 404
    assert (await world.delete(409, experiment_ids=[inside]))["hint"]


async def test_the_trash_shows_what_lies_in_it_the_newest_first(world):
    number = await world.experiment("gone")
    await world.run(number)
    loose = await world.run(run_name="loose")
    await world.mlflow("POST", "experiments/delete", {"experiment_id": number})
    model = await world.model(name="net")
    await world.trash(loose)
    await world.mlflow("DELETE", f"logged-models/{model}")
    found = await world.in_trash()
    assert [(item["kind"], item["name"]) for item in found["items"]] == [
        ("model", "net"),
        ("run", "loose"),
        ("experiment", "gone"),
    ]
    assert (found["experiments"], found["runs"], found["models"]) == (1, 1, 1)
    page = await world.in_trash("?max_results=2")
    rest = await world.in_trash(f"?max_results=2&page_token={page['next_page_token']}")
    assert page["items"] + rest["items"] == found["items"]
    assert rest["next_page_token"] is None
    only = await world.in_trash(f"?experiment_id={number}")
    assert [item["id"] for item in only["items"]] == [number]


async def test_emptying_can_be_narrowed_to_an_experiment_and_to_an_age(world):
    number = await world.experiment("a")
    inside, outside = await world.run(number), await world.run()
    await world.trash(inside, outside)
    assert (await world.empty(older_than_days=1))["runs"] == 0
    assert (await world.empty(experiment_id=number))["runs"] == 1
    assert await world.status(inside) == 404
    assert await world.status(outside) == 200
    assert (await world.empty(older_than_days=0))["runs"] == 1


async def test_many_runs_are_emptied_around_those_that_stay(world, monkeypatch):
    monkeypatch.setattr("trackside_server.lifecycle.trash._AT_ONCE", 3)
    kept = [
        await world.run(tags=[{"key": "trackside.keep", "value": "1"}], file=b"") for _ in range(4)
    ]
    rest = [await world.run(file=b"") for _ in range(7)]
    await world.trash(*[run for pair in zip(rest, kept, strict=False) for run in pair], *rest[4:])
    assert await world.empty() == {"experiments": 0, "runs": 7, "models": 0, "kept": 4}
    assert {item["id"] for item in (await world.in_trash())["items"]} == set(kept)


async def test_the_default_experiment_begins_anew(world):
    run_id = await world.run()
    await world.mlflow("POST", "experiments/delete", {"experiment_id": "0"})
    await world.delete(experiment_ids=["0"])
    assert await world.status(run_id) == 404
    found = await world.mlflow("GET", "experiments/get?experiment_id=0")
    assert found["experiment"]["lifecycle_stage"] == "active"
    await world.run()


async def test_views_learn_what_is_gone(world, trackside):
    told = []
    trackside.services.changes.subscribe(lambda change: told.append((change.kind, change.change)))
    number = await world.experiment("a")
    run_id = await world.run()
    await world.trash(run_id)
    start = (await world.ok("GET", "api/v1/changes"))["revision"]
    await world.delete(run_ids=[run_id])
    await world.delete(experiment_ids=[number], force=True)
    news = await world.ok("GET", f"api/v1/changes?since={start}")
    gone = {(item["kind"], item["id"]) for item in news["deleted"]}
    assert gone == {("run", run_id), ("experiment", number)}
    assert not news["runs"]
    assert ("run", "purged") in told
    assert ("experiment", "purged") in told


async def test_removal_goes_on_where_a_server_that_died_had_stopped(world, trackside):
    lifecycle = trackside.services.lifecycle
    await lifecycle.purger.stop()
    number = await world.experiment("a")
    await world.run(number, points=900)
    run_id = await world.run()
    await world.trash(run_id)
    await world.delete(run_ids=[run_id])
    await world.delete(experiment_ids=[number], force=True)
    assert (await world.in_trash())["pending"] > 0
    assert len(world.files()) == 2
    # Out of sight although nothing is removed yet.
    assert await world.status(run_id) == 404
    found = await world.mlflow("POST", "experiments/search", {"max_results": 9, "view_type": "ALL"})
    assert [item["experiment_id"] for item in found["experiments"]] == ["0"]
    everything = {"experiment_ids": ["0"], "run_view_type": "ALL"}
    assert await world.mlflow("POST", "runs/search", everything) == {}
    lifecycle.purger.start()
    await world.removed()
    assert world.files() == []
    assert await world.rows("series") == 0


async def test_a_folder_that_somebody_removed_already_holds_nothing_up(world):
    run_id = await world.run()
    await world.trash(run_id)
    for path in world.files():
        (world.store.root / "artifacts" / path).unlink()
    await world.delete(run_ids=[run_id])
    await world.removed()


async def test_files_that_belong_to_others_are_left_alone(world):
    body = {"name": "shared", "artifact_location": "mlflow-artifacts:/shared"}
    first = (await world.mlflow("POST", "experiments/create", body))["experiment_id"]
    body = {"name": "beside", "artifact_location": "mlflow-artifacts:/shared/inner"}
    second = (await world.mlflow("POST", "experiments/create", body))["experiment_id"]
    elsewhere = {"name": "away", "artifact_location": "s3://bucket/x"}
    third = (await world.mlflow("POST", "experiments/create", elsewhere))["experiment_id"]
    await world.run(first)
    kept = await world.run(second)
    await world.mlflow("POST", "runs/create", {"experiment_id": third})
    await world.delete(experiment_ids=[first, third], force=True)
    await world.removed()
    assert [kept in path for path in world.files()] == [True]


async def test_pages_of_what_was_removed_are_used_again(world):
    async def fill():
        return [await world.run(points=900, file=b"") for _ in range(20)]

    async def size():
        return await world.store.read(
            lambda connection: connection.execute("PRAGMA page_count").fetchone()[0]
        )

    await world.trash(*(runs := await fill()))
    full = await size()
    await world.delete(run_ids=runs)
    await world.removed()
    assert (await world.in_trash())["reusable"] > 0
    await fill()
    assert await size() <= full * 1.1


async def test_logging_goes_on_while_an_experiment_of_many_runs_is_removed(world):
    number = await world.experiment("large")
    tracking = world.services.tracking

    def make(connection):
        rows = [(f"{index:032x}", int(number)) for index in range(5000)]
        connection.executemany(
            "INSERT INTO runs (run_id, experiment, name, user_id, status, start_time, "
            "artifact_uri, revision) VALUES (?, ?, 'n', '', 'FINISHED', 1, '', 1)",
            rows,
        )

    await world.store.write(make)
    busy = await world.run()
    await world.delete(experiment_ids=[number], force=True)
    step = 0
    while (await world.in_trash())["pending"]:
        point = {"run_id": busy, "key": "x", "value": 1, "timestamp": now_ms(), "step": step}
        await world.mlflow("POST", "runs/log-metric", point)
        step += 1
    assert await world.rows("runs") == 1
    # Many points were logged between the steps of the removal, and not all behind it.
    assert step > 10
    assert (await tracking.get_run(busy)).metrics


async def test_a_rule_empties_the_trash_of_what_is_old_and_says_so(world, trackside, caplog):
    old, new = await world.run(), await world.run()
    await world.trash(old, new)

    def age(connection):
        connection.execute(
            "UPDATE runs SET deleted_at = ? WHERE run_id = ?", (now_ms() - 31 * 86_400_000, old)
        )

    await world.store.write(age)
    caplog.set_level("INFO")
    await Retention(trackside.services.lifecycle.trash, trackside.log, 30).apply()
    assert await world.status(old) == 404
    assert await world.status(new) == 200
    assert "after 30 days in the trash" in caplog.text


async def test_files_that_a_deleted_run_referred_to_are_read_no_longer(world, tmp_path, trackside):
    kept = tmp_path / "elsewhere"
    kept.mkdir()
    (kept / "old.txt").write_text("content")
    run_id, other = await world.run(), await world.run()
    tracking = trackside.services.tracking
    for one in (run_id, other):
        path = (await tracking.run_info(one)).artifact_uri.split(":/", 1)[1]
        await tracking.write(
            lambda write, path=path: tracking.references.add(write.connection, path, str(kept))
        )
    await world.delete(run_ids=[run_id], force=True)
    assert (await world.fetch("GET", f"{FILES}/0/{run_id}/artifacts/old.txt")).status == 404
    assert (await world.fetch("GET", f"{FILES}/0/{other}/artifacts/old.txt")).status == 200
    assert await world.rows("artifact_references") == 1
    assert (kept / "old.txt").exists()


async def test_a_file_that_arrives_after_its_run_is_gone_leaves_nothing(world, trackside):
    run_id = await world.run()
    info = await trackside.services.tracking.run_info(run_id)
    folder = info.artifact_uri.split(":/", 1)[1]
    serverapp = trackside.serverapp
    reader, writer = await asyncio.open_connection("127.0.0.1", serverapp.port)
    path = f"{serverapp.base_url}trackside/{FILES}/{folder}/late.bin"
    token = serverapp.identity_provider.token
    writer.write(
        f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n"
        f"Authorization: token {token}\r\n\r\nhalf".encode()
    )

    async def begun():
        return list((world.store.root / "artifacts" / ".incoming").iterdir())

    await until(begun)
    await world.delete(run_ids=[run_id], force=True)
    await world.removed()
    writer.write(b"half")
    assert b" 404 " in await reader.readline()
    writer.close()
    assert world.files() == []


@pytest.mark.parametrize("path", ["trash/delete", "trash/empty"])
async def test_a_job_deletes_nothing_for_ever(world, trackside, path):
    run_id = await world.run()
    token = await trackside.services.tokens.issue("job", run_id, "0")
    body = {"run_ids": [run_id], "force": True}
    answer = await world.fetch("POST", f"api/v1/{path}", body, token=token)
    assert answer.status == 403
    assert (await world.fetch("GET", "api/v1/trash", token=token)).status == 403
