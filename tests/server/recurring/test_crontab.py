"""Schedules as a CronJob has them, or why it cannot have them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.recurring.crontab import UTC, crontab, local_zone
from trackside_server.recurring.schedule import Schedule

# A Thursday.
MOMENT = datetime(2025, 11, 20, 15, 43, 20, tzinfo=timezone.utc).timestamp()
MINUTE, HOUR, DAY = 60, 3600, 86400


def read(**schedule):
    return crontab(Schedule(**schedule), MOMENT, MOMENT, "Europe/Berlin")


@pytest.mark.parametrize(
    ("cron", "five"),
    [
        ("0 0 6 * * *", "0 6 * * *"),
        ("0 */15 * ? * mon-fri", "0,15,30,45 * * * 1-5"),
        ("0 30 6 1,15 jan,feb *", "30 6 1,15 1,2 *"),
        ("0 0 0 13 * 5", "0 0 13 * 5"),
        ("@daily", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("0 * * * * *", "* * * * *"),
    ],
)
def test_a_cron_expression_means_the_same_on_the_cluster_by_the_clock_of_the_server(cron, five):
    assert read(cron=cron) == (five, "Europe/Berlin")


@pytest.mark.parametrize(
    ("interval", "five"),
    [
        (MINUTE, "* * * * *"),
        (15 * MINUTE, "13,28,43,58 * * * *"),
        (30 * MINUTE, "13,43 * * * *"),
        (HOUR, "43 * * * *"),
        (6 * HOUR, "43 3,9,15,21 * * *"),
        (DAY, "43 15 * * *"),
        (7 * DAY, "43 15 * * 4"),
    ],
)
def test_an_interval_goes_on_from_its_moments(interval, five):
    assert read(interval=interval) == (five, UTC)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ({"cron": "30 0 6 * * *"}, "seconds"),
        ({"cron": "*/10 * * * * *"}, "seconds"),
        ({"cron": "0 0 6 */2 * 1-5"}, "wants both"),
        ({"interval": 90}, "interval of 90 s"),
        ({"interval": 90 * MINUTE}, "interval of 90 min"),
        ({"interval": 7 * MINUTE}, "interval of 7 min"),
        ({"interval": 5 * HOUR}, "interval of 5 h"),
        ({"interval": 2 * DAY}, "interval of 48 h"),
        ({"cron": "0 0 6 * * *", "end": MOMENT + DAY}, "no end"),
        ({"cron": "0 0 6 * * *", "start": MOMENT + DAY}, "starts later"),
    ],
)
def test_what_five_fields_cannot_say_is_refused_with_what_to_do(schedule, why):
    with pytest.raises(InvalidInput, match=why) as raised:
        read(**schedule)
    assert raised.value.hint is not None
    assert raised.value.hint.endswith("Or let this Jupyter server keep it.")


def test_a_start_that_is_over_is_none():
    assert read(cron="0 0 6 * * *", start=MOMENT - DAY)[0] == "0 6 * * *"


def test_the_time_zone_is_the_one_that_the_machine_is_set_to(tmp_path):
    named = tmp_path / "timezone"
    named.write_text("Asia/Tokyo\n")
    linked = tmp_path / "localtime"
    linked.symlink_to("/usr/share/zoneinfo/America/New_York")
    assert local_zone(":Europe/Berlin", [named]) == "Europe/Berlin"
    assert local_zone("", [named, linked]) == "Asia/Tokyo"
    assert local_zone("CET-1CEST", [tmp_path / "none", linked]) == "America/New_York"
