"""What cannot run is refused when it is uploaded: with its place, a sentence and a code."""

from __future__ import annotations

import pytest
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

MAKE = {"comp-make": component(gives={"Output": "STRING", "n": "NUMBER_INTEGER"})}
TAKE = {"comp-take": component(takes={"n": "NUMBER_INTEGER", "s": "STRING"})}


def refused(spec):
    with pytest.raises(InvalidInput) as caught:
        load_json(spec)
    assert caught.value.status == 400
    return caught.value


def changed(path, value):
    """The smallest pipeline with one value changed; None takes it away."""
    spec = document()
    *way, last = path.split(".")
    place = spec
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return spec


def taking(**parameters):
    tasks = {"make": task("comp-make"), "take": task("comp-take", parameters)}
    return document(tasks, {**MAKE, **TAKE}, inputs={"b": {"parameterType": "BOOLEAN"}})


@pytest.mark.parametrize(
    ("path", "value", "code", "told"),
    [
        (
            "schemaVersion",
            "2.0.0",
            "UNKNOWN_SCHEMA",
            'schemaVersion: The version of the schema is "2.0.0"; only 2.1.0 is run',
        ),
        ("schemaVersion", None, "UNKNOWN_SCHEMA", "the schema is missing"),
        ("schemaVersion", 2.1, "WRONG_KIND", "schemaVersion: It has to be a text, not 2.1."),
        (
            "pipelineInfo.name",
            " ",
            "BAD_NAME",
            "pipelineInfo.name: The pipeline has no usable name.",
        ),
        ("root", None, "MISSING", "root: The pipeline has no root component."),
        ("root", [], "WRONG_KIND", "root: It has to be a mapping, not a list."),
        ("root", {"executorLabel": "exec-say"}, "NOT_SUPPORTED", "root: The root component has to"),
        (
            "root.dag.tasks.say.chachingOptions",
            {},
            "UNKNOWN_FIELD",
            'root.dag.tasks.say: The field "chachingOptions" is not known here.',
        ),
        (
            "root.dag.tasks.say.componentRef",
            {"name": "comp-sa"},
            "UNKNOWN_COMPONENT",
            'root.dag.tasks.say.componentRef.name: There is no component "comp-sa".',
        ),
        ("root.dag.tasks.say.componentRef", None, "MISSING", "The task names no component."),
        (
            "root.dag.tasks.say.dependentTasks",
            ["sya"],
            "UNKNOWN_TASK",
            'root.dag.tasks.say.dependentTasks: There is no task "sya" in this graph.',
        ),
        ("root.dag.tasks.say.dependentTasks", [3], "WRONG_KIND", "dependentTasks[0]: It has to be"),
        ("root.dag.tasks.say.retryPolicy", {"maxRetryCount": -1}, "WRONG_KIND", "maxRetryCount"),
        (
            "root.dag.tasks.say.retryPolicy",
            {"maxRetryCount": 1, "backoffDuration": "3 min"},
            "WRONG_KIND",
            'It has to be a duration in seconds, such as "60s", not the text "3 min".',
        ),
        (
            "root.dag.tasks.say.triggerPolicy",
            {"strategy": "SOMETIMES"},
            "WRONG_KIND",
            "triggerPolicy.strategy: It has to be one of ALL_UPSTREAM_TASKS_SUCCEEDED, ALL_",
        ),
        (
            "root.dag.tasks.say.triggerPolicy",
            {"condition": "1 +"},
            "BAD_CONDITION",
            "root.dag.tasks.say.triggerPolicy.condition: The character '+' means nothing here",
        ),
        (
            "root.dag.tasks.say.triggerPolicy",
            {"condition": "inputs.parameter_values['x'] == 1"},
            "UNKNOWN_INPUT",
            '"say" has no input "x"',
        ),
        (
            "root.dag.tasks.a/b",
            task("comp-say"),
            "BAD_NAME",
            'root.dag.tasks["a/b"]: The name "a/b"',
        ),
        ("root.dag.tasks.a[0]", task("comp-say"), "BAD_NAME", "holds one of the characters"),
        ("root.dag.tasks.", task("comp-say"), "BAD_NAME", "is empty"),
        (
            "components.root",
            component(),
            "BAD_NAME",
            "The name root is that of the whole pipeline.",
        ),
        (
            "components.comp-say.executorLabel",
            None,
            "MISSING",
            "neither a dag nor an executorLabel",
        ),
        (
            "components.comp-say.dag",
            {},
            "WRONG_KIND",
            "Only one of dag and executorLabel may be set.",
        ),
        (
            "components.comp-say.executorLabel",
            "exec-sya",
            "UNKNOWN_EXECUTOR",
            'components.comp-say.executorLabel: There is no executor "exec-sya" in deploymentSpec.',
        ),
        ("deploymentSpec.executors.exec-say", {}, "MISSING", "neither a container nor an importer"),
        (
            "deploymentSpec.executors.exec-say",
            container(""),
            "MISSING",
            "The container has no image.",
        ),
        (
            "deploymentSpec.executors.exec-say",
            {"customJob": {}},
            "NOT_SUPPORTED",
            "customJob: Only",
        ),
        (
            "deploymentSpec.executors.exec-say.container.command",
            ["a\0b"],
            "WRONG_KIND",
            "container.command: No program takes a word with a null byte.",
        ),
        (
            "deploymentSpec.executors.exec-say.container.env",
            [{"name": "A=B", "value": ""}],
            "BAD_NAME",
            'container.env[0]: "A=B" cannot be set in an environment.',
        ),
        (
            "root.dag.tasks.say.inputs.parameters",
            {"../x": constant("")},
            "BAD_NAME",
            'root.dag.tasks.say.inputs.parameters["../x"]: The name "../x" holds one of',
        ),
        (
            "components.comp-say.inputDefinitions.parameters",
            {"x": {}},
            "MISSING",
            "say.inputDefinitions.parameters.x: The parameter has no parameterType.",
        ),
        (
            "components.comp-say.inputDefinitions.parameters",
            {"x": {"parameterType": "NUMBER_INTEGER", "defaultValue": 1.5}},
            "TYPE_MISMATCH",
            "x.defaultValue: A whole number is wanted, not 1.5.",
        ),
        (
            "components.comp-say.inputDefinitions.parameters",
            {"x": {"parameterType": "STRING"}},
            "MISSING_INPUT",
            'root.dag.tasks.say.inputs: "comp-say" needs "x", which the task does not give.',
        ),
    ],
)
def test_a_mistake_in_a_field_is_told_with_its_place(path, value, code, told):
    error = refused(changed(path, value))

    assert error.reason == code
    assert told in error.message


