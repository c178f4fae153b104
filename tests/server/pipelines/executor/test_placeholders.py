"""Placeholders are filled in once; what is filled in is never read as one."""

from __future__ import annotations

import json

import pytest

from trackside_server.pipelines.executor.placeholders import Scope
from trackside_server.pipelines.executor.reasons import ContractError

GIVEN = {
    "inputs": {
        "parameterValues": {
            "n": 3.0,
            "half": 0.5,
            "tiny": 1e-7,
            "on": True,
            "text": "{{$.inputs.parameters['n']}}",
            "list": [1.0, {"a": None}],
            "braces": "}}{{$}}",
        },
        "artifacts": {
            "data": {
                "artifacts": [
                    {"name": "d", "uri": "/d", "metadata": {"rows": 2.0, "x": "y"}, "type": {}}
                ]
            },
            "none": {"artifacts": []},
        },
    },
    "outputs": {
        "parameters": {"out": {"outputFile": "/o/out"}},
        "artifacts": {"made": {"artifacts": [{"name": "made", "uri": "/o/made", "metadata": {}}]}},
        "outputFile": "/o/executor_output.json",
    },
}
SCOPE = Scope(
    GIVEN,
    {"pipeline_job_name": "{{$.pipeline_job_uuid}}", "pipeline_job_uuid": "u-1"},
    frozenset(("n", "left_out", "absent_data")),
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("--n={{$.inputs.parameters['n']}}", "--n=3"),
        ('{{$.inputs.parameters["n"]}}', "3"),
        ("{{$.inputs.parameters['half']}}", "0.5"),
        ("{{$.inputs.parameters['tiny']}}", "0.0000001"),
        ("{{$.inputs.parameters['on']}}", "true"),
        ("{{$.inputs.parameters['list']}}", '[1,{"a":null}]'),
        ("{{$.inputs.parameters['left_out']}}|", "|"),
        ("{{$.inputs.artifacts['data'].path}}", "/d"),
        ("{{$.inputs.artifacts['data'].uri}}", "/d"),
        ("{{$.inputs.artifacts['data'].name}}", "d"),
        ("{{$.inputs.artifacts['data'].metadata['rows']}}", "2"),
        ("{{$.inputs.artifacts['data'].metadata['no']}}", ""),
        ("{{$.inputs.artifacts['data'].metadata}}", '{"rows":2,"x":"y"}'),
        ("{{$.inputs.artifacts['absent_data'].path}}", ""),
        ("{{$.inputs.artifacts['none']}}", "[]"),
        ("{{$.outputs.parameters['out'].output_file}}", "/o/out"),
        ("{{$.outputs.artifacts['made'].path}}/0", "/o/made/0"),
        ("{{$.outputs.output_file}}", "/o/executor_output.json"),
        ("{{$.pipeline_job_uuid}}-{{$.pipeline_job_uuid}}", "u-1-u-1"),
        # What was filled in stays the text that it is.
        ("{{$.inputs.parameters['text']}}", "{{$.inputs.parameters['n']}}"),
        ("{{$.pipeline_job_name}}", "{{$.pipeline_job_uuid}}"),
        ("{{$.inputs.parameters['braces']}}.pipeline_job_uuid}}", "}}{{$}}.pipeline_job_uuid}}"),
        # No words of KFP's.
        ("{{ n }} {{$.something}} {$} {{x}}", "{{ n }} {{$.something}} {$} {{x}}"),
    ],
)
def test_a_text_is_filled_in(text, filled):
    assert SCOPE.text(text) == filled


def test_the_whole_of_the_input_is_json():
    assert json.loads(SCOPE.text("{{$}}")) == GIVEN


@pytest.mark.parametrize(
    "text",
    [
        "{{$.inputs.parameters['other']}}",
        "{{$.inputs.artifacts['other'].path}}",
        "{{$.outputs.parameters['other'].output_file}}",
    ],
)
def test_what_the_task_does_not_have_is_said(text):
    with pytest.raises(ContractError) as caught:
        SCOPE.text(text)
    assert caught.value.reason.code == "BAD_PLACEHOLDER"
    assert text in caught.value.reason.message


def test_constants_and_metadata_are_filled_in_at_any_depth():
    value = {"a": ["{{$.inputs.parameters['n']}}", 1, None], "{{$.pipeline_job_uuid}}": True}
    assert SCOPE.fill(value) == {"a": ["3", 1, None], "{{$.pipeline_job_uuid}}": True}


def present(name, then, other=None):
    struct = {"InputName": name, "Then": then}
    return json.dumps({"IfPresent": struct if other is None else {**struct, "Else": other}})


@pytest.mark.parametrize(
    ("element", "words"),
    [
        (present("n", ["--n", "{{$.inputs.parameters['n']}}"], ["--none"]), ["--n", "3"]),
        (present("left_out", ["--n"], ["--none"]), ["--none"]),
        (present("left_out", ["--n"]), []),
        (present("data", "--data"), ["--data"]),
        (json.dumps({"Concat": ["a-", "{{$.inputs.parameters['n']}}", "-b"]}), ["a-3-b"]),
        (
            json.dumps({"Concat": ["x", {"IfPresent": {"InputName": "n", "Then": "y"}}]}),
            ["xy"],
        ),
        ({"Concat": ["a", {"Concat": ["b", "c"]}]}, ["abc"]),
        # A value that looks like a struct was no struct when the command was written.
        ("{{$.inputs.parameters['text']}}", ["{{$.inputs.parameters['n']}}"]),
        ('{"Concat": 1, "more": 2}', ['{"Concat": 1, "more": 2}']),
        ('{"a": 1}', ['{"a": 1}']),
        ("{not json", ["{not json"]),
    ],
)
def test_an_element_of_a_command_gives_words(element, words):
    assert SCOPE.words(element) == words


@pytest.mark.parametrize("element", ['{"Concat": 1}', '{"IfPresent": {}}', {"Concat": [{}]}])
def test_a_struct_that_is_damaged_is_refused(element):
    with pytest.raises(ContractError):
        SCOPE.words(element)


def test_a_struct_nested_without_end_is_refused():
    element = "x"
    for _ in range(200):
        element = {"Concat": [element]}
    with pytest.raises(ContractError):
        SCOPE.words(element)
