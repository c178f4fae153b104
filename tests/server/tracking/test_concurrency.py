"""Many writers at once: nothing lost, nothing doubled, names never mixed up."""

from __future__ import annotations

import logging
import random

import pytest

from trackside_server.changes import Changes
from trackside_server.errors import InvalidInput, NotFound
from trackside_server.store import Store
from trackside_server.tracking.entities import Metric, Param, Tag
from trackside_server.tracking.service import Tracking

from .conftest import gather


@pytest.fixture
def two(store, tracking):
    """The services of two servers on one store."""
    other = Store(store.root, logging.getLogger("other"))
    other.open()
    yield tracking, Tracking(other, Changes(), store.root / "artifacts")
    other.close()


def _latest(run, key):
    (point,) = (metric for metric in run.metrics if metric.key == key)
    return point.step, point.timestamp, point.value


def test_many_writers_of_one_metric_leave_each_point_once(tracking, sync):
    run_id = sync(tracking.create_run("0")).info.run_id
    chance = random.Random(5)
    points = [
        Metric("m", chance.choice((1.0, 2.0, 0.5)), chance.randrange(50), chance.randrange(50))
        for _ in range(3000)
    ]
    batches = [points[start : start + 30] for start in range(0, 3000, 30)]
    chance.shuffle(batches)
    sync(gather(*(tracking.log_batch(run_id, metrics=batch) for batch in batches * 2)))
    history = sync(tracking.metric_history(run_id, "m")).items
    stored = [(point.step, point.timestamp, point.value) for point in history]
    wanted = {(point.step, point.timestamp, point.value) for point in points}
    assert len(stored) == len(set(stored)) == len(wanted)
    assert set(stored) == wanted
    assert _latest(sync(tracking.get_run(run_id)), "m") == max(wanted)


def test_two_servers_on_one_store_agree_on_names_and_latest_values(two, sync):
    one, other = two
    run_id = sync(one.create_run("0")).info.run_id

    async def log(tracking, offset):
        for step in range(offset, 200, 2):
            await tracking.log_batch(
                run_id,
                metrics=[
                    Metric("shared", step, step, step),
                    Metric(f"own{step}", step, step, step),
                ],
                tags=[Tag(f"tag{step}", str(step))],
            )

    sync(gather(log(one, 0), log(other, 1)))
    for tracking in two:
        run = sync(tracking.get_run(run_id))
        values = {metric.key: metric.value for metric in run.metrics}
        assert values == {"shared": 199, **{f"own{step}": step for step in range(200)}}
        assert {f"tag{step}": str(step) for step in range(200)}.items() <= run.tag_map.items()


def test_a_name_of_a_write_that_failed_is_not_mixed_up_with_another(tracking, sync):
    run_id = sync(tracking.create_run("0")).info.run_id
    sync(tracking.log_batch(run_id, params=[Param("p", "1")]))
    for number in range(20):
        lost = Metric(f"lost{number}", 1.0, 1)
        with pytest.raises(InvalidInput):
            sync(tracking.log_batch(run_id, metrics=[lost], params=[Param("p", "2")]))
        sync(tracking.log_batch(run_id, metrics=[Metric(f"kept{number}", number, 1)]))
    found = {metric.key: metric.value for metric in sync(tracking.get_run(run_id)).metrics}
    assert found == {f"kept{number}": number for number in range(20)}


def test_of_many_who_create_one_experiment_all_get_the_same(two, sync):
    found = sync(gather(*(tracking.get_or_create_experiment("e") for tracking in two * 10)))
    assert len({experiment.experiment_id for experiment in found}) == 1


