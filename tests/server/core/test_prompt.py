"""A request that is alone loses no turn of the event loop, and is told of every error."""

from __future__ import annotations

import asyncio

import pytest

from trackside_server.prompt import PromptFuture, PromptRun


@pytest.fixture
def heard() -> list[object]:
    """What happened, in its order."""
    return []


async def test_it_runs_at_once_and_goes_on_in_the_turn_that_resolves_what_it_waits_for(
    heard: list[object],
) -> None:
    future: PromptFuture[int] = PromptFuture()

    async def work() -> None:
        heard.append("begun")
        heard.append(await future)

    run = PromptRun(work())
    assert heard == ["begun"]
    future.resolve(7, None)
    assert heard == ["begun", 7]
    del run


async def test_an_error_of_what_it_waits_for_is_raised_where_it_waits(heard: list[object]) -> None:
    future: PromptFuture[int] = PromptFuture()

    async def work() -> None:
        try:
            await future
        except ValueError as error:
            heard.append(str(error))

    run = PromptRun(work())
    future.resolve(None, ValueError("no"))
    assert heard == ["no"]
    del run


async def test_what_is_not_prompt_goes_on_as_a_task_with_results_and_errors(
    heard: list[object],
) -> None:
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    third: PromptFuture[int] = PromptFuture()
    ended = asyncio.Event()

    async def work() -> None:
        heard.append(await first)
        heard.append(asyncio.current_task() is not None)
        try:
            await second
        except ValueError as error:
            heard.append(str(error))
        heard.append(await third)
        ended.set()

    run = PromptRun(work())
    first.set_result(1)
    second.set_exception(ValueError("two"))
    third.resolve(3, None)
    await asyncio.wait_for(ended.wait(), 10)
    assert heard == [1, True, "two", 3]
    del run


async def test_an_error_that_it_lets_out_is_told_to_the_loop_and_to_nobody_else(
    heard: list[object],
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, told: heard.append(str(told["exception"])))
    future: PromptFuture[int] = PromptFuture()

    async def work() -> None:
        await future
        raise ValueError("mine")

    run = PromptRun(work())
    future.resolve(1, None)
    assert heard == ["mine"]
    del run


async def test_a_future_that_nobody_wants_any_more_keeps_no_result() -> None:
    future: PromptFuture[int] = PromptFuture()
    future.cancel()
    future.resolve(1, None)
    assert future.cancelled()
