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
    ({"kind": "pipeline"}, "kind has to be one of cell, function, script, notebook, command"),
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
    ({"env": {f"A{n}": "" for n in range(1001)}}, "env holds 1001 names; 1000 is the most"),
    ({"env": {"MLFLOW_RUN_ID": "x"}}, "env.MLFLOW_RUN_ID is set by Trackside"),
    ({"env": {"TRACKSIDE_TOKEN": "x"}}, "env.TRACKSIDE_TOKEN is set by Trackside"),
    ({"env": {"CUDA_VISIBLE_DEVICES": "0"}}, "Use gpus to ask for GPUs"),
    ({"resources": {"memry": 1}}, "Did you mean resources.memory"),
    ({"resources": {"gpu": 1}}, "resources.gpu has to be a text, not 1"),
    ({"resources": {"gpu": "2 x A100"}}, "resources.gpu has to be the name of a GPU"),
    ({"resources": {"gpu": "2"}}, "resources.gpu has to be the name of a GPU"),
    ({"resources": {"gpu": "H100", "gpus": "2 x A100"}}, 'and resources.gpu "H100"'),
    ({"resources": {"gpu": "A100", "gpus": 0}}, "resources.gpus says 0, and resources.gpu"),
    ({"resources": {"gpus": "2000 x A100"}}, "2000 GPUs are more than one pod can have"),
    ({"resources": {"gpus": "-1"}}, "is no number or type of GPUs"),
    ({"resources": {"nodes": 0}}, "resources.nodes has to be a whole number from 1 to 1000"),
    ({"resources": {"nodes": 1001}}, "resources.nodes has to be a whole number from 1 to 1000"),
    ({"resources": {"nodes": True}}, "resources.nodes has to be a whole number"),
    ({"resources": {"gpus": -1}}, "resources.gpus has to be a whole number"),
    ({"resources": {"gpus": 0.5}}, "resources.gpus has to be a whole number"),
    ({"resources": {"gpus": True}}, "resources.gpus has to be a whole number"),
    ({"resources": {"cpus": 0}}, "resources.cpus has to be a number above 0"),
    ({"resources": {"cpus": "many"}}, "resources.cpus has to be a number above 0"),
    ({"resources": {"cpus": float("inf")}}, "resources.cpus has to be a number above 0"),
    ({"resources": {"memory": "16Xi"}}, "Write 16Gi for 16 GiB"),
    ({"resources": {"memory": 16}}, "resources.memory has to be at least 16 MiB"),
    ({"resources": {"memory": -1}}, "resources.memory has to be at least"),
    ({"resources": {"memory": True}}, "resources.memory has to be a size"),
    ({"resources": {"memory": 1e300}}, "resources.memory has to be a size"),
    ({"resources": 4}, "resources has to be an object"),
    ({"on": "moon"}, 'on has to be one of auto, local, cluster, not "moon". Leave it out to run'),
    ({"on": 1}, "on has to be a text"),
    ({"image": "https://ghcr.io/team/train"}, "Leave https:// out."),
    ({"image": "ghcr.io/Team/Train:1"}, "Before its tag it has small letters only."),
    ({"image": "ghcr.io/team/train 1"}, "Leave the blanks out."),
    (
        {"image": "ghcr.io/team//train"},
        "image has to be the name of an image, such as ghcr.io/team",
    ),
    ({"image": "train:"}, "Write it as `docker pull` takes it."),
    ({"image": "train@sha256:abc"}, "image has to be the name of an image"),
    ({"image": "-train"}, "image has to be the name of an image"),
    ({"image": "a" * 300}, "image has to be at most 255 characters before its tag"),
    ({"image": "a" * 600}, "image has to be at most 512 characters"),
    ({"image": 7}, "image has to be a text"),
    ({"queue": "Team A"}, 'queue has to be the name of a queue of the cluster, not "Team A"'),
    ({"queue": "team-"}, "queue has to be the name of a queue"),
    ({"queue": "q" * 64}, "queue has to be at most 63 characters"),
    ({"runtime": "torch_distributed"}, "runtime has to be the name of a runtime of the cluster"),
    ({"runtime": ".a"}, "Such a name has small letters, digits and -"),
    ({"install": "yes"}, 'install has to be true or false, not "yes"'),
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
    ({"source": {"python": 7}}, "source.python has to be a text"),
    ({"source": {"notebook": 7}}, "source.notebook has to be a text"),
    ({"source": {"execution_count": "x"}}, "source.execution_count has to be a whole number"),
    ({"source": {"cell": "x" * 3_000_000}}, "source is larger than 2 MiB"),
    ({"function": "not a function"}, "function has to be the name of a function"),
    ({"kind": "function"}, "function has to be the name of the function to run"),
    ({"kind": "command"}, 'arguments has to be the words of the command, not nothing. Write ["./'),
    ({"kind": "command", "arguments": []}, "arguments has to be the words of the command"),
    ({"kind": "command", "arguments": [" ", "x"]}, "arguments has to be the words of the command"),
    ({"kind": "command", "arguments": ["x"] * 1001}, "a list of at most 1000 texts"),
    ({"kind": "command", "arguments": ["x" * 9000] * 40}, "arguments is larger than 256 KiB"),
    (
        {"kind": "command", "arguments": ["./train"], "params": {"lr": 0.1}},
        'params has to be absent for a command, not {"lr": 0.1}. Write them among its arguments',
    ),
    (
        {"kind": "command", "arguments": ["x"], "bundle": None, "path": "a.py"},
        "path has to be absent for a command",
    ),
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