def test_what_is_written_along_is_there_exactly_when_the_points_are(tracking, sync, store):
    run_id = sync(tracking.create_run("0")).info.run_id
    store.submit(lambda c: c.execute("CREATE TABLE checkpoint (place INTEGER)")).result()

    def place(connection):
        connection.execute("INSERT INTO checkpoint VALUES (7)")

    def fail(connection):
        place(connection)
        raise NotFound("nothing")

    with pytest.raises(NotFound):
        sync(tracking.log_batch(run_id, metrics=[Metric("m", 1, 1)], also=fail))
    assert sync(tracking.metric_history(run_id, "m")).items == []
    sync(tracking.log_batch(run_id, metrics=[Metric("m", 1, 1)], also=place))
    assert len(sync(tracking.metric_history(run_id, "m")).items) == 1
    assert store.read_now(lambda c: c.execute("SELECT count(*) FROM checkpoint").fetchone()[0]) == 1


class TestChanges:
    @pytest.fixture
    def heard(self, changes, sync, jp_asyncio_loop):
        """What listeners were told, as text."""
        changes.bind(jp_asyncio_loop)
        told = []
        changes.subscribe(told.append)

        async def settle():
            return None

        def words():
            sync(settle())
            sync(settle())
            text = [f"{change.kind} {change.change}" for change in told]
            told.clear()
            return text

        words.told = told
        return words

    def test_each_write_is_told_once_it_is_committed(self, tracking, sync, heard):
        experiment = sync(tracking.create_experiment("e"))
        assert heard() == ["experiment created"]
        run_id = sync(tracking.create_run(experiment)).info.run_id
        assert heard() == ["run created"]
        sync(tracking.log_batch(run_id, metrics=[Metric("m", 1, 1)]))
        assert heard() == ["run metrics"]
        sync(tracking.log_batch(run_id, params=[Param("p", "1")]))
        assert heard() == ["run data"]
        with pytest.raises(InvalidInput):
            sync(tracking.log_batch(run_id, params=[Param("p", "2")]))
        assert heard() == []
        sync(tracking.update_run(run_id, status="FINISHED", end_time=5))
        assert heard.told[0].data["status"] == "FINISHED"
        assert heard() == ["run state"]
        sync(tracking.delete_run(run_id))
        sync(tracking.delete_run(run_id))
        assert heard() == ["run deleted"]
        sync(tracking.rename_experiment(experiment, "f"))
        sync(tracking.delete_experiment(experiment))
        sync(tracking.restore_experiment(experiment))
        assert heard() == [
            "experiment renamed",
            "experiment deleted",
            "experiment restored",
            "run restored",
        ]

    def test_who_was_away_learns_what_changed_meanwhile(self, tracking, sync):
        run_id = sync(tracking.create_run("0")).info.run_id
        other = sync(tracking.create_run("0")).info.run_id
        since = sync(tracking.run_info(other)).revision
        assert sync(tracking.changed_since(since, 10)) == {"runs": [], "experiments": []}
        sync(tracking.log_batch(run_id, metrics=[Metric("m", 1, 1)]))
        sync(tracking.create_experiment("e"))
        changed = sync(tracking.changed_since(since, 10))
        assert [run["run_id"] for run in changed["runs"]] == [run_id]
        assert changed["runs"][0]["revision"] > since
        assert [item["experiment_id"] for item in changed["experiments"]] == ["1"]
        assert len(sync(tracking.changed_since(0, 1))["runs"]) == 2  # one more than asked for

    def test_a_job_and_its_run_change_in_one_transaction(self, tracking, sync, store):
        def work(connection):
            run, change = tracking.create_run_in(
                connection,
                "0",
                run_name="n",
                tags={"a": "b"},
                params={"p": "1"},
                status="SCHEDULED",
            )
            update = tracking.update_run_in(
                connection, run.info.run_id, status="RUNNING", tags={"mlflow.runName": "m"}
            )
            assert tracking.update_run_in(connection, "nobody", status="FAILED") is None
            return run.info.run_id, change, update

        run_id, change, update = store.submit(work).result()
        assert (change.change, change.data["status"]) == ("created", "SCHEDULED")
        assert (update.change, update.data["status"]) == ("state", "RUNNING")
        run = sync(tracking.get_run(run_id))
        assert (run.info.run_name, run.info.status) == ("m", "RUNNING")
        assert run.info.revision == update.revision > change.revision
        assert run.params == [Param("p", "1")]
