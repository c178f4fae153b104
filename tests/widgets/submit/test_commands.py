"""Commands and the place of a job, from submit() to the end, against a real server."""

import json
import sys
from pathlib import Path

import pytest

import trackside
from trackside import _context

WAIT = 200


@pytest.fixture
def program(folder):
    """Return a program of the folder that prints what it is given."""
    file = folder / "train"
    file.write_text('#!/bin/sh\necho "loss=0.5 $*"\ncat conf.txt\necho made > model.txt\nexit $2\n')
    file.chmod(0o755)
    (folder / "conf.txt").write_text("from the folder\n")
    return file


def test_a_command_runs_with_its_files_and_its_words(program):
    job = trackside.submit(["./train", "--lr", 0, "a b"], files=["conf.txt"])
    assert job.result(WAIT) is None
    assert job.state == "SUCCEEDED", job.logs()
    assert job.logs() == "loss=0.5 --lr 0 a b\nfrom the folder\n"
    assert job.data["kind"] == "command"
    assert job.data["spec"]["arguments"] == ["./train", "--lr", "0", "a b"]
    assert job.data["source"]["label"] == "./train"
    assert job.data["experiment_name"] == "train"
    assert job.metrics == {"loss": 0.5}
    again = job.rerun(arguments=["./train", "--lr", "3"])
    with pytest.raises(trackside.JobFailed, match="Exited with code 3"):
        again.result(WAIT)
    assert again.logs() == "loss=0.5 --lr 3\nfrom the folder\n"


def test_a_program_that_is_not_there_fails_with_the_way_out(folder):
    job = trackside.submit(["no-such-program", "--fast"])
    with pytest.raises(trackside.JobFailed, match="There is no program no-such-program"):
        job.result(WAIT)
    assert job.data["exit_code"] == 127
    assert job.reason == (
        "There is no program no-such-program on the PATH of the job. Install it where the job runs,"
        " or use an image that holds it."
    )


def test_a_command_is_stopped_by_its_own_means(folder):
    script = "trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
    job = trackside.submit(["sh", "-c", script])
    for piece in job.iter_logs():
        if "ready" in piece:
            break
    job.cancel().wait(WAIT, progress=False)
    assert job.state == "CANCELED"
    assert job.logs().endswith("saved\n")


def test_params_of_a_command_are_words(folder):
    with pytest.raises(trackside.TracksideError, match=r"A command takes no params\. Write them"):
        trackside.submit(["./train"], params={"lr": 0.1})


def test_what_is_no_code_is_told(folder):
    with pytest.raises(trackside.TracksideError, match="A dict cannot be submitted"):
        trackside.submit({"a": 1})
    (folder / "tool.sh").write_text("")
    with pytest.raises(trackside.TracksideError, match=r'the words of a command: \["./tool.sh"\]'):
        trackside.submit(Path("tool.sh"))


def test_a_place_that_is_none_is_refused_by_the_server(folder):
    with pytest.raises(trackside.TracksideError, match="on has to be one of auto, local, cluster"):
        trackside.submit(["true"], on="moon")
    with pytest.raises(trackside.TracksideError, match="image has to be the name of an image"):
        trackside.submit(["true"], image="https://x")


def test_the_python_of_this_process_is_told_and_not_demanded(folder, server):
    job = trackside.submit(["true"])
    spec = job.data["spec"]
    assert spec["python"] is None, "on a cluster it would be the wrong one"
    assert spec["source"]["python"] == sys.executable
    chosen = trackside.submit(["true"], python=sys.executable)
    assert chosen.data["spec"]["python"] == sys.executable
    assert sys.executable not in json.dumps(trackside.jobs(max_results=1)[0].data["source"])


def test_a_server_elsewhere_is_told_no_python(folder, monkeypatch):
    class Elsewhere:
        url = "https://hub.example.org/user/ana/trackside"

    assert _context.python(Elsewhere()) is None


class Recording:
    """A server whose logs say which question they answer."""

    def __init__(self):
        self.asked = []

    def api(self, method, path, query=None, **_):
        self.asked.append(query)
        text = f"rank {query.get('rank')}\n"
        size = len(text)
        return {"data": text, "next_offset": size, "size": size, "complete": True}


@pytest.mark.parametrize(("rank", "sent"), [(None, None), (0, None), (2, 2)])
def test_the_log_of_a_rank_is_asked_for(rank, sent):
    client = Recording()
    job = trackside.Job({"job_id": "j", "name": "n", "state": "SUCCEEDED"}, client)
    assert job.logs(rank=rank) == f"rank {sent}\n"
    assert "".join(job.iter_logs(rank=rank, tail=5)) == f"rank {sent}\n" * 2
    assert {query["rank"] for query in client.asked} == {sent}
