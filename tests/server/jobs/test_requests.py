"""The REST API of jobs: what is asked, what is answered."""

from __future__ import annotations

import asyncio
import json

import pytest

from trackside_server.jobs import scheduler
from trackside_server.jobs.entities import Gpu
from trackside_server.jobs.runners.choice import Runners
from trackside_server.jobs.runners.local.runner import LocalRunner
from trackside_server.jobs.service import Jobs, Settings
from trackside_server.jobs.spec import JobRequest
from trackside_server.structs import replace

from .conftest import bundle_of, packed, until

WAIT = "import time\nopen('up', 'w').write('1')\ntime.sleep(600)\n"


class Fixed:
    """An inventory of a machine that has these GPUs."""

    def __init__(self, *gpus):
        self.gpus = gpus

    def devices(self):
        return self.gpus


def with_gpus(api, *gpus):
    """Let the server's runner believe that the machine has GPUs."""
    runner = api.trackside.services.jobs._runners.local
    assert isinstance(runner, LocalRunner)
    runner._inventory = Fixed(*gpus)


def two_cards():
    return Gpu(0, "GPU-00", "A100", 40 * 1024**3), Gpu(1, "GPU-11", "A100", 40 * 1024**3)


class TestSubmission:
    async def test_the_answer_says_where_the_job_is(self, api):
        digest = await api.upload(bundle_of("pass"))
        answer = await api.call("POST", "jobs", {"kind": "script", "bundle": digest}, status=201)
        assert answer.headers["Location"].endswith(f"/api/v1/jobs/{answer.json['job_id']}")
        assert answer.json["bundle"]["digest"] == digest

    async def test_the_same_key_finds_the_same_job(self, api):
        digest = await api.upload(bundle_of("pass"))
        body = {"kind": "script", "bundle": digest, "idempotency_key": "k1", "params": {"a": 1}}
        first = await api.call("POST", "jobs", body, status=201)
        again = await api.call("POST", "jobs", body, status=200)
        assert again.json["job_id"] == first.json["job_id"]
        other = await api.call("POST", "jobs", {**body, "params": {"a": 2}}, status=409)
        assert other.json["reason"] == "idempotency_key"
        assert first.json["name"] in other.json["message"]

    async def test_requests_that_race_with_the_same_key_make_one_job(self, api):
        digest = await api.upload(bundle_of("pass"))
        body = {"kind": "script", "bundle": digest, "idempotency_key": "k1"}
        answers = await asyncio.gather(*(api.call("POST", "jobs", body) for _ in range(5)))
        assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 201]
        assert len({answer.json["job_id"] for answer in answers}) == 1
        # Neither a second run nor a second folder is left.
        assert len(list((api.root / "jobs").iterdir())) == 1
        found = await api.fetch(
            "POST",
            "api/2.0/mlflow/runs/search",
            {"experiment_ids": [answers[0].json["experiment_id"]]},
        )
        assert len(found.json["runs"]) == 1

    async def test_a_bundle_that_was_not_sent_is_asked_for(self, api):
        body = {"kind": "script", "bundle": "a" * 64}
        answer = await api.call("POST", "jobs", body, status=400)
        assert "Send it first: PUT /bundles/" in answer.json["hint"]

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"on": "moon"}, "on has to be one of auto, local, cluster"),
            ({"python": "/nowhere/python"}, "There is no Python at /nowhere/python."),
            ({"python": "python"}, "There is no Python at python."),
            ({"python": "/" + "x" * 3000}, "There is no Python at /xxx"),
            ({"resources": {"cpus": 10_000}}, "The job asks for 10000 CPUs"),
            ({"resources": {"memory": "900Ti"}}, "The job asks for 900 TiB of memory"),
            ({"resources": {"gpus": 900}}, "The job asks for 900 GPUs, and this machine has"),
            ({"metric_pattern": "("}, "The metric pattern is not a regular expression"),
            ({"retries": "many"}, "retries has to be a whole number"),
        ],
    )
    async def test_what_can_never_run_is_refused_at_once(self, api, fields, sentence):
        digest = await api.upload(bundle_of("pass"))
        body = {"kind": "script", "bundle": digest, **fields}
        answer = await api.call("POST", "jobs", body, status=400)
        assert sentence in answer.json["message"]
        assert answer.json["code"] == "INVALID_PARAMETER_VALUE"
        # Nothing was written: neither a job nor its folder.
        assert (await api.call("GET", "jobs")).json["jobs"] == []
        assert not (api.root / "jobs").exists() or not list((api.root / "jobs").iterdir())

    async def test_a_request_for_too_many_gpus_says_what_there_is(self, api):
        with_gpus(api, *two_cards())
        digest = await api.upload(bundle_of("pass"))
        body = {"kind": "script", "bundle": digest, "resources": {"gpus": 4}}
        answer = await api.call("POST", "jobs", body, status=400)
        assert answer.json["message"] == ("The job asks for 4 GPUs, and this machine has 2 (A100).")
        assert answer.json["hint"] == "Ask for at most 2."

    @pytest.mark.parametrize(
        "body",
        [
            b"[]",
            b"nonsense",
            b'"x"',
            b"{}",
            b'{"kind": "\\ud800"}',
            b'{"\\udfff": 1}',
            b'{"kind": "script", "params": ' + b"[" * 200 + b"]" * 200 + b"}",
            b'{"kind": "script", "params": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        ],
    )
    async def test_nonsense_is_a_400(self, api, body):
        answer = await api.call("POST", "jobs", body=body, status=400)
        assert answer.json["message"]

    async def test_names_count_up_and_a_free_one_is_taken_as_it_is(self, api):
        wanted = [None, None, "digits", "mine", "mine", "ünï cödé!"]
        names = []
        for name in wanted:
            fields = {"name": name} if name else {}
            names.append((await api.submit("pass", experiment="digits", **fields))["name"])
        assert names == ["digits-1", "digits-2", "digits", "mine", "mine-1", "uni-code"]

    async def test_the_experiment_is_called_like_the_notebook(self, api):
        job = await api.submit("pass", source={"notebook": "work/digits.ipynb"})
        assert (job["experiment_name"], job["name"]) == ("digits", "digits-1")

    async def test_a_job_is_found_by_name_and_by_id(self, api):
        job = await api.submit("pass", name="mine")
        assert (await api.call("GET", "jobs/mine", status=200)).json["job_id"] == job["job_id"]
        missing = await api.call("GET", "jobs/nothing", status=404)
        assert missing.json["code"] == "RESOURCE_DOES_NOT_EXIST"
        assert "There is no job 'nothing'" in missing.json["message"]

    async def test_a_script_on_the_servers_disk_is_packed_by_the_server(self, api, jp_root_dir):
        (jp_root_dir / "work").mkdir()
        (jp_root_dir / "work/train.py").write_text("import helper\nprint(helper.x)")
        (jp_root_dir / "work/helper.py").write_text("x = 'loss=0.25'")
        answer = await api.call(
            "POST", "jobs", {"kind": "script", "path": "work/train.py"}, status=201
        )
        job = answer.json
        assert {"train.py", "helper.py"} < {file["path"] for file in job["bundle"]["files"]}
        assert (job["source"]["label"], job["source"]["path"]) == ("train.py", "work/train.py")
        done = await api.ended(job)
        assert done["state"] == "SUCCEEDED", done["reason"]
        assert (await api.run(job))["metrics"] == {"loss": 0.25}

    async def test_what_would_travel_can_be_seen_before(self, api, jp_root_dir):
        (jp_root_dir / "train.py").write_text("import helper\n")
        (jp_root_dir / "helper.py").write_text("")
        seen = (await api.call("POST", "preview", {"path": "/train.py"}, status=200)).json
        assert [file["path"] for file in seen["files"]] == ["helper.py", "train.py"]
        (jp_root_dir / "data.csv").write_text("1")
        body = {"path": "train.py", "files": ["data.csv"]}
        seen = (await api.call("POST", "preview", body, status=200)).json
        assert "data.csv" in [file["path"] for file in seen["files"]]
        job = (await api.call("POST", "jobs", {"kind": "script", **body}, status=201)).json
        assert "data.csv" in [file["path"] for file in job["bundle"]["files"]]

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("nothing.py", 404),
            ("x" * 3000 + ".py", 404),
            ("notes.txt", 400),
            ("broken.py", 400),
            ("", 400),
            (7, 400),
        ],
    )
    async def test_a_path_that_is_no_program_is_refused(self, api, jp_root_dir, path, status):
        (jp_root_dir / "notes.txt").write_text("")
        (jp_root_dir / "broken.py").write_text("def (:")
        for where, body in (
            ("preview", {"path": path}),
            ("jobs", {"kind": "script", "path": path}),
        ):
            answer = await api.call("POST", where, body)
            assert answer.status in (status, 400), answer.text
            assert answer.json["message"]


