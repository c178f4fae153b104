"""A job's token opens the traces of its own runs, and no others."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from trackside_server.traces.routes import ROUTES

from .conftest import FILES, V2, V3, info, span

pytestmark = pytest.mark.usefixtures("another_server_leads")

PLACE = {"mlflow_experiment": {"experiment_id": "{experiment}"}}
JUDGED = {"assessment": {"assessment_name": "a", "feedback": {"value": 1}}}
CHANGED = {"assessment": {"rationale": "r"}, "update_mask": "rationale"}
TAG = {"key": "t", "value": "1"}
DELETED = {"experiment_id": "{experiment}", "request_ids": ["{trace}"]}
TOLD = {"trace": {"trace_info": info("{trace}", "{experiment}")}}
BEGUN = {
    "experiment_id": "{experiment}",
    "request_metadata": [{"key": "mlflow.sourceRun", "value": "{run}"}],
}
PROMPT = {"trace_id": "{trace}", "prompt_versions": [{"name": "p", "version": "1"}]}

# Each route with what it asks for named in braces: a job may ask for its own and not for others'.
MATRIX = [
    ("POST", V3, TOLD),
    ("GET", V3 + "/get?trace_id={trace}", None),
    ("GET", V3 + "/batchGet?trace_ids={trace}", None),
    ("POST", V3 + "/batchGetInfos", {"trace_ids": ["{trace}"]}),
    ("GET", V3 + "/{trace}", None),
    ("PATCH", V3 + "/{trace}/tags", TAG),
    ("DELETE", V3 + "/{trace}/tags", {"key": "t"}),
    ("POST", V3 + "/{trace}/assessments", JUDGED),
    ("GET", V3 + "/{trace}/assessments/{assessment}", None),
    ("PATCH", V3 + "/{trace}/assessments/{assessment}", CHANGED),
    ("DELETE", V3 + "/{trace}/assessments/{assessment}", None),
    ("POST", V2, BEGUN),
    ("POST", V2 + "/link-to-run", {"trace_ids": ["{trace}"], "run_id": "{run}"}),
    ("POST", V2 + "/link-prompts", PROMPT),
    ("PATCH", V2 + "/{trace}", {"timestamp_ms": 5, "status": "OK"}),
    ("GET", V2 + "/{trace}/info", None),
    ("PATCH", V2 + "/{trace}/tags", TAG),
    ("DELETE", V2 + "/{trace}/tags", {"key": "t"}),
    ("GET", FILES + "/{experiment}/traces/{trace}/artifacts/traces.json", None),
    ("POST", V2 + "/delete-traces", DELETED),
    ("POST", V3 + "/delete-traces", DELETED),
]
SEARCHES = {("POST", f"{V3}/search"), ("GET", V2)}


def filled(value, names):
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda match: getattr(names, match[1]), value)
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    return [filled(item, names) for item in value] if isinstance(value, list) else value


@pytest.fixture
def world(trackside, sync):
    """A job with its run, and traces of its own and of others."""
    return sync(_world(trackside.services))


async def _world(services):
    tracking = services.tracking

    async def things(name, experiment, parent=None, *, run=True):
        tags = {"mlflow.parentRunId": parent} if parent else {}
        run_id = (await tracking.create_run(experiment, tags=tags)).info.run_id
        from trackside_server.traces.entities import Assessment, TraceInfo

        trace = f"tr-{name}"
        metadata = {"mlflow.sourceRun": run_id} if run else {}
        await services.traces.start_trace(
            TraceInfo(trace, experiment, "OK", 1, metadata=metadata, tags={"t": "0"})
        )
        item = Assessment(trace, "feedback", "a", 1.0, "HUMAN", None, 1, 1)
        assessment = (await services.traces.create_assessment(item)).assessment_id
        return SimpleNamespace(
            experiment=experiment, run=run_id, trace=trace, assessment=assessment
        )

    own = (await tracking.get_or_create_experiment("own")).experiment_id
    foreign = (await tracking.get_or_create_experiment("foreign")).experiment_id
    mine = await things("mine", own)
    token = await services.tokens.issue("job", mine.run, own)
    return SimpleNamespace(
        mine=mine,
        nested=await things("nested", own, mine.run),
        neighbour=await things("neighbour", own),
        nobody=await things("nobody", own, run=False),
        stranger=await things("stranger", foreign),
        token=token,
    )


@pytest.fixture
def sync(jp_asyncio_loop):
    return jp_asyncio_loop.run_until_complete


@pytest.fixture
def job(world, trackside_fetch):
    """Send a request with the job's token."""

    async def send(method, path, json=None, **options):
        return await trackside_fetch(method, path, json, token=world.token, **options)

    return send


