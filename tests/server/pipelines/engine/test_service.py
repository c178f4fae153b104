"""Pipeline runs in the store: made, listed, asked for, put away and deleted."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from tests.server.pipelines.compiled import load_json

from trackside_server.changes import Change, Changes
from trackside_server.errors import Conflict, InvalidInput, NotFound
from trackside_server.pipelines.catalog.entities import Names
from trackside_server.pipelines.catalog.service import Catalog
from trackside_server.pipelines.entities import Origin, StoredArtifact
from trackside_server.pipelines.executor.places import to_uri
from trackside_server.pipelines.folders import Folders
from trackside_server.pipelines.ir.model import ArtifactType
from trackside_server.pipelines.ir.reading import Documents
from trackside_server.pipelines.jobends import JobEnds
from trackside_server.pipelines.ledger import Ledger
from trackside_server.pipelines.machine.state import Artifact
from trackside_server.pipelines.service import Pipelines, Wanted
from trackside_server.pipelines.specs import Specs
from trackside_server.pipelines.storage import artifacts, runs, specs
from trackside_server.pipelines.storage.listing import Condition, Query
from trackside_server.pipelines.storage.runs import count_alive
from trackside_server.pipelines.telling import Telling
from trackside_server.pipelines.turns import Lines, Turns
from trackside_server.store import Store
from trackside_server.tracking.entities import Experiment

DOCUMENT = {
    "pipelineInfo": {"name": "prepare-and-train"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.17.0",
    "root": {
        "inputDefinitions": {
            "parameters": {
                "epochs": {"parameterType": "NUMBER_INTEGER", "defaultValue": 3},
                "name": {"parameterType": "STRING"},
            }
        },
        "dag": {
            "tasks": {"say": {"taskInfo": {"name": "say"}, "componentRef": {"name": "comp-say"}}}
        },
    },
    "components": {"comp-say": {"executorLabel": "exec-say"}},
    "deploymentSpec": {
        "executors": {"exec-say": {"container": {"image": "python:3.12", "command": ["true"]}}}
    },
}


class NobodyMoves:
    """A server that does not lead: runs stay as they were stored."""

    def __init__(self):
        self.refused = None

    async def check(self, pipeline, python, on):
        if self.refused:
            raise InvalidInput(self.refused)

    async def heed(self, run_id):
        pass

    async def stop_unstored(self, run_id):
        return False

    def is_stopped_unstored(self, run_id):
        return False


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "trackside", logging.getLogger("test"))
    store.open()
    yield store
    store.close()


@pytest.fixture
def mover():
    return NobodyMoves()


@pytest.fixture
def pipelines(store, mover, tmp_path):
    ledger = Ledger(store, Changes())
    folders = Folders(store.root)
    lines = Lines(jobs=Turns(1), gpu_jobs=Turns(1), cluster_jobs=Turns(1), keys=Turns(1))
    telling = Telling(ledger, lines)
    python = "/usr/bin/python3"
    return Pipelines(ledger, Specs(ledger), mover, telling, folders, [tmp_path], python, "auto")


def wanted(name="a run", **fields):
    fields.setdefault("given", {"name": "ana"})
    experiment = fields.pop(
        "experiment", Experiment("1", "digits", "mlflow-artifacts:/1", "active", 0, 0, 0)
    )
    return Wanted(load_json(DOCUMENT), experiment, name, "ana", **fields)


async def test_a_run_keeps_what_was_asked_for_and_gets_typed_arguments(pipelines, store):
    run = await pipelines.create(
        wanted(description="the first", cached=False, origin=Origin("p", "v", "r", 12.5))
    )
    assert await pipelines.get(run.run_id) == run
    assert (run.state, run.pipeline, run.given) == ("PENDING", "prepare-and-train", {"name": "ana"})
    assert run.origin == Origin("p", "v", "r", 12.5)
    assert run.python == "/usr/bin/python3"
    assert (await pipelines.documents([run]))[run.spec].pipeline == DOCUMENT
    assert (await pipelines.pipeline(run)).name == "prepare-and-train"
    assert await store.read(lambda connection: count_alive(connection, "r")) == 1


async def test_what_many_runs_were_compiled_to_is_read_once(pipelines, monkeypatch):
    for _ in range(3):
        await pipelines.create(wanted())
    found = (await pipelines.page(Query())).items
    read = []
    get = specs.get
    monkeypatch.setattr(
        "trackside_server.pipelines.service.specs.get",
        lambda connection, digest: read.append(digest) or get(connection, digest),
    )
    assert [one.pipeline for one in (await pipelines.documents(found)).values()] == [DOCUMENT]
    assert read == [found[0].spec]


async def test_what_cannot_run_is_refused_before_anything_is_stored(pipelines, mover):
    with pytest.raises(InvalidInput, match="name"):
        await pipelines.create(wanted(given={}))
    mover.refused = "say needs an image"
    with pytest.raises(InvalidInput, match="needs an image"):
        await pipelines.create(wanted())
    assert (await pipelines.page(Query())).total == 0


async def test_lists_are_filtered_sorted_and_paged_without_gaps(pipelines):
    names = ["b", "a", "c", "a", "d_%"]
    made = [(await pipelines.create(wanted(name))).run_id for name in names]
    await pipelines.archive(made[2])

    async def listed(**query):
        found, token = [], ""
        while True:
            page = await pipelines.page(Query(limit=2, token=token, **query))
            found += [run.name for run in page.items]
            if not page.token:
                return found, page.total
            token = page.token

    assert await listed() == (names, 5)
    assert await listed(order="name", descending=True) == (["d_%", "c", "b", "a", "a"], 5)
    assert await listed(conditions=[Condition("archived", "=", 0)]) == (["b", "a", "a", "d_%"], 4)
    assert await listed(conditions=[Condition("name", "contains", "_%")]) == (["d_%"], 1)
    assert await listed(conditions=[Condition("name", "in", ("b", "c"))]) == (["b", "c"], 2)
    assert await listed(order="ended") == (names, 5)
    token = (await pipelines.page(Query(limit=2))).token
    with pytest.raises(InvalidInput, match="page_token"):
        await pipelines.page(Query(order="name", token=token))
    with pytest.raises(InvalidInput, match="no field"):
        await pipelines.page(Query(order="1; DROP TABLE pipeline_runs"))


async def test_a_run_that_is_not_over_is_not_deleted_and_nothing_is_tried_again(pipelines):
    run = await pipelines.create(wanted())
    with pytest.raises(Conflict, match="not over"):
        await pipelines.delete(run.run_id)
    with pytest.raises(Conflict, match="not over"):
        await pipelines.retry(run.run_id)
    assert (await pipelines.terminate(run.run_id)).revision > run.revision
    with pytest.raises(NotFound):
        await pipelines.get("another")


async def test_a_run_that_is_about_to_go_on_is_not_deleted(pipelines, store):
    run = await pipelines.create(wanted())
    await store.write(lambda c: c.execute("UPDATE pipeline_runs SET state = 'FAILED'"))
    await pipelines.retry(run.run_id)
    with pytest.raises(Conflict, match="about to go on"):
        await pipelines.delete(run.run_id)
    await store.write(lambda c: c.execute("UPDATE pipeline_runs SET wish = NULL"))
    await pipelines.delete(run.run_id)
    with pytest.raises(NotFound):
        await pipelines.get(run.run_id)


async def test_who_waits_for_the_end_of_a_job_is_told_though_another_one_no_longer_waits():
    class OneJob:
        ended = False

        async def get(self, job_id):
            return self

    job = OneJob()
    changes = Changes()
    changes.bind(asyncio.get_running_loop())
    ends = JobEnds(job, changes)
    ends.start()
    first, second = (asyncio.create_task(ends.wait("job")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    job.ended = True
    changes.publish(Change("job", "job", "state", 1, {"state": "SUCCEEDED"}))
    assert await asyncio.wait_for(second, 5) is job
    ends.stop()


async def test_an_artifact_outside_of_the_folders_is_not_shown(tmp_path):
    from trackside_server.pipelines.files import content_of

    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"1")
    (folder / "way out").symlink_to("/etc/hostname")

    def shown(uri):
        return content_of(Artifact("1", "model", ArtifactType(), uri), [folder])

    assert shown((folder / "model.bin").as_uri()) == Path(folder / "model.bin")
    for uri in ("file:///etc/passwd", (folder / "way out").as_uri(), "gs://bucket/x", "file:///no"):
        with pytest.raises(NotFound):
            shown(uri)


@pytest.fixture
def over(store, pipelines):
    """Make a run that is over, with artifacts."""

    async def make(*uris):
        run = await pipelines.create(wanted())
        kind = ArtifactType()
        made = [
            StoredArtifact(
                Artifact(f"{run.run_id}-{n}", "model", kind, uri), run.run_id, "t", "o", 0
            )
            for n, uri in enumerate(uris)
        ]

        def end(connection):
            number = runs.find(connection, run.run_id).number
            connection.execute("UPDATE pipeline_runs SET state = 'SUCCEEDED'")
            artifacts.store(connection, number, made)

        await store.write(end)
        folder = Folders(store.root).of(run.run_id)
        folder.mkdir(parents=True)
        (folder / "model").write_bytes(b"1")
        return run, folder

    return make


async def test_the_folder_of_a_run_goes_with_the_last_run_that_has_an_artifact_in_it(
    store, pipelines, over
):
    others = Folders(store.root).root / "mine"
    others.mkdir(parents=True)
    first, made = await over()
    second, own = await over(to_uri(made / "model"), f"{to_uri(others.parent)}/", "gs://bucket/x")
    third, _ = await over(to_uri(made / "model"))
    await pipelines.delete(first.run_id)
    assert made.exists()
    await pipelines.delete(second.run_id)
    assert (made.exists(), own.exists()) == (True, False)
    await pipelines.delete(third.run_id)
    assert list(Folders(store.root).root.iterdir()) == [others]


async def test_what_was_compiled_goes_with_the_last_run_or_version_of_it(store, pipelines, over):
    catalog = Catalog(Ledger(store, Changes()))

    async def kept():
        return await store.read(
            lambda c: c.execute("SELECT COUNT(*) FROM pipeline_specs").fetchone()[0]
        )

    first, _ = await over()
    second, _ = await over()
    names = Names("train", "train", "", {})
    pipeline = await catalog.add(names, documents=Documents(DOCUMENT))
    other = Documents({**DOCUMENT, "sdkVersion": "kfp-2.18.0"})
    version = await catalog.add_version(pipeline.pipeline_id, Names("2", "2", "", {}), other)
    await pipelines.delete(first.run_id)
    await pipelines.delete(second.run_id)
    assert await kept() == 2
    await catalog.delete_version(pipeline.pipeline_id, version.version_id)
    assert await kept() == 1
    await catalog.delete_pipeline(pipeline.pipeline_id, cascade=True)
    assert await kept() == 0


async def test_a_server_that_begins_to_lead_in_the_moment_in_which_it_ends_takes_nothing_up(driver):
    engine = driver.services.pipelines.engine
    await engine.stop()
    before = asyncio.all_tasks()
    engine.lead()
    assert asyncio.all_tasks() == before
