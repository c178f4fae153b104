"""Selectors take a part of a value, whether it came as JSON text or as the value itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside_server.pipelines.expressions import selector
from trackside_server.pipelines.expressions.errors import ExpressionError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


def select(text, value):
    return selector.evaluate(selector.parse(text), value)


def test_a_key_and_an_index_lead_into_the_value():
    value = {"k": [{"deep er": 7}], "n": 1}

    assert select('parseJson(string_value)["k"][0]["deep er"]', value) == 7
    assert select("parseJson(string_value)['n']", json.dumps(value)) == 1
    assert repr(select('parseJson(string_value)["n"]', value)) == "1"
    assert select("string_value", "as it is") == "as it is"


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), VALUES, min_size=1))
def test_json_text_and_the_value_itself_have_the_same_parts(value):
    for key, part in value.items():
        text = f'parseJson(string_value)["{key}"]'

        assert select(text, value) == part
        assert select(text, json.dumps(value)) == part


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ('parseJson(string_value)["b"]', {"a": 1}, "There is no key 'b' in the value"),
        ("parseJson(string_value)[2]", [1], "A list of 1 has no item 2"),
        ("parseJson(string_value)[-1]", [1], "A list of 1 has no item -1"),
        ('parseJson(string_value)["a"]', "text", "The text 'text' is no JSON"),
        ('parseJson(string_value)["a"]', 5, "The value 5 has no items of that kind"),
        ('parseJson(string_value)["a"]', "[" * 100_000, "is no JSON"),
    ],
)
def test_a_part_that_is_not_there_is_an_error(text, value, told):
    with pytest.raises(ExpressionError) as caught:
        select(text, value)

    assert told in caught.value.message


@pytest.mark.parametrize(
    "text", ["inputs.parameter_values['a']", "number_value", "parseJson(string_value", ""]
)
def test_what_is_no_selector_is_refused(text):
    with pytest.raises(ExpressionError):
        selector.parse(text)
