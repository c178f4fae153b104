"""Filters, orders and pages are read in all the forms that clients send."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.api.questions import Field, read_question
from trackside_server.pipelines.storage.listing import Condition

FIELDS = {
    "display_name": Field("name"),
    "created_at": Field("created", "time"),
    "storage_state": Field("archived", words={"AVAILABLE": 0, "ARCHIVED": 1}),
    "tags": Field("tags"),
}


def _filter(*predicates):
    return json.dumps({"predicates": predicates})


@pytest.mark.parametrize("operation", [1, "1", "EQUALS"])
@pytest.mark.parametrize("key", ["stringValue", "string_value"])
def test_an_operation_is_known_by_number_and_name_and_a_value_in_both_spellings(operation, key):
    text = _filter({"operation": operation, "key": "display_name", key: "x"})
    for sent in (text, quote(text)):
        asked = read_question(FIELDS, filter_text=sent)
        assert asked.conditions == (Condition("name", "=", "x"),)


@pytest.mark.parametrize(
    ("predicate", "condition"),
    [
        (
            {"operation": 9, "key": "display_name", "stringValue": "a"},
            Condition("name", "contains", "a"),
        ),
        (
            {"operation": "IN", "key": "display_name", "stringValues": {"values": ["a", "b"]}},
            Condition("name", "in", ("a", "b")),
        ),
        (
            {"operation": 5, "key": "created_at", "timestampValue": "1970-01-01T00:01:00.5Z"},
            Condition("created", ">=", 60.5),
        ),
        ({"operation": 6, "key": "created_at", "longValue": "60"}, Condition("created", "<", 60)),
        (
            {"operation": 2, "key": "storage_state", "stringValue": "ARCHIVED"},
            Condition("archived", "!=", 1),
        ),
        (
            {"operation": 1, "key": "tags.team", "stringValue": "vision"},
            Condition("tags.team", "=", "vision"),
        ),
    ],
)
def test_each_predicate_becomes_a_condition_over_what_is_stored(predicate, condition):
    assert read_question(FIELDS, filter_text=_filter(predicate)).conditions == (condition,)


def test_what_is_empty_asks_for_the_first_page_and_a_page_too_long_is_cut():
    asked = read_question(FIELDS, filter_text="", sort_by="", size=0, token="")
    assert (asked.order, asked.descending, asked.limit, asked.conditions) == (
        "created",
        False,
        20,
        (),
    )
    asked = read_question(FIELDS, sort_by="display_name desc", size=10_000)
    assert (asked.order, asked.descending, asked.limit) == ("name", True, 200)


@pytest.mark.parametrize(
    "asked",
    [
        {"filter_text": "not JSON"},
        {"filter_text": "[]"},
        {"filter_text": '{"predicates": {}}'},
        {"filter_text": _filter({"operation": 4, "key": "display_name", "stringValue": "x"})},
        {"filter_text": _filter({"operation": [], "key": "display_name", "stringValue": "x"})},
        {"filter_text": _filter({"operation": 1, "key": "colour", "stringValue": "x"})},
        {"filter_text": _filter({"operation": 1, "key": "display_name"})},
        {"filter_text": _filter({"operation": 1, "key": "display_name", "stringValue": 3})},
        {"filter_text": _filter({"operation": 1, "key": "created_at", "stringValue": "noon"})},
        {"filter_text": _filter({"operation": 1, "key": "storage_state", "stringValue": "LOST"})},
        {"filter_text": _filter({"operation": 9, "key": "created_at", "longValue": 3})},
        {"filter_text": _filter({"operation": 1, "key": "created_at", "longValue": 2**70})},
        {"sort_by": "display_name upwards"},
        {"sort_by": "colour"},
        {"size": -1},
    ],
)
def test_what_cannot_be_understood_is_refused(asked):
    with pytest.raises(InvalidInput):
        read_question(FIELDS, **asked)
