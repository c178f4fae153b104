"""Whose turn it is with what has a name."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from trackside_server.upstream.turns import Turns


async def begun(order, turns, *names):
    """Start what takes these names and ends when it is let; give its task and how to let it."""
    gate = asyncio.Event()

    async def take():
        async with turns.of(*names):
            order.append(names)
            await gate.wait()

    task = asyncio.create_task(take())
    # It takes its place in the queue before it is waited for anything.
    await asyncio.sleep(0)
    return task, gate


@pytest.mark.asyncio
async def test_one_name_has_one_turn_at_a_time_and_others_do_not_wait_for_it():
    turns, order = Turns(), []
    tasks = [await begun(order, turns, name) for name in ("a", "a", "b")]
    assert order == [("a",), ("b",)]
    for task, gate in tasks:
        gate.set()
        await task
    assert order == [("a",), ("b",), ("a",)]


@pytest.mark.asyncio
async def test_who_wants_two_names_comes_before_whoever_wants_one_of_them_later():
    turns, order = Turns(), []
    tasks = [await begun(order, turns, *names) for names in (("a",), ("b", "a"), ("b",))]
    assert order == [("a",)]
    for task, gate in tasks:
        gate.set()
        await task
    assert order == [("a",), ("b", "a"), ("b",)]


@pytest.mark.asyncio
async def test_who_gives_up_waiting_lets_nobody_in_too_early():
    turns, order = Turns(), []
    first, second, third = [await begun(order, turns, "a") for _ in range(3)]
    second[0].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await second[0]
    assert order == [("a",)]
    assert not third[0].done()
    for task, gate in (first, third):
        gate.set()
        await task
    assert order == [("a",), ("a",)]


@pytest.mark.asyncio
async def test_nothing_is_kept_of_names_that_nobody_wants_any_more():
    turns, order = Turns(), []
    tasks = [await begun(order, turns, *names) for names in (("a",), ("a", "b"), ("c", "c"))]
    assert len(turns) == 3
    tasks[1][0].cancel()
    for task, gate in tasks:
        gate.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert len(turns) == 0
    with pytest.raises(ValueError, match="broken"):
        async with turns.of("a"):
            raise ValueError("broken")
    assert len(turns) == 0
