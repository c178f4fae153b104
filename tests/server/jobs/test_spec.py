"""What may be asked for, and the sentence for each thing that may not."""

from __future__ import annotations

import json

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.jobs.entities import JobSpec
from trackside_server.jobs.service import is_secret
from trackside_server.jobs.spec import parse_overrides, parse_request

DIGEST = "a" * 64
CELL = {"kind": "cell", "bundle": DIGEST}
SCRIPT = {"kind": "script", "bundle": DIGEST}


def parse(**fields):
    return parse_request({**CELL, **fields}, is_secret)


def test_a_full_request_is_understood():
    request = parse(
        idempotency_key="k-1",
        params={"lr": 0.01, "layers": [1, 2], "deep": {"a": None}},
        name="digits",
        experiment="digits",
        env={"OMP_NUM_THREADS": "4"},
        resources={"cpus": "0.5", "memory": "16Gi", "gpus": 1},
        time_limit="2h",
        retries=2,
        metric_pattern=r"(\w+)=(\S+)",
        tags={"team": "a"},
        source={"notebook": "digits.ipynb", "cell": "x = 1", "took": ["f"], "first_line": 2},
    )
    spec = request.spec
    assert spec.resources.cpus == 0.5
    assert spec.resources.memory == 16 * 1024**3
    assert (spec.resources.gpus, spec.time_limit, spec.retries) == (1, 7200, 2)
    assert request.idempotency_key == "k-1"
    assert spec.source == {"notebook": "digits.ipynb", "took": ["f"], "first_line": 2}
    assert request.source["cell"] == "x = 1"


def test_a_spec_survives_its_storage():
    spec = parse(params={"a": [1]}, env={"A": "1"}, resources={"memory": "1Gi"}).spec
    assert JobSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    ("given", "bytes_"),
    [("16Gi", 16 * 1024**3), (2**30, 2**30), (2.0**30, 2**30), ("512Mi", 512 * 2**20)],
)
def test_memory_is_a_size_or_a_number_of_bytes(given, bytes_):
    assert parse(resources={"memory": given}).spec.resources.memory == bytes_


@pytest.mark.parametrize(
    ("given", "seconds"), [("2h", 7200), ("90m", 5400), (30, 30), ("30", 30), (0.5, 0.5)]
)
def test_a_time_limit_is_a_duration_or_a_number_of_seconds(given, seconds):
    assert parse(time_limit=given).spec.time_limit == seconds


def test_absent_empty_and_null_mean_the_same():
    assert parse(name="", time_limit="", params=None, resources={"memory": ""}).spec == parse().spec


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


