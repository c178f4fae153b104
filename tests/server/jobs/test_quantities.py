"""Sizes and durations as people write them."""

from __future__ import annotations

import pytest

from trackside_server.jobs.quantities import (
    duration_text,
    parse_duration,
    parse_size,
    share_text,
    size_text,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16Gi", 16 * 1024**3),
        ("16G", 16 * 10**9),
        ("16GB", 16 * 10**9),
        ("16 GiB", 16 * 1024**3),
        ("1.5Gi", 3 * 1024**3 // 2),
        ("500m", 500 * 10**6),
        ("1048576", 1048576),
        ("2ti", 2 * 1024**4),
    ],
)
def test_sizes_are_read_with_their_units(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "lots", "16Xi", "-1Gi", "16 i", "1Gi2", "0x10", "1e9"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2h", 7200),
        ("90m", 5400),
        ("90min", 5400),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("45s", 45),
        ("0.5h", 1800),
        ("1d", 86400),
        ("7200", 7200),
        ("2H", 7200),
    ],
)
def test_durations_are_read_with_their_units(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "2x", "-2h", "h", "1m1h", "2h or so"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (size_text(1024**3), "1 GiB"),
        (size_text(1.5 * 1024**3), "1.5 GiB"),
        (size_text(300), "300 B"),
        (share_text(1.02 * 1024**3, 1024**3), "1.0 of 1 GiB"),
        (share_text(16.04 * 1024**3, 16 * 1024**3), "16.0 of 16 GiB"),
        (duration_text(7200), "2 h"),
        (duration_text(5400), "1 h 30 min"),
        (duration_text(90), "1 min 30 s"),
        (duration_text(45), "45 s"),
        (duration_text(0.5), "0.5 s"),
        (duration_text(90000), "1 d 1 h"),
    ],
)
def test_they_are_written_for_people(text, expected):
    assert text == expected
