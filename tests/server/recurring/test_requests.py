"""What is sent to let a notebook or script recur: what is taken, what is refused, what is told."""

from __future__ import annotations

import hashlib
import json

import nbformat
import pytest
from tests.server.pipelines.api.test_requests import API as KFP
from tests.server.pipelines.api.test_requests import SPEC

from trackside_server.errors import Conflict
from trackside_server.jobs.entities import RECURRING_TAG
from trackside_server.recurring.idempotency import Idempotency
from trackside_server.recurring.starting import Starter
from trackside_server.structs import replace

API = "api/v1/recurring"
DAILY = {"cron_schedule": {"cron": "0 0 6 * * *"}}
YEARLY = {"cron_schedule": {"cron": "0 0 0 1 1 *"}}
JOB = {"kind": "script", "path": "train.py"}


@pytest.fixture
def script(jp_root_dir):
    """A script in the folder of the server."""
    path = jp_root_dir / "train.py"
    path.write_text("print('trained')\n")
    return path


@pytest.fixture
def ask(trackside_fetch):
    """Send a request that has to succeed."""

    async def send(method, path="", body=None, status=200):
        answer = await trackside_fetch(method, f"{API}{path}", json=body)
        assert answer.status == status, answer.text
        return answer.json

    return send


@pytest.fixture
def nightly(script, ask):
    """Let the script recur."""

    async def make(**fields):
        body = {"name": "nightly", "trigger": DAILY, "job": JOB, **fields}
        return await ask("POST", body=body, status=201)

    return make


async def test_a_script_recurs_is_changed_turned_off_and_on_and_deleted(nightly, ask):
    job = {**JOB, "params": {"lr": 0.1}, "resources": {"gpus": 0}}
    made = await nightly(job=job, description="each day", max_concurrency=2)
    one = f"/{made['recurring_run_id']}"
    assert (made["kind"], made["status"], made["kept_by"]) == ("job", "ENABLED", None)
    assert (made["job"], made["trigger"], made["max_concurrency"]) == (job, DAILY, "2")
    assert made["trackside"]["next_due_at"]
    assert (made["trackside"]["missed"], made["trackside"]["last"]) == (0, None)
    assert (made["last_run"], made["problem"]) == (None, None)
    assert await ask("GET", one) == made
    assert (await ask("GET"))["recurring"] == [made]

    off = await ask("POST", f"{one}/disable")
    assert (off["status"], off["trackside"].get("next_due_at")) == ("DISABLED", None)
    # Whether it is on is not said, and stays.
    changed = await ask("PUT", one, {"name": "weekly", "trigger": YEARLY, "job": JOB})
    assert (changed["display_name"], changed["status"]) == ("weekly", "DISABLED")
    assert (changed["job"], changed["trigger"]) == (JOB, YEARLY)
    assert changed["created_at"] == made["created_at"]
    on = await ask("POST", f"{one}/enable")
    assert on["trackside"]["next_due_at"].endswith("Z")

    await ask("DELETE", one)
    assert (await ask("GET"))["recurring"] == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/run"), ("POST", "/enable")):
        answer = await ask(method, f"{one}{path}", {} if method == "POST" else None, status=404)
        assert answer["code"] == "RESOURCE_DOES_NOT_EXIST"


async def test_what_was_deleted_comes_back_as_it_was_with_what_it_had_run(nightly, ask):
    made = await nightly()
    one = f"/{made['recurring_run_id']}"
    job_id = (await ask("POST", f"{one}/run"))["job_id"]

    def fixed(told):
        # How far the job is changes by itself.
        return {**told, "last_run": told["last_run"]["id"]}

    before = fixed(await ask("GET", one))
    assert before["last_run"] == job_id
    await ask("DELETE", one)
    assert fixed(await ask("POST", f"{one}/restore")) == before
    # Asked twice, as by a click on a slow network.
    assert fixed(await ask("POST", f"{one}/restore")) == before
    assert (await ask("GET"))["recurring"][0]["recurring_run_id"] == made["recurring_run_id"]
    gone = await ask("POST", "/unknown/restore", status=404)
    assert gone["code"] == "RESOURCE_DOES_NOT_EXIST"