def test_a_command_is_the_list_of_its_words():
    body = {"kind": "command", "bundle": DIGEST, "arguments": ["./train", "--lr", "0.1", ""]}
    assert parse_request(body, is_secret).spec.arguments == ("./train", "--lr", "0.1", "")


@pytest.mark.parametrize(
    ("asked", "gpus", "gpu"),
    [
        ({}, 0, None),
        ({"gpus": ""}, 0, None),
        ({"gpus": "2"}, 2, None),
        ({"gpus": "2 GPUs"}, 2, None),
        ({"gpus": "A100"}, 1, "A100"),
        ({"gpus": "2 x A100-80GB"}, 2, "A100-80GB"),
        ({"gpus": "1g.10gb"}, 1, "1g.10gb"),
        ({"gpu": "A100"}, 1, "A100"),
        ({"gpus": 4, "gpu": "A100"}, 4, "A100"),
        ({"gpus": "4 x A100", "gpu": "A100"}, 4, "A100"),
        ({"gpus": 2, "gpu": None}, 2, None),
        ({"gpus": "", "gpu": "A100"}, 1, "A100"),
    ],
)
def test_gpus_are_a_number_or_say_which(asked, gpus, gpu):
    resources = parse(resources=asked).spec.resources
    assert (resources.gpus, resources.gpu) == (gpus, gpu)


def test_a_mistake_in_gpus_names_the_field():
    with pytest.raises(InvalidInput) as refused:
        parse(resources={"gpus": "-2"})
    assert refused.value.reason == "resources.gpus"


@pytest.mark.parametrize(
    "image",
    [
        "train",
        "train:1.2",
        "ghcr.io/team/train:1.2",
        "localhost:5000/team/my-train_image:v1",
        "[::1]:5000/train",
        "Registry.example.com/a/b__c.d-e/f",
        f"train@sha256:{'0' * 64}",
        f"ghcr.io/team/train:latest@sha256:{'a' * 64}",
    ],
)
def test_an_image_is_written_as_registries_have_it(image):
    assert parse(image=image).spec.image == image


def test_a_place_on_the_cluster_is_asked_for_by_name():
    spec = parse(
        on="cluster",
        image="train:1",
        queue="team-a",
        runtime="torch.distributed",
        install=True,
        resources={"nodes": "4", "gpus": "8 x H100"},
    ).spec
    assert (spec.on, spec.image, spec.queue) == ("cluster", "train:1", "team-a")
    assert (spec.runtime, spec.install) == ("torch.distributed", True)
    assert (spec.resources.nodes, spec.resources.gpus, spec.resources.gpu) == (4, 8, "H100")
    assert JobSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_without_a_place_it_is_left_to_the_server():
    spec = parse().spec
    assert (spec.on, spec.install, spec.resources.nodes) == ("auto", False, 1)


