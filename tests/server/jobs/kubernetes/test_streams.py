"""Answers of the API that go on for long: cut into lines, bounded, and true about who failed."""

from __future__ import annotations

import pytest

from trackside_server.cluster import reflector
from trackside_server.cluster.errors import ApiError
from trackside_server.jobs.runners.kubernetes.output import follower

pytestmark = pytest.mark.asyncio


async def give(*pieces):
    for piece in pieces:
        yield piece


async def test_a_line_of_output_without_an_end_is_given_in_parts(monkeypatch) -> None:
    monkeypatch.setattr(follower, "_LONGEST", 10)
    pieces = [b"a\nb", b"b\n", *[b"xyz"] * 8, b"\ncc", b"c\n\nend"]
    batches = [batch async for batch in follower._batches(give(*pieces))]
    assert all(batches)
    assert [line for batch in batches for line in batch if b"x" not in line] == [
        *(b"a\n", b"bb\n", b"ccc\n", b"\n", b"end"),
    ]
    parts = [line for batch in batches for line in batch if b"x" in line or b"z" in line]
    assert b"".join(parts) == b"xyz" * 8 + b"\n"
    assert max(map(len, parts)) <= 13


async def test_an_event_without_an_end_costs_a_list_and_no_memory(monkeypatch) -> None:
    monkeypatch.setattr(reflector, "_LONGEST", 10)
    lines = reflector.lines(give(b"{}\n{", b"}\n", b"x" * 8, b"x" * 8, b"x\n"))
    assert [await anext(lines), await anext(lines)] == [b"{}", b"{}"]
    with pytest.raises(ApiError, match="has no end") as raised:
        await anext(lines)
    assert raised.value.status == 410