async def test_what_was_deleted_makes_no_gap_in_the_pages_of_what_recurs(nightly, ask):
    made = [(await nightly(name=str(number)))["recurring_run_id"] for number in range(3)]
    await ask("DELETE", f"/{made[1]}")
    first = await ask("GET", "?page_size=1")
    second = await ask("GET", f"?page_size=1&page_token={first['next_page_token']}")
    listed = [one["recurring_run_id"] for one in (*first["recurring"], *second["recurring"])]
    assert (listed, second["next_page_token"]) == ([made[2], made[0]], None)
    assert first["total_size"] == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"job": {"kind": "script", "path": "gone.py"}}, "There is no file gone.py."),
        ({"job": {"kind": "notebook", "path": "train.py"}}, "train.py is a script"),
        ({"job": {"kind": "script"}}, "job needs the path"),
        ({"job": {"kind": "script", "bundle": "0" * 64}}, "job needs the path"),
        ({"job": {**JOB, "idempotency_key": "k"}}, "made of when it is due"),
        ({"job": {**JOB, "gpus": 1}}, "gpus is not a field of this request"),
        ({"job": {**JOB, "resources": {"cpus": -1}}}, "cpus"),
        ({"job": {**JOB, "env": {"API_TOKEN": "very secret"}}}, "API_TOKEN"),
        ({"trigger": {}}, "cron_schedule"),
        ({"trigger": {"cron_schedule": {"cron": "0 6 * * *"}}}, "has five fields"),
        ({"trigger": {"cron_schedule": {"cron": "*/00 * * * * *"}}}, "A step is 1 or more"),
        ({"max_concurrency": 11}, "max_concurrency"),
        ({"no_catchup": "yes"}, "no_catchup"),
        ({"enabled": 1}, "enabled"),
        ({"cron": "0 6 * * *"}, "cron is not a field of this request"),
        ({"name": "two\nlines"}, "needs a name on one line"),
        ({"name": "gnp\N{RIGHT-TO-LEFT OVERRIDE}.sh"}, "needs a name on one line"),
    ],
    ids=str,
)
async def test_what_could_not_be_run_is_refused_with_what_to_do(
    script, trackside_fetch, fields, told
):
    body = {"name": "nightly", "trigger": DAILY, "job": JOB, **fields}
    answer = await trackside_fetch("POST", API, json=body)
    assert answer.status == (404 if "gone" in str(fields) else 400), answer.text
    assert told in answer.json["message"]
    assert "very secret" not in answer.text
    assert (await trackside_fetch("GET", API)).json["recurring"] == []


async def test_a_run_that_is_started_by_hand_is_a_job_that_says_where_it_comes_from(
    nightly, ask, trackside_fetch
):
    made = await nightly(
        enabled=False,
        job={**JOB, "params": {"day": "[[ScheduledTime.2006-01-02]]", "lr": 0.1}},
    )
    one = f"/{made['recurring_run_id']}"
    started = await ask("POST", f"{one}/run", {})
    job = (await trackside_fetch("GET", f"api/v1/jobs/{started['job_id']}")).json
    assert (job["recurring_run"], job["name"]) == (made["recurring_run_id"], "nightly")
    assert job["params"] == {"day": job["scheduled_at"][:10], "lr": 0.1}
    found = await ask("GET", one)
    (moment,) = found["trackside"]["moments"]
    assert moment["job_id"] == started["job_id"]
    assert (moment["run_id"], moment["by_hand"]) == (job["run_id"], True)
    assert moment["outcome"] == "STARTED"
    assert found["trackside"]["last"] == moment
    # It runs again like any other job, and is none of the schedule's then.
    again = await trackside_fetch("POST", f"api/v1/jobs/{job['job_id']}/rerun", json={})
    assert again.status == 201, again.text
    assert again.json["recurring_run"] is None
    assert RECURRING_TAG not in again.json["spec"]["tags"]