class TestBundles:
    async def test_a_bundle_is_sent_once(self, api):
        bundle = bundle_of("pass")
        path = f"bundles/{bundle.digest}"
        await api.call("HEAD", path, status=404)
        sent = await api.call("PUT", path, body=packed(bundle), status=201)
        assert sent.json["digest"] == bundle.digest
        await api.call("HEAD", path, status=200)

    async def test_a_bundle_under_a_wrong_name_is_refused(self, api):
        answer = await api.call("PUT", f"bundles/{'a' * 64}", body=packed(bundle_of("x")))
        assert answer.status == 400
        assert "not what the name says" in answer.json["message"]
        await api.call("HEAD", f"bundles/{'a' * 64}", status=404)

    async def test_the_snapshot_of_a_job_can_be_seen(self, api):
        job = await api.submit("pass", files={"data.csv": b"1,2"})
        seen = (await api.call("GET", f"jobs/{job['name']}/bundle", status=200)).json
        assert [file["path"] for file in seen["files"]] == [
            "__trackside__/entry.json",
            "data.csv",
            "train.py",
        ]
        assert seen["size"] == sum(file["size"] for file in seen["files"])


class TestLists:
    async def test_pages_go_from_new_to_old(self, api):
        names = [(await api.submit("pass", experiment="e"))["name"] for _ in range(5)]
        first = (await api.call("GET", "jobs?limit=2", status=200)).json
        second = (await api.call("GET", f"jobs?limit=2&page_token={first['next_page_token']}")).json
        third = (await api.call("GET", f"jobs?limit=2&page_token={second['next_page_token']}")).json
        found = [job["name"] for page in (first, second, third) for job in page["jobs"]]
        assert found == names[::-1]
        assert third["next_page_token"] is None

    async def test_jobs_can_be_chosen_by_state_and_experiment(self, api):
        done = await api.submit("pass", experiment="one")
        await api.ended(done)
        busy = await api.submit(WAIT, experiment="two")
        await api.running(busy)

        async def names(query):
            return [j["name"] for j in (await api.call("GET", f"jobs?{query}")).json["jobs"]]

        assert await names("state=running") == [busy["name"]]
        assert await names("state=SUCCEEDED,FAILED") == [done["name"]]
        assert await names(f"experiment_id={done['experiment_id']}") == [done["name"]]
        assert await names("state=QUEUED") == []

    @pytest.mark.parametrize(
        "query",
        [
            "state=ODD",
            "limit=x",
            "limit=0",
            "page_token=x",
            "page_token=%C2%B2",
            f"page_token={'9' * 30}",
        ],
    )
    async def test_a_wrong_question_is_a_400(self, api, query):
        assert (await api.call("GET", f"jobs?{query}", status=400)).json["message"]