def test_the_matrix_names_every_route():
    tried = SEARCHES | {(method, path.partition("?")[0]) for method, path, _ in MATRIX}
    plain = {
        (
            route.method,
            re.sub(r"\{(trace|assessment)_id\}", r"{\1}", route.path.replace("/{api}", "api")),
        )
        for route in ROUTES
    }
    assert all(route.job for route in ROUTES)
    assert plain <= tried


@pytest.mark.parametrize("whose", ["mine", "nested"])
async def test_a_job_uses_the_traces_of_its_runs(world, job, call, whose):
    names = getattr(world, whose)
    await call("PUT", filled(MATRIX[-3][1], names), body=b"{}")
    for method, path, body in MATRIX[:-1]:
        answer = await job(method, filled(path, names), filled(body, names))
        assert answer.status == 200, (method, path, answer.text)


@pytest.mark.parametrize("whose", ["neighbour", "stranger", "nobody"])
async def test_a_job_uses_no_traces_of_others(world, job, call, whose):
    names = getattr(world, whose)
    await call("PUT", filled(MATRIX[-3][1], names), body=b"{}")
    for method, path, body in MATRIX:
        answer = await job(method, filled(path, names), filled(body, names))
        assert (answer.status, answer.json["error_code"]) == (403, "PERMISSION_DENIED"), path
    # Nothing was changed on the way to the refusal.
    stored = (await call("GET", f"{V3}/{names.trace}"))["trace"]["trace_info"]
    assert stored["tags"]["t"] == "0"
    assert len(stored["assessments"]) == 1


async def test_one_foreign_trace_among_its_own_is_enough_to_be_refused(world, job):
    both = [world.mine.trace, world.neighbour.trace]
    query = "&".join(f"trace_ids={trace}" for trace in both)
    assert (await job("GET", f"{V3}/batchGet?{query}")).status == 403
    assert (await job("POST", f"{V3}/batchGetInfos", {"trace_ids": both})).status == 403
    linked = {"trace_ids": both, "run_id": world.mine.run}
    assert (await job("POST", f"{V2}/link-to-run", linked)).status == 403
    deleted = {"experiment_id": world.mine.experiment, "request_ids": both}
    assert (await job("POST", f"{V3}/delete-traces", deleted)).status == 403


async def test_a_job_deletes_no_traces_by_their_age(world, job):
    body = {"experiment_id": world.mine.experiment, "max_timestamp_millis": 2**45}
    assert (await job("POST", f"{V3}/delete-traces", body)).status == 400


async def test_a_search_shows_a_job_its_own_traces_only(world, found, job):
    own = [world.mine.experiment]
    seen = await found(experiments=own, token=world.token)
    assert sorted(seen) == [world.mine.trace, world.nested.trace]
    sneaky = f"run_id = '{world.neighbour.run}' OR request_id = '{world.nobody.trace}'"
    assert await found(sneaky, experiments=own, token=world.token) == []
    place = {"mlflow_experiment": {"experiment_id": world.stranger.experiment}}
    assert (await job("POST", f"{V3}/search", {"locations": [place]})).status == 403
    old = await job("GET", f"{V2}?experiment_ids={world.mine.experiment}")
    assert len(old.json["traces"]) == 2
    assert (await job("GET", f"{V2}?experiment_ids={world.stranger.experiment}")).status == 403


async def test_traces_that_a_job_tells_belong_to_its_run(world, tell, export, found, job):
    own = world.mine.experiment
    await tell("tr-new", own, token=world.token)
    await export(span(1, otel="b" * 32), experiment="", token=world.token)
    seen = await found(f"run_id = '{world.mine.run}'", experiments=[own])
    assert sorted(seen) == [f"tr-{'b' * 32}", world.mine.trace, "tr-new"]
    body = {"trace": {"trace_info": info("tr-x", own)}}
    for foreign in (world.neighbour.run, world.stranger.run, "0" * 32):
        body["trace"]["trace_info"]["trace_metadata"] = {"mlflow.sourceRun": foreign}
        assert (await job("POST", V3, body)).status == 403


async def test_a_job_sends_no_spans_into_traces_or_experiments_of_others(
    world, tell, export, whole, trackside
):
    await tell(f"tr-{'c' * 32}", world.mine.experiment)
    sent = span(1, otel="c" * 32)
    await export(sent, experiment=world.mine.experiment, token=world.token, status=403)
    await export(span(1), experiment=world.stranger.experiment, token=world.token, status=403)
    await export(
        span(1),
        experiment=world.mine.experiment,
        token=world.token,
        status=403,
        **{"x-mlflow-run-id": world.neighbour.run},
    )
    assert "spans" not in await whole(f"tr-{'c' * 32}")
