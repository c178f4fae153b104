"""Kubernetes' quantities are read as the API server reads them."""

from __future__ import annotations

import pytest

from trackside_server.cluster.quantities import number_text, parse_quantity, size_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", 0.5),
        ("2", 2),
        ("2k", 2000),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("16Gi", 16 * 1024**3),
        ("1.5Gi", 3 * 1024**3 // 2),
        ("8000000Ki", 8000000 * 1024),
        ("128974848", 128974848),
        ("100u", 0.0001),
        ("1500n", 0.0000015),
        ("+3", 3),
        ("-1", -1),
        (".5", 0.5),
        ("12e6", 12_000_000),
        (4, 4),
    ],
)
def test_a_quantity_is_a_number(text, value) -> None:
    assert parse_quantity(text) == value
    assert isinstance(parse_quantity(text), type(value))


@pytest.mark.parametrize("text", ["", "Gi", "16GiB", "1 2", "1e", "one", "0x10"])
def test_what_is_no_quantity_is_said(text) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        parse_quantity(text)


def test_numbers_are_written_short() -> None:
    assert [number_text(value) for value in (8, 0.5, 1.25, 100)] == ["8", "0.5", "1.25", "100"]
    assert size_text(16 * 1024**3) == "16 GiB"
    assert size_text(1536) == "1.5 KiB"
    assert size_text(0) == "0 B"
