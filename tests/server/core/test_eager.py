"""A request that is alone loses no turn of the event loop, and is told of every error."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from trackside_server.eager import EagerFuture, EagerRun


@pytest.fixture
def heard() -> list[object]:
    """What happened, in its order."""
    return []


async def test_it_runs_at_once_and_goes_on_in_the_turn_that_resolves_what_it_waits_for(
    heard: list[object],
) -> None:
    future: EagerFuture[int] = EagerFuture()

    async def work() -> None:
        heard.append("begun")
        heard.append(await future)

    run = EagerRun(work())
    assert heard == ["begun"]
    future.resolve(7, None)
    assert heard == ["begun", 7]
    del run


async def test_an_error_of_what_it_waits_for_is_raised_where_it_waits(heard: list[object]) -> None:
    future: EagerFuture[int] = EagerFuture()

    async def work() -> None:
        try:
            await future
        except ValueError as error:
            heard.append(str(error))

    run = EagerRun(work())
    future.resolve(None, ValueError("no"))
    assert heard == ["no"]
    del run


async def test_what_is_not_prompt_goes_on_as_a_task_with_results_and_errors(
    heard: list[object],
) -> None:
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    third: EagerFuture[int] = EagerFuture()
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

    run = EagerRun(work())
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
    future: EagerFuture[int] = EagerFuture()

    async def work() -> None:
        await future
        raise ValueError("mine")

    run = EagerRun(work())
    future.resolve(1, None)
    assert heard == ["mine"]
    del run


async def test_it_has_a_context_of_its_own_from_its_first_step_to_its_last() -> None:
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="outside")
    seen = []
    future: EagerFuture[None] = EagerFuture()

    async def work() -> None:
        token = name.set("inside")
        await future
        seen.append(name.get())
        await asyncio.sleep(0)
        seen.append(name.get())
        done.set()
        del token

    done = asyncio.Event()
    run = EagerRun(work())
    assert name.get() == "outside"
    contextvars.Context().run(future.resolve, None, None)
    await asyncio.wait_for(done.wait(), 10)
    assert seen == ["inside", "inside"]
    del run


async def test_a_cancelled_future_lets_its_run_end(heard: list[object]) -> None:
    future: EagerFuture[int] = EagerFuture()

    async def work() -> None:
        try:
            await future
        finally:
            heard.append("ended")

    run = EagerRun(work())
    future.cancel()
    assert heard == ["ended"]
    del run


async def test_a_future_that_nobody_wants_any_more_keeps_no_result() -> None:
    future: EagerFuture[int] = EagerFuture()
    future.cancel()
    future.resolve(1, None)
    assert future.cancelled()
