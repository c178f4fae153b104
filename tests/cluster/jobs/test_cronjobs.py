"""Recurring scripts that the cluster starts by itself, also while no Jupyter server is there."""

from __future__ import annotations

import json

import pytest
from tests.cluster.hermetic import CommandFailed

from trackside._errors import TracksideError
from trackside._job import Job
from trackside._schedules import Schedule

SCRIPT = """
import os, trackside
trackside.log({"depth": 3})
for step in range(3):
    print(f"step={step} loss={1 / (step + 1)}")
open("note.txt", "w").write("as named")
print("reaches", os.environ.get("TRACKSIDE_URL"), "says", "first")
"""
WAITS = """
import os, time
print("begun", flush=True)
while not os.path.exists("/tmp/go"):
    time.sleep(0.05)
"""


class Recurring:
    """What recurs on a server.

    Parameters
    ----------
    jobs
        Of the server.
    """

    def __init__(self, jobs) -> None:
        self.jobs = jobs
        self.server = jobs.server

    def ask(self, method, path="", body=None, *, status=200):
        """Send a request, and return its answer."""
        answer = self.server.request(method, f"trackside/api/v1/recurring{path}", body)
        assert answer.status == status, answer.json
        return answer.json

    def write(self, source, name="nightly.py"):
        """Write a script where the server's notebooks are."""
        (self.server.notebooks / name).write_text(source)

    def create(self, cron="0 * * * * *", **more):
        """Let a script recur that the server itself does not start."""
        job = {"kind": "script", "path": "nightly.py", "on": "cluster", **more.pop("job", {})}
        trigger = {"cron_schedule": {"cron": cron}}
        body = {"name": "nightly", "trigger": trigger, "job": job, "enabled": False, **more}
        return self.ask("POST", "", body, status=201)["recurring_run_id"]

    def objects(self, kind):
        """Return objects of the namespace, as an administrator sees them."""
        selector = "app.kubernetes.io/name=trackside-recurring"
        return json.loads(self.jobs.namespace.admin("get", kind, "-l", selector, "-o", "json"))[
            "items"
        ]

    def names(self, kind):
        return {one["metadata"]["name"] for one in self.objects(kind)}

    def cronjob(self):
        (only,) = self.objects("cronjobs")
        return only

    def moments(self, recurring_id):
        return self.ask("GET", f"/{recurring_id}")["trackside"].get("moments", [])

    def job(self, job_id):
        """Return a job that the server has found."""
        return Job(self.jobs.client.api("GET", f"jobs/{job_id}"), self.jobs.client)

    def run_now(self, recurring_id):
        """Start one by hand, and return its job as soon as the server has found it."""
        answer = self.server.request("POST", f"trackside/api/v1/recurring/{recurring_id}/run")
        # Either it was found at once, or it is on its way.
        assert answer.status in (200, 202), answer.json

        def found():
            try:
                return self.job(answer.json["job_id"])
            except TracksideError as error:
                if error.status != 404:
                    raise
                return None

        return self.jobs.until_true(found, "the job that was started by hand")


@pytest.fixture(scope="module")
def recurring(jobs):
    return Recurring(jobs)


def test_the_cluster_starts_it_while_the_server_is_off_and_all_of_it_is_there_afterwards(
    recurring, jobs
) -> None:
    recurring.write(SCRIPT)
    made = recurring.create()
    assert recurring.ask("GET", f"/{made}")["kept_by"] is None
    kept = recurring.ask("PUT", f"/{made}/cronjob")["kept_by"]
    assert kept["namespace"] == jobs.namespace.name
    assert "hand it over again" in kept["notes"][0]
    cron = recurring.cronjob()
    assert cron["metadata"]["name"] == kept["cronjob"]
    assert "ownerReferences" not in cron["metadata"]
    assert cron["spec"]["suspend"] is True
    # The cluster has it as it was; what becomes of the file is told by handing it over again.
    recurring.write("raise SystemExit('too late')")
    told = recurring.ask("POST", f"/{made}/enable")
    assert told["trackside"]["next_due_at"].endswith(":00Z")
    assert recurring.cronjob()["spec"]["suspend"] is False

    jobs.server.stop()
    ended = jobs.until_true(
        lambda: [job for job in recurring.objects("jobs") if job["status"].get("succeeded")],
        "a run while the server is off",
    )
    jobs.server.start().wait_ready()
    moments = jobs.until_true(lambda: recurring.moments(made), "the moment")
    moment = moments[-1]
    scheduled = ended[0]["metadata"]["annotations"]
    assert moment["due_at"] == scheduled["batch.kubernetes.io/cronjob-scheduled-timestamp"]
    assert (moment["outcome"], moment.get("by_hand")) == ("STARTED", None)
    job = recurring.job(moment["job_id"])
    now = jobs.succeeded(job)
    assert (now["run_id"], now["recurring_run"]) == (moment["run_id"], made)
    assert (now["scheduled_at"], now["cluster"]["lane"]) == (moment["due_at"], "stdout")
    assert now["cluster"]["name"] == ended[0]["metadata"]["name"]
    assert jobs.log(job).splitlines()[-1] == "reaches None says first"
    assert jobs.points(job, "loss") == [(0, 1.0), (1, 0.5), (2, pytest.approx(1 / 3))]
    run = jobs.run(job)
    assert (run["status"], run["metrics"]["depth"]) == ("FINISHED", 3.0)
    assert kept["cronjob"] in run["tags"]["trackside.found"]
    assert jobs.artifacts(job, "outputs") == {"outputs/note.txt": 8}

    # Another start finds nothing anew.
    recurring.ask("POST", f"/{made}/disable")
    assert recurring.cronjob()["spec"]["suspend"] is True
    before = {one["job_id"] for one in recurring.moments(made)}
    deleted = recurring.create()
    name = recurring.ask("PUT", f"/{deleted}/cronjob")["kept_by"]["cronjob"]
    jobs.namespace.admin("delete", "cronjob", name)
    jobs.server.restart()
    # What somebody deleted there is this server's again, and that is told.
    jobs.until_true(lambda: not recurring.ask("GET", f"/{deleted}")["kept_by"], "the way back")
    told = recurring.ask("GET", f"/{deleted}")["error"]["message"]
    assert told.startswith(f"Its CronJob {name} is gone from the namespace {jobs.namespace.name}")
    assert {one["job_id"] for one in recurring.moments(made)} >= before
    assert jobs.succeeded(job)["run_id"] == moment["run_id"]
    recurring.ask("DELETE", f"/{made}")
    jobs.until_true(lambda: not recurring.names("cronjobs"), "the end of the CronJob")
    jobs.until_true(lambda: not recurring.names("configmaps"), "the end of its code")
    # Its runs stay.
    assert jobs.log(recurring.job(job.id))


