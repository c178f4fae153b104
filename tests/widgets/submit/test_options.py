"""Options as people write them, and lines as people read them."""

import inspect
import io
import json
import math
import os
import pty

import nbformat
import numpy as np
import pytest

from trackside import TracksideError, _submit, schedule, submit
from trackside._options import OPTIONS, body_of
from trackside._progress import Bar, line
from trackside._text import duration_text, number_text, plural


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({}, {}),
        (dict.fromkeys(OPTIONS), {}),
        ({"name": "x", "experiment": "y"}, {"name": "x", "experiment": "y"}),
        ({"gpus": 1, "cpus": 2}, {"resources": {"gpus": 1, "cpus": 2.0}}),
        ({"gpus": 0}, {"resources": {"gpus": 0}}),
        ({"gpus": "2", "cpus": "0.5"}, {"resources": {"gpus": 2, "cpus": 0.5}}),
        ({"gpus": "A100"}, {"resources": {"gpus": "A100"}}),
        ({"gpus": " 2 x A100-80GB "}, {"resources": {"gpus": "2 x A100-80GB"}}),
        ({"nodes": 4}, {"resources": {"nodes": 4}}),
        ({"on": "cluster", "image": "train:1"}, {"on": "cluster", "image": "train:1"}),
        ({"queue": "team-a", "runtime": "torch"}, {"queue": "team-a", "runtime": "torch"}),
        ({"install": True}, {"install": True}),
        ({"install": False}, {"install": False}),
        ({"memory": "16Gi"}, {"resources": {"memory": 16 * 1024**3}}),
        ({"memory": "512M"}, {"resources": {"memory": 512_000_000}}),
        ({"memory": "1.5 GiB"}, {"resources": {"memory": 3 * 1024**3 // 2}}),
        ({"memory": 1000}, {"resources": {"memory": 1000}}),
        ({"time_limit": 90}, {"time_limit": 90.0}),
        ({"time_limit": "90"}, {"time_limit": 90.0}),
        ({"time_limit": "2h"}, {"time_limit": 7200.0}),
        ({"time_limit": "1h30m"}, {"time_limit": 5400.0}),
        ({"time_limit": "1.5h"}, {"time_limit": 5400.0}),
        ({"time_limit": "1d"}, {"time_limit": 86400.0}),
        ({"retries": "2"}, {"retries": 2}),
        ({"arguments": ["a", 1]}, {"arguments": ["a", "1"]}),
        ({"tags": {"a": 1}}, {"tags": {"a": "1"}}),
        ({"params": {"lr": 0.1, "l": (1, 2)}}, {"params": {"lr": 0.1, "l": [1, 2]}}),
        ({"params": {"lr": np.float64(0.5)}}, {"params": {"lr": 0.5}}),
        ({"params": {"n": np.int64(3), "b": np.all([])}}, {"params": {"n": 3, "b": True}}),
        ({"params": {"a": {"b": [None, "x"]}}}, {"params": {"a": {"b": [None, "x"]}}}),
    ],
)
def test_options_become_the_request(options, body):
    found = body_of(options)
    assert found == body
    # Exactly these types: NumPy's own would not be JSON.
    assert json.loads(json.dumps(found)) == body


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gpu": 1}, "There is no option 'gpu'."),
        (
            {"gpus": -1},
            'gpus must be a whole number of zero or more, or GPUs such as "A100" or "2 x A100"',
        ),
        ({"gpus": ""}, "gpus must be a whole number"),
        ({"nodes": 0}, "nodes must be a whole number of one or more, not 0."),
        ({"nodes": "all"}, "nodes must be a whole number of one or more, not 'all'."),
        ({"gpus": 0.5}, "gpus must be a whole number"),
        ({"cpus": 0}, "cpus must be a number above zero, not 0."),
        ({"cpus": "many"}, "cpus must be a number above zero"),
        ({"memory": "lots"}, "'lots' is not an amount of memory. Write 16Gi or 512Mi."),
        ({"memory": 0}, "0 is not an amount of memory."),
        ({"memory": "16Gib of RAM"}, "is not an amount of memory."),
        ({"time_limit": "soon"}, "'soon' is not a duration. Write seconds, 30m, 2h or 1h30m."),
        ({"time_limit": 0}, "0 is not a duration."),
        ({"time_limit": "2h later"}, "is not a duration."),
        ({"retries": -1}, "retries must be a whole number"),
        ({"params": [1]}, "params must be a dict."),
        ({"params": {"a b": 1}}, "'a b' cannot be the name of a param."),
        ({"params": {1: 1}}, "1 cannot be the name of a param."),
        ({"params": {"x": object()}}, "The param x is of type object, which cannot be sent."),
        ({"params": {"x": np.zeros(3)}}, "The param x is of type ndarray"),
        ({"params": {"x": math.nan}}, "The param x is nan, which cannot be sent. Give it as text"),
        ({"params": {"x": [-math.inf]}}, "The param x is -inf, which cannot be sent."),
        ({"params": {"x": np.float64("nan")}}, "The param x is nan, which cannot be sent."),
        ({"params": {"x": np.float32("inf")}}, "The param x is inf, which cannot be sent."),
        ({"params": {"x": np.longdouble(1)}}, "The param x is of type longdouble"),
        ({"env": "HF_TOKEN"}, "env must be a dict or a list of names."),
        ({"env": ["NOT_SET_ANYWHERE"]}, "The environment variable NOT_SET_ANYWHERE is not set"),
    ],
)
def test_what_cannot_be_an_option_is_told(options, message):
    with pytest.raises(TracksideError) as caught:
        body_of(options)
    assert str(caught.value).startswith(message) or message in str(caught.value)