class TestNews:
    async def test_a_long_poll_answers_when_something_happens(self, api):
        job = await api.submit(WAIT)
        await api.file(job, "up")
        now = await api.get(job)
        waiting = asyncio.ensure_future(
            api.call("GET", f"jobs/{job['job_id']}?wait=30&revision={now['revision']}")
        )
        await api.cancel(job)
        assert (await asyncio.wait_for(waiting, 25)).json["revision"] > now["revision"]

    async def test_a_long_poll_without_news_ends_in_time(self, api):
        job = await api.ended(await api.submit("pass"))
        answer = await api.call("GET", f"jobs/{job['job_id']}?wait=1&revision={2**52}", status=200)
        assert answer.json["revision"] == job["revision"]

    async def test_changes_tell_of_jobs_until_they_are_deleted(self, api):
        start = (await api.call("GET", "changes")).json
        assert start["reset"] is True
        job = await api.submit("print('loss=0.5')")
        await api.ended(job)
        news = (await api.call("GET", f"changes?since={max(start['revision'], 1)}")).json
        (told,) = news["jobs"]
        assert (told["job_id"], told["state"]) == (job["job_id"], "SUCCEEDED")
        assert told["metrics"]["loss"]["value"] == 0.5
        await api.call("DELETE", f"jobs/{job['job_id']}", status=200)
        after = (await api.call("GET", f"changes?since={news['revision']}")).json
        assert (after["jobs"], [one["id"] for one in after["deleted"]]) == ([], [job["job_id"]])
        assert (await api.call("GET", "changes")).json["jobs"] == []

    async def test_each_step_of_a_job_is_an_event(self, api):
        told = []
        events = api.trackside.serverapp.event_logger

        async def listen(logger, schema_id, data):
            told.append(data)

        events.add_listener(schema_id="urn:trackside:events:job:v1", listener=listen)
        # Of one that ends before the server has looked, nobody hears that it ran.
        job = await api.submit("import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)")
        await api.running(job)
        (api.folder(job) / "work" / "go").touch()
        await api.ended(job)
        states = [one["state"] for one in told if one["change"] in ("created", "state")]
        assert states == ["QUEUED", "STARTING", "RUNNING", "SUCCEEDED"]
        assert all(one["job_id"] == job["job_id"] for one in told)
        assert [one["revision"] for one in told] == sorted(one["revision"] for one in told)


