"""From submit() to the result, against a real server."""

import importlib
import json
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

import trackside
from trackside import _submit

WAIT = 200


CODE = """
def helper(x):
    return x * 2


def train(lr, epochs=3):
    for epoch in range(epochs):
        print(f"epoch={epoch} loss={helper(lr) / (epoch + 1):.4f}", flush=True)
    return {"loss": helper(lr)}


def pair(a, b):
    return divmod(a, b)


class OwnError(Exception):
    def __init__(self, code):
        super().__init__(f"failed with {code}")


def fail(kind):
    if kind == "own":
        raise OwnError(7)
    raise ValueError("shapes (64,) and (10,) not aligned")
"""


@pytest.fixture
def code(folder, monkeypatch):
    """Return a module of the user beside the notebook."""
    (folder / "mycode.py").write_text(CODE)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "mycode", raising=False)
    return importlib.import_module("mycode")


def wait_until(condition, timeout=WAIT):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def cell(source, **options):
    return _submit.submit_cell(source, namespace={"__name__": "__main__"}, **options)


def test_a_functions_return_value_comes_back(code):
    job = trackside.submit(code.train, params={"lr": 0.5}, experiment="digits")
    assert job.result(WAIT) == {"loss": 1.0}
    assert job.state == "SUCCEEDED"
    assert job.name.startswith("digits-")
    assert job.metrics["loss"] == pytest.approx(1 / 3, abs=1e-4)
    run = job.run
    assert run.id == job.run_id
    assert run.status == "FINISHED"
    assert run.params == {"lr": "0.5"}
    assert run.metrics["loss"] == pytest.approx(1 / 3, abs=1e-4)
    assert "epoch=2 loss=0.3333" in job.logs()
    assert job.logs(tail=1) == "epoch=2 loss=0.3333\n"


def test_results_keep_their_types(code):
    job = trackside.submit(code.pair, params={"a": 7, "b": 2})
    assert job.result(WAIT) == (3, 1)


def test_an_exception_comes_back_with_its_type_and_the_remote_traceback(code):
    job = trackside.submit(code.fail, params={"kind": "value"})
    with pytest.raises(ValueError, match="not aligned") as caught:
        job.result(WAIT)
    assert "in fail" in str(caught.value.__cause__)
    assert "bootstrap" not in str(caught.value.__cause__)
    assert job.run.status == "FAILED"


def test_an_exception_that_cannot_be_rebuilt_becomes_job_failed(code):
    job = trackside.submit(code.fail, params={"kind": "own"})
    with pytest.raises(trackside.JobFailed, match=r"OwnError.*failed with 7\. job") as caught:
        job.result(WAIT)
    assert caught.value.job is job
    assert "raise OwnError(7)" in str(caught.value.__cause__)


def test_a_cell_runs_with_its_params(folder):
    job = cell("print('lr is', lr)", params={"lr": 0.1})
    assert job.result(WAIT) is None
    assert job.logs() == "lr is 0.1\n"


def test_a_failing_cell_names_its_line(folder):
    job = cell("x = 1\n\nx / 0\n", first_line=2)
    with pytest.raises(ZeroDivisionError):
        job.result(WAIT)
    assert job.data["failure"]["cell_line"] == 4
    assert "line 4" in job.reason


def test_a_script_takes_params_and_arguments(folder):
    (folder / "helper.py").write_text("name = 'helper'")
    (folder / "train.py").write_text("import sys, helper\nprint(helper.name, sys.argv[1:])\n")
    job = trackside.submit("train.py", params={"lr": 1}, arguments=["a"])
    job.wait(WAIT)
    assert job.logs() == "helper ['a', '--lr', '1']\n"
    assert job.data["experiment_name"] == "train"


def test_a_notebook_runs_and_is_kept(folder, server):
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": "one",
                "metadata": {"tags": ["parameters"]},
                "execution_count": None,
                "outputs": [],
                "source": "lr = 1",
            },
            {
                "cell_type": "code",
                "id": "two",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": "print('lr', lr)",
            },
        ],
    }
    (folder / "work.ipynb").write_text(json.dumps(notebook))
    job = trackside.submit("work.ipynb", params={"lr": 5})
    job.wait(WAIT)
    assert job.state == "SUCCEEDED", job.logs()
    assert "lr 5\n" in job.logs()
    path = f"trackside/api/2.0/mlflow/artifacts/list?run_id={job.run_id}"
    files = server.request("GET", path).json["files"]
    assert "notebook.ipynb" in [item["path"] for item in files]


def test_files_environment_and_tags_travel(folder, monkeypatch):
    monkeypatch.setenv("MY_SECRET_TOKEN", "hidden")
    (folder / "names.txt").write_text("Ada")
    source = "import os\nprint(open('names.txt').read(), len(os.environ['MY_SECRET_TOKEN']))"
    job = cell(source, env=["MY_SECRET_TOKEN"], tags={"team": "a"})
    job.wait(WAIT)
    assert job.logs() == "Ada 6\n"
    assert job.run.tags["team"] == "a"
    assert "hidden" not in json.dumps(job.refresh().data)


