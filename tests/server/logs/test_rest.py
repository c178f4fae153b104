"""Logs over REST: pieces, tails, waiting, the whole file."""

import json
import threading
import time

# In one piece: of what is printed, the end of the line comes in a write of its own.
WAITING = """
import pathlib, sys, time
sys.stdout.write("one ✓\\n")
while not pathlib.Path("{go}").exists():
    time.sleep(0.01)
sys.stdout.write("two\\n")
"""


def test_a_log_is_read_in_pieces(server):
    job = server.submit("for n in range(100): print('line', n, '✓')")
    server.ended(job)
    whole = server.log(job).decode()
    found, offset = "", 0
    while True:
        part = server.part(job, offset=offset, limit=64)
        assert part["offset"] == offset
        assert part["size"] == len(whole.encode())
        found += part["data"]
        offset = part["next_offset"]
        if part["complete"]:
            break
    assert found == whole
    assert server.part(job, offset=offset) == {
        "offset": offset,
        "next_offset": offset,
        "size": offset,
        "data": "",
        "complete": True,
    }


def test_a_tail_is_whole_lines_from_the_end(server):
    job = server.submit("for n in range(100): print('line', n)")
    server.ended(job)
    part = server.part(job, tail=20)
    assert part["data"] == "line 98\nline 99\n"
    assert part["complete"]


def test_whoever_waits_hears_at_once_of_new_lines_and_of_the_end(server, tmp_path):
    go = tmp_path / "go"
    job = server.submit(WAITING.format(go=go))
    server.until(lambda: server.part(job)["data"])
    part = server.part(job)
    assert (part["data"], part["complete"]) == ("one ✓\n", False)
    start = time.monotonic()
    assert server.part(job, offset=part["next_offset"], wait=1)["data"] == ""
    assert time.monotonic() - start >= 0.9
    threading.Timer(0.3, go.touch).start()
    start = time.monotonic()
    part = server.part(job, offset=part["next_offset"], wait=30)
    assert part["data"] == "two\n"
    while not part["complete"]:
        part = server.part(job, offset=part["next_offset"], wait=30)
    # Who had missed the news would have waited for half a minute.
    assert time.monotonic() - start < 28


def test_the_whole_log_can_be_downloaded(server):
    job = server.submit("for n in range(50_000): print('line', n, '✓')")
    server.ended(job)
    answer = server.call("GET", f"jobs/{job['name']}/logs/download")
    assert answer.body == server.log(job)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert f"{job['name']}.log" in answer.headers["Content-Disposition"]


def test_a_job_that_printed_nothing_has_an_empty_log(server):
    job = server.submit("pass")
    server.ended(job)
    assert server.part(job)["data"] == ""
    assert server.call("GET", f"jobs/{job['job_id']}/logs/download").body == b""


def test_wrong_questions_get_an_answer_that_says_so(server):
    job = server.submit("pass")
    for query in ("offset=-1", "offset=x", "limit=0", "wait=99", "tail=-5"):
        answer = server.call("GET", f"jobs/{job['job_id']}/logs?{query}", status=400)
        assert answer.json["code"] == "INVALID_PARAMETER_VALUE"
    for path in ("logs", "logs/download"):
        answer = server.call("GET", f"jobs/none/{path}", status=404)
        assert answer.json["code"] == "RESOURCE_DOES_NOT_EXIST"
        server.call("GET", f"jobs/{job['job_id']}/{path}", status=403, token="wrong")


def test_a_job_may_not_read_logs(server):
    job = server.submit(
        """
        import os, urllib.error, urllib.request
        url = f"{os.environ['TRACKSIDE_URL']}/api/v1/jobs/{os.environ['TRACKSIDE_JOB_ID']}/logs"
        token = {"Authorization": "Bearer " + os.environ["TRACKSIDE_TOKEN"]}
        for path in ("", "/download", "/stream"):
            try:
                urllib.request.urlopen(urllib.request.Request(url + path, headers=token))
            except urllib.error.HTTPError as error:
                print(error.code)
        """
    )
    server.ended(job)
    assert server.log(job) == b"403\n403\n403\n"


def test_metrics_that_a_job_logs_and_prints_are_one_run(server):
    job = server.submit(
        """
        import trackside as ts
        for step in range(3):
            print(f"step={step} loss={step}")
            ts.log({"acc": step}, step=step)
        """
    )
    done = server.ended(job)
    assert done["state"] == "SUCCEEDED", server.log(job)
    assert set(done["metrics"]) == {"loss", "acc"}
    assert done["metrics"]["acc"]["value"] == 2
    assert done["recognised"]["metrics"] == ["loss"]
    assert not (server.folder(job) / "spool").exists() or not list(
        (server.folder(job) / "spool").glob("*.jsonl")
    )
    json.dumps(done)


def test_runs_nested_in_the_run_of_a_killed_job_end_with_it(server):
    job = server.submit(
        """
        import os, signal, trackside as ts
        with ts.start_run(name="done", nested=True):
            ts.log({"loss": 1})
        ts.start_run(name="open", nested=True)
        ts.flush()
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    assert server.ended(job)["state"] == "FAILED"
    body = {"experiment_ids": [job["experiment_id"]], "filter": "status != 'RUNNING'"}
    path = "trackside/api/2.0/mlflow/runs/search"
    runs = server.process.request("POST", path, body).json["runs"]
    status = {run["info"]["run_name"]: run["info"]["status"] for run in runs}
    assert status["done"] == "FINISHED"
    assert status["open"] == "FAILED"