class TestDeletion:
    async def test_an_ended_job_can_be_forgotten_and_its_run_stays(self, api):
        job = await api.ended(await api.submit("print('hello')"))
        await api.call("DELETE", f"jobs/{job['name']}", status=200)
        await api.call("GET", f"jobs/{job['job_id']}", status=404)
        assert not api.folder(job).exists()
        assert (await api.run(job))["status"] == "FINISHED"
        path = f"api/2.0/mlflow-artifacts/artifacts/{job['experiment_id']}/{job['run_id']}"
        log = await api.fetch("GET", f"{path}/artifacts/logs/output.log")
        assert log.text == "hello\n"

    async def test_a_running_job_cannot_be_forgotten(self, api):
        job = await api.submit(WAIT)
        await api.running(job)
        answer = await api.call("DELETE", f"jobs/{job['job_id']}", status=409)
        assert "is not over" in answer.json["message"]


class TestRerun:
    async def test_the_same_code_runs_again_with_other_params(self, api):
        job = await api.submit("print(lr)", kind="cell", params={"lr": 1}, experiment="digits")
        await api.ended(job)
        answer = await api.call(
            "POST", f"jobs/{job['name']}/rerun", {"overrides": {"params": {"lr": 2}}}, status=201
        )
        again = answer.json
        assert (again["name"], again["experiment_id"]) == ("digits-2", job["experiment_id"])
        assert again["run_id"] != job["run_id"]
        assert again["bundle"] == job["bundle"]
        await api.ended(again)
        assert await api.log(again) == "2\n"

    async def test_secrets_that_are_gone_are_asked_for(self, api):
        job = await api.submit("import os; print(os.environ['API_KEY'])", env={"API_KEY": "abc"})
        await api.ended(job)
        path = f"jobs/{job['job_id']}/rerun"
        answer = await api.call("POST", path, {}, status=400)
        assert "so API_KEY has to be given again" in answer.json["message"]
        body = {"overrides": {"env": {"API_KEY": "def"}}}
        again = (await api.call("POST", path, body, status=201)).json
        await api.ended(again)
        assert await api.log(again) == "def\n"

    async def test_what_would_not_be_as_it_was_is_said_before(self, api):
        job = await api.ended(await api.submit("pass"))
        path = f"jobs/{job['job_id']}/rerun"
        assert (await api.call("GET", path)).json == {"unpinned": []}
        described = api.folder(job) / "environment.json"
        told = json.loads(described.read_text())
        told["packages"] |= {"tornado": "1.0", "no-such-package": "2.0"}
        described.write_text(json.dumps(told))
        [finding] = (await api.call("GET", path)).json["unpinned"]
        assert (finding["code"], finding["blocks"]) == ("PACKAGES", False)
        assert "tornado 1.0 → " in finding["message"]
        assert "no-such-package is gone" in finding["message"]
        described.write_text(json.dumps(told | {"executable": "/no/such/python"}))
        [finding] = (await api.call("GET", path)).json["unpinned"]
        assert finding["code"] == "PYTHON_GONE"
        for broken in ("{", "[" * 100_000):
            described.write_text(broken)
            [finding] = (await api.call("GET", path)).json["unpinned"]
            assert finding["code"] == "PACKAGES_UNKNOWN"

    async def test_what_keeps_it_from_running_again_is_said_first(self, api):
        job = await api.ended(await api.submit("pass", env={"API_KEY": "abc"}))
        (api.folder(job) / "environment.json").unlink()
        found = (await api.call("GET", f"jobs/{job['job_id']}/rerun")).json["unpinned"]
        assert [(one["code"], one["blocks"]) for one in found] == [
            ("SECRETS", True),
            ("PACKAGES_UNKNOWN", False),
        ]
        await api.call("GET", "jobs/none/rerun", status=404)

    @pytest.mark.parametrize(
        "body", [{"overrides": 3}, {"overrides": {"bundle": "x"}}, {"params": {}}]
    )
    async def test_a_wrong_change_is_a_400(self, api, body):
        job = await api.submit("pass")
        await api.call("POST", f"jobs/{job['job_id']}/rerun", body, status=400)