@pytest.mark.parametrize(
    "trigger",
    [
        {"periodic_schedule": {"interval_second": "60", "end_time": "2020-01-01T00:00:00Z"}},
        {"cron_schedule": {"cron": "0 0 6 * * *", "end_time": "2020-01-01T00:00:00Z"}},
        # It ends in time, and no such day comes until then.
        {
            "cron_schedule": {
                "cron": "0 0 0 29 2 *",
                "start_time": "2097-01-01T00:00:00Z",
                "end_time": "2099-01-01T00:00:00Z",
            }
        },
    ],
)
async def test_a_schedule_that_ends_before_a_run_is_due_is_refused_but_may_end_later(
    nightly, ask, trackside_fetch, trigger
):
    body = {"name": "nightly", "trigger": trigger, "job": JOB}
    made = await nightly()
    one = f"/{made['recurring_run_id']}"
    for method, path in (("POST", ""), ("PUT", one)):
        told = await ask(method, path, body, status=400)
        assert "No run would ever be due: the schedule ends at 20" in told["message"]
        assert told["hint"] == "Choose a later end_time, or leave it out."
    assert await ask("GET", one) == made
    # KFP takes it, and so does its protocol here.
    flow = {"display_name": "flow", "pipeline_spec": SPEC, "trigger": trigger}
    flow["runtime_config"] = {"parameters": {"text": "hello"}}
    over = await trackside_fetch("POST", f"{KFP}/recurringruns", json=flow)
    assert over.status == 200, over.text
    one = f"/{over.json['recurring_run_id']}"
    assert (await ask("PUT", one, {**flow, "display_name": "tide"}))["display_name"] == "tide"
    later = {"periodic_schedule": {"interval_second": "60", "end_time": "2020-01-02T00:00:00Z"}}
    await ask("PUT", one, {**flow, "trigger": later}, status=400)


async def test_what_cannot_be_run_or_put_in_its_place_leaves_it_as_it_was(nightly, ask, script):
    made = await nightly()
    one = f"/{made['recurring_run_id']}"
    gone = {"name": "other", "trigger": YEARLY, "job": {**JOB, "path": "gone.py"}}
    refused = await ask("PUT", one, gone, status=404)
    assert "There is no file gone.py." in refused["message"]
    script.unlink()
    refused = await ask("POST", f"{one}/run", {}, status=404)
    assert "There is no file train.py." in refused["message"]
    problem = "There is no file train.py: put it back, or choose another one."
    assert await ask("GET", one) == {**made, "problem": problem}


async def test_the_same_moment_is_always_the_same_job_also_after_a_change(nightly, ask, trackside):
    services = trackside.services
    made = await nightly(enabled=False)
    starter = Starter(services.pipelines.service, services.kfp.desk.submissions, services.jobs)
    one = await services.recurring.service.get(made["recurring_run_id"])
    first = await starter.start(one, 1_800_000_000.0)
    body = {"name": "other", "trigger": DAILY, "job": {**JOB, "params": {"lr": 1}}}
    await ask("PUT", f"/{one.recurring_id}", body)
    one = await services.recurring.service.get(one.recurring_id)
    assert await starter.start(one, 1_800_000_000.0) == first
    assert (await starter.start(one, 1_800_000_001.0)).job_id != first.job_id


async def test_everything_that_recurs_is_in_one_list_and_kfps_clients_see_pipelines_alone(
    nightly, ask, trackside_fetch
):
    job = await nightly()
    body = {
        "display_name": "flow",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"text": "hello"}, "pipeline_root": "here"},
        "trigger": DAILY,
    }
    flow = (await trackside_fetch("POST", f"{KFP}/recurringruns", json=body)).json
    first = await ask("GET", "?page_size=1")
    second = await ask("GET", f"?page_size=1&page_token={first['next_page_token']}")
    assert (first["total_size"], second["next_page_token"]) == (2, None)
    listed = [*first["recurring"], *second["recurring"]]
    assert [one["kind"] for one in listed] == ["pipeline", "job"]
    assert "pipeline_spec" not in listed[0]

    kfp = (await trackside_fetch("GET", f"{KFP}/recurringruns")).json
    assert [one["display_name"] for one in kfp["recurringRuns"]] == ["flow"]
    for method, verb in (("GET", ""), ("DELETE", ""), ("POST", ":disable")):
        path = f"{KFP}/recurringruns/{job['recurring_run_id']}{verb}"
        assert (await trackside_fetch(method, path)).status == 404

    one = f"/{flow['recurring_run_id']}"
    changed = await ask("PUT", one, {**body, "display_name": "tide", "trigger": YEARLY})
    assert (changed["display_name"], changed["trigger"]) == ("tide", YEARLY)
    assert changed["runtime_config"] == body["runtime_config"]
    assert changed["pipeline_spec"] == flow["pipeline_spec"]
    wrong = {**body, "runtime_config": {"parameters": {"text": [1]}}}
    await ask("PUT", one, wrong, status=400)
    told = await ask("PUT", one, {**body, "display_name": "two\nlines"}, status=400)
    assert "needs a name on one line" in told["message"]
    large = {**body, "pipeline_spec": {"root": "x" * 33 * 2**20}}
    told = await ask("PUT", one, large, status=400)
    assert "The request with the pipeline has 33.1 MiB" in told["message"]
    await ask("PUT", f"/{job['recurring_run_id']}", body, status=400)
    assert (await ask("POST", f"{one}/disable"))["status"] == "DISABLED"
    run_id = (await ask("POST", f"{one}/run"))["run_id"]
    run = (await trackside_fetch("GET", f"{KFP}/runs/{run_id}")).json
    assert run["recurring_run_id"] == flow["recurring_run_id"]
    await ask("DELETE", one)