def test_what_it_is_can_be_changed_and_started_by_hand_and_taken_back(recurring, jobs) -> None:
    recurring.write(SCRIPT)
    daily = {"periodic_schedule": {"interval_second": "86400"}}
    made = recurring.create(enabled=True, trigger=daily)
    handle = Schedule(recurring.ask("GET", f"/{made}"), jobs.client)
    assert repr(handle.hand_over()).endswith(f"CronJob {handle.cronjob}")
    spec = recurring.cronjob()["spec"]
    assert spec["schedule"].endswith(" * * *")
    assert (spec["timeZone"], spec["concurrencyPolicy"]) == ("Etc/UTC", "Forbid")
    first = recurring.names("configmaps")

    recurring.write(WAITS)
    job = {"kind": "script", "path": "nightly.py", "on": "cluster", "resources": {"cpus": 0.1}}
    yearly = {"cron_schedule": {"cron": "0 0 3 1 1 *"}}
    changed = recurring.ask(
        "PUT", f"/{made}", {"name": "yearly", "trigger": yearly, "job": job, "max_concurrency": 2}
    )
    # One that gets other times would make up for what was due by these before.
    assert changed["kept_by"]["cronjob"].startswith("yearly-")
    spec = recurring.cronjob()["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("0 3 1 1 *", "Allow")
    jobs.until_true(lambda: not first & recurring.names("configmaps"), "the end of the old code")

    started = recurring.run_now(made)
    jobs.prints(started, "begun")
    (moment,) = recurring.moments(made)
    assert (moment["job_id"], moment["by_hand"]) == (started.id, True)
    # What runs goes on, with what it needs.
    assert handle.take_back().cronjob is None
    jobs.until_true(lambda: not recurring.names("cronjobs"), "the end of the CronJob")
    assert recurring.ask("GET", f"/{made}")["trackside"]["next_due_at"]
    (pod,) = [one for one in recurring.objects("pods") if one["status"]["phase"] == "Running"]
    jobs.namespace.admin("exec", pod["metadata"]["name"], "--", "touch", "/tmp/go")
    jobs.succeeded(started)
    assert recurring.names("configmaps")

    # And one that is canceled ends on the cluster.
    recurring.ask("PUT", f"/{made}/cronjob")
    second = recurring.run_now(made)
    jobs.prints(second, "begun")
    second.cancel()
    assert jobs.end(second)[0] == "CANCELED"
    recurring.ask("DELETE", f"/{made}")


def test_without_the_right_it_is_said_which_one_is_missing(recurring, jobs) -> None:
    recurring.write(SCRIPT)
    made = recurring.create()
    pipeline = recurring.ask("PUT", "/none/cronjob", status=404)
    assert "no recurring run" in pipeline["message"]
    local = recurring.create(job={"on": "local"})
    told = recurring.ask("PUT", f"/{local}/cronjob", status=400)
    assert "with --on cluster" in told["hint"]
    often = recurring.create("*/10 * * * * *")
    assert "seconds" in recurring.ask("PUT", f"/{often}/cronjob", status=400)["message"]
    role = json.loads(jobs.namespace.admin("get", "role", "trackside", "-o", "json"))
    rules = [rule for rule in role["rules"] if "cronjobs" not in rule["resources"]]
    patch = json.dumps({"rules": rules})
    jobs.namespace.admin("patch", "role", "trackside", "--type=merge", "-p", patch)
    try:
        jobs.server.restart()
        told = recurring.ask("PUT", f"/{made}/cronjob", status=403)
        assert "write CronJobs" in told["message"]
        assert "create, delete, get, list, patch cronjobs" in told["hint"]
    finally:
        patch = json.dumps({"rules": role["rules"]})
        jobs.namespace.admin("patch", "role", "trackside", "--type=merge", "-p", patch)
    with pytest.raises(CommandFailed):
        jobs.namespace.admin("get", "cronjob", "nightly")