BAD = [
    ({"kind": "pipeline"}, "kind has to be one of cell, function, script, notebook"),
    ({"kind": None}, "kind has to be one of"),
    ({"bundle": None}, "either bundle or path"),
    ({"path": "a.py"}, "either bundle or path"),
    ({"bundle": "abc"}, "64 hex digits"),
    ({"bundle": "../" * 21 + "a"}, "64 hex digits"),
    ({"bundle": None, "path": "a.py"}, "path has to be absent for a cell"),
    ({"unknown": 1}, "unknown is not a field"),
    ({"parms": {}}, "Did you mean params"),
    ({"params": [1]}, "params has to be an object"),
    ({"params": {"not a name": 1}}, 'params has the name "not a name"'),
    ({"params": {"class": 1}}, 'params has the name "class"'),
    ({"params": {"x": float("nan")}}, "params.x holds NaN"),
    ({"params": {"x": [float("inf")]}}, "params.x holds NaN or an infinity"),
    ({"params": {"x": "y" * 300_000}}, "params is larger than 256 KiB"),
    ({"params": {f"p{n}": n for n in range(1001)}}, "params holds 1001 names"),
    ({"arguments": ["--fast"]}, "arguments has to be absent for a cell"),
    ({"name": 7}, "name has to be a text, not 7"),
    ({"name": "n" * 201}, "at most 200 characters"),
    ({"name": "a\0b"}, "without NUL"),
    ({"params": {"x": nested(60)}}, "nested deeper than 50 levels"),
    ({"source": {"x": nested(900)}}, "nested deeper than 50 levels"),
    ({"env": {"1X": "a"}}, 'env has the name "1X"'),
    ({"env": {"A B": "a"}}, "which no environment variable can have"),
    ({"env": {"A": 1}}, 'env.A has to be a text. Write "1" for 1'),
    ({"env": {"A": "x\0y"}}, "env.A has to be a text"),
    ({"env": {"A": "x" * 200_000}}, "env.A is larger than 100 KiB"),
    ({"env": {"MLFLOW_RUN_ID": "x"}}, "env.MLFLOW_RUN_ID is set by Trackside"),
    ({"env": {"TRACKSIDE_TOKEN": "x"}}, "env.TRACKSIDE_TOKEN is set by Trackside"),
    ({"env": {"CUDA_VISIBLE_DEVICES": "0"}}, "Use gpus to ask for GPUs"),
    ({"resources": {"gpu": 1}}, "Did you mean resources.gpus"),
    ({"resources": {"gpus": -1}}, "resources.gpus has to be a whole number"),
    ({"resources": {"gpus": 0.5}}, "resources.gpus has to be a whole number"),
    ({"resources": {"gpus": True}}, "resources.gpus has to be a whole number"),
    ({"resources": {"gpus": "two"}}, 'not "two"'),
    ({"resources": {"cpus": 0}}, "resources.cpus has to be a number above 0"),
    ({"resources": {"cpus": "many"}}, "resources.cpus has to be a number above 0"),
    ({"resources": {"cpus": float("inf")}}, "resources.cpus has to be a number above 0"),
    ({"resources": {"memory": "16Xi"}}, "Write 16Gi for 16 GiB"),
    ({"resources": {"memory": 16}}, "resources.memory has to be at least 16 MiB"),
    ({"resources": {"memory": -1}}, "resources.memory has to be at least"),
    ({"resources": {"memory": True}}, "resources.memory has to be a size"),
    ({"resources": {"memory": 1e300}}, "resources.memory has to be a size"),
    ({"resources": 4}, "resources has to be an object"),
    ({"time_limit": "soon"}, "Write 2h, 90m"),
    ({"time_limit": 0}, "time_limit has to be above 0"),
    ({"time_limit": -5}, "time_limit has to be above 0"),
    ({"time_limit": "9999d"}, "at most a year"),
    ({"time_limit": False}, "time_limit has to be a duration"),
    ({"retries": -1}, "retries has to be a whole number from 0 to 100"),
    ({"retries": 1.5}, "retries has to be a whole number"),
    ({"retries": 1000}, "retries has to be a whole number from 0 to 100"),
    ({"tags": {"a": 1}}, "tags.a has to be a text, not 1"),
    ({"tags": {"trackside.job_id": "x"}}, "is written by Trackside itself"),
    ({"tags": {f"t{n}": "" for n in range(101)}}, "tags holds 101 names"),
    ({"idempotency_key": "a b"}, "idempotency_key has to be letters"),
    ({"source": {"notebook": 7}}, "source.notebook has to be a text"),
    ({"source": {"execution_count": "x"}}, "source.execution_count has to be a whole number"),
    ({"source": {"cell": "x" * 3_000_000}}, "source is larger than 2 MiB"),
    ({"function": "not a function"}, "function has to be the name of a function"),
    ({"kind": "function"}, "function has to be the name of the function to run"),
]


@pytest.mark.parametrize(("fields", "sentence"), BAD)
def test_each_mistake_is_named_with_its_remedy(fields, sentence):
    body = {key: value for key, value in {**CELL, **fields}.items() if value is not None}
    with pytest.raises(InvalidInput) as refused:
        parse_request(body, is_secret)
    error = refused.value
    assert sentence in f"{error.message} {error.hint or ''}"
    assert len(error.message) < 300
    assert "please" not in error.message.lower()


