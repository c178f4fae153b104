"""The arguments of a run are checked before it starts, and all that is wrong is told at once."""

from __future__ import annotations

import pytest
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.ir.documents import DATASET, document

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.ir.arguments import take_arguments

INPUTS = {
    "n": {"parameterType": "NUMBER_INTEGER"},
    "lr": {"parameterType": "NUMBER_DOUBLE", "defaultValue": 0.1},
    "name": {"parameterType": "STRING", "isOptional": True},
    "deep": {"parameterType": "BOOLEAN", "isOptional": True, "defaultValue": True},
    "sizes": {"parameterType": "LIST", "defaultValue": [1.0]},
    "options": {"parameterType": "STRUCT", "defaultValue": {}},
    "kind": {"parameterType": "STRING", "defaultValue": "a", "literals": ["a", "b"]},
}


def taken(**given):
    return take_arguments(load_json(document(inputs=INPUTS)), given)


def refused(**given):
    with pytest.raises(InvalidInput) as caught:
        taken(**given)
    assert caught.value.reason == "ARGUMENTS"
    return caught.value


def test_what_is_not_given_has_its_default_and_what_is_optional_stays_away():
    values = taken(n=3)

    assert repr(values) == (
        "{'n': 3, 'lr': 0.1, 'deep': True, 'sizes': [1], 'options': {}, 'kind': 'a'}"
    )


def test_a_whole_number_written_with_a_fraction_is_an_integer():
    assert repr(taken(n=3.0)["n"]) == "3"
    assert repr(taken(n=2**60 + 1)["n"]) == str(2**60 + 1)
    assert repr(taken(n=1, lr=2)["lr"]) == "2.0"


def test_null_for_an_optional_argument_leaves_it_out():
    assert "name" not in taken(n=1, name=None)
    assert taken(n=1, deep=None)["deep"] is True


def test_everything_that_is_wrong_is_told_in_one_sentence():
    error = refused(lr="0.1", deep=1, nam="x", sizes={}, kind="c")

    assert error.message == (
        'The pipeline cannot run with these arguments: missing: "n"; not taken by the pipeline: '
        '"nam"; "lr": a number is wanted, not the text "0.1"; "deep": true or false is wanted, not '
        '1; "sizes": a list is wanted, not a mapping; "kind": one of the text "a", the text "b" is '
        'wanted, not the text "c".'
    )
    assert error.hint.startswith("The pipeline takes n: NUMBER_INTEGER, lr: NUMBER_DOUBLE, ")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"n": True}, "a whole number is wanted, not true"),
        ({"n": 3.5}, "a whole number is wanted, not 3.5"),
        ({"n": None}, "a whole number is wanted, not null"),
        ({"n": 1, "lr": float("nan")}, "a number is wanted, not NaN"),
        ({"n": 1, "lr": 10**400}, "a number is wanted"),
        ({"n": 1, "name": 5}, "a text is wanted, not 5"),
        ({"n": 1, "options": [1]}, "a mapping is wanted, not a list"),
    ],
)
def test_a_value_of_another_kind_is_refused(given, told):
    assert told in refused(**given).message


def test_a_pipeline_that_needs_an_artifact_cannot_be_run_by_itself():
    pipeline = load_json(document(artifacts={"data": DATASET}))

    told = 'artifacts, which cannot be passed to a run: "data"'
    with pytest.raises(InvalidInput, match=told) as caught:
        take_arguments(pipeline, {})
    assert "dsl.importer(artifact_uri=uri" in caught.value.hint
