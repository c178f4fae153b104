"""What was read is kept by how much it is."""

from __future__ import annotations

from trackside_server.pipelines.keeping import Kept


def test_what_was_asked_for_longest_ago_goes_when_it_is_too_much():
    kept = Kept(10)
    kept.keep("a", 1, 5)
    kept.keep("b", 2, 5)
    assert kept.get("a") == 1
    kept.keep("c", 3, 4)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]
    kept.keep("d", 4, 1)
    assert [kept.get(key) for key in "acd"] == [1, 3, 4]


def test_what_is_too_large_alone_is_kept_until_the_next_comes():
    kept = Kept(10)
    kept.keep("small", 1, 5)
    kept.keep("large", 2, 100)
    assert [kept.get(key) for key in ("small", "large")] == [None, 2]
    kept.keep("small", 1, 5)
    assert [kept.get(key) for key in ("small", "large")] == [1, None]


def test_what_two_read_at_once_is_one_for_both():
    kept = Kept(10)
    first = kept.keep("a", [1], 5)
    assert kept.keep("a", [1], 5) is first
    kept.keep("b", [2], 5)
    assert kept.get("a") is first