def test_an_unchanged_bundle_is_sent_once(folder):
    from trackside._capture import capture_cell
    from trackside._client import get_client

    bundle = capture_cell("print('bundled once')", namespace={}).bundle()
    assert _submit.upload(get_client(), bundle) is True
    assert _submit.upload(get_client(), bundle) is False


def test_a_cancelled_job_says_so(folder):
    job = cell("import time\nprint('on', flush=True)\ntime.sleep(600)")
    wait_until(lambda: "on" in job.logs())
    with pytest.raises(TimeoutError, match=r"has not ended after 0\.1 s\. It goes on\."):
        job.result(0.1, progress=False)
    job.cancel()
    with pytest.raises(trackside.JobFailed, match="CANCELED") as caught:
        job.result(WAIT)
    assert caught.value.job.state == "CANCELED"
    assert job.run.status == "KILLED"


def test_following_the_log_prints_it_as_it_comes(folder, capsys):
    job = cell("for i in range(3):\n    print('line', i, flush=True)")
    job.logs(follow=True)
    assert capsys.readouterr().out == "line 0\nline 1\nline 2\n"
    assert repr(job.logs()) == "line 0\nline 1\nline 2\n"


def test_waiting_draws_one_line_for_each_state(folder, capsys):
    job = cell("print('epoch=1 loss=0.5')", name="drawn")
    job.wait(WAIT)
    lines = capsys.readouterr().out.splitlines()
    assert re.match(r"drawn SUCCEEDED \d+:\d\d", lines[-1])
    assert re.match(r"<Job drawn SUCCEEDED \d+:\d\d", repr(job))
    assert "\n" not in repr(job)


def test_interrupting_a_wait_leaves_the_job_running(folder, capsys):
    job = cell("import time\ntime.sleep(600)")
    wait_until(lambda: job.state == "RUNNING")
    main = threading.main_thread().ident
    timer = threading.Timer(1.0, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        job.wait(WAIT)
    assert f"{job.name} goes on running. Stop it with job.cancel()." in capsys.readouterr().out
    assert job.state == "RUNNING"
    job.cancel().wait(WAIT)


def test_running_again_keeps_what_is_not_overridden(folder):
    first = cell("print(lr, n)", params={"lr": 1, "n": 2})
    first.wait(WAIT)
    second = first.rerun(params={"lr": 5})
    second.wait(WAIT)
    assert second.id != first.id
    assert second.logs() == "5 2\n"
    assert second.params == {"lr": 5, "n": 2}


def test_a_job_is_found_by_its_name(folder):
    job = cell("1", name="found-by-name")
    assert trackside.get_job("found-by-name").id == job.id
    with pytest.raises(trackside.TracksideError, match="no-such-job") as caught:
        trackside.get_job("no-such-job")
    assert caught.value.status == 404


def test_what_the_server_refuses_is_told(folder):
    with pytest.raises(trackside.TracksideError) as caught:
        cell("1", gpus=99)
    assert caught.value.status == 400
    assert "GPU" in str(caught.value)


def test_waiting_survives_a_restart_of_the_server(folder, server):
    source = (
        "import time, pathlib\n"
        "while not pathlib.Path(go).exists():\n    time.sleep(0.05)\nprint('done')"
    )
    job = cell(source, params={"go": str(folder / "go")})
    wait_until(lambda: job.state == "RUNNING")
    results = []
    waiter = threading.Thread(target=lambda: results.append(job.wait(WAIT, progress=False)))
    waiter.start()
    server.kill()
    server.restart()
    (folder / "go").touch()
    waiter.join(WAIT)
    assert results == [job]
    assert job.state == "SUCCEEDED"
    assert job.logs() == "done\n"


def test_the_end_of_a_long_log_is_read_by_lines(folder, monkeypatch):
    job = cell(
        "for i in range(20_000):\n    print('line', i, 'x' * 50)\nprint('a\\rb\\rc', end='')"
    )
    job.wait(WAIT)
    whole = job.logs()
    assert whole.count("\n") == 20_000
    lines = whole.split("\n")
    for tail in (1, 2, 100, 5_000, 19_999, 30_000):
        assert job.logs(tail=tail) == "\n".join(lines[-tail:])
    assert "".join(job.iter_logs(follow=True, tail=3)) == "\n".join(lines[-3:])
    monkeypatch.setattr("trackside._job_logs.MAX_BYTES", 10_000)
    end = job.logs()
    assert end.startswith("… the first 1.2 MB of this log are left out …\nline 19")
    assert end.endswith("\na\rb\rc")


def test_what_was_left_behind_is_said(folder, capsys):
    (folder / ".env").write_text("x")
    cell("open('.env')").cancel()
    assert ".env looks like a secret and stays here" in capsys.readouterr().out


def test_a_plain_script_can_submit_its_own_functions(folder):
    script = folder / "sweep.py"
    script.write_text(
        "import trackside\n\nSCALE = 2\n\n\ndef helper(x):\n    return SCALE * x\n\n\n"
        "def train(lr):\n    return helper(lr)\n\n\n"
        "if __name__ == '__main__':\n"
        "    jobs = [trackside.submit(train, params={'lr': lr}) for lr in (1, 2)]\n"
        "    print([job.result(60, progress=False) for job in jobs])\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=WAIT
    )
    assert done.stdout == "[2, 4]\n", done.stderr
