"""Pods that reach the Jupyter server talk to it; those that do not lose nothing by it."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from trackside import TracksideError, _client
from trackside_server.testing import free_port

LOGS = """
import os, trackside
trackside.log_params({"depth": 3})
for step in range(300):
    trackside.log({"loss": 1 / (step + 1)}, step=step)
open("large.bin", "wb").write(bytes(6 * 1024 * 1024))
open("note.txt", "w").write("as named")
trackside.log_artifact("note.txt", "notes/first.txt")
print("lane", os.environ.get("TRACKSIDE_LANE"), "token", "TRACKSIDE_TOKEN" in os.environ)
"""
WAITS = "import os, time\nwhile not os.path.exists('/tmp/go'): time.sleep(0.05)\n"
LARGE = 20 * 1024 * 1024
DIGEST = """
import hashlib
print(hashlib.sha256(open("large.bin", "rb").read()).hexdigest())
"""


@pytest.fixture(scope="module")
def jobs(serve, host_address):
    """The jobs of a server that pods reach."""
    return serve(address=host_address)


@pytest.fixture(scope="module")
def apart(serve, host_address):
    """The jobs of a server that pods do not reach, though it was said that they would."""
    return serve(cluster_url=f"http://{host_address}:{free_port()}/trackside")


@pytest.fixture(scope="module")
def begun(jobs, apart):
    """Jobs that need nobody, all under way at once, two with more code than a cluster takes."""
    content = os.urandom(LARGE)
    made = {}
    for name, one in (("reaches", jobs), ("apart", apart)):
        one.write("large.bin", content)
        made[name] = one.script(LOGS)
        made[f"{name}-large"] = one.script(DIGEST, files=["large.bin"])
    return {**made, "digest": hashlib.sha256(content).hexdigest()}


def go(jobs, job) -> None:
    """Let a job go on that waits."""
    jobs.namespace.admin("exec", jobs.pod(job)["metadata"]["name"], "--", "touch", "/tmp/go")


def test_what_is_logged_goes_straight_to_the_server(jobs, begun) -> None:
    job = begun["reaches"]
    now = jobs.succeeded(job)
    assert (now["cluster"]["lane"], now["cluster"]["lost"]) == ("server", [])
    assert jobs.log(job) == "lane None token True\n"
    assert jobs.points(job, "loss") == [(step, 1 / (step + 1)) for step in range(300)]
    assert jobs.run(job)["params"] == {"depth": "3"}
    # Larger than what a node keeps of the output.
    files = jobs.artifacts(job, "outputs")
    assert files == {"outputs/large.bin": 6 * 1024 * 1024, "outputs/note.txt": 8}
    assert jobs.artifacts(job, "notes") == {"notes/first.txt": 8}


def test_code_that_is_too_large_for_the_cluster_is_fetched(jobs, begun) -> None:
    job = begun["reaches-large"]
    jobs.succeeded(job)
    assert jobs.log(job) == f"{begun['digest']}\n"
    assert len(jobs.objects(job, "configmaps")) == 1


def test_a_jobs_token_is_good_for_its_own_run_until_its_end(jobs) -> None:
    job = jobs.script("import os\nprint(os.environ['TRACKSIDE_TOKEN'], flush=True)\n" + WAITS)
    other = jobs.script("import os\nprint(os.environ['TRACKSIDE_TOKEN'], flush=True)\n" + WAITS)
    jobs.prints(job, "\n")
    jobs.prints(other, "\n")
    client = _client.Client(jobs.client.url, jobs.log(job).strip())
    try:
        assert client.token.startswith("tsj_")

        def log(run_id):
            point = {"run_id": run_id, "key": "loss", "value": 1, "timestamp": 1, "step": 0}
            return refusal(lambda: client.mlflow("POST", "runs/log-metric", point))

        assert log(job.run_id) is None
        assert jobs.points(job, "loss") == [(0, 1.0)]
        assert log(other.run_id) == 403
        code = refusal(lambda: client.request("GET", f"/api/v1/jobs/{job.id}/code"))
        theirs = refusal(lambda: client.request("GET", f"/api/v1/jobs/{other.id}/code"))
        assert (code, theirs) == (None, 403)
        assert refusal(lambda: client.api("POST", f"jobs/{job.id}/cancel", {})) == 403
        (secret,) = jobs.objects(job, "secrets")
        shown = json.dumps(jobs.objects(job, "jobs", "pods", "configmaps", "events"))
        assert client.token not in shown
        assert secret["metadata"]["name"].endswith("-1-env")
        go(jobs, job)
        jobs.succeeded(job)
        jobs.until_true(lambda: not jobs.objects(job, "secrets"), "the end of its Secret")
        assert log(job.run_id) in (401, 403)
    finally:
        client.close()
    other.cancel()
    jobs.ended(other)
    assert jobs.points(other, "loss") == []


def refusal(call):
    """Call, and return the status of what is refused."""
    try:
        call()
    except TracksideError as error:
        return error.status
    return None


def test_a_server_that_is_away_for_a_while_gets_each_point_once(jobs) -> None:
    job = jobs.script(
        "import trackside\n"
        "for step in range(100): trackside.log({'loss': step}, step=step)\n"
        "trackside.flush(30)\n"
        "print('half', flush=True)\n"
        f"{WAITS}"
        "for step in range(100, 200): trackside.log({'loss': step}, step=step)\n"
        "print('done', flush=True)\n"
    )
    jobs.prints(job, "half\n")
    jobs.server.kill()
    go(jobs, job)
    jobs.until_true(
        lambda: "done" in jobs.namespace.admin("logs", jobs.pod(job)["metadata"]["name"]),
        "the end of the code",
    )
    jobs.server.restart()
    jobs.succeeded(job)
    assert jobs.points(job, "loss") == [(step, float(step)) for step in range(200)]
    # Standard error has a pipe of its own: where its line comes in is the kernel's choice.
    lines = jobs.log(job).splitlines()
    (told,) = (line for line in lines if line.startswith("The Trackside server at "))
    assert told.endswith("What is logged waits on the disk and is sent later.")
    assert [line for line in lines if line != told] == ["half", "done"]


def test_where_the_server_is_out_of_reach_all_goes_over_the_output(apart, begun) -> None:
    job = begun["apart"]
    now = apart.succeeded(job)
    # A node keeps the last 10 MiB of what is printed, so a large file stays behind, and is named.
    assert (now["cluster"]["lane"], now["cluster"]["lost"]) == ("stdout", ["large.bin"])
    said, note = apart.log(job).splitlines()
    assert said == "lane stdout token False"
    assert note.startswith("[trackside] Not kept: large.bin (too large for the output of a pod")
    assert apart.points(job, "loss") == [(step, 1 / (step + 1)) for step in range(300)]
    assert apart.run(job)["params"] == {"depth": "3"}
    assert apart.artifacts(job, "outputs") == {"outputs/note.txt": 8}
    assert apart.artifacts(job, "notes") == {"notes/first.txt": 8}


def test_code_that_cannot_be_fetched_is_said_in_the_jobs_end(apart, begun) -> None:
    state, _, message = apart.end(begun["apart-large"])
    assert state == "FAILED"
    assert message.startswith("The code of this job could not be fetched from the Jupyter server")
