"""What settings take from inputs and other tasks, typed, and never pasted into a text."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tests.server.pipelines.compiled import SAMPLES, compiled

from trackside_server.pipelines.assignment import Assignment
from trackside_server.pipelines.executor.reasons import ContractError
from trackside_server.pipelines.ir.model import ComponentInput, Constant, ParameterBinding
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import Node, Run, Values
from trackside_server.pipelines.platform.resolving import resolve
from trackside_server.pipelines.platform.settings import (
    ClaimMount,
    Files,
    NodeTerm,
    Requirement,
    Settings,
    Toleration,
    Variables,
)
from trackside_server.structs import replace

GIVEN = {
    "secret": "login",
    "tolerations": [{"key": "a", "operator": "Exists"}, {"key": "b", "tolerationSeconds": 3}],
    "toleration": {"key": "c", "value": "{{$.inputs.parameters['text']}}"},
    "selector": {"disk": "ssd"},
    "affinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "Exists"}]}]
        },
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {
                "weight": 3,
                "preference": {
                    "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]
                },
            }
        ],
    },
}
RECORD = SimpleNamespace(
    run_id="run-1",
    name="mine",
    created=0.0,
    origin=SimpleNamespace(scheduled=None),
    folder="/runs/1",
)


@pytest.fixture(scope="module")
def pipeline():
    return load(compiled(SAMPLES / "settings.py")["passed"].encode())


def assignment(pipeline, path, given, *nodes):
    some = [Node("", None, "", "root", inputs=Values(given)), *nodes]
    run = Run("run-1", nodes={node.path: node for node in some})
    return Assignment(RECORD, run, pipeline, run.nodes[path], ())


def named(name):
    return Node("name-of", "", "name-of", "container", outputs=Values({"name": name}))


def echo(pipeline, given, name="modes"):
    node = Node("echo", "", "echo", "container", attempt=1, inputs=Values({"text": "inputs"}))
    return resolved(assignment(pipeline, "echo", given, named(name), node))


def resolved(made):
    """Give the settings without where their values came from."""
    return replace(made.settings, bindings=())


def test_inputs_and_outputs_of_tasks_become_what_the_settings_say(pipeline):
    assert echo(pipeline, GIVEN) == Settings(
        # The optional one was left out.
        variables=(Variables("secret", "login", (("key", "KEY"),), optional=False),),
        files=(Files("configMap", "modes", "/etc/named"),),
        node_selector={"disk": "ssd"},
        tolerations=(
            Toleration("a", "Exists"),
            Toleration("b", seconds=3),
            # A value is nobody's template.
            Toleration("c", value="{{$.inputs.parameters['text']}}"),
        ),
        node_affinity=(
            NodeTerm((Requirement("zone", "Exists"),)),
            NodeTerm(fields=(Requirement("metadata.name", "In", ("n1",)),), weight=3),
        ),
        pull_secrets=("login",),
    )


def test_an_item_of_a_loop_names_what_its_task_takes(pipeline):
    inputs = Values({"pipelinechannel--name-of-name": "claim", "pipelinechannel--secret": "login"})
    item = Values({**inputs.parameters, "pipelinechannel--loop-item-param-1": "b"})
    node = assignment(
        pipeline,
        "for-loop-2[1]/echo-2",
        GIVEN,
        named("claim"),
        Node("for-loop-2", "", "for-loop-2", "loop", inputs=inputs),
        Node("for-loop-2[1]", "for-loop-2", "for-loop-2", "graph", index=1, inputs=item),
        Node("for-loop-2[1]/echo-2", "for-loop-2[1]", "echo-2", "container"),
    )
    assert resolved(node) == Settings(
        variables=(Variables("configMap", "b", (("key", "KEY"),), optional=False),),
        files=(Files("secret", "login", "/secret"),),
        claims=(ClaimMount("claim", "/data"),),
    )


def test_what_is_empty_says_nothing(pipeline):
    empty = {**GIVEN, "tolerations": [], "toleration": {}, "selector": {}, "affinity": {}}
    settings = echo(pipeline, empty)
    assert (settings.tolerations, settings.node_selector, settings.node_affinity) == ((), {}, ())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret": 3}, "The name of a Secret has to be a text, and is 3."),
        ({"secret": ""}, "The name of a Secret has to be a text, and is an empty text."),
        ({"selector": {"a": 1}}, "A node selector has to be a mapping of texts."),
        ({"tolerations": ["a"]}, 'toleration: It has to be a mapping, not the text "a".'),
        ({"toleration": {"key": "a", "effect": "No"}}, "toleration.effect: It has to be one of"),
        ({"toleration": {"value": "a"}}, "Without a key the operator has to be Exists."),
        (
            {"affinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}},
            "nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution: It has to be a mapping",
        ),
    ],
)
def test_what_does_not_fit_is_the_reason_why_the_task_fails(pipeline, given, message):
    with pytest.raises(ContractError) as raised:
        echo(pipeline, {**GIVEN, **given})
    assert message in raised.value.reason.message


def test_a_volume_has_to_be_named():
    settings = Settings(claims=(ClaimMount(ParameterBinding(ComponentInput("name")), "/data"),))
    with pytest.raises(ContractError, match="The volume for /data was given no name"):
        resolve(settings, lambda _: None)


def test_a_constant_may_name_the_run(pipeline):
    node = Node("echo", "", "echo", "container", attempt=1, inputs=Values({"text": "inputs"}))
    settings = Settings(
        pull_secrets=(ParameterBinding(Constant("of-{{$.pipeline_job_uuid}}")), "plain")
    )
    one = assignment(pipeline, "echo", GIVEN, named("modes"), node)
    one.pipeline.kubernetes["exec-echo"], before = settings, one.pipeline.kubernetes["exec-echo"]
    try:
        assert one.settings.pull_secrets == ("of-run-1", "plain")
    finally:
        one.pipeline.kubernetes["exec-echo"] = before
