"""Answers are kept for a while, and asked for once however many wait."""

from __future__ import annotations

import asyncio

import pytest

from trackside_server.cluster.memo import Memo


class Question:
    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.asked += 1
        number = self.asked
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return number


@pytest.mark.asyncio
async def test_many_who_ask_at_once_ask_once() -> None:
    question, memo = Question(), Memo(60)
    asking = [asyncio.create_task(memo.get("a", question)) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    question.open.set()
    assert await asyncio.gather(*asking[1:]) == [1, 1, 1, 1]
    assert await memo.get("a", question) == 1
    assert await memo.get("b", question) == 2


@pytest.mark.asyncio
async def test_an_old_or_forgotten_answer_is_asked_for_again() -> None:
    question = Question()
    question.open.set()
    short, long = Memo(0), Memo(60)
    assert [await short.get("a", question) for _ in range(2)] == [1, 2]
    assert await long.get("a", question) == 3
    long.forget()
    assert await long.get("a", question) == 4


@pytest.mark.asyncio
async def test_what_is_forgotten_while_asked_is_not_kept() -> None:
    question, memo = Question(), Memo(60)
    first = asyncio.create_task(memo.get("a", question))
    await asyncio.sleep(0)
    memo.forget()
    second = asyncio.create_task(memo.get("a", question))
    await asyncio.sleep(0)
    question.open.set()
    assert await asyncio.gather(first, second) == [1, 2]
    assert await memo.get("a", question) == 2


@pytest.mark.asyncio
async def test_an_error_is_told_to_all_and_not_kept() -> None:
    question, memo = Question(), Memo(60)
    question.error = LookupError("gone")
    question.open.set()
    told = await asyncio.gather(
        *(memo.get("a", question) for _ in range(2)), return_exceptions=True
    )
    assert [type(error) for error in told] == [LookupError, LookupError]
    question.error = None
    assert await memo.get("a", question) == 2