async def test_a_file_is_known_by_its_path_in_the_folder_of_the_server(script, ask):
    body = {"trigger": DAILY, "job": {**JOB, "path": str(script)}}
    made = await ask("POST", body=body, status=201)
    assert (made["job"], made["display_name"]) == (JOB, "train")


@pytest.mark.parametrize(("name", "kept"), [(" ", "train"), ("\n\n", "train"), (" a b\n", "a b")])
async def test_a_name_has_no_blanks_around_it_and_a_blank_one_is_none(nightly, ask, name, kept):
    made = await nightly(name=name)
    assert made["display_name"] == kept
    body = {"name": name, "trigger": DAILY, "job": JOB}
    assert (await ask("PUT", f"/{made['recurring_run_id']}", body))["display_name"] == kept


async def test_what_is_kept_of_a_job_holds_its_whole_path_and_no_key_and_no_secret(
    nightly, script, trackside
):
    await nightly(job={**JOB, "env": {"EPOCHS": "3"}})
    rows = await trackside.services.store.read(
        lambda connection: connection.execute("SELECT job, request FROM recurring_runs").fetchall()
    )
    kept = {**JOB, "path": str(script), "env": {"EPOCHS": "3"}}
    assert [json.loads(row["job"]) for row in rows] == [kept]


async def test_the_file_that_was_meant_runs_also_on_a_server_of_the_store_with_another_folder(
    nightly, ask, script, trackside, trackside_fetch, tmp_path, monkeypatch
):
    one = f"/{(await nightly())['recurring_run_id']}"
    # Where the path leads below the other folder, relative and whole, lie other files.
    elsewhere = tmp_path / "elsewhere"
    for other in (elsewhere / "train.py", elsewhere / str(script).lstrip("/")):
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text("print('another one')\n")
    jobs = trackside.services.jobs
    there = replace(jobs._submission, notebooks=elsewhere)
    monkeypatch.setattr(jobs, "_submission", there)

    assert (await ask("GET", one))["job"] == {**JOB, "path": str(script)}
    assert (await ask("GET"))["recurring"][0]["job"]["path"] == str(script)
    ids = [(await ask("POST", f"{one}/run", {}))["job_id"]]
    its_own = await nightly(job=JOB)
    assert its_own["job"] == JOB
    monkeypatch.undo()
    ids.append((await ask("POST", f"/{its_own['recurring_run_id']}/run", {}))["job_id"])
    shown = await ask("GET", f"/{its_own['recurring_run_id']}")
    assert shown["job"]["path"] == str(elsewhere / "train.py")
    assert (await ask("GET", one))["job"] == JOB

    codes = []
    for job_id in ids:
        job = (await trackside_fetch("GET", f"api/v1/jobs/{job_id}")).json
        (file,) = [file for file in job["bundle"]["files"] if file["path"] == "train.py"]
        codes.append(file["sha256"])
    meant = [script, elsewhere / "train.py"]
    assert codes == [hashlib.sha256(file.read_bytes()).hexdigest() for file in meant]