@pytest.mark.parametrize(
    ("parameters", "code", "told"),
    [
        (
            {"n": output("make"), "s": constant("")},
            "TYPE_MISMATCH",
            'STRING is given, but the input "n" is of kind NUMBER_INTEGER.',
        ),
        (
            {"n": outer("b"), "s": constant("")},
            "TYPE_MISMATCH",
            "root.dag.tasks.take.inputs.parameters.n.componentInputParameter: A value of kind B",
        ),
        (
            {"n": constant("4"), "s": constant("")},
            "TYPE_MISMATCH",
            'a whole number is wanted, not the text "4"',
        ),
        ({"n": output("mak", "n"), "s": constant("")}, "UNKNOWN_TASK", 'no task "mak"'),
        ({"n": output("make", "m"), "s": constant("")}, "UNKNOWN_OUTPUT", 'no output "m"'),
        ({"n": outer("c"), "s": constant("")}, "UNKNOWN_INPUT", '"root" has no input "c"'),
        ({"n": {}, "s": constant("")}, "MISSING", "It is not said where the value comes from."),
        ({"n": {"runtimeValue": {}}, "s": constant("")}, "MISSING", "Neither a constant nor"),
        (
            {"n": {**outer("b"), **output("make")}},
            "WRONG_KIND",
            "Only one of taskOutputParameter and",
        ),
        (
            {"n": {**outer("b"), "parameterExpressionSelector": "rm"}, "s": constant("")},
            "BAD_SELECTOR",
            "parameters.n.parameterExpressionSelector: 'rm' is not expected",
        ),
        ({"n": constant(3)}, "MISSING_INPUT", '"comp-take" needs "s"'),
    ],
)
def test_an_input_that_leads_nowhere_or_does_not_fit_is_refused(parameters, code, told):
    error = refused(taking(**parameters))

    assert error.reason == code
    assert told in error.message