def test_a_spec_that_was_stored_before_there_were_clusters_is_read():
    stored = parse(on="local").spec.to_json()
    for name in ("on", "image", "queue", "runtime", "install"):
        del stored[name]
    stored["resources"] = {"cpus": None, "memory": None, "gpus": 1}
    spec = JobSpec.from_json(stored)
    assert (spec.on, spec.resources.nodes, spec.resources.gpu) == ("local", 1, None)
    assert parse_overrides(spec, {}, is_secret).spec == spec


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


def test_far_too_much_env_is_refused_before_secrets_are_looked_for_in_it():
    def look(name, value):
        raise AssertionError(name)

    body = {**CELL, "env": {f"A{n}": "x" * 100_000 for n in range(3)}}
    with pytest.raises(InvalidInput, match="env has 300,012 bytes in all"):
        parse_request(body, look)


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

    @pytest.mark.parametrize(
        ("changes", "gpus", "gpu"),
        [
            ({"gpus": 4}, 4, "A100"),
            ({"gpus": "4"}, 4, "A100"),
            ({"gpus": "H100"}, 1, "H100"),
            ({"gpus": "2 x H100"}, 2, "H100"),
            ({"gpus": 0}, 0, None),
            ({"gpus": None}, 0, None),
            ({"gpu": "H100"}, 2, "H100"),
            ({"gpu": None}, 2, None),
            ({"nodes": 2}, 2, "A100"),
        ],
    )
    def test_another_number_of_gpus_keeps_the_kind_and_another_kind_replaces_it(
        self, changes, gpus, gpu
    ):
        spec = self.spec(resources={"gpus": "2 x A100"})
        again = parse_overrides(spec, {"resources": changes}, is_secret).spec.resources
        assert (again.gpus, again.gpu) == (gpus, gpu)

    def test_a_kind_of_gpu_is_one_of_them_where_there_was_none(self):
        again = parse_overrides(self.spec(), {"resources": {"gpu": "A100"}}, is_secret).spec
        assert (again.resources.gpus, again.resources.gpu) == (1, "A100")

    def test_where_and_how_it_runs_on_the_cluster_can_change(self):
        spec = self.spec(on="cluster", image="a:1", queue="q", python="/opt/bin/python")
        changes = {"image": "b:2", "queue": "r", "runtime": "torch", "install": True}
        again = parse_overrides(spec, changes, is_secret).spec
        assert (again.image, again.queue, again.runtime, again.install) == (
            "b:2",
            "r",
            "torch",
            True,
        )
        assert (again.on, again.python) == ("cluster", "/opt/bin/python")

    def test_what_only_the_cluster_has_stays_there(self):
        spec = self.spec(
            on="cluster",
            image="a:1",
            queue="q",
            runtime="t",
            install=True,
            python="/opt/bin/python",
            resources={"nodes": 4, "gpus": 1},
        )
        again = parse_overrides(spec, {"on": "local"}, is_secret).spec
        assert again.on == "local"
        assert (again.image, again.queue, again.runtime, again.install) == (None, None, None, False)
        assert (again.python, again.resources.nodes, again.resources.gpus) == (None, 1, 1)

    def test_the_python_of_this_machine_does_not_go_to_the_cluster(self):
        spec = self.spec(on="local", python="/home/ana/bin/python")
        assert parse_overrides(spec, {"on": "cluster"}, is_secret).spec.python is None
        assert parse_overrides(spec, {"on": "local"}, is_secret).spec.python is not None

    def test_a_command_can_get_other_words(self):
        body = {"kind": "command", "bundle": DIGEST, "arguments": ["./train", "--lr", "0.1"]}
        spec = parse_request(body, is_secret).spec
        assert parse_overrides(spec, {}, is_secret).spec == spec
        words = ["./train", "--lr", "0.2"]
        assert parse_overrides(spec, {"arguments": words}, is_secret).spec.arguments == tuple(words)

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