async def test_a_request_that_is_sent_again_under_its_key_makes_no_second_one(
    nightly, ask, script, trackside
):
    asked = {"idempotency_key": "k", "name": "nightly", "trigger": DAILY}
    body = {**asked, "job": {**JOB, "source": {"label": "first"}}}
    again = {**asked, "job": {**JOB, "source": {"label": "again"}}}
    made = await ask("POST", body=body, status=201)
    one = f"/{made['recurring_run_id']}"
    script.unlink()
    assert (await ask("POST", body=again))["recurring_run_id"] == made["recurring_run_id"]
    script.write_text("print('trained')")
    told = await ask("POST", body={**body, "name": "other"}, status=409)
    assert told["message"] == "This idempotency_key belongs to another request, that of 'nightly'."
    await ask("POST", body={**body, "idempotency_key": "a key"}, status=400)
    # A change is of one that is there.
    refused = await ask("PUT", one, body, status=400)
    assert refused["message"].startswith("idempotency_key is not a field of this request")
    assert len((await ask("GET"))["recurring"]) == 1
    # What came between two requests of the same key, as on two servers of a store.
    service = trackside.services.recurring.service
    wish = await service.get(made["recurring_run_id"])
    first = await service.create(wish, Idempotency("two", "what"))
    assert await service.create(wish, Idempotency("two", "what")) == first
    with pytest.raises(Conflict):
        await service.create(wish, Idempotency("two", "other"))
    # One that was deleted is none that a request could mean.
    await ask("DELETE", one)
    assert (await ask("POST", body=body, status=201))["recurring_run_id"] != one[1:]


async def test_a_value_that_is_null_stays_null_and_an_empty_text_one(nightly, ask):
    params = {"lr": None, "note": ""}
    made = await nightly(job={**JOB, "params": params})
    one = f"/{made['recurring_run_id']}"
    assert made["job"]["params"] == params
    body = {"trigger": DAILY, "job": made["job"]}
    assert (await ask("PUT", one, body))["job"]["params"] == params
    started = await ask("POST", f"{one}/run")
    assert started["job_id"]


async def test_a_pipeline_keeps_its_cache_and_its_null_on_an_edit_and_is_called_as_its_pipeline(
    ask, trackside_fetch
):
    optional = {"parameters": {"text": {"parameterType": "STRING", "isOptional": True}}}
    spec = {**SPEC, "root": {**SPEC["root"], "inputDefinitions": optional}}
    body = {
        "pipeline_spec": spec,
        "runtime_config": {"parameters": {"text": None}},
        "trigger": DAILY,
        "trackside": {"cached": True, "on": "local"},
    }
    made = (await trackside_fetch("POST", f"{KFP}/recurringruns", json=body)).json
    one = f"/{made['recurring_run_id']}"
    assert made["display_name"] == "say"
    own = body.pop("trackside")
    for sent, kept in ((None, True), ({"on": "local"}, True), ({**own, "cached": False}, False)):
        changed = await ask("PUT", one, {**body, "trackside": sent})
        assert changed["trackside"]["cached"] is kept
        assert changed["runtime_config"]["parameters"] == {"text": None}
    run_id = (await ask("POST", f"{one}/run"))["run_id"]
    run = (await trackside_fetch("GET", f"{KFP}/runs/{run_id}")).json
    assert run["trackside"]["cached"] is False


async def test_a_misspelt_parameter_of_a_notebook_is_refused_and_one_more_is_told(
    jp_root_dir, nightly, ask, trackside_fetch
):
    cells = [
        nbformat.v4.new_code_cell("rows = 5", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print(rows)"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), jp_root_dir / "report.ipynb")
    job = {"kind": "notebook", "path": "report.ipynb"}
    made = await nightly(job={**job, "params": {"rows": 7}})
    assert "notes" not in made
    one = f"/{made['recurring_run_id']}"
    body = {"name": "nightly", "trigger": DAILY, "job": {**job, "params": {"row": 7}}}
    for method, path in (("POST", ""), ("PUT", one)):
        told = await ask(method, path, body, status=400)
        assert told["message"] == "The parameters cell of report.ipynb has no 'row'."
        assert told["hint"].startswith("Did you mean 'rows'?")
    refused = await trackside_fetch("POST", "api/v1/jobs", json=body["job"])
    assert (refused.status, refused.json["message"]) == (400, told["message"])

    body["job"]["params"] = {"customer": "a"}
    notes = ["The parameters cell of report.ipynb has no 'customer': it is set all the same."]
    assert (await ask("POST", "", body, status=201))["notes"] == notes
    assert (await ask("PUT", one, body))["notes"] == notes
    assert "notes" not in await ask("GET", one)
    job = (await trackside_fetch("POST", "api/v1/jobs", json=body["job"])).json
    assert job["spec"]["source"]["notes"] == notes
