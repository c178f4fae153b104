"""What a user's pattern may be."""

import time

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.jobs.capture import check_pattern, recognise
from trackside_server.jobs.capture.patterns import compile_pattern
from trackside_server.jobs.capture.recognise import Recogniser


@pytest.mark.parametrize(
    "pattern",
    [
        r"step (?P<step>\d+) loss (?P<loss>\S+)",
        r"(?P<name>\w+) is (?P<value>[\d.]+)",
        r"(?P<loss>\d+\.\d+).*(?P<acc>\d+\.\d+)",
    ],
)
def test_ordinary_patterns_are_accepted(pattern):
    check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        (r"(?P<loss>[", "is not a regular expression"),
        (r"loss=(\d+)", "has no named group"),
        (r"(?P<name>\w+)=", "only one of the groups"),
        ("x" * 2000, "longer than"),
        (r"(?P<loss>(\w+)*)$", "take for ever"),
        (r"(?P<loss>(a|a)*)b", "take for ever"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_with_a_sentence(pattern, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        check_pattern(pattern)


def test_a_pattern_that_turns_out_slow_is_given_up(monkeypatch):
    monkeypatch.setattr(recognise, "_SLOW_SECONDS", -1.0)
    recogniser = Recogniser(compile_pattern(r"(?P<loss>\S+)"))
    assert [recogniser.read("0.5") is not None for _ in range(5)] == [True] * 3 + [False] * 2
    assert recogniser.gave_up


def test_a_pattern_is_not_given_up_because_the_machine_is_busy(monkeypatch):
    monkeypatch.setattr(recognise, "_SLOW_SECONDS", 0.01)
    monkeypatch.setattr(recognise, "_by_pattern", lambda *_: time.sleep(0.03))
    recogniser = Recogniser(compile_pattern(r"(?P<loss>\S+)"))
    for _ in range(5):
        recogniser.read("0.5")
    assert not recogniser.gave_up
