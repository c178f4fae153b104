"""Schedules mean here what they mean on a KFP server."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.recurring.cron import Cron
from trackside_server.recurring.entities import RecurringRun
from trackside_server.recurring.planning import plan
from trackside_server.recurring.schedule import Schedule

UTC = timezone.utc
BERLIN = ZoneInfo("Europe/Berlin")


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("expression", "comes"),
    [
        ("0 0 6 * * *", "2026-11-30 06:00:00"),
        ("*/15 * * * * *", "2026-11-29 09:08:15"),
        ("30 5/20 * * * *", "2026-11-29 09:25:30"),
        ("0 0 9 ? * MON-FRI", "2026-11-30 09:00:00"),
        ("0 0 12 1 jan,jul *", "2027-01-01 12:00:00"),
        # Of two days that are both named, one has to fit.
        ("0 0 0 13 * fri", "2026-12-04 00:00:00"),
        ("0 0 0 29 2 ?", "2028-02-29 00:00:00"),
        # With a step that is larger than the field its first value is left.
        ("0 */4000 * * * *", "2026-11-29 10:00:00"),
        ("0 0 5/0024 * * *", "2026-11-30 05:00:00"),
        ("@hourly", "2026-11-29 10:00:00"),
        ("@weekly", "2026-12-06 00:00:00"),
    ],
)
def test_an_expression_gives_the_next_moment_that_fits(expression, comes):
    assert Cron.parse(expression).after(at("2026-11-29 09:08:00"), UTC) == at(comes)


def test_a_day_that_never_comes_is_found_out():
    assert Cron.parse("0 0 0 31 4,6 *").after(at("2026-11-29 09:08:00"), UTC) is None


def test_an_hour_that_the_clock_leaves_out_does_not_come_and_one_that_it_repeats_comes_once():
    nightly = Cron.parse("0 30 2 * * *")
    assert nightly.after(at("2026-03-28 12:00", BERLIN), BERLIN) == at("2026-03-30 02:30", BERLIN)
    first = nightly.after(at("2026-10-24 12:00", BERLIN), BERLIN)
    assert first == at("2026-10-25 02:30", BERLIN)
    assert nightly.after(first, BERLIN) == at("2026-10-26 02:30", BERLIN)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("0 6 * * *", "'0 0 6 * * *'"),
        ("0 0 25 * * *", "between 0 and 23"),
        ("0 0 6 * * 7", "between 0 and 6"),
        ("0 0 6 5-1 * *", "between 1 and 31"),
        ("*/0 0 6 * * *", "A step is 1 or more"),
        ("*/00 * * * * *", "A step is 1 or more"),
        ("1/000 * * * * *", "A step is 1 or more"),
        ("0 5-9/0000 * * * *", "A step is 1 or more"),
        ("0 0 ?/00 * * *", "A step is 1 or more"),
        ("0 0 6,*/0 * * *", "A step is 1 or more"),
        ("*/00000 * * * * *", "steps such as */15"),
        ("*/99999999999999999999 * * * * *", "steps such as */15"),
        ("*/-1 * * * * *", "steps such as */15"),
        ("*/ * * * * *", "steps such as */15"),
        ("99999999999999999999 * * * * *", "cannot be read as seconds"),
        ("9999 * * * * *", "between 0 and 59"),
        ("0 0 6 * * fri-mon", "between 0 and 6"),
        ("0 0 22-6/2 * * *", "between 0 and 23"),
        ("5-1/00 * * * * *", "A step is 1 or more"),
        ("0 0 6 * *-3 *", "months"),
        ("every day", "2 fields"),
        ("", "0 fields"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(expression, told):
    with pytest.raises(InvalidInput) as refused:
        Cron.parse(expression)
    assert told in f"{refused.value.message} {refused.value.hint}"


def _recurring(next_due, **fields):
    return RecurringRun(
        "r", "", recurring_id="r", created=0, updated=0, since=0, next_due=next_due, **fields
    )


def test_what_was_missed_is_made_up_for_one_after_the_other_as_far_as_it_may_run_at_once():
    hourly = _recurring(100, schedule=Schedule(interval=60), max_concurrency=2)
    made = plan(hourly, 310, underway=0)
    assert (made.start, made.missed, made.next_due, made.waits) == ((100, 160), (), 220, True)
    made = plan(_recurring(220, schedule=Schedule(interval=60)), 310, underway=1)
    assert (made.start, made.next_due, made.waits) == ((), 220, True)


def test_without_catching_up_only_the_last_moment_counts_and_the_others_are_told_as_missed():
    made = plan(_recurring(100, schedule=Schedule(interval=60), no_catchup=True), 310, underway=0)
    assert (made.start, made.missed, made.next_due) == ((280,), (100, 160, 220), 340)


def test_nothing_is_due_after_the_end():
    ended = Schedule(interval=60, end=200)
    made = plan(_recurring(100, schedule=ended, max_concurrency=5), 1000, underway=0)
    assert (made.start, made.next_due) == ((100, 160), None)


def test_years_of_seconds_are_looked_through_in_no_time():
    first = at("2020-01-01 00:00:00")
    each_second = _recurring(first, schedule=Schedule(cron="* * * * * *"), no_catchup=True)
    now = at("2026-01-01 00:00:00")
    made = plan(each_second, now, underway=0)
    assert made.start == (now,)
    assert len(made.missed) == 100
    assert made.more_missed


def test_more_than_is_made_up_for_is_told_as_missed_with_what_came_before():
    minutely = _recurring(60, schedule=Schedule(interval=60), max_concurrency=2)
    made = plan(minutely, 60 * 150, underway=0)
    assert made.start == (60 * 51, 60 * 52)
    assert (made.missed, made.more_missed) == ((60 * 50,), True)
    assert made.next_due == 60 * 53
    # Those that wait are no more than that either, however long they do.
    waiting = _recurring(made.next_due, schedule=Schedule(interval=60))
    later = plan(waiting, 60 * 160, underway=2)
    assert (later.start, later.missed, later.more_missed) == ((), (60 * 60,), True)
    assert plan(waiting, 60 * 152, underway=2).missed == ()


def test_a_schedule_is_written_as_it_was_read():
    trigger = {
        "periodic_schedule": {
            "start_time": "2026-11-29T09:00:00Z",
            "end_time": "2026-12-29T09:00:00.500Z",
            "interval_second": "3600",
        }
    }
    schedule = Schedule.read(trigger)
    assert schedule.write() == trigger
    assert schedule.after(at("2026-01-01 00:00")) == at("2026-11-29 09:00")
    assert schedule.after(at("2026-11-29 09:00")) == at("2026-11-29 10:00")


def test_the_last_time_that_is_taken_has_a_moment_after_it_or_none():
    fields = {"cron": "0 0 6 * * *", "start_time": "2999-12-31T23:59:59+14:00"}
    schedule = Schedule.read({"cron_schedule": fields})
    assert schedule.after(at("2026-01-01 00:00")) is not None
    # One that an earlier version took, which never comes.
    never = Schedule(cron="0 0 0 30 2 *", start=schedule.start)
    assert never.after(at("2026-01-01 00:00")) is None


@pytest.mark.parametrize(
    "trigger",
    [
        {},
        {"cron_schedule": {"cron": "0 0 6 * * *"}, "periodic_schedule": {"interval_second": 1}},
        {"periodic_schedule": {"interval_second": 0}},
        {"periodic_schedule": {"interval_second": "soon"}},
        {"cron_schedule": {"cron": 6}},
        {"cron_schedule": []},
        {"cron_schedule": {"cron": "0 0 6 * * *", "start_time": "tomorrow"}},
        {"periodic_schedule": {"interval_second": 1, "start_time": "2026-02-30T00:00:00Z"}},
        {"periodic_schedule": {"interval_second": 1, "start_time": "9999-12-31T23:59:59-12:00"}},
        {"cron_schedule": {"cron": "0 0 6 * * *", "start_time": "9999-12-31T00:00:00Z"}},
        {"cron_schedule": {"cron": "0 0 6 * * *", "end_time": "0001-01-01T00:00:00+14:00"}},
        {
            "periodic_schedule": {
                "interval_second": 1,
                "start_time": "2026-02-02T00:00:00Z",
                "end_time": "2026-02-01T00:00:00Z",
            }
        },
    ],
)
def test_a_trigger_that_says_nothing_sensible_is_refused(trigger):
    with pytest.raises(InvalidInput):
        Schedule.read(trigger)


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        ({"cron_schedule": {"cron": "0 0 0 31 2 *"}}, "never comes"),
        ({"cron_schedule": {"cron": "0 0 0 31 feb,4,jun *"}}, "never comes"),
        ({"cron_schedule": {"cron": "@often"}}, "No cron expression is called '@often'."),
        ({"cron_schedule": {"cron": "@daily at six"}}, "is called '@daily at six'."),
        ({"cron_schedule": {"cron": "0 0 6 * * " + "1," * 5000 + "1"}}, "1,000 is the most"),
        ({"periodic_schedule": {"interval_second": "316224001"}}, "between 1 and 316224000"),
        ({"periodic_schedule": {"interval_second": "\u0661"}}, "whole number"),
        ({"cron_schedule": {}, "periodic_schedule": {}}, "both"),
    ],
)
def test_a_trigger_is_refused_with_why_and_what_there_may_be(trigger, told):
    with pytest.raises(InvalidInput) as refused:
        Schedule.read(trigger)
    assert told in refused.value.message


def test_what_comes_never_is_told_without_seconds_that_nobody_has_typed():
    """Five fields were typed, and six sent."""
    with pytest.raises(InvalidInput) as refused:
        Schedule.read({"cron_schedule": {"cron": "0 0 6 31 2 *"}})
    assert "0 0 6" not in refused.value.message


@pytest.mark.parametrize("cron", ["0 0 0 29 2 *", "0 0 0 31 2 1", "0 0 0 31 2,3 *", "0 0 0 ? 2 *"])
def test_what_comes_seldom_is_taken(cron):
    schedule = Schedule.read({"cron_schedule": {"cron": cron}})
    assert schedule.after(at("2026-01-01 00:00")) is not None
