"""What the steps of a notebook compile to, read and run by the stock SDK."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from trackside import pipelines
from trackside._pipelines import written

HELPERS = """
import json as j
import numpy as np
import pandas as pd

from shapes import area

BASE = 10


class Scaler:
    def __init__(self, by):
        self.by = by

    def __call__(self, x):
        return x * self.by


def twice(x):
    return 2 * x + BASE
"""

PARAMETERS = """
lr = 0.5  # learning rate
epochs = 3
unused = "x"
"""

LOAD = """%%step load
X = np.arange(6.0).reshape(2, 3)
table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
sizes = {"rows": 2, "deep": [1, None]}
rows = len(table)
title = "ünï {{$}} 'quoted'"
pair = (1, {2})
"""

TRAIN = """%%step "train model" --gpus 1 --cpus 2 --memory 2Gi --retries 2 --package pip
import math

def half(x):
    return x / 2

scale = Scaler(lr)
weights = twice(scale(X)) * epochs
score = float(weights.sum())
table["c"] = area(2, 3)
assert type(epochs) is int and type(lr) is float
"""

REPORT = """%%step report --no-cache
assert type(rows) is int
assert list(table.columns) == ["a", "b", "c"], table
print("REPORT", j.dumps([score, half(rows), scale.by, title, pair == (1, {2}), sizes]))
print("FLOOR", math.floor(score))
"""


def _write(notebook, tmp_path):
    (tmp_path / "shapes.py").write_text("def area(a, b):\n    return a * b\n")
    notebook.run(HELPERS)
    notebook.run(PARAMETERS, tags=("parameters",))
    notebook.run(LOAD, TRAIN, REPORT)
    file = tmp_path / "digits.yaml"
    notebook.run(f"%pipeline compile {file.name} --name 'My digits'")
    return file


def test_the_stock_sdk_reads_and_runs_a_notebook_and_the_values_are_those_of_the_notebook(
    notebook, tmp_path, kfp_local, capsys
):
    file = _write(notebook, tmp_path)
    here = [line for line in capsys.readouterr().out.splitlines() if line.startswith("REPORT")]
    told = kfp_local(file)
    assert here[0] in told["log"]
    assert "FLOOR 225" in told["log"]
    assert told["inputs"] == ["epochs", "lr", "unused"]
    again = kfp_local(file, lr=1.0, epochs=1)
    assert 'REPORT [90.0, 1.0, 1.0, "\\u00fcn\\u00ef' in again["log"]


def test_types_resources_retries_packages_and_cache_stand_in_the_document(notebook, tmp_path):
    spec = yaml.safe_load(_write(notebook, tmp_path).read_text())
    assert spec["pipelineInfo"]["name"] == "my-digits"
    assert spec["root"]["inputDefinitions"]["parameters"]["lr"] == {
        "defaultValue": 0.5,
        "description": "learning rate",
        "isOptional": True,
        "parameterType": "NUMBER_DOUBLE",
    }
    train = spec["components"]["comp-train-model"]
    assert train["inputDefinitions"]["parameters"] == {
        "epochs": {"parameterType": "NUMBER_INTEGER"},
        "lr": {"parameterType": "NUMBER_DOUBLE"},
    }
    outputs = train["outputDefinitions"]
    assert outputs["parameters"] == {"score": {"parameterType": "NUMBER_DOUBLE"}}
    # `scale` is an object, and `table` was changed in place.
    assert sorted(outputs["artifacts"]) == ["scale", "table"]
    assert outputs["artifacts"]["table"]["artifactType"]["schemaTitle"] == "system.Dataset"
    container = spec["deploymentSpec"]["executors"]["exec-train-model"]["container"]
    assert container["resources"] == {
        "cpuLimit": 2.0,
        "resourceCpuLimit": "2",
        "memoryLimit": 2147483648 / 1e9,
        "resourceMemoryLimit": "2Gi",
        "accelerator": {
            "count": "1",
            "resourceCount": "1",
            "resourceType": "nvidia.com/gpu",
            "type": "nvidia.com/gpu",
        },
    }
    assert "-m pip install --quiet --no-warn-script-location 'pip' &&" in container["command"][2]
    tasks = spec["root"]["dag"]["tasks"]
    assert tasks["train-model"]["retryPolicy"]["maxRetryCount"] == 2
    assert tasks["report"]["cachingOptions"] == {}
    assert tasks["report"]["dependentTasks"] == ["load", "train-model"]
    assert tasks["report"]["inputs"]["artifacts"]["table"] == {
        "taskOutputArtifact": {"outputArtifactKey": "table", "producerTask": "train-model"}
    }


def test_the_programs_of_steps_hold_no_braces_that_kfp_or_argo_would_fill_in(notebook, tmp_path):
    spec = yaml.safe_load(_write(notebook, tmp_path).read_text())
    for executor in spec["deploymentSpec"]["executors"].values():
        program = executor["container"]["command"][-1]
        assert "{{" not in program
        compile(program, "program", "exec")


def test_the_same_notebook_compiles_to_the_same_text(notebook, tmp_path):
    file = _write(notebook, tmp_path)
    before = file.read_text()
    pipelines.current(name="My digits").compile(file)
    assert file.read_text() == before


def test_what_cannot_be_handed_on_when_a_step_runs_is_said_in_a_sentence(
    notebook, tmp_path, kfp_local
):
    notebook.run(
        "%%step open --only-pipeline\nimport threading\ngate = [threading.Lock()]",
        "%%step use --only-pipeline\ngate[0].locked()",
        "%pipeline compile locks.yaml",
    )
    log = kfp_local(tmp_path / "locks.yaml")["log"]
    assert "gate (list) cannot be handed on: cannot pickle '_thread.lock' object;" in log


def test_an_error_in_a_step_shows_the_lines_of_the_cell(notebook, tmp_path, kfp_local):
    notebook.run("%%step count --only-pipeline\nn = 1\nn / 0", "%pipeline compile bad.yaml")
    log = kfp_local(tmp_path / "bad.yaml")["log"]
    assert 'File "<step count>", line 2, in <module>' in log
    assert "n / 0" in log
    assert "executor_main" not in log.partition("Traceback")[2].partition("ZeroDivisionError")[0]


_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcny{'\" -:#é\n\x85"), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abc -\n"), _PLAIN))
def test_any_document_is_read_back_as_it_was_written(value):
    assert yaml.safe_load(written.document(value)) == (value or None)