@pytest.mark.parametrize(
    "send",
    [
        lambda params: submit("train.ipynb", params=params),
        lambda params: submit("lr = 0.1\n", params=params),
        lambda params: submit(abs, params=params),
        lambda params: submit(["./train"], params=params),
        lambda params: schedule("train.ipynb", "0 6 * * *", params=params),
    ],
    ids=["notebook", "cell", "function", "command", "schedule"],
)
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({1: 2, "lr": 0.1}, "1 cannot be the name of a param."),
        ("lr=0.1", "params must be a dict."),
        (5, "params must be a dict."),
    ],
)
def test_params_that_are_none_are_told_before_anything_else_is_looked_at(
    tmp_path, monkeypatch, send, params, message
):
    monkeypatch.chdir(tmp_path)
    cell = nbformat.v4.new_code_cell("lr = 0.1", metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), "train.ipynb")
    with pytest.raises(TracksideError) as caught:
        send(params)
    assert caught.value.message == message


@pytest.mark.parametrize("env", [["A_SECRET"], ("A_SECRET",), {"A_SECRET": None}])
def test_environment_variables_without_a_value_are_taken_from_here(monkeypatch, env):
    monkeypatch.setenv("A_SECRET", "x")
    assert body_of({"env": env}) == {"env": {"A_SECRET": "x"}}
    assert body_of({"env": {"B": 1}}) == {"env": {"B": "1"}}


@pytest.mark.parametrize("takes_them", [submit, schedule])
def test_every_option_of_a_job_can_be_given_where_one_is_asked_for(takes_them):
    assert set(OPTIONS) <= set(inspect.signature(takes_them).parameters)


JOB = {
    "name": "digits-7",
    "state": "RUNNING",
    "started_at": 0,
    "ended_at": 42_000,
    "reason": None,
    "progress": {"value": 3, "total": 5, "unit": "epoch", "fraction": 0.6},
    "main_metric": "loss",
    "metrics": {"loss": {"value": 0.21304, "step": 3, "timestamp": 0}},
}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "digits-7 RUNNING 0:42 · epoch 3 of 5 ▓▓▓▓▓▓░░░░ · loss 0.213"),
        ({"progress": None, "main_metric": None}, "digits-7 RUNNING 0:42"),
        ({"metrics": {}}, "digits-7 RUNNING 0:42 · epoch 3 of 5 ▓▓▓▓▓▓░░░░"),
        (
            {"metrics": {"loss": {"value": "nan"}}, "progress": None},
            "digits-7 RUNNING 0:42 · loss nan",
        ),
        ({"state": "SUCCEEDED"}, "digits-7 SUCCEEDED 0:42 · loss 0.213"),
        (
            {"state": "FAILED", "reason": {"message": "Out of memory."}, "main_metric": None},
            "digits-7 FAILED 0:42 · Out of memory.",
        ),
        (
            {"state": "QUEUED", "started_at": None, "queue_position": 2, "main_metric": None},
            "digits-7 QUEUED · place 2 in the queue",
        ),
    ],
)
def test_a_job_is_told_in_one_line(changes, text):
    assert line({**JOB, **changes}) == text


def test_without_a_terminal_only_changes_of_the_state_are_printed(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    bar = Bar()
    for state in ("QUEUED", "QUEUED", "RUNNING", "RUNNING", "SUCCEEDED"):
        bar.show({**JOB, "state": state})
        bar.say("the server does not answer")
    bar.close()
    assert [text.split()[1] for text in out.getvalue().splitlines()] == [
        "QUEUED",
        "RUNNING",
        "SUCCEEDED",
    ]


def test_in_a_terminal_one_line_is_drawn_over_and_never_wraps(monkeypatch):
    master, slave = pty.openpty()
    monkeypatch.setenv("COLUMNS", "30")
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr("sys.stdout", terminal)
        bar = Bar()
        bar.show(JOB)
        bar.show({**JOB, "state": "SUCCEEDED", "main_metric": None})
        bar.close()
        written = b""
        while not written.endswith(b"\n"):
            written += os.read(master, 10_000)
        drawn = written.decode()
    os.close(master)
    parts = drawn.split("\r")
    assert parts[1] == "digits-7 RUNNING 0:42 · epoc…"
    assert parts[2].startswith("digits-7 SUCCEEDED 0:42   ")
    assert drawn.endswith("\n")


def test_numbers_and_durations_have_the_digits_that_matter():
    assert [duration_text(s) for s in (0, 42, 725, 10812)] == ["0:00", "0:42", "12:05", "3:00:12"]
    assert [number_text(n) for n in (3.0, 0.21304, 1e-7, 1234567.0, math.inf)] == [
        "3",
        "0.213",
        "1e-07",
        "1.235e+06",
        "inf",
    ]
    assert [plural(n, "file") for n in (0, 1, 3)] == ["0 files", "1 file", "3 files"]


def test_what_is_wrong_with_the_server_is_told_by_the_answer_that_can(tmp_path):
    (tmp_path / "train.py").write_text("print(1)")

    class Full:
        def request(self, method, path, **options):
            if method == "HEAD":
                raise TracksideError("The server answered 507 instead of Trackside.", status=507)
            raise TracksideError("The disk is full.", status=507, code="RESOURCE_EXHAUSTED")

    bundle = _submit._capture_path(tmp_path / "train.py", ()).bundle()
    with pytest.raises(TracksideError, match="The disk is full"):
        _submit.upload(Full(), bundle)
