"""What others wrote as JSON is read only if it can be kept and told again."""

from __future__ import annotations

import pytest

from trackside_server.json_text import MAX_DEPTH, loads


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "text", ["{}", b"[]", "1", '"\\ud83d\\ude80"', '"ü"'.encode(), '"["', nested(MAX_DEPTH)]
)
def test_what_can_be_kept_is_read(text):
    assert loads(text) is not None


@pytest.mark.parametrize("flat", ["[" + "[]," * 500 + "[]]", '{"a": "' + "[" * 500 + '"}'])
def test_many_values_beside_each_other_are_not_deep(flat):
    assert loads(flat)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting"),
        (b"\xff", "utf-8"),
        (nested(MAX_DEPTH + 1), "deep"),
        (nested(100_000), "deep"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "deep"),
        ('"\\ud800"', "surrogate"),
        ('{"\\uDC00": 1}', "surrogate"),
        (b'"\xed\xa0\x80"', "surrogate"),
    ],
)
def test_what_cannot_be_kept_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        loads(text)