def test_a_text_takes_every_kind_and_numbers_fit_each_other():
    assert load_json(taking(n=output("make", "n"), s=output("make", "n")))
    bound = load_json(taking(n=constant(1), s=constant([1.0, {"a": True}]))).root.dag.tasks["take"]
    assert bound.parameters["s"].source.value == '[1,{"a":true}]'


def test_a_name_that_was_perhaps_meant_is_told():
    assert refused(taking(n=output("mak", "n"))).hint == 'Perhaps "make" is meant.'
    assert refused(changed("root.dag.tasks.say.zzz", {})).hint.startswith('Known are "taskInfo"')


def test_tasks_that_wait_for_each_other_are_named_as_the_circle_they_are():
    tasks = {
        "first": task("comp-say"),
        "a": task("comp-say", dependentTasks=["first", "c"]),
        "b": task("comp-say", dependentTasks=["a"]),
        "c": task("comp-say", dependentTasks=["b"]),
    }

    error = refused(document(tasks))

    assert error.reason == "CYCLE"
    assert "root.dag.tasks: Tasks wait for each other in a circle: a → c → b → a." in error.message


def test_a_component_that_contains_itself_is_refused():
    components = {
        "comp-a": component(dag={"tasks": {"b": task("comp-b")}}),
        "comp-b": component(dag={"tasks": {"a": task("comp-a")}}),
    }

    error = refused(document({"a": task("comp-a")}, components))

    assert error.reason == "CYCLE"
    assert "Components contain each other in a circle: comp-a → comp-b → comp-a." in error.message


def test_few_components_that_stand_for_a_million_tasks_are_refused():
    components = {
        f"comp-{depth}": component(
            dag={"tasks": {f"t{index}": task(f"comp-{depth + 1}") for index in range(10)}}
        )
        for depth in range(6)
    }
    components["comp-6"] = component()

    error = refused(document({"all": task("comp-0")}, components))

    assert error.reason == "TOO_LARGE"
    assert "The pipeline has more than 10,000 tasks." in error.message


def test_graphs_that_lie_too_deep_in_each_other_are_refused():
    components = {
        f"comp-{depth}": component(dag={"tasks": {"t": task(f"comp-{depth + 1}")}})
        for depth in range(60)
    }
    components["comp-60"] = component()

    assert (
        "Graphs lie 61 deep in each other"
        in refused(document({"all": task("comp-0")}, components)).message
    )


def test_a_chain_of_five_thousand_tasks_is_no_circle():
    tasks = {
        f"t{index}": task("comp-say", dependentTasks=[f"t{index + 1}"] if index < 4999 else [])
        for index in range(5000)
    }

    assert len(load_json(document(tasks)).root.dag.tasks) == 5000


@pytest.mark.parametrize(
    ("items", "code", "told"),
    [
        ({"raw": "[1, 2"}, "NOT_A_LIST", "items.raw: The items are no JSON"),
        ({"raw": '{"a": 1}'}, "NOT_A_LIST", "items.raw: The items are no list."),
        ({"raw": '[1, "x"]'}, "TYPE_MISMATCH", "items.raw[1]: The item does not fit"),
        (
            {"inputParameter": "n"},
            "NOT_A_LIST",
            'The input "n" is no list but of kind NUMBER_DOUBLE.',
        ),
        ({"inputParameter": "m"}, "UNKNOWN_INPUT", '"loop" has no input "m"'),
        ({}, "MISSING", "It is not said what the task loops over."),
    ],
)
def test_a_loop_over_no_list_is_refused(items, code, told):
    iterator = {"items": items, "itemInput": "x"}
    loop = task("comp-loop", {"n": constant(2.5)}, parameterIterator=iterator)
    takes = {"x": "NUMBER_INTEGER", "n": "NUMBER_DOUBLE"}

    error = refused(document({"loop": loop}, {"comp-loop": component(takes=takes)}))

    assert error.reason == code
    assert told in error.message