def test_a_script_takes_arguments_and_loose_names():
    body = {**SCRIPT, "arguments": ["--fast", "x y"], "params": {"learning-rate": 0.1}}
    request = parse_request(body, is_secret)
    assert request.spec.arguments == ("--fast", "x y")
    with pytest.raises(InvalidInput, match="arguments holds 3"):
        parse_request({**SCRIPT, "arguments": [3]}, is_secret)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HF_TOKEN", "abc"),
        ("AWS_SECRET_ACCESS_KEY", "abc"),
        ("DB_PASSWORD", "abc"),
        ("INNOCENT", "ghp_" + "a1B2" * 10),
    ],
)
def test_secrets_do_not_reach_the_spec(name, value):
    request = parse(env={name: value, "PLAIN": "1"})
    assert request.secrets == {name: value}
    assert request.spec.secret_env == (name,)
    assert value not in json.dumps(request.spec.to_json())
    assert request.spec.env == {"PLAIN": "1"}


def test_a_wrong_value_of_a_variable_is_not_repeated():
    with pytest.raises(InvalidInput) as refused:
        parse(env={"API_KEY": ["sk-verysecret"]})
    assert "verysecret" not in refused.value.message


def test_the_same_request_has_the_same_fingerprint():
    first = parse(params={"a": 1, "b": 2}, source={"execution_count": 1})
    again = parse(params={"b": 2, "a": 1}, source={"execution_count": 1})
    assert first.fingerprint == again.fingerprint
    assert parse(params={"a": 2}).fingerprint != first.fingerprint


class TestOverrides:
    def spec(self, **fields):
        return parse(**fields).spec

    def test_params_change_by_name(self):
        spec = self.spec(params={"lr": 0.1, "epochs": 3}, time_limit="1h")
        again = parse_overrides(spec, {"params": {"lr": 0.2}}, is_secret).spec
        assert again.params == {"lr": 0.2, "epochs": 3}
        assert again.time_limit == 3600
        assert again.bundle == spec.bundle

    def test_resources_change_by_name(self):
        spec = self.spec(resources={"memory": "1Gi", "cpus": 2})
        again = parse_overrides(spec, {"resources": {"memory": "2Gi"}}, is_secret).spec
        assert again.resources.memory == 2 * 1024**3
        assert again.resources.cpus == 2

    def test_nothing_changed_is_the_same_spec(self):
        spec = self.spec(params={"a": 1}, tags={"t": "x"}, source={"notebook": "n.ipynb"})
        assert parse_overrides(spec, {}, is_secret).spec == spec

    @pytest.mark.parametrize("name", ["bundle", "kind", "path", "source", "function", "nonsense"])
    def test_the_code_stays_what_it_was(self, name):
        with pytest.raises(InvalidInput, match=f"overrides.{name} is not a field"):
            parse_overrides(self.spec(), {name: "x"}, is_secret)

    def test_secrets_have_to_be_given_again(self):
        spec = self.spec(env={"HF_TOKEN": "abc", "WANDB_API_KEY": "def"})
        with pytest.raises(InvalidInput, match="HF_TOKEN, WANDB_API_KEY have to be given again"):
            parse_overrides(spec, {}, is_secret)
        with pytest.raises(InvalidInput, match="so WANDB_API_KEY has to be given again"):
            parse_overrides(spec, {"env": {"HF_TOKEN": "abc"}}, is_secret)
        again = parse_overrides(spec, {"env": {"HF_TOKEN": "abc", "WANDB_API_KEY": "x"}}, is_secret)
        assert again.secrets == {"HF_TOKEN": "abc", "WANDB_API_KEY": "x"}

    def test_what_was_a_secret_once_stays_one(self):
        spec = self.spec(env={"INNOCENT": "ghp_" + "a1B2" * 10})
        again = parse_overrides(spec, {"env": {"INNOCENT": "plain"}}, is_secret)
        assert again.secrets == {"INNOCENT": "plain"}
