"""Conditions ask values; no value can change what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside_server.pipelines.expressions import condition
from trackside_server.pipelines.expressions.errors import ExpressionError

X = "inputs.parameter_values['x']"
Y = "inputs.parameter_values['y']"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def holds(text, **values):
    return condition.evaluate(condition.parse(text), values)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        # What the SDK's compiler writes.
        (f"{X} == 'heads'", {"x": "heads"}, True),
        (f"{X} != 'heads'", {"x": "heads"}, False),
        (f"int({X}) == 0", {"x": 0}, True),
        (f"int({X}) > 5 && int({Y}) <= 5", {"x": 6, "y": 5}, True),
        (f"!({X} == 'heads') && {X} == 'tails'", {"x": "tails"}, True),
        (f"!({X} == 'a') && !({X} == 'b')", {"x": "b"}, False),
        (f"{X} == true", {"x": True}, True),
        (f"{X} >= 0.5", {"x": 0.5}, True),
        (f"double(int({X})) < {Y}", {"x": 1, "y": 1.5}, True),
        (f"int({X}) == -3", {"x": -3}, True),
        (f"{X} == 1e-05", {"x": 0.00001}, True),
        (f"{X} == {Y}", {"x": "same", "y": "same"}, True),
        # What else CEL has of this kind.
        (f"{X} == 'a' || {X} == 'b'", {"x": "b"}, True),
        (f"({X} == 1 || {X} == 2) && true", {"x": 2}, True),
        (f"parseJson({X})['k'][1] == 2", {"x": '{"k": [1, 2]}'}, True),
        (f"parseJson({X}).k == 'v'", {"x": {"k": "v"}}, True),
        (f"parseJson({X}) == parseJson({Y})", {"x": "[1]", "y": [1.0]}, True),
        (f"{X} < 'b'", {"x": "a"}, True),
        (f"!!{X}", {"x": True}, True),
        (rf"{X} == 'it\'s \x41\u00e9\n'", {"x": "it's Aé\n"}, True),
        (f'{X} == "it\'s"', {"x": "it's"}, True),
        (f"int({X}) == 3 && double({Y}) == 3.5", {"x": "3", "y": " 3.5".strip()}, True),
        (f"int({X}) == 3", {"x": 3.9}, True),
        ("true", {}, True),
    ],
)
def test_a_condition_is_evaluated_as_on_a_cluster(text, values, expected):
    assert holds(text, **values) is expected


@pytest.mark.parametrize("value", [True, "1", None, [1], {"a": 1}])
def test_values_of_different_kinds_are_never_equal(value):
    assert holds(f"{X} == 1", x=value) is False
    assert holds(f"{X} != 1", x=value) is True


def test_an_integer_is_compared_exactly():
    assert holds(f"int({X}) > 9007199254740992", x=2**53 + 1)
    assert holds(f"{X} == 1", x=1.0)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
@settings(deadline=None)
@given(
    value=st.text() | st.sampled_from(["' == '' || '' == '", "') || true || ('", "heads' || 'a"])
)
def test_no_text_of_a_value_changes_what_is_asked(operator, value):
    expected = {
        "==": value == "heads",
        "!=": value != "heads",
        "<": value < "heads",
        "<=": value <= "heads",
        ">": value > "heads",
        ">=": value >= "heads",
    }

    assert holds(f"{X} {operator} 'heads'", x=value) is expected[operator]


@settings(deadline=None)
@given(value=JSON, other=JSON)
def test_any_values_can_be_asked_for_equality(value, other):
    same = holds(f"{X} == {Y}", x=value, y=other)

    assert holds(f"{X} != {Y}", x=value, y=other) is not same
    assert holds(f"!({X} == {Y}) || {Y} == {X}", x=value, y=other)


@settings(deadline=None)
@given(values=st.lists(st.booleans(), min_size=1, max_size=6), negated=st.booleans())
def test_and_binds_closer_than_or(values, negated):
    names = {f"v{index}": value for index, value in enumerate(values)}
    asked = [f"inputs.parameter_values['{name}']" for name in names]
    text = " || ".join(f"{one} && {'!' if negated else ''}{one}" for one in asked)

    assert holds(text, **names) is (any(values) and not negated)


def test_one_part_that_decides_is_enough():
    text = f"{X} == 'a' || int({Y}) > 3"

    assert holds(text, x="a", y="no number")
    with pytest.raises(ExpressionError, match="'no number' cannot be made a number by int"):
        holds(text, x="b", y="no number")


@pytest.mark.parametrize(
    ("text", "values", "told"),
    [
        (f"{X} == 1", {}, "The input 'x' has no value, at character 1."),
        (f"{X} > 1", {"x": "2"}, "The text '2' and the value 1 have no order"),
        (f"{X} < 1", {"x": None}, "Null and the value 1 have no order"),
        (f"{X}", {"x": "true"}, "The condition is neither true nor false"),
        (f"!{X}", {"x": 1}, "The value 1 is neither true nor false"),
        (f"parseJson({X})['k'] == 1", {"x": "{}"}, "There is no key 'k' in the value"),
        (f"parseJson({X})[1] == 1", {"x": "[0]"}, "A list of 1 has no item 1"),
        (f"parseJson({X})[true] == 1", {"x": "[0]"}, "A list has no items of that kind"),
        (f"parseJson({X}) == 1", {"x": "{"}, "The text '{' is no JSON"),
        (f"int({X}) == 1", {"x": "1_0"}, "cannot be made a number"),
        (f"int({X}) == 1", {"x": float("inf")}, "cannot be made a number"),
    ],
)
def test_what_cannot_be_said_is_an_error_and_not_false(text, values, told):
    with pytest.raises(ExpressionError) as caught:
        holds(text, **values)

    assert told in caught.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The expression ends too early, at character 1."),
        (f"{X} ==", "The expression ends too early"),
        (f"{X} == 'it's'", "A text does not end, at character 38."),
        (f"{X} == 'it", "A text does not end, at character 33."),
        (f"{X} == '\n'", "A text does not end"),
        (rf"{X} == '\d'", "A backslash begins nothing that is known, at character 34."),
        (rf"{X} == '\ud800'", "A backslash begins nothing"),
        (f"'int({X})' == '5'", "An input stands in quotes, at character 1."),
        (f"({X} == 1", '")" is missing'),
        (f"{X} == 1 == true", "Comparisons cannot follow each other"),
        (f"{X} in [1]", "'in' is not expected"),
        (f"{X} = 1", "The character '=' means nothing here"),
        (f"{X} == 9223372036854775808", "The number is too large"),
        ("inputs.artifacts['x'] == 1", "Only inputs.parameter_values can be asked"),
        ("inputs.parameter_values[x] == 1", "'x' is not expected"),
        ("__import__('os')", "'__import__' is not expected"),
        ("string_value == 'a'", "'string_value' is not expected"),
        ("(" * 60 + "true" + ")" * 60, "The parts lie too deep in each other"),
        ("!" * 60 + "true", "The parts lie too deep in each other"),
        ("parseJson('[]')" + "[0]" * 60, "The parts lie too deep in each other"),
        (" || ".join(["true"] * 9000), "The expression is longer than 32,768 characters"),
    ],
)
def test_what_is_no_condition_is_refused_where_it_stands(text, told):
    with pytest.raises(ExpressionError) as caught:
        condition.parse(text)

    assert told in caught.value.message
    assert caught.value.status == 400


@settings(deadline=None)
@given(st.text(alphabet="inputs.parameter_values['x']()!=<>&|\"\\ 0.1etrufalsJo-", max_size=60))
def test_any_text_is_true_or_false_or_refused(text):
    try:
        found = holds(text, x=1)
    except ExpressionError:
        return
    assert isinstance(found, bool)


def test_a_long_chain_of_branches_is_parsed():
    text = " && ".join(f"!({X} == 'branch {index}')" for index in range(400))

    assert holds(text, x="other")
    assert list(condition.inputs_of(condition.parse(text))) == ["x"] * 400
