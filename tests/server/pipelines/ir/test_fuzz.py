"""Whatever is uploaded, it is read or refused: nothing of it is an error of the server."""

from __future__ import annotations

import copy
import json

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.ir.documents import (
    DATASET,
    artifact_of,
    component,
    constant,
    container,
    document,
    outer,
    output,
    task,
)

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.ir.arguments import take_arguments
from trackside_server.pipelines.ir.parsing import load


def everything():
    """A pipeline with each construct once."""
    inner = {
        "tasks": {
            "in-loop": task(
                "comp-train",
                {
                    "lr": {
                        **outer("item"),
                        "parameterExpressionSelector": 'parseJson(string_value)["lr"]',
                    }
                },
                cachingOptions={"enableCache": True, "cacheKey": "k"},
            ),
            "maybe": task(
                "comp-train",
                {"lr": constant(2.0)},
                triggerPolicy={"condition": "inputs.parameter_values['lr'] > 1.0"},
            ),
        },
        "outputs": {
            "parameters": {
                "loss": {
                    "valueFromOneof": {
                        "parameterSelectors": [
                            {"producerSubtask": "in-loop", "outputParameterKey": "loss"},
                            {"producerSubtask": "maybe", "outputParameterKey": "loss"},
                        ]
                    }
                }
            },
            "artifacts": {
                "data": {
                    "artifactSelectors": [
                        {"producerSubtask": "in-loop", "outputArtifactKey": "data"},
                    ]
                }
            },
        },
    }
    components = {
        "comp-train": component(
            "exec-train",
            takes={"lr": "NUMBER_DOUBLE"},
            gives={"loss": "NUMBER_DOUBLE"},
            gives_artifacts={"data": {**DATASET, "metadata": {"k": [1.0]}}},
        ),
        "comp-loop": component(
            dag=inner,
            takes={"item": "STRUCT"},
            gives={"loss": "NUMBER_DOUBLE"},
            gives_artifacts={"data": DATASET},
        ),
        "comp-use": component(
            takes={"losses": "LIST", "status": {"parameterType": "TASK_FINAL_STATUS"}},
            takes_artifacts={"data": {**DATASET, "isArtifactList": True}, "old": DATASET},
        ),
        "comp-get": component(
            "exec-get", takes={"uri": "STRING"}, gives_artifacts={"artifact": DATASET}
        ),
    }
    tasks = {
        "get": task("comp-get", {"uri": outer("uri")}),
        "loop": task(
            "comp-loop",
            parameterIterator={"items": {"raw": '[{"lr": 0.1}]'}, "itemInput": "item"},
            iteratorPolicy={"parallelismLimit": 2},
        ),
        "use": task(
            "comp-use",
            {
                "losses": output("loop", "loss"),
                "status": {"taskFinalStatus": {"producerTask": "loop"}},
            },
            {"data": artifact_of("loop"), "old": artifact_of("get", "artifact")},
            dependentTasks=["loop"],
            triggerPolicy={"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
            retryPolicy={"maxRetryCount": 2, "backoffDuration": "1s", "backoffFactor": 2.0},
        ),
    }
    executors = {
        "exec-train": container(
            env=[{"name": "A", "value": "b"}],
            resources={"resourceCpuLimit": "2", "accelerator": {"resourceCount": "1"}},
        ),
        "exec-get": {
            "importer": {
                "artifactUri": {"runtimeParameter": "uri"},
                "typeSchema": DATASET["artifactType"],
                "metadata": {"a": "b"},
            }
        },
    }
    inputs = {
        "uri": {"parameterType": "STRING", "defaultValue": "s3://b/k", "literals": ["s3://b/k"]}
    }
    return document(tasks, components, executors, inputs=inputs)


NAMES = ("x", "loop", "use", "comp-use", "comp-loop", "root", "NUMBER_INTEGER", "LIST")
TRAPS = ("", "3", "-1", "1e999", "a/b", "..", "\x00", "[1, {}]", "[NaN]", "9" * 400, "\ud800")
WORDS = st.sampled_from((*NAMES, *TRAPS, "inputs.parameter_values['x'] == 1"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, 2**63, -0.0, 1e308, float("inf"), float("nan")])
    | st.floats()
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
FUZZ = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def places(value, way=()):
    """Every place of a document, the deepest ones last."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inside:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


def mutated(data, spec):
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(list(places(spec))))
        parent = spec
        for key in way:
            parent = parent[key]
        what = data.draw(st.sampled_from(["replace", "delete", "copy", "rename"]))
        if what == "replace":
            parent[last] = data.draw(VALUES)
        elif what == "delete":
            del parent[last]
        elif what == "rename" and isinstance(parent, dict):
            parent[data.draw(WORDS)] = parent.pop(last)
        else:
            *other, key = data.draw(st.sampled_from(list(places(spec))))
            source = spec
            for step in other:
                source = source[step]
            parent[last] = copy.deepcopy(source[key])
        if not spec:
            break
    return spec


def told(read):
    """What is said of it; None where it is read. Nothing but a refusal may be raised."""
    try:
        read()
    except InvalidInput as error:
        return error
    return None


def test_the_document_that_is_mutated_is_a_good_one():
    pipeline = load_json(everything())

    assert take_arguments(pipeline, {}) == {"uri": "s3://b/k"}
    assert load(yaml.safe_dump(everything()).encode()) == pipeline


@FUZZ
@given(st.data())
def test_a_changed_document_is_read_or_refused(data):
    spec = mutated(data, everything())

    error = told(lambda: take_arguments(load_json(spec), {}))

    if error is not None:
        assert error.message.endswith(".")
        assert error.message.isprintable()
        assert len(error.message) < 2000


@FUZZ
@given(st.data(), st.sampled_from([yaml.safe_dump, json.dumps]))
def test_changed_bytes_are_read_or_refused(data, write):
    raw = bytearray(write(everything()).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw) - 1))
        end = start + data.draw(st.integers(0, 30))
        word = WORDS.map(lambda text: text.encode(errors="replace"))
        raw[start:end] = data.draw(st.binary(max_size=6) | word) or b" "

    error = told(lambda: load(bytes(raw)))

    assert error is None or error.message.endswith(".")


@FUZZ
@given(st.dictionaries(WORDS | st.just("uri"), VALUES, max_size=4))
def test_any_arguments_are_taken_or_refused(given):
    error = told(lambda: take_arguments(load_json(everything()), given))

    assert error is None or error.reason == "ARGUMENTS"