class TestQueue:
    async def test_jobs_wait_for_a_place_and_say_so(self, api):
        first, second, third, fourth = [
            await api.submit(WAIT, experiment="digits") for _ in range(4)
        ]
        waiting = await api.until(third, lambda now: now["queue_position"] == 1)
        assert waiting["state"] == "QUEUED"
        sentence = "Waiting for 1 of 2 places: digits-1 and digits-2 are running."
        assert waiting["reason"] == {"code": "QUEUED", "message": sentence}
        await api.until(fourth, lambda now: now["queue_position"] == 2)
        assert (await api.run(third))["status"] == "SCHEDULED"
        info = (await api.call("GET", "info")).json["runners"][0]
        assert (info["running"], info["queued"], info["max_jobs"]) == (2, 2, 2)
        await api.cancel(first)
        await api.running(third)
        moved = await api.until(fourth, lambda now: now["queue_position"] == 1)
        assert "digits-3" in moved["reason"]["message"]
        # One that waits is canceled at once.
        answer = await api.cancel(fourth)
        assert (answer["state"], answer["queue_position"]) == ("CANCELED", None)
        assert answer["reason"]["message"].endswith("before it started.")
        assert (await api.run(fourth))["status"] == "KILLED"
        await api.cancel(second)

    async def test_gpus_are_handed_out_once_each(self, api):
        with_gpus(api, *two_cards())
        code = "import os\nopen('gpus', 'w').write(os.environ['CUDA_VISIBLE_DEVICES'] + '!')\n"
        one, two = [await api.submit(code + WAIT, resources={"gpus": 1}) for _ in range(2)]
        assert {await api.file(one, "gpus"), await api.file(two, "gpus")} == {"0!", "1!"}
        jobs = [await api.get(one), await api.get(two)]
        assert sorted(job["gpus"] for job in jobs) == [[0], [1]]
        info = (await api.call("GET", "info")).json["runners"][0]
        assert [gpu["in_use_by"] for gpu in info["gpus"]] == [
            job["name"] for job in sorted(jobs, key=lambda job: job["gpus"])
        ]

    async def test_without_gpus_asked_none_is_seen(self, api):
        with_gpus(api, *two_cards())
        job = await api.submit("import os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))")
        await api.ended(job)
        assert await api.log(job) == "''\n"

    async def test_a_gpu_that_others_use_is_said_and_used_last(self, api):
        first, second = two_cards()
        busy = Gpu(0, first.uuid, first.name, first.memory, in_use_by=(1234,))
        with_gpus(api, second, busy)
        info = (await api.call("GET", "info")).json["runners"][0]
        assert [gpu["in_use_by"] for gpu in info["gpus"]] == ["another program", None]
        job = await api.running(await api.submit(WAIT, resources={"gpus": 1}))
        assert job["gpus"] == [1]


async def test_an_adopted_job_keeps_its_gpu(api, tmp_path):
    with_gpus(api, *two_cards())
    first = await api.running(await api.submit(WAIT, resources={"gpus": 1}))
    app = api.trackside
    services = app.services
    await services.jobs.stop()
    jobs = Jobs(
        services.store,
        services.changes,
        services.runs,
        services.tokens,
        services.capture,
        services.provenance,
        Runners(LocalRunner(api.root, Fixed(*two_cards()), 2.0)),
        app.log,
        notebooks=tmp_path,
        reach=app._reach,
        settings=Settings(max_jobs=4),
    )
    await jobs.start()
    try:
        body = {"kind": "script", "bundle": first["bundle"]["digest"], "resources": {"gpus": 1}}
        second, _ = await jobs.submit(body, user="ana")
        third, _ = await jobs.submit(body, user="ana")
        running = await api.running({"job_id": second.job_id})
        assert sorted(first["gpus"] + running["gpus"]) == [0, 1]
        waiting = await api.until({"job_id": third.job_id}, lambda now: now["reason"])
        assert waiting["reason"]["message"] == (
            f"Waiting for 1 GPU: {first['name']} and {second.name} use all 2."
        )
    finally:
        await jobs.stop()