def test_a_loop_gives_its_item_to_an_input_that_is_there():
    iterator = {"items": {"raw": "[1]"}, "itemInput": "y"}
    artifacts = {"items": {"inputArtifact": "data"}, "itemInput": "y"}

    error = refused(document({"loop": task("comp-say", parameterIterator=iterator)}))
    assert 'parameterIterator.itemInput: "comp-say" has no input "y"' in error.message
    error = refused(document({"loop": task("comp-say", artifactIterator=artifacts)}))
    assert 'artifactIterator.itemInput: "comp-say" has no input "y"' in error.message


def test_items_whose_kind_the_compiler_did_not_know_are_told_of():
    body = component(
        takes={"item": "STRING"}, dag={"tasks": {"t": task("comp-n", {"n": outer("item")})}}
    )
    loop = task("comp-body", parameterIterator={"items": {"raw": "[1]"}, "itemInput": "item"})
    parts = {"comp-body": body, "comp-n": component(takes={"n": "NUMBER_INTEGER"})}

    error = refused(document({"loop": loop}, parts))

    assert "A value of kind STRING is given" in error.message
    assert "say what the list holds, such as list[int]" in error.hint


def test_what_a_loop_gives_is_a_list():
    iterator = {"items": {"raw": "[1]"}, "itemInput": "x"}
    made = component(takes={"x": "NUMBER_INTEGER"}, gives={"Output": "NUMBER_INTEGER"})
    tasks = {"loop": task("comp-made", parameterIterator=iterator)}

    def taken(kind):
        use = task("comp-use", {"it": output("loop")})
        parts = {"comp-made": made, "comp-use": component(takes={"it": kind})}
        return document({**tasks, "use": use}, parts)

    assert load_json(taken("LIST"))
    assert "A value of kind LIST is given" in refused(taken("NUMBER_INTEGER")).message


def test_outputs_of_a_graph_come_from_what_is_there():
    def giving(subtask="make", key="Output", kind="STRING"):
        one = {"valueFromParameter": {"producerSubtask": subtask, "outputParameterKey": key}}
        return document(
            {"make": task("comp-make")},
            MAKE,
            outputs={"parameters": {"it": one}},
            gives={"it": {"parameterType": kind}},
        )

    assert load_json(giving())
    assert refused(giving(subtask="other")).reason == "UNKNOWN_TASK"
    assert refused(giving(key="other")).reason == "UNKNOWN_OUTPUT"
    assert refused(giving(kind="BOOLEAN")).reason == "TYPE_MISMATCH"
    unsaid = giving()
    unsaid["root"]["dag"]["outputs"] = {}
    assert 'It is not said where the output "it" comes from.' in refused(unsaid).message
    undeclared = giving()
    del undeclared["root"]["outputDefinitions"]
    assert "is not among those that the component declares" in refused(undeclared).message


def test_artifacts_lead_to_tasks_and_inputs_that_are_there():
    components = {
        "comp-data": component(gives_artifacts={"data": DATASET}),
        "comp-use": component(takes_artifacts={"data": DATASET}),
    }

    def using(**artifacts):
        tasks = {"make": task("comp-data"), "use": task("comp-use", artifacts=artifacts)}
        return document(tasks, components)

    assert load_json(using(data=artifact_of("make")))
    assert refused(using(data=artifact_of("made"))).reason == "UNKNOWN_TASK"
    assert refused(using(data=artifact_of("make", "model"))).reason == "UNKNOWN_OUTPUT"
    assert refused(using(data={"componentInputArtifact": "x"})).reason == "UNKNOWN_INPUT"
    assert refused(using(data={})).reason == "MISSING"
    assert refused(using()).reason == "MISSING_INPUT"


def test_a_field_that_is_there_in_both_ways_of_writing_is_refused():
    spec = document()
    spec["pipeline_info"] = spec["pipelineInfo"]

    assert refused(spec).message == 'The field "pipeline_info" is there twice.'
