"""Each run of a schedule can be told its own id and time."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.ir.macros import expand

NOW = 1_790_000_000.0
DAY_BEFORE = NOW - 86_400


def expanded(value, scheduled=DAY_BEFORE):
    return expand({"v": value}, "run-1", NOW, scheduled)["v"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("s3://b/[[RunUUID]]/x", "s3://b/run-1/x"),
        ("[[CurrentTime]]", "20260921141320"),
        ("[[ScheduledTime]]", "20260920141320"),
        ("[[ScheduledTime.2006-01-02]]/[[CurrentTime.15:04:05]]", "2026-09-20/14:13:20"),
        ("[[CurrentTime.Mon, 02 Jan 06 03 PM MST]]", "Mon, 21 Sep 26 02 PM UTC"),
        ("{{$.scheduledTime.strftime('%Y/%m/%d')}}", "2026/09/20"),
        ("{{$.currentTime.strftime('%H h, 100%%, %s')}}", "14 h, 100%, 1790000000"),
        ("{{$.currentTime.strftime('%Q')}}", "%Q"),
        ("[[Index]] [[Other]] [[CurrentTime", "[[Index]] [[Other]] [[CurrentTime"),
        ("plain", "plain"),
    ],
)
def test_words_stand_for_the_run_and_its_times(value, told):
    assert expanded(value) == told


def test_a_run_without_a_schedule_leaves_the_time_of_one_as_it_is_written():
    assert expanded("[[ScheduledTime]]", scheduled=None) == "[[ScheduledTime]]"


def test_only_texts_are_looked_at():
    assert expanded(["[[RunUUID]]"]) == ["[[RunUUID]]"]
    assert expanded(3) == 3