async def test_an_end_that_could_not_be_stored_is_stored_later(api, monkeypatch):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.1)
    store = api.trackside.services.store
    full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    await store.write(
        lambda c: c.execute(
            f"CREATE TRIGGER refuse BEFORE UPDATE ON jobs WHEN NEW.ended_at IS NOT NULL {full}"
        )
    )
    job = await api.submit("print('done')")
    await until(lambda: api.folder(job).joinpath("status-1.json").exists())
    await until(lambda: api.status(job)["ended_at"])
    assert (await api.get(job))["state"] in ("STARTING", "RUNNING")
    await store.write(lambda c: c.execute("DROP TRIGGER refuse"))
    done = await api.ended(job)
    assert (done["state"], done["ended_at"]) == ("SUCCEEDED", api.status(job)["ended_at"])


async def test_lists_leave_out_what_a_client_adds_to_the_source(api):
    took = [f"part_{number}.py" for number in range(100)]
    source = {
        "label": "cell [7] of digits.ipynb",
        "notebook": "digits.ipynb",
        "execution_count": 7,
        "took": took,
        "anything": "x" * 100_000,
    }
    job = await api.submit("pass", source=source)
    (listed,) = (await api.call("GET", "jobs", status=200)).json["jobs"]
    changes = (await api.call("GET", "changes?since=0", status=200)).json["jobs"]
    assert [found["source"] for found in (listed, *changes)] == [
        {
            "label": "cell [7] of digits.ipynb",
            "notebook": "digits.ipynb",
            "execution_count": 7,
            "took": took[:5],
            "took_count": 100,
        }
    ] * 2
    assert (await api.get(job))["source"] == source
    await api.ended(job)


async def test_a_job_that_logs_an_artifact_named_logs_keeps_its_files(api):
    code = (
        "import json, os\n"
        "folder = os.environ['TRACKSIDE_SPOOL_DIR']\n"
        "os.makedirs(folder + '/files', exist_ok=True)\n"
        "open(folder + '/files/1', 'w').write('mine')\n"
        "file = {'file': 'files/1', 'path': 'logs'}\n"
        "record = {'r': os.environ['TRACKSIDE_RUN_ID'], 'a': file}\n"
        "with open(folder + '/1.jsonl', 'w') as file:\n"
        "    file.write(json.dumps(record) + '\\n')\n"
        "open('model.txt', 'w').write('weights')\n"
        "print('done')\n"
    )
    job = await api.submit(code)
    assert (await api.ended(job))["state"] == "SUCCEEDED"
    assert {"logs", "outputs"} <= set(await api.artifacts(job))
    assert await api.artifacts(job, "outputs") == ["outputs/model.txt"]


async def test_a_bundle_that_cannot_be_kept_says_so(api):
    (api.root / "bundles").write_text("in the way")
    bundle = bundle_of("pass")
    path = f"bundles/{bundle.digest}"
    answer = await api.call("PUT", path, body=packed(bundle), status=507)
    assert "could not be stored" in answer.json["message"]


async def test_what_cannot_be_stored_never_starts(api):
    """A refused transaction leaves neither a process nor a folder."""
    store = api.trackside.services.store
    await store.write(
        lambda c: c.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON jobs "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    )
    digest = await api.upload(bundle_of("pass"))
    answer = await api.call("POST", "jobs", {"kind": "script", "bundle": digest})
    assert answer.status >= 500
    assert json.loads(answer.text)["message"]
    assert list((api.root / "jobs").iterdir()) == []
    found = await api.fetch("POST", "api/2.0/mlflow/runs/search", {"experiment_ids": ["0", "1"]})
    assert found.json.get("runs", []) == []


async def test_jobs_of_their_own_are_not_lost_behind_those_of_a_pipeline_run(api):
    own = await api.submit("pass")
    await api.ended(own)
    jobs = api.trackside.services.jobs
    spec = replace((await jobs.get(own["job_id"])).spec, tags={"trackside.pipeline_run": "r"})
    tasks = [
        (await jobs.take(JobRequest(replace(spec, name=f"t{n}"), f"key-{n}"), user="ana"))[0]
        for n in range(3)
    ]
    for task in tasks:
        await api.ended({"job_id": task.job_id})
    found = await jobs.newest(2)
    assert [job["job_id"] for job in found["jobs"]] == [
        *(task.job_id for task in reversed(tasks[1:])),
        own["job_id"],
    ]
